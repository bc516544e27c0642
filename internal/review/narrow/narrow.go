// Package narrow takes out of two versions of an OpenAPI document what both have
// to the letter and what leads to nothing that differs, so that a review of four
// edits in a document of 13 MB reads four operations. It looks at the text and at
// names only: it understands no schema, and gives up on what it cannot tell for
// sure.
package narrow

import (
	"bytes"
	"slices"
	"strings"
	"unicode/utf8"

	"github.com/banyan-go/banyan/internal/contract"
)

// Narrowed is two documents without the paths and components that differ in neither
// and that lead to no component that does.
type Narrowed struct {
	base, head *outline
	keep       map[string]bool
	// holders goes from components to the parts that name them.
	holders map[string][]string
	names   *named
}

// Compare finds out what of two documents a comparison of them has to see. It finds
// in what is left what it would find in the whole, because whatever can be told
// apart, and all that leads there or is led to from there, is kept on both sides.
//
// It returns false where that cannot be told from the text: references to other
// files or into components, YAML anchors, changes of what concerns every operation
// (security, servers, the version of the specification), operations whose names
// depend on each other, documents of two kinds, and whatever is written in a way
// that it does not know.
// Then the whole documents have to be read. The texts must not be changed.
func Compare(base, head []byte) (n *Narrowed, ok bool) {
	type result struct {
		o  *outline
		ok bool
	}
	other := make(chan result, 1)
	go func() {
		o, ok := scan(head)
		other <- result{o, ok}
	}()
	a, aok := scan(base)
	b := <-other
	if !aok || !b.ok || !alikeAround(a, b.o) {
		return nil, false
	}
	n = &Narrowed{base: a, head: b.o, keep: map[string]bool{}, holders: map[string][]string{}}
	n.pick()
	return n, true
}

// Texts are the documents with what is kept. Every line and column of it is the one
// that it had.
func (n *Narrowed) Texts() (base, head []byte) {
	return n.base.without(n.keep), n.head.without(n.keep)
}

var bom = []byte("\ufeff")

// scan outlines a document, JSON or YAML.
func scan(text []byte) (*outline, bool) {
	text = bytes.TrimPrefix(text, bom)
	if !utf8.Valid(text) {
		return nil, false
	}
	var o *outline
	ok := false
	if trimmed := bytes.TrimLeft(text, " \t\r\n"); len(trimmed) > 0 && trimmed[0] == '{' {
		o, ok = scanJSON(text)
	} else {
		o, ok = scanYAML(text)
	}
	return o, ok && o.sound()
}

// alikeAround reports whether what concerns every operation is the same.
func alikeAround(a, b *outline) bool {
	if a.yaml != b.yaml {
		return false
	}
	for _, pair := range [][2]*outline{{a, b}, {b, a}} {
		for name, sum := range pair[0].root {
			if other, has := pair[1].root[name]; (!has || other != sum) && !slices.Contains(aside, name) {
				return false
			}
		}
		for key, p := range pair[0].parts {
			if q := pair[1].parts[key]; sectionOf(key) == "securitySchemes" && (q == nil || q.sum != p.sum) {
				return false
			}
		}
	}
	return true
}

// aside are members of a document that say nothing about its operations.
var aside = []string{"info", "tags", "externalDocs", "webhooks"}

// outline tells the parts of a document apart: its paths and its components.
type outline struct {
	text []byte
	yaml bool
	// root has what the other members of the document say, refs the components
	// that they name.
	root map[string]uint64
	refs []string
	// parts goes from "paths//users" and "schemas/User" to where they stand.
	parts    map[string]*part
	sections []*section
	ids      []operation
	// operations are those of a path, by its key, with their operationIds.
	operations map[string][]operation
}

type part struct {
	key string
	// sum tells what it says; equal parts have equal sums.
	sum  uint64
	refs []string // the keys of components that it names
	span
	// comma is where the comma after it stands, or 0.
	comma int
}

// section holds parts in their order.
type section struct {
	name  string
	span  // of its name, in YAML
	parts []*part
}

// span is a range of bytes.
type span struct{ from, to int }

// operation is an operation and its operationId, or an empty one.
type operation struct {
	method, path, id string
	// security tells what its security says, 0 where it says nothing.
	security uint64
}

func sectionOf(key string) string {
	section, _, _ := strings.Cut(key, "/")
	return section
}

// add notes a part; false where there is one of that name.
func (o *outline) add(s *section, name string, p *part) bool {
	p.key = s.name + "/" + name
	if o.parts[p.key] != nil || s.name != "paths" && !plainName(name) {
		return false
	}
	slices.Sort(p.refs)
	p.refs = slices.Clip(slices.Compact(p.refs))
	o.parts[p.key] = p
	s.parts = append(s.parts, p)
	return true
}

// sound reports whether each operation has a name of its own whatever becomes of
// the others: operationIds are unique, and so are those that are made up.
func (o *outline) sound() bool {
	seen := make(map[string]string, len(o.ids)) // to the paths that have them
	o.operations = make(map[string][]operation, len(o.parts))
	for _, op := range o.ids {
		id := op.id
		if path, taken := seen[id]; id == "" || taken && path == op.path { // a path stays or goes as a whole
			id = contract.SuggestID(op.method, op.path)
		}
		if _, taken := seen[id]; taken {
			return false
		}
		seen[id], op.id = op.path, id
		o.operations["paths/"+op.path] = append(o.operations["paths/"+op.path], op)
	}
	return len(o.parts) > 0
}

// firstPath is a path to keep where none is kept.
func (o *outline) firstPath(keep map[string]bool) string {
	first := ""
	for key := range o.parts {
		if sectionOf(key) != "paths" {
			continue
		}
		if keep[key] {
			return ""
		}
		if first == "" || key < first {
			first = key
		}
	}
	return first
}

// without is the text without the parts that are not kept.
func (o *outline) without(keep map[string]bool) []byte {
	var cuts []span
	left := 0 // sections of components
	for _, s := range o.sections {
		var last *part
		for _, p := range s.parts {
			if keep[p.key] {
				last = p
			}
		}
		switch {
		case s.name == "paths" || s.name == "components":
		case last != nil:
			left++
		case o.yaml: // a name with nothing after it is no mapping
			cuts = append(cuts, s.span)
		}
		gone := false
		for _, p := range s.parts {
			stays := keep[p.key]
			if !stays {
				cuts = append(cuts, p.span)
			}
			if gone = gone || p == last; p.comma > 0 && (!stays || gone) {
				cuts = append(cuts, span{p.comma, p.comma + 1})
			}
		}
	}
	if o.yaml && left == 0 {
		for _, s := range o.sections {
			if s.name == "components" {
				cuts = append(cuts, s.span)
			}
		}
	}
	slices.SortFunc(cuts, func(a, b span) int { return a.from - b.from })
	return o.blank(slices.Compact(cuts))
}

// blank puts as many lines and columns of nothing in the place of what is cut.
func (o *outline) blank(cuts []span) []byte {
	size := len(o.text)
	for _, c := range cuts {
		size -= c.to - c.from - 1 - bytes.Count(o.text[c.from:c.to], newline)
	}
	out, at := make([]byte, 0, size), 0
	for _, c := range cuts {
		out = append(out, o.text[at:c.from]...)
		cut := o.text[c.from:c.to]
		lines := bytes.Count(cut, newline)
		if o.yaml && lines > 0 { // ends a text that keeps the empty lines after it
			out = append(out, '#')
		}
		for range lines {
			out = append(out, '\n')
		}
		for range utf8.RuneCount(cut[bytes.LastIndexByte(cut, '\n')+1:]) {
			out = append(out, ' ')
		}
		at = c.to
	}
	return append(out, o.text[at:]...)
}

var newline = []byte("\n")
