package main

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/banyan-go/banyan/cmd/banyan/internal/build"
	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/spf13/cobra"
)

// open finds and reads the workspace. The list holds all findings, as places
// below the workspace.
func (a *app) open() (dir string, ws *workspace.Loaded, list diag.List, err error) {
	if dir, err = workspace.Find(a.dir); err != nil {
		return "", nil, nil, err
	}
	done := a.stderr.Progress("reading the workspace")
	defer done()
	ws, list = workspace.Load(dir)
	return dir, ws, withTargets(ws, list), nil
}

// withTargets adds what the targets of the workspace say.
func withTargets(ws *workspace.Loaded, list diag.List) diag.List {
	if ws == nil {
		return list
	}
	return append(list, build.Check(ws.Workspace)...).Sorted()
}

// openSound is open for commands that need a workspace without errors. The
// findings are not what these commands were asked for: they go to stderr.
func (a *app) openSound() (string, *workspace.Loaded, error) {
	dir, ws, list, err := a.open()
	if err != nil {
		return "", nil, err
	}
	if err := a.refuse(dir, list, someWarnings); err != nil {
		return "", nil, err
	}
	return dir, ws, nil
}

// refuse prints findings, at most so many warnings of a kind, and returns
// errFindings when there is an error among them.
func (a *app) refuse(dir string, list diag.List, most int) error {
	if len(list) > 0 {
		if err := printFindings(a.stderr, diag.Text, dir, list, most); err != nil {
			return err
		}
	}
	if list.Errors() > 0 {
		return errFindings
	}
	return nil
}

// displayDir is what to write in front of a path below dir: nothing when dir is
// the current folder, a relative path when one of the two holds the other, and
// an absolute path otherwise. It ends in "/" unless it is empty.
func displayDir(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return filepath.ToSlash(dir) + "/"
	}
	here, err := os.Getwd()
	if err != nil {
		return filepath.ToSlash(abs) + "/"
	}
	rel, err := filepath.Rel(here, abs)
	if err != nil {
		return filepath.ToSlash(abs) + "/"
	}
	rel = filepath.ToSlash(rel)
	switch {
	case rel == ".":
		return ""
	case strings.HasPrefix(rel, "../") && strings.Trim(rel, "./") != "":
		return filepath.ToSlash(abs) + "/"
	}
	return rel + "/"
}

// completeServices completes the names of services not given yet. Completion
// must never print: a workspace that cannot be read completes nothing.
func (a *app) completeServices(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
	dir, err := workspace.Find(a.dir)
	if err != nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	ws, _ := contract.LoadWorkspace(dir)
	if ws == nil {
		return nil, cobra.ShellCompDirectiveNoFileComp
	}
	given := map[string]bool{}
	for _, arg := range args {
		given[arg] = true
	}
	var names []string
	for _, c := range ws.Services {
		if !given[c.Name] {
			names = append(names, cobra.CompletionWithDesc(c.Name, c.Title))
		}
	}
	return names, cobra.ShellCompDirectiveNoFileComp
}
