package main

import (
	"os"

	"github.com/banyan-go/banyan/cmd/banyan/internal/build"
	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/spf13/cobra"
)

func checkCommand(a *app) *cobra.Command {
	var format string
	var fix, dryRun, all bool
	cmd := &cobra.Command{
		Use:   "check [service...]",
		Short: "Report everything that is wrong with the workspace, in one run",
		Long: `Check reads banyan.yaml, the contracts, every legacy.yaml, rollout.yaml and
approvals.yaml, and reports everything that is wrong as "file:line:col: message
(rule)", with a hint below. With service names it reports what concerns these
services.

With --fix it first makes the repairs that findings carry, and then reports what
is left. A repair changes text, not meaning: comments, order and everything else
stay, byte for byte, and the contracts are read again before a file is written,
to be sure. With --dry-run as well it prints the repairs as a unified diff, writes
nothing, and exits as --fix would.

Of a rule with many warnings in one file the first three are shown, and how many
more there are; --all shows them, and the other formats always have everything.

Places are relative to the current folder. Whether an operation has a Go handler
is known to your server only: it checks rollout.yaml against that when it starts.

Exit codes: 0 no errors (warnings allowed), 100 errors found, 1 could not run.`,
		Example: `  banyan check
  banyan check orders users
  banyan check --all                every warning of every rule
  banyan check --format github      annotations on a pull request
  banyan check --format sarif > findings.sarif
  banyan check --fix --dry-run      what --fix would change, as a diff
  banyan explain legacy-mapping     what a rule is about`,
		ValidArgsFunction: a.completeServices,
		RunE: func(cmd *cobra.Command, args []string) error {
			switch {
			case dryRun && !fix:
				return &usageError{command: cmd.CommandPath(), message: "--dry-run shows what --fix would do; give both"}
			case dryRun:
				return a.showFixes(args)
			}
			find, most := a.find, fewWarnings
			if fix {
				find = a.fix
			}
			if all {
				most = allWarnings
			}
			found, err := find(args)
			if err != nil {
				return err
			}
			return a.report(found, diag.Format(format), args, most)
		},
	}
	var formats []string
	for _, f := range diag.Formats() {
		formats = append(formats, string(f))
	}
	formatFlag(cmd, &format, formats...)
	cmd.Flags().BoolVar(&all, "all", false, "show every warning, also of rules with many in one file")
	cmd.Flags().BoolVar(&fix, "fix", false, "make the repairs that findings carry, report what is left")
	cmd.Flags().BoolVar(&dryRun, "dry-run", false, "with --fix: write nothing, print a diff")
	return cmd
}

// findings is everything that is wrong with the workspace in dir and concerns the
// services that were asked for. Ws is nil when banyan.yaml cannot be used.
type findings struct {
	dir  string
	ws   *workspace.Loaded
	list diag.List
}

// find reads the workspace and looks for what is wrong with services, or all.
func (a *app) find(services []string) (findings, error) {
	dir, err := workspace.Find(a.dir)
	if err != nil {
		return findings{}, err
	}
	done := a.stderr.Progress("reading the workspace")
	defer done()
	ws, list := workspace.Load(dir)
	return lookAt(dir, ws, list, services)
}

// lookAt adds to what was found in reading a workspace what else is wrong, and
// keeps what concerns services.
func lookAt(dir string, ws *workspace.Loaded, list diag.List, services []string) (found findings, err error) {
	found = findings{dir, ws, list}
	if ws == nil {
		return found, nil
	}
	list = withTargets(ws, list)
	// Faults of reviews keep nobody from serving: check alone looks for them.
	review.CheckRules(ws.Workspace, &list)
	review.ReadApprovals(os.DirFS(dir), &list)
	list = append(list, build.Findings(ws.Workspace).WithoutNotes()...)
	found.list, err = ws.Only(list.Sorted(), services)
	return found, err
}

// report prints findings.
func (a *app) report(found findings, format diag.Format, services []string, most int) error {
	list := found.list
	if format == diag.Text && found.ws != nil {
		a.note("checked %s", scope(found.ws.Services, services))
	}
	if err := printFindings(a.stdout, format, found.dir, list, most); err != nil {
		return err
	}
	if n := list.Fixable(); format == diag.Text && n > 0 {
		a.note("%s can be repaired: banyan check --fix", count(n, "finding"))
	}
	if list.Errors() > 0 {
		return errFindings
	}
	return nil
}

// scope says what was looked at: "2 services, 9 operations".
func scope(all []*contract.Contract, only []string) string {
	named := map[string]bool{}
	for _, name := range only {
		named[name] = true
	}
	services, operations := 0, 0
	for _, c := range all {
		if len(named) == 0 || named[c.Name] {
			services++
			operations += len(c.Operations)
		}
	}
	return count(services, "service") + ", " + count(operations, "operation")
}
