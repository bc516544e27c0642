package main

import (
	"strings"

	"github.com/banyan-go/banyan/cmd/banyan/internal/sides"
	"github.com/banyan-go/banyan/internal/review/render"
)

// reviewSides compares two contracts, or two workspaces, that are named.
func (a *app) reviewSides(names []string, out reviewOutput) error {
	base, head, err := sides.Open(names[0], names[1])
	if err != nil {
		return explained(err)
	}
	defer base.Close()
	defer head.Close()
	report, err := a.compare(base.Side, head.Side)
	if err != nil {
		return err
	}
	r := &reviewed{Report: report, base: base.FS, head: head.FS, path: func(side render.Side, file string) string {
		if side == render.BaseSide {
			return base.Path(file)
		}
		return head.Path(file)
	}}
	if head.Folder != "" { // approvals are a workspace's
		r.approve = approveLine(head.Folder, names[0])
	}
	if err := a.show(r, out); err != nil {
		for _, d := range r.Problems {
			if strings.Contains(d.Message, "leads out of the workspace") {
				a.note("A contract may refer to files below its git work tree, its workspace or the current folder: run banyan in a folder that holds all of them.")
				break
			}
		}
		return err
	}
	return nil
}

// approveLine makes the command that accepts a change in a review. Dir and
// against are empty where the command finds them by itself.
func approveLine(dir, against string) func(id string) string {
	start, end := "banyan", ""
	if dir != "" {
		start += " -C " + quoted(dir)
	}
	if against != "" {
		end = " --against " + quoted(against)
	}
	return func(id string) string { return start + " review approve " + id + end + ` --reason "..." --until DAY` }
}
