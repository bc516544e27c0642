package narrow

import (
	"cmp"
	"maps"
	"regexp"
	"slices"
	"strings"
)

// Stems returns what each name starts with that a generator may make of a part of a
// document in a scope that all parts share. Sections are those of components, or
// "paths", where the name is an operationId; the text is the part's own.
type Stems func(section, name string, text []byte) []string

// named is what is known about the names that a generator makes.
type named struct {
	stems Stems
	// parts goes from stems to the parts that have them.
	parts map[string][]string
	// settled are the kept parts that have been looked at, merging those that are
	// known to take over what others hold, or not to.
	settled, merging map[string]bool
}

// KeepNamed keeps the parts as well that decide how a generator calls what is kept,
// so that it gives the same names as for the whole documents: what may collide with
// the parts that are kept, what comes first among those who share something without
// a name of its own, and one operation for each way to be let in. KeepNames has to be
// asked about the names that come of it.
func (n *Narrowed) KeepNamed(stems Stems) {
	n.names = &named{stems: stems, parts: map[string][]string{}, settled: map[string]bool{}, merging: map[string]bool{}}
	for key := range n.base.parts {
		if n.unchanged(key) { // the others are kept as they are
			for _, stem := range n.stemsOf(n.base, key) {
				n.names.parts[stem] = append(n.names.parts[stem], key)
			}
		}
	}
	n.keepSecurity()
	n.settle()
}

// KeepNames keeps the parts, too, that may want one of the names that were given out
// for what is kept on either side. It reports whether there were any: then the names
// may be other ones now.
func (n *Narrowed) KeepNames(taken []string) (more bool) {
	before := len(n.keep)
	for _, name := range taken {
		n.collide(name)
	}
	if len(n.keep) == before {
		return false
	}
	n.settle()
	return true
}

// settle keeps what the parts that are kept call for.
func (n *Narrowed) settle() {
	for len(n.names.settled) < len(n.keep) {
		for _, key := range slices.Collect(maps.Keys(n.keep)) {
			if n.names.settled[key] {
				continue
			}
			n.names.settled[key] = true
			for _, o := range []*outline{n.base, n.head} {
				for _, stem := range n.stemsOf(o, key) {
					n.collide(stem)
				}
			}
			switch sectionOf(key) {
			case "schemas":
				n.keepComposed(key)
			case "responses":
				n.keepFirst(key)
			case "parameters", "headers", "requestBodies", "callbacks":
				if n.has(key, inside) {
					n.keepFirst(key)
				}
			}
		}
	}
}

// collide keeps the parts whose names may be this one: all that they are called
// starts with their stems.
func (n *Narrowed) collide(name string) {
	for end := 1; end <= len(name); end++ {
		n.add(n.names.parts[name[:end]]...)
	}
}

func (n *Narrowed) stemsOf(o *outline, key string) (out []string) {
	p := o.parts[key]
	if p == nil {
		return nil
	}
	section, name, _ := strings.Cut(key, "/")
	if section != "paths" {
		return n.names.stems(section, name, o.text[p.from:p.to])
	}
	for _, op := range o.operations[key] {
		out = append(out, n.names.stems(section, op.id, o.text[p.from:p.to])...)
	}
	return out
}

// keepSecurity keeps a path for each thing that operations which are left out say
// about security: the schemes that are asked for anywhere have names, too.
func (n *Narrowed) keepSecurity() {
	first := map[uint64]string{}
	for key, ops := range n.base.operations {
		if !n.unchanged(key) {
			continue
		}
		for _, op := range ops {
			old, taken := first[op.security]
			if !taken || cmp.Or(compareBool(n.keep[old], n.keep[key]), strings.Compare(key, old)) < 0 {
				first[op.security] = key
			}
		}
	}
	for _, key := range first {
		n.add(key)
	}
}

// compareBool orders true after false.
func compareBool(a, b bool) int {
	switch {
	case a == b:
		return 0
	case b:
		return -1
	}
	return 1
}

// keepComposed keeps the schemas that are put together of one that has schemas
// inside: whoever comes first names those.
func (n *Narrowed) keepComposed(key string) {
	if !n.has(key, inside) {
		return
	}
	for _, holder := range n.holders[key] {
		if n.keep[holder] || sectionOf(holder) != "schemas" {
			continue
		}
		merging, known := n.names.merging[holder]
		if !known {
			merging = n.has(holder, composed)
			n.names.merging[holder] = merging
		}
		if merging {
			n.add(holder)
		}
	}
}

// keepFirst keeps whoever may be the first to use a component: what is in it has a
// type where somebody uses it, and a name after the first who does.
func (n *Narrowed) keepFirst(key string) {
	seen := map[string]bool{key: true}
	for queue := []string{key}; len(queue) > 0; {
		at := queue[0]
		queue = queue[1:]
		var paths []string
		for _, holder := range n.holders[at] {
			switch {
			case sectionOf(holder) == "paths":
				paths = append(paths, holder)
			case !seen[holder]:
				seen[holder] = true
				n.add(holder)
				queue = append(queue, holder)
			}
		}
		n.keepFirstPaths(paths)
	}
}

// keepFirstPaths keeps those of some paths that the first operation of all may be in.
// Operations go by their operationIds, and callbacks come after all of them.
func (n *Narrowed) keepFirstPaths(paths []string) {
	least := map[string]string{}
	bound, bounded := "", false // one that uses it at the latest
	for _, key := range paths {
		ops := n.base.operations[key]
		if len(ops) == 0 || !n.unchanged(key) {
			continue
		}
		byID := func(a, b operation) int { return strings.Compare(a.id, b.id) }
		least[key] = slices.MinFunc(ops, byID).id
		if most := slices.MaxFunc(ops, byID).id; !n.has(key, callbacks) && (!bounded || most < bound) {
			bound, bounded = most, true
		}
	}
	for key, id := range least {
		if !bounded || id <= bound {
			n.add(key)
		}
	}
}

var (
	// inside tells that a part may hold a schema that a generator names.
	inside = regexp.MustCompile(`(?:enum|const|[pP]roperties|prefixItems|oneOf|anyOf|allOf|then|else|[sS]chemas)["']?\s*:|type["']?\s*:\s*[\[\-]|` + escaped)
	// composed tells that a schema may take over what others hold.
	composed  = regexp.MustCompile(`(?:oneOf|anyOf|allOf|then|else|dependentSchemas)["']?\s*:|` + escaped)
	callbacks = regexp.MustCompile(`callbacks["']?\s*:|` + escaped)
)

// escaped is a letter of a name that nobody writes so: what it says is not looked at.
const escaped = `\\u00[4-7]`

// has reports whether the text of a part has a word in it, on either side.
func (n *Narrowed) has(key string, word *regexp.Regexp) bool {
	for _, o := range []*outline{n.base, n.head} {
		if p := o.parts[key]; p != nil && word.Match(o.text[p.from:p.to]) {
			return true
		}
	}
	return false
}
