package contract

import (
	"cmp"
	"fmt"
	"path"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// reference reads a Reference Object where the grammar allows one.
func (r *reader) reference(n, ref *node, o *object, pos config.Pos) *value {
	out := &value{kind: refValue, object: o, pos: pos, raw: ref}
	counts := r.v31 && o == schemaObject && slices.ContainsFunc(n.members, func(m member) bool { return constrains(m.name) })
	var ignored []string
	for i := range n.members {
		m := &n.members[i]
		switch {
		case m.name == "$ref" || counts:
		case strings.HasPrefix(m.name, "x-"), r.v31 && remarks(o, m.name):
			out.set(m.name, n.keyPos(m), &value{kind: rawValue, raw: m.value, pos: n.keyPos(m)})
		default:
			ignored = append(ignored, m.name)
		}
	}
	if len(ignored) > 0 {
		r.siblings(n, ref, o, ignored)
	}
	if out.ref = r.target(n, o); out.ref == nil {
		if stand := r.crossed(n, ref, o, pos); stand != nil {
			return stand
		}
		return r.dangling(ref, o, pos)
	}
	if !counts {
		return out
	}
	// In OpenAPI 3.1 what stands beside $ref holds as well.
	own := *n
	own.members = slices.DeleteFunc(slices.Clone(n.members), func(m member) bool { return m.name == "$ref" })
	beside := r.fields(&own, o, "$ref", pos)
	beside.pos = pos
	all := beside.get("allOf")
	if all == nil {
		all = &value{kind: listValue, pos: ref.pos()}
		beside.set("allOf", ref.pos(), all)
	}
	out.pos = ref.pos()
	all.items = append([]*value{out}, all.items...)
	if null := own.get("nullable"); null != nil && null.kind == boolNode && null.text == "true" {
		r.orNull(&own, beside, null.pos()) // it is said of what $ref leads to
	}
	return beside
}

// remarks reports whether a field may stand beside $ref in OpenAPI 3.1 and says
// nothing about values.
func remarks(o *object, name string) bool {
	if o != schemaObject {
		return name == "summary" || name == "description"
	}
	return slices.Contains([]string{"title", "description", "$comment", "example", "examples", "externalDocs"}, name)
}

// constrains reports whether a schema's keyword beside $ref does more than
// remark.
func constrains(name string) bool {
	return name != "$ref" && !strings.HasPrefix(name, "x-") && !remarks(schemaObject, name) && name != "summary"
}

// siblings reports what OpenAPI 3.0 ignores beside $ref.
func (r *reader) siblings(n, ref *node, o *object, ignored []string) {
	message := fmt.Sprintf("OpenAPI 3.0 ignores what stands beside $ref: %s", strings.Join(ignored, ", "))
	if r.v31 {
		message = fmt.Sprintf("nothing but summary and description may stand beside $ref here; ignored: %s", strings.Join(ignored, ", "))
	}
	if o != schemaObject || r.v31 {
		r.list.Warn(ruleRefSibling, ref.pos(), message, "")
		return
	}
	hint := "to keep them, write allOf: [$ref: ...] beside them"
	if null := n.get("nullable"); null != nil && null.text == "true" {
		hint = nullBranch(n, "{type: object, nullable: true, enum: [null]}")
		if len(ignored) > 1 {
			hint += "; the others can stand beside it"
		}
	}
	var fix *diag.Fix
	if !slices.ContainsFunc(ignored, func(name string) bool { return !slices.Contains(harmless, name) }) {
		m := n.member("$ref")
		key := "$ref"
		if rest := n.file.text(m.key.offset); len(rest) > 0 && rest[0] == '"' {
			fix = n.span("put $ref into allOf", m, `"allOf": [{"$ref": `+quoted(ref.text)+`}]`)
		} else {
			fix = n.span("put $ref into allOf", m, "allOf: [{"+key+": "+quoted(ref.text)+"}]")
		}
	}
	r.list.Repairable(ruleRefSibling, ref.pos(), message, hint, fix)
}

// harmless are fields that can begin to hold without a value being refused that
// was fine before.
var harmless = []string{"title", "description", "example", "deprecated", "externalDocs", "xml", "readOnly", "writeOnly"}

// target finds what a Reference Object leads to and has it read later. A
// component of the root document ends the search even where it is a reference
// itself, because its name means something to people.
func (r *reader) target(n *node, o *object) *target {
	if !r.ends(n) {
		return nil
	}
	for {
		ref, _ := n.ref()
		found, pointer, err := r.find(n, ref)
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
			if !r.akin(ref, found, section, o) {
				return nil
			}
		}
		if t := r.targets[targetKey{o, found}]; t != nil {
			if t.root && !componentName.MatchString(t.name) {
				t.uses = append(t.uses, ref)
			}
			return t
		}
		if _, again := found.ref(); again && !(r.v31 && o == schemaObject && len(found.members) > 1) {
			n = found
			continue
		}
		if found == found.file.root && found.get("openapi") != nil {
			r.list.Add(ruleRefKind, ref.pos(), fmt.Sprintf("$ref %q leads to a whole document, but %s is wanted here", ref.text, o.name), "")
			return nil
		}
		if found.kind != mapNode && !(r.v31 && o == schemaObject && found.kind == boolNode) {
			r.list.Add(ruleRefKind, ref.pos(), fmt.Sprintf("$ref %q leads to %s, but %s is wanted here", ref.text, found.kind, o.name), "")
			return nil
		}
		t := &target{object: o, node: found, pointer: pointer}
		r.targets[targetKey{o, found}] = t
		r.queue = append(r.queue, t)
		return t
	}
}

// likenesses are sections whose objects can be read as those of another: the
// fields that matter are the same.
var likenesses = map[*object][]string{
	responseObject: {"requestBodies"}, requestBodyObject: {"responses"}, headerObject: {"parameters"}, parameterObject: {"headers"},
}

// akin reports whether what stands in a section can be read as another kind of
// object, and says so. A schema in place of a message, and the other way round,
// is left to crossed.
func (r *reader) akin(ref, found *node, section string, o *object) bool {
	message := fmt.Sprintf("$ref %q leads to components/%s, but %s is wanted here", ref.text, section, o.name)
	switch {
	case slices.Contains(likenesses[o], section), misfiled(found, o):
		r.list.Warn(ruleRefKind, ref.pos(), message+"; it is read as one", "move it to components/"+o.section)
		return true
	case section == schemaObject.section && (o == responseObject || o == requestBodyObject), o == schemaObject && slices.Contains(messages, section):
		return false
	}
	r.list.Add(ruleRefKind, ref.pos(), message, "")
	return false
}

// misfiled reports whether a component is an object of another kind than its section
// is for: it has what only that kind has.
func misfiled(n *node, o *object) bool {
	switch o {
	case parameterObject:
		return n.get("name") != nil && n.get("in") != nil
	case exampleObject:
		return n.get("value") != nil || n.get("externalValue") != nil
	case responseObject, requestBodyObject:
		return n.get("content") != nil && n.get("type") == nil && n.get("properties") == nil
	}
	return false
}

// messages are sections of what has a schema for each media type.
var messages = []string{"responses", "requestBodies"}

// crossed reads a reference to a schema where a response or a request body is
// wanted as one whose JSON has that schema, and one to such a message where a
// schema is wanted as its schema; nil where neither is the case.
func (r *reader) crossed(n, ref *node, o *object, pos config.Pos) *value {
	if o == schemaObject {
		return r.messageSchema(n, ref, pos)
	}
	if o != responseObject && o != requestBodyObject {
		return nil
	}
	found, pointer, err := r.find(n, ref)
	if err != nil || found == nil || sectionOf(pointer) != schemaObject.section {
		return nil
	}
	r.list.Warn(ruleRefKind, ref.pos(), fmt.Sprintf("$ref %q leads to components/schemas, but %s is wanted here; it is read as the schema of its JSON", ref.text, o.name),
		"write content: {application/json: {schema: {$ref: ...}}}")
	out := &value{kind: objectValue, object: o, pos: pos}
	if o == responseObject {
		out.set("description", pos, textValueAt("", pos))
	}
	schema := r.read(n, obj(schemaObject), "schema", pos)
	if schema == nil {
		return nil
	}
	out.set("content", pos, contentOf("application/json", schema, pos))
	return out
}

// messageSchema reads the schema of the one media type of a message, or any
// value where it has none or several.
func (r *reader) messageSchema(n, ref *node, pos config.Pos) *value {
	found, pointer, err := r.find(n, ref)
	if err != nil || found == nil || !slices.Contains(messages, sectionOf(pointer)) {
		return nil
	}
	message := fmt.Sprintf("$ref %q leads to components/%s, but %s is wanted here", ref.text, sectionOf(pointer), schemaObject.name)
	const hint = "move the schema to components/schemas, and refer to it there and here"
	if content := found.get("content"); content != nil && content.kind == mapNode && len(content.members) == 1 && !r.inlining[found] {
		if schema := content.members[0].value.get("schema"); schema != nil {
			r.list.Warn(ruleRefKind, ref.pos(), message+"; it is read as the schema of its "+content.members[0].name, hint)
			r.inlining[found] = true
			defer delete(r.inlining, found)
			return r.read(schema, obj(schemaObject), "schema", pos)
		}
	}
	r.list.Warn(ruleRefKind, ref.pos(), message+"; any value is read", hint)
	return &value{kind: objectValue, object: schemaObject, pos: pos}
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

// maxHops bounds the references that lead to each other without anything else.
const maxHops = 1000

// ends reports whether following references from n comes to an end. A circle
// is reported at its first member in the order of files, and a chain that is too long
// once. What is known of a reference is kept: each may be one of a chain.
func (r *reader) ends(n *node) bool {
	var chain []*node
	place := map[*node]int{}
	hops, fine := 0, true
	for n != nil {
		ref, ok := n.ref()
		if !ok {
			break
		}
		if known, ok := r.hops[n]; ok {
			hops, fine = known, known > 0
			break
		}
		if at, again := place[n]; again {
			circle := chain[at:]
			first := slices.MinFunc(circle, func(a, b *node) int {
				return cmp.Or(cmp.Compare(a.file.name, b.file.name), cmp.Compare(a.line, b.line), cmp.Compare(a.col, b.col))
			})
			ref, _ = first.ref()
			r.list.Add(ruleRefCycle, ref.pos(), fmt.Sprintf("$ref %q leads back to itself through nothing but references", ref.text), "")
			fine = false
			break
		}
		place[n] = len(chain)
		chain = append(chain, n)
		next, _, err := r.find(n, ref)
		if err != nil {
			break // reported by whoever follows it for real
		}
		n = next
	}
	for _, one := range slices.Backward(chain) {
		if hops++; fine && hops > maxHops {
			ref, _ := one.ref()
			r.list.Add(ruleRefCycle, ref.pos(), fmt.Sprintf("$ref %q leads through more than %d references", ref.text, maxHops), "refer to what the last of them refers to")
			fine = false
		}
		r.hops[one] = hops
		if !fine {
			r.hops[one] = 0
		}
	}
	return fine
}

// inline reads what a reference leads to as if it stood here.
func (r *reader) inline(n, ref *node, read func(*node) *value) *value {
	if !r.ends(n) {
		return nil
	}
	found, _, err := r.find(n, ref)
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
		return r.dangling(ref, o, pos)
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
// it is a warning. Where it leads to nothing of use, and nothing of use for
// messages is wanted, it is left out.
func (r *reader) misplaced(n, ref *node, f *form, name string, pos config.Pos) *value {
	if f.idle() {
		found, _, err := r.find(n, ref)
		if err == nil && found != nil && f.kind == textForm && (found.kind == mapNode || found.kind == listNode) {
			if _, again := found.ref(); !again {
				err = &refError{message: fmt.Sprintf("$ref %q leads to %s, but text is wanted", ref.text, found.kind)}
			}
		}
		if err != nil {
			r.list.Warn(ruleRefPlace, ref.pos(), fmt.Sprintf("%s: OpenAPI allows no $ref here, and it is left out: %s", name, err.message), err.hint)
			return nil
		}
	}
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
	link := &node{kind: mapNode, file: n.file, place: n.place}
	written := n.text
	if !strings.ContainsAny(written, "#/") && path.Ext(written) == "" {
		if r.components["schemas/"+written] {
			link.file = r.root // a bare name is one of the document's, wherever it is used
		}
		written = "#/components/schemas/" + joinPointer([]string{written})
	}
	text := *n
	text.text = written
	link.members = []member{{name: "$ref", key: n.place, value: &text}}
	t := r.target(link, schemaObject)
	if t == nil {
		return &value{kind: rawValue, raw: n, broken: true}
	}
	return &value{kind: uriValue, ref: t, pos: pos}
}
