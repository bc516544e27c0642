package main

import (
	"context"
	"errors"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/render"
	"github.com/banyan-go/banyan/internal/review/revision"
	"github.com/spf13/cobra"
)

// failOn is what makes a review fail.
var failOn = []string{"wire", "source", "decode", "none"}

func reviewCommand(a *app) *cobra.Command {
	var against, format string
	var fail []string
	cmd := &cobra.Command{
		Use:   "review [OLD NEW]",
		Short: "Say what changed in the contracts and whom it breaks",
		Long: `Review compares the workspace with what it was: at the merge base with a branch,
at a tag, in another folder or in an archive. It says for each change whether old
requests still pass and old clients can read the answers (wire), whether code
written against the generated packages still compiles (source), and whether
decoders that were shipped read the new answers (decode).

Accepted breaks stand in api/approvals.yaml; "banyan review approve" writes them.

Exit codes: 0 nothing breaks without approval, 100 something does, 1 could not run.`,
		Example: `  banyan review                        against the remote's default branch
  banyan review --against v1.4.0
  banyan review --against ../old-checkout
  banyan review old.yaml new.yaml      two contracts
  banyan review --format markdown      for the pull request
  banyan review --fail-on wire --fail-on source`,
		Args: maxArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			var parties []review.Party
			for _, f := range fail {
				if f != "none" {
					parties = append(parties, review.Party(f))
				}
			}
			return a.review(cmd.Context(), against, args, reviewOutput{render.Format(format), parties})
		},
	}
	var formats []string
	for _, f := range render.Formats() {
		formats = append(formats, string(f))
	}
	formatFlag(cmd, &format, formats...)
	cmd.Flags().StringVar(&against, "against", "", "`revision` to compare with: a branch, tag, commit, folder or archive (default: the remote's default branch)")
	cmd.Flags().StringSliceVar(&fail, "fail-on", []string{"wire"}, "`party` whose breaks fail the review: "+strings.Join(failOn, ", "))
	must(cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOn, cobra.ShellCompDirectiveNoFileComp)))
	return cmd
}

// reviewOutput is how a review is shown and what makes it fail.
type reviewOutput struct {
	format  render.Format
	parties []review.Party
}

func (a *app) review(ctx context.Context, against string, args []string, out reviewOutput) error {
	if len(args) > 0 {
		return a.reviewFiles(args, out)
	}
	dir, err := workspace.Find(a.dir)
	if err != nil {
		return err
	}
	base, err := revision.Open(ctx, dir, against)
	if err != nil {
		var known *revision.Error
		if errors.As(err, &known) && known.Hint != "" {
			err = fmt.Errorf("%s; %s", known.Message, known.Hint)
		}
		return err
	}
	defer base.Close()
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	return a.compare(dir, review.Side{Name: base.Name, FS: base.FS}, review.Side{Name: "the work tree", FS: root.FS()}, base.Commit, out)
}

// reviewFiles compares two contracts that stand by themselves.
func (a *app) reviewFiles(args []string, out reviewOutput) error {
	if len(args) != 2 {
		return &usageError{command: "banyan review", message: "give two files, the old one first, or none"}
	}
	var sides [2]review.Side
	for i, name := range args {
		side, err := fileSide(name)
		if err != nil {
			return err
		}
		sides[i] = side
	}
	return a.compare("", sides[0], sides[1], "", out)
}

// compare reviews and shows what it found.
func (a *app) compare(dir string, base, head review.Side, commit string, out reviewOutput) error {
	done := a.stderr.Progress("reviewing")
	r, err := review.Workspaces(base, head, review.Settings{Now: time.Now()})
	done()
	if err != nil {
		return err
	}
	r.BaseCommit = commit
	o := render.Options{Colour: a.stdout.Colour(), Parties: out.parties, Base: base.FS, Head: head.FS}
	if dir != "" {
		o.Dir = displayDir(dir)
	}
	if err := render.Print(a.stdout, out.format, r, o); err != nil {
		return err
	}
	if len(r.Problems) > 0 {
		if err := printFindings(a.stderr, diag.Text, dir, r.Problems); err != nil {
			return err
		}
	}
	if r.Problems.Errors() > 0 || len(r.Blocking(out.parties...)) > 0 {
		return errFindings
	}
	return nil
}

// fileSide makes a workspace of one contract and what stands around it.
func fileSide(name string) (review.Side, error) {
	info, err := os.Stat(name)
	if err != nil {
		return review.Side{}, err
	}
	if info.IsDir() {
		return review.Side{}, fmt.Errorf("%s is a folder; write: banyan review --against %s", name, name)
	}
	root, err := os.OpenRoot(filepath.Dir(name))
	if err != nil {
		return review.Side{}, err
	}
	config := fmt.Sprintf("version: 1\nservices:\n  contract: {contract: %q}\n", filepath.Base(name))
	return review.Side{Name: filepath.ToSlash(name), FS: overlay{fstest.MapFS{"banyan.yaml": {Data: []byte(config), Mode: 0o444}}, root.FS()}}, nil
}
