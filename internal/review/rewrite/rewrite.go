// Package rewrite takes back what a change of contract breaks: it restores the
// smallest part of the file that has lines of its own, and writes that as a patch.
// What else the same commit does stays.
package rewrite

import (
	"io/fs"
	"maps"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"unicode"

	"github.com/banyan-go/banyan/internal/review"
)

// Rewriter writes patches for the changes between two workspaces. It reads a file
// when it is first asked about it, and is not safe for concurrent use.
type Rewriter struct {
	base, head fs.FS
	name       func(file string) string
	pairs      map[[2]string]*pair
	// written and given are the bytes of the files that were written to make patches,
	// and of the patches.
	written, given int
}

// maxWritten and maxGiven bound the bytes of all that is written and given. What is
// written is read again, whole, to see that it is what was meant.
const (
	maxWritten = 32 << 20
	maxGiven   = 4 << 20
)

// pair is one file on both sides.
type pair struct {
	base, head *outline // nil where it cannot be read
	edits      []edit
	keys       map[string]bool   // of edits
	ended      bool              // the head's last line has an end
	patches    map[string]string // by the edits
}

// New returns a rewriter of the head's files. Name is what a file is called where
// patches are applied; nil leaves it as it is. Without files there are no patches.
func New(base, head fs.FS, name func(file string) string) *Rewriter {
	if name == nil {
		name = func(file string) string { return file }
	}
	return &Rewriter{base: base, head: head, name: name, pairs: map[[2]string]*pair{}}
}

// Patch is a unified diff of the head's file that takes a change back, for git
// apply, or "" where there is none that is mechanical: the file is written in
// another form, is larger than 2 MB, holds control characters, or the change has no
// lines of its own; or where the patches before have more than 4 MB, or 32 MB of files were written for
// them.
func (r *Rewriter) Patch(c *review.Change) string {
	return r.All([]*review.Change{c})
}

// All is one diff that takes several changes back; those without a patch are left
// out.
func (r *Rewriter) All(changes []*review.Change) string {
	if r.given > maxGiven {
		return ""
	}
	taken := map[[2]string][]edit{}
	for _, c := range changes {
		key, ok := files(c)
		if !ok {
			continue
		}
		p := r.pair(key)
		if p.base == nil || p.head == nil {
			continue
		}
		for _, e := range p.about(c) {
			known := slices.ContainsFunc(taken[key], func(k edit) bool { return k.key() == e.key() })
			if !known {
				taken[key] = append(taken[key], e)
			}
		}
	}
	var b strings.Builder
	for _, key := range slices.SortedFunc(maps.Keys(taken), func(a, b [2]string) int { return strings.Compare(a[1], b[1]) }) {
		b.WriteString(r.patch(r.pair(key), key[1], taken[key]))
	}
	r.given += b.Len()
	if out := b.String(); plain(strings.NewReplacer("\n", "", "\r", "", "\t", "").Replace(out)) {
		return out
	}
	return ""
}

// patch makes edits in one file. The same ones give the same patch.
func (r *Rewriter) patch(p *pair, file string, taken []edit) string {
	var keys []string
	for _, e := range taken {
		keys = append(keys, e.key())
	}
	known := strings.Join(keys, "\x01")
	if patch, made := p.patches[known]; made {
		return patch
	}
	patch := ""
	if name := r.name(file); r.written < maxWritten && plain(name) && filepath.IsLocal(name) {
		lines := apply(p.base, p.head, taken)
		for _, line := range lines {
			r.written += len(line) + 1
		}
		if p.valid(lines, taken) {
			patch = unified(name, p.head.lines, lines, p.ended)
		}
	}
	p.patches[known] = patch
	return patch
}

// plain reports whether a text holds no control characters, which mean something
// else to a terminal than to git.
func plain(text string) bool { return !strings.ContainsFunc(text, unicode.IsControl) }

// files are the two files that a change is about.
func files(c *review.Change) (key [2]string, ok bool) {
	key = [2]string{c.Base.File, c.Head.File}
	if key[0] == "" {
		key[0] = key[1]
	}
	if key[1] == "" {
		key[1] = key[0]
	}
	return key, key[1] != "" && fs.ValidPath(key[0]) && fs.ValidPath(key[1]) && path.Ext(key[0]) == path.Ext(key[1])
}

func (r *Rewriter) pair(key [2]string) *pair {
	if p := r.pairs[key]; p != nil {
		return p
	}
	p := &pair{keys: map[string]bool{}, patches: map[string]string{}}
	r.pairs[key] = p
	if r.base == nil || r.head == nil {
		return p
	}
	old, ok := small(r.base, key[0])
	if !ok {
		return p
	}
	now, ok := small(r.head, key[1])
	if !ok {
		return p
	}
	if p.base, p.head = read(old), read(now); p.base != nil && p.head != nil {
		p.edits = edits(p.base, p.head)
		for _, e := range p.edits {
			p.keys[e.key()] = true
		}
		if len(p.edits) > maxEdits {
			p.edits = nil
		}
		p.ended = strings.HasSuffix(string(now), "\n")
	}
	return p
}

// about are the edits that a change comes from.
func (p *pair) about(c *review.Change) []edit {
	name := c.Pointer[strings.LastIndexByte(c.Pointer, '/')+1:]
	name = unescape.Replace(name)
	switch c.Rule {
	case "required-property-added":
		if list := p.demands(p.head.root.at(c.Head.Line), name, func(e edit) *entry { return e.is }); len(list) > 0 {
			return list // the property stays, as an optional one
		}
	case "required-parameter-added":
		if item := p.head.root.at(c.Head.Line); item != p.head.root {
			for e := item; e.parent != nil; e = e.parent {
				if demand := e.child("required"); demand != nil && !demand.shared {
					return []edit{{is: demand}}
				}
			}
		}
	}
	var out []edit
	for _, e := range p.edits {
		if e.was != nil && e.was.holds(c.Base.Line) || e.is != nil && e.is.holds(c.Head.Line) {
			out = append(out, e)
		}
	}
	if len(out) == 0 {
		out = p.inside(c)
	}
	switch c.Rule {
	case "property-removed":
		out = merged(out, p.demands(p.base.root.at(c.Base.Line), name, func(e edit) *entry { return e.was }))
	case "branch-removed", "choice-narrowed", "choice-changed":
		out = merged(out, p.below(p.base.root.at(c.Base.Line).beside("discriminator")))
	case "discriminator-value-changed": // what one value meant, another may mean now
		out = merged(out, p.below(p.base.root.at(c.Base.Line).parent))
	case "type-changed": // the values of an enum are of the old type, or the new
		out = merged(out, p.values(c))
	case "enum-value-removed": // the type may exclude it as well
		out = merged(out, p.below(p.base.root.at(c.Base.Line).beside("type")))
	case "security-tightened":
		out = merged(out, p.below(p.base.root.find("components", "securitySchemes")))
	}
	return p.needed(out)
}

// merged adds edits that are not there yet.
func merged(list, more []edit) []edit {
	for _, e := range more {
		if !slices.ContainsFunc(list, func(k edit) bool { return k.key() == e.key() }) {
			list = append(list, e)
		}
	}
	return list
}

// values are the edits of the enum beside a type.
func (p *pair) values(c *review.Change) []edit {
	enum := func(root *entry, line int) *entry {
		at := root.at(line)
		if at.token == "type" && at.parent != nil {
			at = at.parent
		}
		return at.child("enum")
	}
	was, is := enum(p.base.root, c.Base.Line), enum(p.head.root, c.Head.Line)
	var out []edit
	for _, e := range p.edits {
		if was != nil && e.was != nil && e.was.within(was) || is != nil && e.is != nil && e.is.within(is) {
			out = append(out, e)
		}
	}
	return out
}

// below are the edits that bring back something in an entry of the base.
func (p *pair) below(around *entry) []edit {
	var out []edit
	for _, e := range p.edits {
		if around != nil && e.was != nil && e.was.within(around) {
			out = append(out, e)
		}
	}
	return out
}

var reference = regexp.MustCompile(`#(/[^"'\s,}\]#]+)`)

// needed adds to edits what they refer to and the head does not have any more.
func (p *pair) needed(list []edit) []edit {
	for i := 0; i < len(list); i++ {
		was := list[i].was
		if was == nil {
			continue
		}
		for _, line := range p.base.lines[was.first-1 : was.last] {
			for _, m := range reference.FindAllStringSubmatch(line, -1) {
				var tokens []string
				for _, token := range strings.Split(m[1][1:], "/") {
					tokens = append(tokens, unescape.Replace(token))
				}
				meant := p.base.root.find(tokens...)
				for _, e := range p.edits {
					if meant != nil && e.was != nil && e.is == nil && meant.within(e.was) {
						list = merged(list, []edit{e})
					}
				}
			}
		}
	}
	return list
}

var unescape = strings.NewReplacer("~1", "/", "~0", "~", "%7B", "{", "%7D", "}")

func (e *entry) holds(line int) bool { return e.first <= line && line <= e.last }

// demands are the edits of the list of required names that stands beside the
// properties around an entry, as far as they are about one name.
func (p *pair) demands(e *entry, name string, side func(edit) *entry) []edit {
	for e != nil && (e.token != "properties" || e.parent == nil) {
		e = e.parent
	}
	if e == nil {
		return nil
	}
	required := e.parent.child("required")
	if required == nil {
		return nil
	}
	var out []edit
	for _, k := range p.edits {
		if at := side(k); at != nil && at.within(required) && (at == required || at.token == name) {
			out = append(out, k)
		}
	}
	return out
}

// small reads a file that is not too large.
func small(f fs.FS, name string) ([]byte, bool) {
	if info, err := fs.Stat(f, name); err != nil || info.Size() > maxFile {
		return nil, false
	}
	data, err := fs.ReadFile(f, name)
	return data, err == nil
}

// maxEdits bounds how much of a file may differ: beyond it nothing is small enough
// to be taken back by itself.
const maxEdits = 1000

// maxWhole is the length of an entry, in lines, all of whose edits are taken back
// for a change that none of them is at.
const maxWhole = 40

// inside are the edits in the smallest entry around a change that has any.
func (p *pair) inside(c *review.Change) []edit {
	if c.Head.Line == 0 {
		return nil
	}
	for around := p.head.root.at(c.Head.Line); around.parent != nil; around = around.parent {
		var out []edit
		for _, e := range p.edits {
			at := e.is
			if at == nil {
				at = e.under
			}
			if at.within(around) {
				out = append(out, e)
			}
		}
		if len(out) == 1 || len(out) > 0 && around.last-around.first < maxWhole {
			return out
		}
	}
	return nil
}
