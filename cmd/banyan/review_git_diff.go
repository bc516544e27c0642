package main

import (
	"bytes"
	"io/fs"
	"os"
	"path"
	"testing/fstest"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/render"
	"github.com/rogpeppe/go-internal/diff"
	"github.com/spf13/cobra"
)

func gitDiffCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "git-diff PATH OLD ID MODE NEW ID MODE",
		Short: "Show a file of a contract to git diff, as a review",
		Long: `Git-diff is an external diff driver: git diff calls it for a file that
.gitattributes names, and shows what the change means instead of its lines. What
the file refers to, and what refers to it, is taken from the work tree. A file that
is new, gone or cannot be read as a contract is shown by its lines.

  echo 'api/**/*.yaml diff=contract' >> .gitattributes
  git config diff.contract.command "banyan review git-diff"

"git diff --no-ext-diff" shows the lines all the same.

Exit codes: 0 shown, 1 could not run.`,
		Example: `  git config diff.contract.command "banyan review git-diff"
  git diff main -- api`,
		Args: func(cmd *cobra.Command, args []string) error {
			if n := len(args); n != 1 && n != 7 && n != 9 {
				return &usageError{command: cmd.CommandPath(), message: "git calls this command, with seven arguments", hint: "see gitattributes(5), defining an external diff driver"}
			}
			return nil
		},
		ValidArgsFunction: cobra.NoFileCompletions,
		RunE: func(_ *cobra.Command, args []string) error {
			if len(args) == 1 {
				a.printf("* unmerged: %s\n", args[0])
				return nil
			}
			d := gitDiff{path: path.Clean(args[0]), now: path.Clean(args[0])}
			if len(args) == 9 { // it was renamed as well
				d.now = path.Clean(args[7])
			}
			var err error
			if d.before, err = blob(args[1]); err != nil {
				return err
			}
			if d.after, err = blob(args[4]); err != nil {
				return err
			}
			return a.gitDiff(d)
		},
	}
}

// gitDiff is one file of git's diff. What does not exist is nil.
type gitDiff struct {
	path, now     string
	before, after []byte
}

func blob(name string) ([]byte, error) {
	if name == os.DevNull {
		return nil, nil
	}
	data, err := os.ReadFile(name)
	if data == nil && err == nil {
		data = []byte{}
	}
	return data, err
}

// gitDiff shows a file. Git runs its drivers at the top of the work tree.
func (a *app) gitDiff(d gitDiff) error {
	a.printf("%s\n", a.stdout.Bold("diff --banyan a/"+d.path+" b/"+d.now))
	if d.before != nil && d.after != nil {
		r, err := a.reviewDiff(d)
		if r != nil {
			defer r.Close()
		}
		if err == nil && readable(r) {
			o := render.Options{Colour: a.stdout.Colour(), Base: r.base, Head: r.head, Path: r.path}
			return render.Print(a.stdout, render.Text, r.Report, o)
		}
		a.printf("cannot be read as contracts, these are the lines:\n")
	}
	old, now := "a/"+d.path, "b/"+d.now
	if d.before == nil {
		old = os.DevNull
	}
	if d.after == nil {
		now = os.DevNull
	}
	_, text, _ := bytes.Cut(diff.Diff(old, d.before, now, d.after), []byte("\n")) // a line that no tool reads
	_, err := a.stdout.Write(text)
	return err
}

func readable(r *reviewed) bool {
	for _, s := range r.Services {
		if s.Status == review.Unreadable {
			return false
		}
	}
	return len(r.Services) > 0
}

// reviewDiff compares the work tree that has the old file with the one that has
// the new one: the workspace that the file is in, or else the file as a contract
// by itself.
func (a *app) reviewDiff(d gitDiff) (*reviewed, error) {
	if !fs.ValidPath(d.now) { // of git diff --no-index: nothing is known of what is around it
		return nil, &fs.PathError{Op: "open", Path: d.now, Err: fs.ErrInvalid}
	}
	root, err := os.OpenRoot(".")
	if err != nil {
		return nil, err
	}
	top := root.FS()
	at, in := path.Dir(d.now), false
	for {
		if _, err := fs.Stat(top, path.Join(at, contract.WorkspaceFile)); err == nil {
			in = true
			break
		}
		if at == "." {
			break
		}
		at = path.Dir(at)
	}
	side := func(data []byte) (fs.FS, error) {
		all := workspace.Overlay{Above: fstest.MapFS{d.now: {Data: data, Mode: 0o444}}, Below: top}
		if !in {
			return workspace.Single{Files: all, Contract: d.now}, nil
		}
		below, err := fs.Sub(all, at)
		return unapproved{below}, err
	}
	r := &reviewed{path: func(_ render.Side, file string) string { return path.Join(at, file) }, closing: []func() error{root.Close}}
	if r.base, err = side(d.before); err != nil {
		return nil, err
	}
	if r.head, err = side(d.after); err != nil {
		return nil, err
	}
	r.Report, err = a.compare(review.Side{Name: "a/" + d.path, FS: r.base}, review.Side{Name: "b/" + d.now, FS: r.head})
	return r, err
}

// unapproved is a workspace without its approvals: they are about a branch, not
// about one file of it.
type unapproved struct{ fs.FS }

// Open implements fs.FS.
func (u unapproved) Open(name string) (fs.File, error) {
	if name == review.ApprovalsFile {
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return u.FS.Open(name)
}
