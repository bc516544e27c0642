package main

import (
	"github.com/banyan-go/banyan/cmd/banyan/internal/repair"
	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// fixes are the repairs of a workspace, and what was read to plan them.
type fixes struct {
	*repair.Plan
	dir       string
	ws        *contract.Workspace
	contracts diag.List
}

// planFixes finds the workspace and plans the repairs that concern services, or
// all.
func (a *app) planFixes(services []string) (f fixes, err error) {
	if f.dir, err = workspace.Find(a.dir); err != nil {
		return f, err
	}
	done := a.stderr.Progress("repairing")
	defer done()
	f.ws, f.contracts = contract.LoadWorkspace(f.dir)
	f.Plan, err = repair.Make(f.dir, f.ws, f.contracts, func(ws *contract.Workspace, list diag.List) (diag.List, error) {
		return (&workspace.Loaded{Workspace: ws}).Only(list, services)
	})
	return f, err
}

// fix makes the repairs and says which. It returns what is wrong with the
// workspace then.
func (a *app) fix(services []string) (findings, error) {
	f, err := a.planFixes(services)
	if err != nil {
		return findings{}, err
	}
	if err := f.Write(f.dir); err != nil {
		return findings{}, err
	}
	a.reportFixes(f.dir, f.Plan, "repaired", func(d repair.Done) config.Pos { return d.After })
	if len(f.Files) > 0 {
		return a.find(services)
	}
	return f.findings(services)
}

// findings is everything that is wrong with the workspace before the repairs.
func (f fixes) findings(services []string) (findings, error) {
	loaded, list := workspace.Around(f.dir, f.ws, f.contracts)
	return lookAt(f.dir, loaded, list, services)
}

// showFixes prints the repairs as a diff and leaves the files as they are.
func (a *app) showFixes(services []string) error {
	f, err := a.planFixes(services)
	if err != nil {
		return err
	}
	if _, err := a.stdout.Write(f.Diff(displayDir(f.dir))); err != nil {
		return err
	}
	a.reportFixes(f.dir, f.Plan, "would repair", func(d repair.Done) config.Pos { return d.Before })
	left, err := f.left(services)
	if err != nil {
		return err
	}
	if left > 0 {
		a.note("%s would be left", count(left, "error"))
		return errFindings
	}
	return nil
}

// left counts the errors that the repairs leave: those of contracts, and those of
// other files, which no repair is about.
func (f fixes) left(services []string) (int, error) {
	all, err := f.findings(services)
	if err != nil || all.ws == nil {
		return all.list.Errors(), err
	}
	contracts, err := all.ws.Only(f.contracts, services)
	if err != nil {
		return 0, err
	}
	return f.Left.Errors() + max(0, all.list.Errors()-contracts.Errors()), nil
}

// reportFixes says on stderr what happened or would happen: what is left is the
// result. place is where the reader finds a repair: in the files as they lie there.
func (a *app) reportFixes(dir string, plan *repair.Plan, did string, place func(repair.Done) config.Pos) {
	here := displayDir(dir)
	for _, d := range plan.Done {
		at := place(d)
		at.File = here + at.File
		a.note("%s: %s: %s (%s)", at, did, d.Fix.Summary, d.Rule)
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
