package contract

import (
	"cmp"
	"fmt"
	"maps"
	"path"
	"regexp"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// bundle is a contract as one document, all of whose references are local.
type bundle struct {
	root       *value
	components map[string][]*target // by section, sorted by name
	complete   *value               // made by whole
}

// document reads the root of a contract and everything it refers to.
func (r *reader) document(root *node) *bundle {
	r.root = root.file
	version := root.get("openapi").source()
	r.v32 = version32.MatchString(version)
	r.v31 = r.v32 || version31.MatchString(version)
	rooted := r.rootComponents(root)
	doc := r.read(root, obj(documentObject), "", root.pos())
	for _, t := range rooted {
		t.value = doc.get("components").get(t.object.section).get(t.name)
	}
	for len(r.queue) > 0 {
		t := r.queue[0]
		r.queue = r.queue[1:]
		t.value = r.whole(t.node, t.object, last(t.pointer), t.node.pos())
	}
	r.zeroes()
	b := &bundle{root: doc, components: map[string][]*target{}}
	b.name(r, rooted)
	return b
}

// whole reads an object that references lead to. In OpenAPI 3.1 it may have a
// reference of its own among its fields.
func (r *reader) whole(n *node, o *object, name string, pos config.Pos) *value {
	if ref, ok := n.ref(); ok && r.v31 && o == schemaObject {
		return r.reference(n, ref, o, pos)
	}
	return r.fields(n, o, name, pos)
}

func last(tokens []string) string {
	if len(tokens) == 0 {
		return ""
	}
	return tokens[len(tokens)-1]
}

// rootComponents makes the root document's own components targets before
// anything refers to them, so that they keep their names.
func (r *reader) rootComponents(root *node) []*target {
	var out []*target
	components := r.through(root.get("components"))
	for _, o := range referable {
		section := r.through(components.get(o.section))
		if section == nil {
			continue
		}
		for i := range section.members {
			m := &section.members[i]
			if idle(m.value, o) {
				r.idle[m.value] = true
				continue
			}
			r.components[o.section+"/"+m.name] = true
			t := &target{object: o, node: m.value, name: m.name, root: true, holder: section, key: m}
			if key := (targetKey{o, m.value}); r.targets[key] == nil {
				r.targets[key] = t
				out = append(out, t)
			}
		}
	}
	return out
}

// through follows references that stand in place of a mapping.
func (r *reader) through(n *node) *node {
	for hops := 0; n != nil && hops < 16; hops++ {
		ref, ok := n.ref()
		if !ok {
			return n
		}
		n, _, _ = r.files.find(n.file, ref.text)
	}
	return nil
}

var componentName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
var notInName = regexp.MustCompile(`[^A-Za-z0-9._-]+`)

// name gives every component its name. The root document's own keep theirs.
// Others are called what they are called where they stand, with the file's
// name in front when that is not unique. The order in which they were found
// plays no part: a new reference renames nothing.
func (b *bundle) name(r *reader, rooted []*target) {
	taken := map[string]bool{}
	for _, t := range rooted {
		if t.value == nil {
			t.value = &value{kind: objectValue, object: t.object, pos: t.holder.keyPos(t.key), broken: true}
		}
		if to := t.value.ref; t.value.kind == refValue && !to.root {
			to.aliases = append(to.aliases, t)
		}
		taken[t.object.section+"/"+t.name] = true
	}
	for _, t := range rooted {
		if !componentName.MatchString(t.name) {
			fixed := unique(cmp.Or(strings.Trim(notInName.ReplaceAllString(t.name, "_"), "_"), "_"), t.object.section, taken)
			r.requirements(t, fixed)
			r.list.Repairable(ruleComponentName, t.holder.keyPos(t.key), fmt.Sprintf("%q is no name for a component; %s is used", t.name, fixed), "use letters, digits, '.', '-' and '_'", r.renaming(t, fixed))
			t.name = fixed
		}
		b.add(t)
	}

	var hoisted []*target
	for _, t := range slices.SortedFunc(maps.Values(r.targets), compareTargets) {
		if !t.root && !b.adopt(t) {
			hoisted = append(hoisted, t)
		}
	}
	for level := 0; len(hoisted) > 0; level++ {
		wanted := map[string]int{}
		for _, t := range hoisted {
			wanted[t.object.section+"/"+t.candidate(level)]++
		}
		var rest []*target
		for _, t := range hoisted {
			name := t.candidate(level)
			key := t.object.section + "/" + name
			switch {
			case level >= maxCandidate:
				name = unique(name, t.object.section, taken)
			case taken[key] || wanted[key] > 1:
				rest = append(rest, t)
				continue
			}
			taken[t.object.section+"/"+name] = true
			t.name = name
			b.add(t)
		}
		hoisted = rest
	}
	for _, ts := range b.components {
		slices.SortFunc(ts, func(a, b *target) int { return strings.Compare(a.name, b.name) })
	}
}

// requirements follow a security scheme that gets another name.
func (r *reader) requirements(t *target, name string) {
	if t.object.section != "securitySchemes" {
		return
	}
	for _, list := range r.security {
		for _, item := range list.items {
			for i := range item.fields {
				if item.fields[i].name == t.name {
					item.fields[i].name = name
					r.into[t.object.section+"/"+t.name] = true // a repair would leave it behind
				}
			}
			item.sort()
		}
	}
}

// renaming gives a component another name in the files, and in all references to
// it. It is nil where a reference leads into the component, past its name.
func (r *reader) renaming(t *target, name string) *diag.Fix {
	fix := t.holder.rename("call it "+name, t.key, name)
	if fix == nil || r.into[t.object.section+"/"+t.name] {
		return nil
	}
	seen := map[*node]bool{}
	for _, use := range t.uses {
		if seen[use] {
			continue
		}
		seen[use] = true
		base, _, _ := strings.Cut(use.text, "#")
		edit := use.file.rewrite("", use, quoted(base+"#/components/"+t.object.section+"/"+name))
		if edit == nil {
			return nil
		}
		fix.Edits = append(fix.Edits, edit.Edits...)
	}
	return fix
}

func (b *bundle) add(t *target) {
	b.components[t.object.section] = append(b.components[t.object.section], t)
}

// adopt puts t where a root component is nothing but a reference to it.
func (b *bundle) adopt(t *target) bool {
	if len(t.aliases) == 0 {
		return false
	}
	own := t.candidate(0)
	home := slices.MinFunc(t.aliases, func(a, b *target) int {
		if (a.name == own) != (b.name == own) {
			if a.name == own {
				return -1
			}
			return 1
		}
		return strings.Compare(a.name, b.name)
	})
	home.value, t.name = t.value, home.name
	return true
}

func compareTargets(a, b *target) int {
	return cmp.Or(
		strings.Compare(a.object.section, b.object.section), strings.Compare(a.node.file.name, b.node.file.name),
		cmp.Compare(a.node.line, b.node.line), cmp.Compare(a.node.col, b.node.col))
}

func unique(name, section string, taken map[string]bool) string {
	try := name
	for i := 2; taken[section+"/"+try]; i++ {
		try = fmt.Sprintf("%s_%d", name, i)
	}
	taken[section+"/"+try] = true
	return try
}

// structural are pointer tokens that say where something stands rather than
// what it is called.
var structural = []string{
	"components", "definitions", "paths", "properties", "content", "schema", "schemas", "parameters", "responses", "requestBodies",
	"headers", "examples", "links", "callbacks", "securitySchemes", "items", "allOf", "oneOf", "anyOf",
}

const maxCandidate = 2

// candidate is the name of a target at a level of effort: its own, with its
// file, with its file's path.
func (t *target) candidate(level int) string {
	file := t.node.file.name
	if i := strings.Index(file, "://"); i >= 0 {
		file = file[i+3:]
	}
	file = strings.TrimSuffix(file, path.Ext(file))
	stem := path.Base(file)
	if stem == "index" || stem == "openapi" {
		stem = path.Base(path.Dir(file))
	}
	var own []string
	if n := len(t.pointer); n > 0 {
		own = t.pointer
		if n >= 2 && slices.Contains(structural[:14], t.pointer[n-2]) && !slices.Contains(t.pointer[:n-1], "properties") && !slices.Contains(t.pointer, "paths") {
			own = t.pointer[n-1:]
		}
		own = slices.DeleteFunc(slices.Clone(own), func(s string) bool { return slices.Contains(structural, s) })
	}
	switch {
	case level == 0 && len(own) > 0:
	case level >= maxCandidate:
		own = append(strings.Split(file, "/"), own...)
	default:
		own = append([]string{stem}, own...)
	}
	return cmp.Or(strings.Trim(notInName.ReplaceAllString(strings.Join(own, "_"), "_"), "_"), "_")
}
