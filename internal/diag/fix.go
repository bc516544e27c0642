package diag

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"slices"
)

// Fix repairs what a finding is about. It is safe: the file means afterwards
// what Banyan took it to mean before. All its edits are made, or none.
type Fix struct {
	// Summary says what the fix does, as an order: "add operationId: getUser".
	Summary string
	Edits   []Edit
}

// Edit replaces a part of a file. It holds for the bytes that the finding was
// made from.
type Edit struct {
	// File is named as in Pos.
	File string
	// Offset and Length are bytes from the start of the file; Length 0 inserts.
	Offset, Length int
	Text           string
}

// below is the fix for somebody who stands above the workspace.
func (f *Fix) below(base string) *Fix {
	if f == nil {
		return nil
	}
	out := &Fix{Summary: f.Summary, Edits: slices.Clone(f.Edits)}
	for i := range out.Edits {
		out.Edits[i].File = path.Join(base, out.Edits[i].File)
	}
	return out
}

// Repair is what applying fixes made of the files.
type Repair struct {
	// Files are the new contents of the files that change.
	Files map[string][]byte
	// Done are the findings that were repaired, in their order; Left are those
	// whose fixes touch what another one changed. Reading the files again finds
	// the latter anew.
	Done, Left List
}

// Repair applies the fixes of the findings. It asks read for the contents that
// the findings were made from, once a file, and changes nothing on disk. The
// error is one of read, or names an edit that its file is too short for.
func (l List) Repair(read func(file string) ([]byte, error)) (*Repair, error) {
	out := &Repair{Files: map[string][]byte{}}
	texts := map[string][]byte{}
	chosen := map[string]*edits{}
	for _, d := range l {
		if d.Fix == nil {
			continue
		}
		for _, e := range d.Fix.Edits {
			if chosen[e.File] == nil {
				data, err := read(e.File)
				if err != nil {
					return nil, err
				}
				texts[e.File], chosen[e.File] = data, &edits{}
			}
			if e.Offset < 0 || e.Length < 0 || e.Offset > len(texts[e.File])-e.Length {
				return nil, fmt.Errorf("%s changed since it was read", e.File)
			}
		}
		if slices.ContainsFunc(d.Fix.Edits, func(e Edit) bool { return chosen[e.File].clash(e) }) {
			out.Left = append(out.Left, d)
			continue
		}
		out.Done = append(out.Done, d)
		for _, e := range d.Fix.Edits {
			chosen[e.File].add(e)
		}
	}
	for _, file := range slices.Sorted(maps.Keys(chosen)) {
		if len(chosen[file].list) > 0 {
			out.Files[file] = chosen[file].applied(texts[file])
		}
	}
	return out, nil
}

// edits are edits of one file, in order, that do not touch each other.
type edits struct{ list []Edit }

// place is where e belongs.
func (s *edits) place(e Edit) int {
	i, _ := slices.BinarySearchFunc(s.list, e, func(a, b Edit) int { return cmp.Compare(a.Offset, b.Offset) })
	return i
}

// clash reports whether e touches an edit of the list other than itself: two
// findings may want the same.
func (s *edits) clash(e Edit) bool {
	i := s.place(e)
	if i < len(s.list) && s.list[i] != e && (s.list[i].Offset == e.Offset || s.list[i].Offset < e.Offset+e.Length) {
		return true
	}
	if i < len(s.list) && s.list[i] == e {
		return false
	}
	return i > 0 && s.list[i-1].Offset+s.list[i-1].Length > e.Offset
}

func (s *edits) add(e Edit) {
	if i := s.place(e); i == len(s.list) || s.list[i] != e {
		s.list = slices.Insert(s.list, i, e)
	}
}

func (s *edits) applied(text []byte) []byte {
	var out []byte
	at := 0
	for _, e := range s.list {
		out = append(append(out, text[at:e.Offset]...), e.Text...)
		at = e.Offset + e.Length
	}
	return append(out, text[at:]...)
}
