package main

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"
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
			for _, f := range fail {
				if !slices.Contains(failOn, f) {
					return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("--fail-on: %q is no party", f), hint: config.Suggest(f, failOn)}
				}
			}
			return a.review(cmd.Context(), against, args, reviewOutput{render.Format(format), fail})
		},
	}
	var formats []string
	for _, f := range render.Formats() {
		formats = append(formats, string(f))
	}
	formatFlag(cmd, &format, formats...)
	cmd.Flags().StringVar(&against, "against", "", "`revision` to compare with: a branch, tag, commit, folder or archive (default: the remote's default branch)")
	cmd.Flags().StringSliceVar(&fail, "fail-on", nil, "`party` whose breaks fail the review: "+strings.Join(failOn, ", ")+" (default: what banyan.yaml says, else wire)")
	must(cmd.RegisterFlagCompletionFunc("fail-on", cobra.FixedCompletions(failOn, cobra.ShellCompDirectiveNoFileComp)))
	cmd.AddCommand(approveCommand(a))
	return cmd
}

// reviewOutput is how a review is shown and what makes it fail.
type reviewOutput struct {
	format render.Format
	// failOn is nil where the command line does not say it.
	failOn []string
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

func (a *app) review(ctx context.Context, against string, args []string, out reviewOutput) error {
	if len(args) > 0 {
		return a.reviewFiles(args, out)
	}
	dir, err := workspace.Find(a.dir)
	if err != nil {
		return err
	}
	r, done, err := a.reviewWorkspace(ctx, dir, against)
	if err != nil {
		return err
	}
	defer done()
	return a.show(dir, r, out)
}

// reviewed is a review with the files that it is about.
type reviewed struct {
	*review.Report
	base, head fs.FS
}

// reviewWorkspace compares the workspace with what it was. Done closes the files.
func (a *app) reviewWorkspace(ctx context.Context, dir, against string) (r *reviewed, done func(), err error) {
	base, err := revision.Open(ctx, dir, against)
	if err != nil {
		var known *revision.Error
		if errors.As(err, &known) && known.Hint != "" {
			err = fmt.Errorf("%s; %s", known.Message, known.Hint)
		}
		return nil, nil, err
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		base.Close()
		return nil, nil, err
	}
	done = func() {
		root.Close()
		base.Close()
	}
	report, err := a.compare(review.Side{Name: base.Name, FS: base.FS}, review.Side{Name: "the work tree", FS: root.FS()})
	if err != nil {
		done()
		return nil, nil, err
	}
	report.BaseCommit = base.Commit
	return &reviewed{report, base.FS, root.FS()}, done, nil
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
	report, err := a.compare(sides[0], sides[1])
	if err != nil {
		return err
	}
	return a.show("", &reviewed{report, sides[0].FS, sides[1].FS}, out)
}

func (a *app) compare(base, head review.Side) (*review.Report, error) {
	done := a.stderr.Progress("reviewing")
	defer done()
	return review.Workspaces(base, head, review.Settings{Now: time.Now(), Surfaces: build.Surfaces})
}

// show prints a review and fails when it says so.
func (a *app) show(dir string, r *reviewed, out reviewOutput) error {
	parties := out.parties(r.Report)
	o := render.Options{Colour: a.stdout.Colour(), Parties: parties, Base: r.base, Head: r.head}
	if dir != "" {
		o.Dir = displayDir(dir)
	}
	if err := render.Print(a.stdout, out.format, r.Report, o); err != nil {
		return err
	}
	if len(r.Problems) > 0 {
		if err := printFindings(a.stderr, diag.Text, dir, r.Problems); err != nil {
			return err
		}
	}
	if r.Problems.Errors() > 0 || len(r.Blocking(parties...)) > 0 {
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
	return review.Side{Name: filepath.ToSlash(name), FS: workspace.Overlay{Above: fstest.MapFS{"banyan.yaml": {Data: []byte(config), Mode: 0o444}}, Below: root.FS()}}, nil
}
