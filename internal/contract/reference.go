package contract

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// reference reads a Reference Object where the grammar allows one.
func (r *reader) reference(n, ref *node, o *object, pos config.Pos) *value {
	out := &value{kind: refValue, object: o, pos: pos}
	var ignored []string
	for i := range n.members {
		m := &n.members[i]
		switch {
		case m.name == "$ref":
		case strings.HasPrefix(m.name, "x-"):
			out.set(m.name, n.keyPos(m), &value{kind: rawValue, raw: m.value, pos: n.keyPos(m)})
		default:
			ignored = append(ignored, m.name)
		}
	}
	if len(ignored) > 0 {
		hint := ""
		if o == schemaObject {
			hint = "to keep them, write allOf: [$ref: ...] beside them"
		}
		r.list.Warn(ruleRefSibling, ref.pos(), fmt.Sprintf("OpenAPI 3.0 ignores what stands beside $ref: %s", strings.Join(ignored, ", ")), hint)
	}
	if out.ref = r.target(n, o); out.ref == nil {
		return &value{kind: objectValue, object: o, pos: pos, broken: true}
	}
	return out
}

// target finds what a Reference Object leads to and has it read later. A
// component of the root document ends the search even where it is a reference
// itself, because its name means something to people.
func (r *reader) target(n *node, o *object) *target {
	if !r.ends(n) {
		return nil
	}
	for {
		ref, _ := n.ref()
		found, pointer, err := r.files.find(n.file, ref.text)
		if err != nil {
			if r.components[o.section+"/"+ref.text] {
				err.hint = fmt.Sprintf("did you mean %q?", "#/components/"+o.section+"/"+ref.text)
			}
			r.list.Add(err.rule, ref.pos(), err.message, err.hint)
			return nil
		}
		if found == nil {
			return nil // the file's own fault is reported
		}
		if section := sectionOf(pointer); section != "" && section != o.section {
			r.list.Add(ruleRefKind, ref.pos(), fmt.Sprintf("$ref %q leads to components/%s, but %s is wanted here", ref.text, section, o.name), "")
			return nil
		}
		if t := r.targets[targetKey{o, found}]; t != nil {
			return t
		}
		if _, again := found.ref(); again {
			n = found
			continue
		}
		if found == found.file.root && found.get("openapi") != nil {
			r.list.Add(ruleRefKind, ref.pos(), fmt.Sprintf("$ref %q leads to a whole document, but %s is wanted here", ref.text, o.name), "")
			return nil
		}
		if found.kind != mapNode {
			r.list.Add(ruleRefKind, ref.pos(), fmt.Sprintf("$ref %q leads to %s, but %s is wanted here", ref.text, found.kind, o.name), "")
			return nil
		}
		t := &target{object: o, node: found, pointer: pointer}
		r.targets[targetKey{o, found}] = t
		r.queue = append(r.queue, t)
		return t
	}
}

// sectionOf returns the section that a pointer of a whole document names.
func sectionOf(pointer []string) string {
	if len(pointer) == 3 && pointer[0] == "components" {
		for _, o := range referable {
			if o.section == pointer[1] {
				return o.section
			}
		}
	}
	return ""
}

// ends reports whether following references from n comes to an end. A circle
// is reported at its first member in the order of files.
func (r *reader) ends(n *node) bool {
	var chain []*node
	for n != nil {
		ref, ok := n.ref()
		if !ok {
			return true
		}
		if at := slices.Index(chain, n); at >= 0 {
			circle := chain[at:]
			first := slices.MinFunc(circle, func(a, b *node) int {
				return cmp.Or(cmp.Compare(a.file.name, b.file.name), cmp.Compare(a.line, b.line), cmp.Compare(a.col, b.col))
			})
			ref, _ = first.ref()
			r.list.Add(ruleRefCycle, ref.pos(), fmt.Sprintf("$ref %q leads back to itself through nothing but references", ref.text), "")
			return false
		}
		if chain = append(chain, n); len(chain) > 1000 {
			r.list.Add(ruleRefCycle, ref.pos(), fmt.Sprintf("$ref %q leads through more than 1000 references", ref.text), "")
			return false
		}
		next, _, err := r.files.find(n.file, ref.text)
		if err != nil {
			return true // reported by whoever follows it for real
		}
		n = next
	}
	return true
}

// inline reads what a reference leads to as if it stood here.
func (r *reader) inline(n, ref *node, read func(*node) *value) *value {
	if !r.ends(n) {
		return nil
	}
	found, _, err := r.files.find(n.file, ref.text)
	switch {
	case err != nil:
		r.list.Add(err.rule, ref.pos(), err.message, err.hint)
		return nil
	case found == nil:
		return nil
	case r.inlining[found] || len(r.inlining) > 32:
		r.list.Add(ruleRefCycle, ref.pos(), fmt.Sprintf("$ref %q leads back to a place around it", ref.text), "")
		return nil
	}
	r.inlining[found] = true
	defer delete(r.inlining, found)
	return read(found)
}

// inlineObject reads a path's $ref, beside which other fields may stand
// (OpenAPI 3.0.3, section 4.7.9).
func (r *reader) inlineObject(n, ref *node, o *object, name string, pos config.Pos) *value {
	out := r.inline(n, ref, func(found *node) *value { return r.objectOf(found, o, name, pos) })
	if out == nil {
		return &value{kind: objectValue, object: o, pos: pos, broken: true}
	}
	if len(n.members) == 1 {
		return out
	}
	own := *n
	own.members = slices.DeleteFunc(slices.Clone(n.members), func(m member) bool { return m.name == "$ref" })
	for _, f := range r.fields(&own, o, name, pos).fields {
		if out.field(f.name) != nil {
			r.list.Add(ruleRefSibling, f.pos, fmt.Sprintf("%s stands here and in what $ref leads to", f.name), "keep one of them")
			continue
		}
		out.set(f.name, f.pos, f.value)
	}
	return out
}

// misplaced reads a $ref where OpenAPI allows none. What is meant is plain, so
// it is a warning.
func (r *reader) misplaced(n, ref *node, f *form, name string, pos config.Pos) *value {
	r.list.Warn(ruleRefPlace, ref.pos(), fmt.Sprintf("%s: OpenAPI allows no $ref here; it is read as if its contents stood here", name), "")
	v := r.inline(n, ref, func(found *node) *value { return r.read(found, f, name, pos) })
	if v == nil {
		v = &value{kind: rawValue, raw: n, broken: true}
	}
	return v
}

// schemaURI reads a value of a discriminator's mapping: the name of a schema
// or a reference to one (OpenAPI 3.0.3, section 4.7.25).
func (r *reader) schemaURI(n *node, name string, pos config.Pos) *value {
	if n.kind != stringNode {
		return r.wrong(n, name, "the name of a schema")
	}
	link := &node{kind: mapNode, file: n.file, line: n.line, col: n.col}
	written := n.text
	if !strings.ContainsAny(written, "#/") && path.Ext(written) == "" {
		if r.components["schemas/"+written] {
			link.file = r.root // a bare name is one of the document's, wherever it is used
		}
		written = "#/components/schemas/" + joinPointer([]string{written})
	}
	text := *n
	text.text = written
	link.members = []member{{name: "$ref", line: n.line, col: n.col, value: &text}}
	t := r.target(link, schemaObject)
	if t == nil {
		return &value{kind: rawValue, raw: n, broken: true}
	}
	return &value{kind: uriValue, ref: t, pos: pos}
}
