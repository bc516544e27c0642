package main

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"slices"
	"strings"
	"time"

	"github.com/banyan-go/banyan/cmd/banyan/internal/build"
	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/render"
	"github.com/banyan-go/banyan/internal/review/revision"
	"github.com/spf13/cobra"
)

// failOn is what makes a review fail.
var failOn = slices.Concat(contract.ReviewParties, []string{"none"})

func reviewCommand(a *app) *cobra.Command {
	var format string
	var c comparison
	var fail, write, formats []string
	for _, f := range render.Formats() {
		formats = append(formats, string(f))
	}
	cmd := &cobra.Command{
		Use:   "review [OLD NEW]",
		Short: "Say what changed in the contracts and whom it breaks",
		Long: `Review compares the workspace with what it was: at the merge base with a branch,
at a tag, in another folder or in an archive. It says for each change whether old
requests still pass and old clients can read the answers (wire), whether code
written against the generated packages still compiles (source), and whether
decoders that were shipped read the new answers (decode).

With OLD and NEW it compares two contracts, or two workspaces in folders or
archives (.zip, .tar, .tar.gz, .tgz). A contract may refer to files of its git
work tree, its workspace or the current folder. Swagger 2.0 is read as it would be
imported. What both sides have wrong is a warning, and the rest is compared.

Accepted breaks stand in api/approvals.yaml; "banyan review approve" writes them.

Exit codes: 0 nothing breaks without approval, 100 something does, 1 could not run.`,
		Example: `  banyan review                        against the remote's default branch
  banyan review --against v1.4.0
  banyan review --against ../old-checkout
  banyan review --staged --against HEAD
  banyan review old.yaml new.yaml      two contracts
  banyan review v1.zip v2.zip          two workspaces
  banyan review --format markdown      for the pull request
  banyan review --write html=review.html --write json=review.json
  banyan review --fail-on wire --fail-on source`,
		Args: maxArgs(2),
		RunE: func(cmd *cobra.Command, args []string) error {
			if cmd.Flags().Changed("fail-on") && len(fail) == 0 { // a variable that is not set must let nothing pass
				return &usageError{command: cmd.CommandPath(), message: "--fail-on names nobody", hint: "name wire, source, decode or none"}
			}
			for _, f := range fail {
				if !slices.Contains(failOn, f) {
					return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("--fail-on: %q is no party", f), hint: config.Suggest(f, failOn)}
				}
			}
			out := reviewOutput{format: render.Format(format), failOn: fail}
			for _, arg := range write {
				f, file, ok := strings.Cut(arg, "=")
				if !ok || file == "" {
					return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("--write: %q is not FORMAT=FILE", arg), hint: "write it like html=review.html"}
				}
				if !slices.Contains(render.Formats(), render.Format(f)) {
					return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("--write: there is no format %q", f), hint: config.Suggest(f, formats)}
				}
				out.files = append(out.files, reviewFile{render.Format(f), file})
			}
			switch {
			case len(args) == 0:
				return a.review(cmd.Context(), c, out)
			case len(args) == 1:
				return &usageError{command: cmd.CommandPath(), message: "give two sides, the old one first, or none"}
			case c != comparison{}:
				return &usageError{command: cmd.CommandPath(), message: "--against and --staged are about a workspace: leave them out beside OLD and NEW"}
			}
			return a.reviewSides(args, out)
		},
	}
	formatFlag(cmd, &format, formats...)
	cmd.Flags().StringVar(&c.against, "against", "", "`revision` to compare with: a branch, tag, commit, folder or archive (default: the remote's default branch)")
	cmd.Flags().BoolVar(&c.staged, "staged", false, "review what is staged for the next commit, for a pre-commit hook")
	cmd.Flags().StringSliceVar(&fail, "fail-on", nil, "`party` whose breaks fail the review: "+strings.Join(failOn, ", ")+" (default: what banyan.yaml says, else wire)")
	cmd.Flags().StringArrayVar(&write, "write", nil, "write the same review to a file as well, as `FORMAT=FILE`; may be repeated")
	revisionFlag(a, cmd, "against")
	must(cmd.RegisterFlagCompletionFunc("write", func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
		var starts []string
		for _, f := range formats {
			starts = append(starts, f+"=")
		}
		return starts, cobra.ShellCompDirectiveNoSpace | cobra.ShellCompDirectiveNoFileComp
	}))
	must(cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOn, cobra.ShellCompDirectiveNoFileComp)))
	cmd.AddCommand(approveCommand(a), gitDiffCommand(a))
	return cmd
}

// reviewOutput is how a review is shown and what makes it fail.
type reviewOutput struct {
	format render.Format
	// failOn is nil where the command line does not say it.
	failOn []string
	files  []reviewFile
}

// reviewFile is a file that a review is written to.
type reviewFile struct {
	format render.Format
	name   string
}

// parties are whose breaks fail a review: what the command line says, else what
// banyan.yaml says, else the wire.
func (o reviewOutput) parties(r *review.Report) []review.Party {
	names := o.failOn
	if names == nil {
		names = r.FailOn
	}
	if names == nil {
		names = []string{"wire"}
	}
	var out []review.Party
	for _, name := range names {
		if name != "none" {
			out = append(out, review.Party(name))
		}
	}
	return out
}

// comparison is what a review compares the workspace with, and as which it takes
// the workspace.
type comparison struct {
	against string
	// staged takes what the next commit will have, not what is in the folder.
	staged bool
}

func (a *app) review(ctx context.Context, c comparison, out reviewOutput) error {
	dir, err := workspace.Find(a.dir)
	if err != nil {
		return err
	}
	r, err := a.reviewWorkspace(ctx, dir, c)
	if err != nil {
		return err
	}
	defer r.Close()
	return a.show(r, out)
}

// reviewed is a review with the files that it is about. Close it.
type reviewed struct {
	*review.Report
	base, head fs.FS
	path       func(side render.Side, file string) string
	approve    func(id string) string // nil where nothing can be accepted
	closing    []func() error
}

// Close closes the files.
func (r *reviewed) Close() {
	for _, f := range r.closing {
		_ = f() // they were only read
	}
}

// reviewWorkspace compares the workspace with what it was.
func (a *app) reviewWorkspace(ctx context.Context, dir string, c comparison) (out *reviewed, err error) {
	here := displayDir(dir)
	r := &reviewed{path: func(_ render.Side, file string) string { return here + file }}
	defer func() {
		if err != nil {
			r.Close()
		}
	}()
	base, err := revision.Open(ctx, dir, c.against)
	if err != nil {
		return nil, explained(err)
	}
	r.base, r.closing = base.FS, append(r.closing, base.Close)
	now := revision.WorkTree
	if c.staged {
		now = revision.Staged
	}
	head, err := now(ctx, dir)
	if err != nil {
		return nil, explained(err)
	}
	r.head, r.closing = head.FS, append(r.closing, head.Close)
	if r.Report, err = a.compare(review.Side{Name: base.Name, FS: r.base}, review.Side{Name: head.Name, FS: r.head}); err != nil {
		return nil, err
	}
	r.BaseCommit = base.Commit
	against := base.Name
	if base.Default {
		against = ""
	}
	r.approve = approveLine(a.dir, against)
	return r, nil
}

func (a *app) compare(base, head review.Side) (*review.Report, error) {
	done := a.stderr.Progress("reviewing")
	defer done()
	return review.Workspaces(base, head, review.Settings{Now: time.Now(), Surfaces: build.Surfaces, Stems: build.Stems, Decoders: build.Decoders})
}

// show prints a review and fails when it says so.
func (a *app) show(r *reviewed, out reviewOutput) error {
	parties := out.parties(r.Report)
	o := render.Options{Colour: a.stdout.Colour(), Parties: parties, Base: r.base, Head: r.head, Path: r.path, Approve: r.approve}
	if err := render.Print(a.stdout, out.format, r.Report, o); err != nil {
		return err
	}
	o.Colour = false
	for _, f := range out.files {
		var text bytes.Buffer
		if err := render.Print(&text, f.format, r.Report, o); err != nil {
			return err
		}
		if err := os.WriteFile(f.name, text.Bytes(), 0o644); err != nil {
			return err
		}
	}
	if len(r.Problems) > 0 {
		if out.format == render.Text {
			a.note("")
		}
		if err := diag.Print(a.stderr, diag.Text, render.Problems(r.Report, o), diag.Style{Color: a.stderr.Colour()}); err != nil {
			return err
		}
	}
	if r.Problems.Errors() > 0 || len(r.Blocking(parties...)) > 0 {
		return errFindings
	}
	return nil
}

// explained adds what to do to an error of a revision.
func explained(err error) error {
	var known *revision.Error
	if errors.As(err, &known) && known.Hint != "" {
		return fmt.Errorf("%s; %s", known.Message, known.Hint)
	}
	return err
}
