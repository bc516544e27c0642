// Package repair makes the repairs that findings carry. It makes sure of what
// they promise, that the files mean afterwards what they were taken to mean, by
// reading them again before anything is written.
package repair

import (
	"bytes"
	"io/fs"
	"maps"
	"os"
	"slices"
	"testing/fstest"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// rounds is how often files are repaired and read again. A repair may bring up
// another finding, or have to wait for one that touches the same text.
const rounds = 10

// maxRefused is how many harmful repairs are searched for: each costs reading
// the workspace a few times.
const maxRefused = 20

// Plan is what repairing a workspace comes to. Nothing on disk has changed.
type Plan struct {
	// Files are those that change, sorted by name.
	Files []File
	// Done are the findings that the plan repairs.
	Done []Done
	// Left are the findings that nothing was planned for, as places in the same
	// files.
	Left diag.List
	// Refused are findings whose repair would change what a contract means, or
	// bring an error. That is a fault of the rule.
	Refused diag.List
}

// File is a file with its contents before and after.
type File struct {
	// Name is relative to the workspace, with forward slashes.
	Name          string
	Before, After []byte
}

// Done is a finding that is repaired. Its own place is where it was found, which
// may be in the middle of other repairs.
type Done struct {
	diag.Diagnostic
	// Before and After are the lines of the repair in the files as they are, and
	// as the plan leaves them.
	Before, After config.Pos
}

// Wanted keeps of all findings of a workspace those that are to be repaired.
type Wanted func(*contract.Workspace, diag.List) (diag.List, error)

// Make plans the repair of the workspace in dir; ws and list are what
// contract.LoadWorkspace returned for it. It touches only the files that
// belong to the workspace and were not generated. The error is one of the disk,
// or of wanted.
func Make(dir string, ws *contract.Workspace, list diag.List, wanted Wanted) (*Plan, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	defer root.Close()
	p := &planner{root: root, wanted: wanted, changed: fstest.MapFS{}, before: map[string][]byte{}, refused: map[string]bool{}}
	state, err := p.state(ws, list)
	if err != nil {
		return nil, err
	}
	for made := 0; made < rounds && len(p.failed) < maxRefused; {
		next, err := p.round(state)
		if err != nil {
			return nil, err
		}
		if next == nil {
			break
		}
		if next != state {
			made++
		}
		state = next
	}
	return p.plan(state), nil
}

type planner struct {
	root    *os.Root
	wanted  Wanted
	changed fstest.MapFS      // files as they are to be
	before  map[string][]byte // and as they are
	done    []done
	made    []map[string][]diag.Edit // of each round, by file
	refused map[string]bool          // by key
	failed  diag.List
}

// done is a finding that was repaired, where its repair would stand in the file
// as it is, and where it stands now.
type done struct {
	diag.Diagnostic
	before, offset int
}

// state is the workspace with some files changed.
type state struct {
	all  diag.List
	left diag.List // those that are wanted
	// meaning is the document of each contract without errors.
	meaning map[string][]byte
	errors  int
}

// read looks at the workspace with more files changed than so far.
func (p *planner) read(more map[string][]byte) (*state, error) {
	above := maps.Clone(p.changed)
	for name, data := range more {
		above[name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
	return p.state(contract.LoadFS(workspace.Overlay{Above: above, Below: p.root.FS()}, ""))
}

// state is what came of reading the workspace.
func (p *planner) state(ws *contract.Workspace, list diag.List) (*state, error) {
	s := &state{all: list, left: list, meaning: map[string][]byte{}, errors: list.Errors()}
	if ws == nil {
		return s, nil
	}
	for _, c := range ws.Services {
		if text, err := c.Bundle(); err == nil {
			s.meaning[c.Name] = text
		}
	}
	var err error
	s.left, err = p.wanted(ws, list)
	return s, err
}

// keeps reports whether next means what s does, as far as either is known.
func (s *state) keeps(next *state) bool {
	for name, text := range s.meaning {
		if !sameMeaning(text, next.meaning[name]) {
			return false
		}
	}
	return next.errors <= s.errors
}

// round makes as many repairs as do not touch each other. It returns nil when
// there is none to make, and s itself when it only found out which one does
// harm.
func (p *planner) round(s *state) (*state, error) {
	var todo diag.List
	for _, d := range s.left {
		if p.mayRepair(d) {
			todo = append(todo, d)
		}
	}
	for len(todo) > 0 {
		repair, err := todo.Repair(p.text)
		if err != nil {
			return nil, err
		}
		next, err := p.read(repair.Files)
		if err != nil {
			return nil, err
		}
		if s.keeps(next) {
			p.accept(repair)
			return next, nil
		}
		// One of them does harm: it is searched for by halves.
		if made := repair.Done; len(made) > 1 {
			todo = made[:len(made)/2]
			continue
		}
		p.refused[key(repair.Done[0])] = true
		p.failed = append(p.failed, repair.Done[0])
		return s, nil
	}
	return nil, nil
}

// key tells a finding from others, wherever it moves to.
func key(d diag.Diagnostic) string { return d.Rule + "\x00" + d.Pos.File + "\x00" + d.Message }

// mayRepair reports whether all that a repair changes is the user's own.
func (p *planner) mayRepair(d diag.Diagnostic) bool {
	if d.Fix == nil || len(d.Fix.Edits) == 0 || p.refused[key(d)] {
		return false
	}
	return !slices.ContainsFunc(d.Fix.Edits, func(e diag.Edit) bool {
		if !fs.ValidPath(e.File) {
			return true
		}
		info, err := p.root.Lstat(e.File)
		if err != nil || !info.Mode().IsRegular() {
			return true
		}
		data, err := p.text(e.File)
		return err != nil || codegen.Generated(data)
	})
}

// text is a file as it is planned so far.
func (p *planner) text(name string) ([]byte, error) {
	if f := p.changed[name]; f != nil {
		return f.Data, nil
	}
	if data, ok := p.before[name]; ok {
		return data, nil
	}
	data, err := p.root.ReadFile(name)
	if err == nil {
		p.before[name] = data
	}
	return data, err
}

// accept makes a repair part of the plan.
func (p *planner) accept(r *diag.Repair) {
	edits := map[string][]diag.Edit{}
	for _, d := range r.Done {
		for _, e := range d.Fix.Edits {
			edits[e.File] = append(edits[e.File], e)
		}
		at := d.Fix.Edits[0].Offset
		p.done = append(p.done, done{d, p.origin(d.Fix.Edits[0].File, at), at})
	}
	for file, list := range edits { // two findings may want the same edit
		slices.SortFunc(list, func(a, b diag.Edit) int { return a.Offset - b.Offset })
		edits[file] = slices.Compact(list)
	}
	p.made = append(p.made, edits)
	for i := range p.done {
		d := &p.done[i]
		at := d.offset
		for _, e := range edits[d.Fix.Edits[0].File] {
			if e.Offset >= at {
				break
			}
			d.offset += len(e.Text) - e.Length
		}
	}
	for name, data := range r.Files {
		p.changed[name] = &fstest.MapFile{Data: data, Mode: 0o644}
	}
}

// origin is the place in a file as it is that an offset in the file as planned so
// far comes from.
func (p *planner) origin(file string, offset int) int {
	for _, edits := range slices.Backward(p.made) {
		grown := 0
		for _, e := range edits[file] {
			if offset < e.Offset+grown {
				break
			}
			if offset <= e.Offset+grown+len(e.Text) { // in or behind what was written
				grown = offset - e.Offset
				break
			}
			grown += len(e.Text) - e.Length
		}
		offset -= grown
	}
	return offset
}

// line is the place of an offset, as exact as a place is that may have moved.
func line(file string, text []byte, offset int) config.Pos {
	return config.Pos{File: file, Line: 1 + bytes.Count(text[:min(max(offset, 0), len(text))], []byte("\n"))}
}

func (p *planner) plan(s *state) *Plan {
	out := &Plan{Left: s.all, Refused: p.failed.Sorted()}
	for _, name := range slices.Sorted(maps.Keys(p.changed)) {
		out.Files = append(out.Files, File{Name: name, Before: p.before[name], After: p.changed[name].Data})
	}
	for _, d := range p.done {
		file := d.Fix.Edits[0].File
		out.Done = append(out.Done, Done{
			Diagnostic: d.Diagnostic,
			Before:     line(file, p.before[file], d.before),
			After:      line(file, p.changed[file].Data, d.offset),
		})
	}
	slices.SortStableFunc(out.Done, compare)
	return out
}
