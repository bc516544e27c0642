package main

import (
	"github.com/banyan-go/banyan/cmd/banyan/internal/repair"
	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// planFixes finds the workspace and plans the repairs that concern services, or
// all.
func (a *app) planFixes(services []string) (dir string, plan *repair.Plan, err error) {
	if dir, err = workspace.Find(a.dir); err != nil {
		return "", nil, err
	}
	done := a.stderr.Progress("repairing")
	defer done()
	plan, err = repair.Make(dir, func(ws *contract.Workspace, list diag.List) (diag.List, error) {
		return (&workspace.Loaded{Workspace: ws}).Only(list, services)
	})
	return dir, plan, err
}

// fix makes the repairs and says which.
func (a *app) fix(services []string) error {
	dir, plan, err := a.planFixes(services)
	if err != nil {
		return err
	}
	if err := plan.Write(dir); err != nil {
		return err
	}
	a.reportFixes(dir, plan, "repaired")
	return nil
}

// showFixes prints the repairs as a diff and leaves the files as they are.
func (a *app) showFixes(services []string) error {
	dir, plan, err := a.planFixes(services)
	if err != nil {
		return err
	}
	if _, err := a.stdout.Write(plan.Diff(displayDir(dir))); err != nil {
		return err
	}
	a.reportFixes(dir, plan, "would repair")
	left, err := a.leftBy(plan, services)
	if err != nil {
		return err
	}
	if left > 0 {
		a.note("%s would be left", count(left, "error"))
		return errFindings
	}
	return nil
}

// leftBy counts the errors that a plan leaves: those of contracts, and those of
// other files, which no repair is about.
func (a *app) leftBy(plan *repair.Plan, services []string) (int, error) {
	dir, ws, all, err := a.findings(services)
	if err != nil || ws == nil {
		return all.Errors(), err
	}
	_, contracts := contract.LoadWorkspace(dir)
	if contracts, err = ws.Only(contracts, services); err != nil {
		return 0, err
	}
	return plan.Left.Errors() + max(0, all.Errors()-contracts.Errors()), nil
}

// reportFixes says on stderr what happened or would happen: what is left is the
// result.
func (a *app) reportFixes(dir string, plan *repair.Plan, did string) {
	here := displayDir(dir)
	for _, d := range plan.Done {
		d.Pos.File = here + d.Pos.File
		a.note("%s: %s: %s (%s)", d.Pos, did, d.Fix.Summary, d.Rule)
	}
	for _, d := range plan.Refused {
		d.Pos.File = here + d.Pos.File
		a.note("%s: not repaired: %q would change more than it says, please report it (%s)", d.Pos, d.Fix.Summary, d.Rule)
	}
	if len(plan.Done) == 0 {
		a.note("nothing to repair")
		return
	}
	a.note("%s %s in %s", did, count(len(plan.Done), "finding"), count(len(plan.Files), "file"))
}
