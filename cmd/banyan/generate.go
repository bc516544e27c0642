package main

import (
	"fmt"

	"github.com/banyan-go/banyan/cmd/banyan/internal/build"
	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/spf13/cobra"
)

func generateCommand(a *app) *cobra.Command {
	var check, dryRun, verbose bool
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Write the generated code from the contracts",
		Long: `Generate runs the targets of banyan.yaml. It writes only the files that change,
removes those it wrote earlier and no longer produces, and never touches a file
without its header. When anything fails, nothing on disk has changed.

With --check it writes nothing and fails when a file is stale: for pipelines.
With --dry-run it writes nothing and lists what it would do.

Exit codes: 0 fine, 100 findings or, with --check, stale files, 1 could not run.`,
		Example: `  banyan generate
  banyan generate --check     fail when gen is not what the contracts say
  banyan generate --dry-run   list what would change`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if check && dryRun {
				return &usageError{command: cmd.CommandPath(), message: "--check and --dry-run exclude each other"}
			}
			if !check && !dryRun {
				if done, err := a.unchanged(verbose); done || err != nil {
					return err
				}
			}
			dir, made, remember, err := a.prepare(verbose)
			if err != nil {
				return err
			}
			switch {
			case check:
				return a.reportStale(dir, made)
			case dryRun:
				a.reportChanges(dir, made, "would write", "would remove")
				return nil
			}
			if err := made.Apply(); err != nil {
				return err
			}
			remember()
			a.reportChanges(dir, made, "wrote", "removed")
			return nil
		},
	}
	cmd.Flags().BoolVar(&check, "check", false, "write nothing, fail when a file is stale")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "write nothing, list what would change")
	cmd.Flags().BoolVarP(&verbose, "verbose", "v", false, "also list what has another Go name than it would have alone")
	return cmd
}

// unchanged repeats what the last run said when a run would do nothing, and
// reports whether it did.
func (a *app) unchanged(verbose bool) (bool, error) {
	dir, err := workspace.Find(a.dir)
	if err != nil {
		return false, err
	}
	made, list := build.Last(dir)
	if made == nil {
		return false, nil
	}
	if !verbose {
		list = list.WithoutNotes()
	}
	if refused := a.refuse(dir, list); refused != nil {
		return true, refused
	}
	a.reportChanges(dir, made, "wrote", "removed")
	return true, nil
}

// prepare runs the targets and changes nothing. It needs the contracts only:
// mappings and plan are not what code is made of. Notes are for those who ask.
// Remember is to be called once the result is applied.
func (a *app) prepare(verbose bool) (dir string, made *build.Result, remember func(), err error) {
	if dir, err = workspace.Find(a.dir); err != nil {
		return "", nil, nil, err
	}
	done := a.stderr.Progress("generating")
	defer done()
	ws, list := contract.LoadWorkspace(dir)
	if ws != nil {
		list = append(list, build.Check(ws)...)
	}
	if list.Errors() == 0 {
		var more diag.List
		made, more, err = build.Prepare(dir, ws)
		list = append(list, more...)
	}
	done()
	list = list.Sorted()
	said := list
	if !verbose {
		list = list.WithoutNotes()
	}
	if refused := a.refuse(dir, list); refused != nil {
		return "", nil, nil, refused
	}
	return dir, made, func() { made.Remember(dir, ws, said) }, err
}

// reportChanges lists what happened, or would happen, and ends with a count.
func (a *app) reportChanges(dir string, made *build.Result, wrote, removed string) {
	here := displayDir(dir)
	for _, f := range made.Write {
		fmt.Fprintf(a.stdout, "%s %s%s\n", wrote, here, f.Path)
	}
	for _, p := range made.Remove {
		fmt.Fprintf(a.stdout, "%s %s%s\n", removed, here, p)
	}
	a.note("%s generated, %d changed, %d removed", count(made.Total, "file"), len(made.Write), len(made.Remove))
}

// reportStale fails when the disk does not hold what the contracts say.
func (a *app) reportStale(dir string, made *build.Result) error {
	if made.Empty() {
		a.note("%s generated, all up to date", count(made.Total, "file"))
		return nil
	}
	here := displayDir(dir)
	for _, p := range made.Paths() {
		fmt.Fprintf(a.stdout, "stale %s%s\n", here, p)
	}
	a.note("%s stale; run \"banyan generate\" and commit the result", count(len(made.Paths()), "file"))
	return errFindings
}
