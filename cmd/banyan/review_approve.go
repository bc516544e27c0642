package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"time"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"github.com/spf13/cobra"
)

func approveCommand(a *app) *cobra.Command {
	var against, reason, by, until string
	var parties []string
	cmd := &cobra.Command{
		Use:   "approve ID...",
		Short: "Accept breaking changes, with a reason and for a time",
		Long: `Approve adds an entry to api/approvals.yaml. The id is the one that the review
shows; it stays the same when files are reformatted or the tool is upgraded. An
entry that expired, or whose change is not there any more, fails the review; to
approve again what has expired renews the entry in its place.

Exit codes: 0 written, 1 could not run.`,
		Example: `  banyan review approve 3f2a9c01b7de --reason "nobody sends it any more" --until 2026-12-31
  banyan review approve 3f2a9c01b7de --reason "agreed" --until 2026-12-31 --by ada`,
		ValidArgsFunction: a.completeChanges(&against),
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{command: cmd.CommandPath(), message: "give the id of a change, as the review shows it"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if strings.TrimSpace(reason) == "" || until == "" {
				return &usageError{command: cmd.CommandPath(), message: "--reason and --until are needed: an approval says why, and for how long"}
			}
			for _, p := range parties {
				if !slices.Contains(contract.ReviewParties, p) {
					return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("--party: %q is no party", p), hint: "the parties are " + strings.Join(contract.ReviewParties, ", ")}
				}
			}
			day, err := time.Parse(time.DateOnly, until)
			if err != nil {
				return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("--until: %q is no day", until), hint: "write it like 2026-12-31"}
			}
			if !day.AddDate(0, 0, 1).After(time.Now()) {
				return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("--until: %s is over", until), hint: "an approval ends in the future"}
			}
			dir, err := workspace.Find(a.dir)
			if err != nil {
				return err
			}
			if by == "" {
				by = committer(cmd.Context(), dir)
			}
			if by == "" {
				return &usageError{command: cmd.CommandPath(), message: "git does not know who you are", hint: "name yourself with --by"}
			}
			var entries []*review.Approval
			for _, id := range args {
				entry := &review.Approval{Change: id, Reason: reason, By: by, Until: until}
				for _, p := range parties {
					entry.Parties = append(entry.Parties, review.Party(p))
				}
				entries = append(entries, entry)
			}
			return a.approve(cmd.Context(), dir, against, entries)
		},
	}
	cmd.Flags().StringVar(&reason, "reason", "", "why the break is accepted")
	cmd.Flags().StringVar(&until, "until", "", "last `day` on which it is, like 2026-12-31")
	cmd.Flags().StringVar(&by, "by", "", "who accepts it (default: git's user)")
	cmd.Flags().StringVar(&against, "against", "", "`revision` that the review compares with")
	cmd.Flags().StringSliceVar(&parties, "party", nil, "`party` that it may break: wire, source, decode (default: all that it breaks)")
	revisionFlag(a, cmd, "against")
	plainFlags(cmd, "reason", "until", "by")
	must(cmd.RegisterFlagCompletionFunc("party", cobra.FixedCompletions(contract.ReviewParties, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// committer is who git says commits here.
func committer(ctx context.Context, dir string) string {
	cmd := exec.CommandContext(ctx, "git", "config", "user.name")
	cmd.Dir = dir
	out, err := cmd.Output()
	if err != nil {
		return ""
	}
	return strings.TrimSpace(string(out))
}

// approve writes the entries, all or none, after a look at whether there are such
// changes.
func (a *app) approve(ctx context.Context, dir, against string, entries []*review.Approval) error {
	r, err := a.reviewWorkspace(ctx, dir, comparison{against: against})
	if err != nil {
		return err
	}
	defer r.Close()
	path := filepath.Join(dir, filepath.FromSlash(review.ApprovalsFile))
	data, err := os.ReadFile(path)
	if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	var notes []string
	for _, entry := range entries {
		change, err := approvable(r.All(), entry)
		if err != nil {
			return err
		}
		if data, err = review.Approve(review.ApprovalsFile, data, entry, time.Now()); err != nil {
			return err
		}
		notes = append(notes, described(change))
	}
	if err := workspace.Write(dir, codegen.File{Path: review.ApprovalsFile, Data: data}); err != nil {
		return err
	}
	for _, note := range notes {
		a.note("%s%s: approved %s", displayDir(dir), review.ApprovalsFile, note)
	}
	return nil
}

// described says which change it is, in the words of the review.
func described(c *review.Change) string {
	return strings.TrimSpace(c.Place+" "+jsonpointer.Unescape(c.Pointer)) + ": " + c.Message
}

// approvable returns the change that an entry means, and names whom it breaks in
// the entry where nobody is named.
func approvable(all []*review.Change, entry *review.Approval) (*review.Change, error) {
	i := slices.IndexFunc(all, func(c *review.Change) bool { return c.ID == entry.Change })
	if i < 0 {
		return nil, fmt.Errorf("the review finds no change %s; banyan review lists them with their ids", entry.Change)
	}
	change := all[i]
	if len(entry.Parties) == 0 {
		for _, p := range review.Parties() {
			if change.For(p) == review.Breaks {
				entry.Parties = append(entry.Parties, p)
			}
		}
	}
	for _, p := range entry.Parties {
		if change.For(p) != review.Breaks {
			return nil, fmt.Errorf("the change %s does not break %s", change.ID, p)
		}
	}
	if len(entry.Parties) == 0 {
		return nil, fmt.Errorf("the change %s breaks nobody: it needs no approval", change.ID)
	}
	return change, nil
}
