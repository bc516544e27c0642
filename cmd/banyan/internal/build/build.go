// Package build runs the targets of a workspace and joins what they make into
// one change of the disk.
package build

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// targets are all that banyan.yaml may name.
var targets = []codegen.Target{goserver.Target{}}

const ruleUnknownTarget = "target-unknown"

var _ = diag.Register(diag.Rule{
	ID:      ruleUnknownTarget,
	Summary: "banyan.yaml names a target that this version of banyan does not have.",
	Why:     "Nothing would be generated for it, and nobody would notice until the code is missed.",
	Example: `targets:
  goservr: {output: gen}
`,
	Fix: `targets:
  goserver: {output: gen}
`,
})

// Result is what the targets made, compared with the disk.
type Result struct {
	// Changes covers the whole workspace, so that Apply does all or nothing
	// over every target.
	*codegen.Changes
	// Total is the number of files that the targets made.
	Total int
	// files are those, by output folder; empty for what Last returns.
	files map[string][]codegen.File
}

// Last returns what the run before this one made and said, when that is still
// what a run would make and say. It is nil otherwise.
func Last(dir string) (*Result, diag.List) {
	s := codegen.ReadStamp(dir)
	if s == nil {
		return nil, nil
	}
	r := &Result{Changes: &codegen.Changes{Dir: dir}}
	for _, out := range s.Outputs {
		r.Total += len(out.Files)
	}
	return r, s.Findings
}

// Remember notes a run that was applied, and what it said, for Last. Failing to
// is no failure of the run.
func (r *Result) Remember(dir string, ws *contract.Workspace, said diag.List) {
	if ws.Inputs == nil || len(r.files) == 0 {
		return
	}
	s := &codegen.Stamp{Inputs: ws.Inputs, Findings: slices.Clone(said)}
	_ = s.Write(dir, r.files)
}

// Check reports targets that do not exist, and listings of rules of targets that
// the workspace does not have.
func Check(ws *contract.Workspace) (list diag.List) {
	var known []string
	for _, t := range targets {
		known = append(known, t.Name())
	}
	for _, cfg := range ws.Targets {
		if !slices.Contains(known, cfg.Name) {
			list.Add(ruleUnknownTarget, cfg.Pos, fmt.Sprintf("unknown target %q", cfg.Name), config.Suggest(cfg.Name, known))
		}
	}
	used := func(name string) bool {
		return name == contract.Reader || slices.ContainsFunc(ws.Targets, func(cfg contract.TargetConfig) bool { return cfg.Name == name })
	}
	for _, c := range ws.Services {
		c.Unneeded(&list, func(r diag.Rule) bool { return !used(r.Unsupported) })
	}
	return list
}

// Findings returns what the targets say about the contracts of the workspace,
// and makes nothing. It leaves out the contracts that could not be read.
func Findings(ws *contract.Workspace) (list diag.List) {
	for _, cfg := range ws.Targets {
		for _, t := range targets {
			if checker, ok := t.(codegen.Checker); ok && t.Name() == cfg.Name {
				list = append(list, checker.Check(ws, cfg)...)
			}
		}
	}
	return list.Sorted()
}

// Prepare runs the targets of the workspace in dir and changes nothing. Targets
// that do not exist are left to Check. Stages may be nil. The result is nil when there is an error
// or the list holds one.
func Prepare(dir string, ws *contract.Workspace, stages *Stages) (*Result, diag.List, error) {
	r := &Result{Changes: &codegen.Changes{Dir: dir}, files: map[string][]codegen.File{}}
	var list diag.List
	var faults []error
	for _, cfg := range ws.Targets {
		i := slices.IndexFunc(targets, func(t codegen.Target) bool { return t.Name() == cfg.Name })
		if i < 0 {
			continue
		}
		stages.Begin(cfg.Name, fmt.Sprintf("%s: generating from %s", cfg.Name, plural(len(ws.Services), "service")))
		files, found := targets[i].Generate(ws, cfg, stages.finish)
		list = append(list, found...)
		if found.Errors() > 0 {
			continue
		}
		stages.Begin("compare", "comparing "+plural(len(files), "file"))
		changes, err := codegen.Plan(filepath.Join(dir, filepath.FromSlash(cfg.Output)), files)
		if err != nil {
			faults = append(faults, err)
			continue
		}
		r.add(cfg.Output, changes)
		r.Total += len(files)
		r.files[cfg.Output] = files
	}
	if err := errors.Join(faults...); err != nil || list.Errors() > 0 {
		return nil, list.Sorted(), err
	}
	return r, list.Sorted(), nil
}

// add takes over one target's changes, as paths below the workspace.
func (r *Result) add(output string, c *codegen.Changes) {
	for _, f := range c.Write {
		f.Path = path.Join(output, f.Path)
		r.Write = append(r.Write, f)
	}
	for _, p := range c.Remove {
		r.Remove = append(r.Remove, path.Join(output, p))
	}
}

func plural(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
