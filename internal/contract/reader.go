package contract

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// reader walks the source files along the grammar and builds the bundled
// document. It keeps going after a finding, so that all of them come at once.
type reader struct {
	files   *files
	list    *diag.List
	targets map[targetKey]*target
	queue   []*target // found, not read yet
	values  int
	// inlining holds what is being read in place of a reference.
	inlining map[*node]bool
	patterns map[string]bool // of schemas, which ECMA-262 has as they are
	root     *file
	// components are the root document's own, as "schemas/User".
	components map[string]bool
	idle       map[*node]bool // components that are none, see stray
	security   []*value       // lists of requirements, which name schemes
	full       bool
	v31        bool // the document is OpenAPI 3.1 or later
	v32        bool
	found      map[sourceRef]*finding
	anchors    map[*file]map[string]*node
	asText     map[*node]bool  // numbers and the like that are read as text
	hops       map[*node]int   // from a reference to what it leads to; 0 where it leads nowhere
	into       map[string]bool // components that references lead into, as "schemas/User"
	title      string          // of a document that has none
	// blank are references, by place, to what is no schema and cannot be had; odd is
	// what stands at places where something else is wanted.
	blank map[config.Pos]bool
	odd   map[config.Pos]string
}

type targetKey struct {
	object *object
	node   *node
}

func newReader(fs *files, list *diag.List) *reader {
	return &reader{
		files: fs, list: list, targets: map[targetKey]*target{}, inlining: map[*node]bool{}, components: map[string]bool{},
		found: map[sourceRef]*finding{}, into: map[string]bool{}, patterns: map[string]bool{}, anchors: map[*file]map[string]*node{}, idle: map[*node]bool{}, hops: map[*node]int{}, asText: map[*node]bool{},
	}
}

// read turns a value of a source file into one of the document. The place is
// that of its key. It returns nil for what cannot be used, after a finding.
func (r *reader) read(n *node, f *form, name string, pos config.Pos) *value {
	if r.values++; r.values > maxNodes {
		if !r.full {
			r.full = true
			r.list.Add(ruleSyntax, pos, fmt.Sprintf("the contract grows to more than %d values", maxNodes), "use fewer aliases and references")
		}
		return nil
	}
	if f.kind != anyForm && f.kind != objectForm && f.kind != boolOrSchemaForm {
		if ref, ok := n.ref(); ok {
			return r.misplaced(n, ref, f, name, pos)
		}
	}
	switch f.kind {
	case anyForm:
		return &value{kind: rawValue, raw: n, pos: pos}
	case textForm:
		return r.text(n, name, pos)
	case boolForm, numberForm, countForm:
		return r.scalar(n, f, name, pos)
	case typesForm:
		return r.types(n, name, pos)
	case listForm:
		return r.listOf(n, f, name, pos)
	case mapForm:
		return r.mapOf(n, f, name, pos)
	case boolOrSchemaForm:
		if n.kind == boolNode {
			return &value{kind: rawValue, raw: n, pos: pos}
		}
	case schemaURIForm:
		return r.schemaURI(n, name, pos)
	}
	return r.objectOf(n, f.object, name, pos)
}

func (r *reader) wrong(n *node, name, want string) *value {
	hint := ""
	if n.kind == stringNode && plainly(n.text) == want {
		hint = "remove the quotes"
	}
	r.misread(n)
	r.list.Add(ruleWrongType, n.pos(), fmt.Sprintf("%s: want %s, found %s", name, want, n.kind), hint)
	return &value{kind: rawValue, raw: n, broken: true}
}

// unquote is wrong for text that holds plainly what is wanted: it is taken, with
// a warning.
func (r *reader) unquote(n *node, name, want string, kind nodeKind) (*node, bool) {
	if n.kind != stringNode || plainly(n.text) != want && !(want == "a number" && plainly(n.text) == "a whole number") {
		return n, false
	}
	bare := *n
	bare.kind = kind
	r.list.Repairable(ruleWrongType, n.pos(), fmt.Sprintf("%s: want %s, found text; %s is read", name, want, n.text), "remove the quotes", n.file.rewrite("remove the quotes of "+n.text, n, n.text))
	return &bare, true
}

// plainly is what a text would be without its quotes.
func plainly(text string) string {
	switch _, err := strconv.ParseFloat(text, 64); { // beyond its bounds nothing is plain
	case text == "true" || text == "false":
		return "true or false"
	case err != nil || strings.IndexByte("-0123456789", text[0]) < 0 || !json.Valid([]byte(text)) || strings.TrimSpace(text) != text:
		return ""
	case strings.Trim(text, "0123456789") == "":
		return "a whole number"
	}
	return "a number"
}

func (r *reader) text(n *node, name string, pos config.Pos) *value {
	switch n.kind {
	case stringNode:
	case numberNode, boolNode:
		r.asText[n] = true
		r.list.Repairable(ruleUnquoted, n.pos(), fmt.Sprintf("%s: %s is read as text", name, n.source()), fmt.Sprintf("write it in quotes: %q", n.source()),
			n.file.rewrite("write "+n.source()+" in quotes", n, quoted(n.source())))
		return &value{kind: textValue, text: n.source(), pos: pos}
	case nullNode:
		return &value{kind: textValue, pos: pos}
	default:
		if r.remark(n, name) {
			return &value{kind: textValue, pos: pos}
		}
		return r.wrong(n, name, "text")
	}
	return &value{kind: textValue, text: n.text, pos: pos}
}

func (r *reader) scalar(n *node, f *form, name string, pos config.Pos) *value {
	switch f.kind {
	case boolForm:
		n, _ = r.unquote(n, name, "true or false", boolNode)
		if n.kind != boolNode {
			return r.wrong(n, name, "true or false")
		}
	case numberForm:
		n, _ = r.unquote(n, name, "a number", numberNode)
		if x, err := strconv.ParseFloat(n.text, 64); n.kind != numberNode || err != nil || math.IsInf(x, 0) {
			return r.wrong(n, name, "a number")
		}
	case countForm:
		n, _ = r.unquote(n, name, "a whole number", numberNode)
		x, err := strconv.ParseFloat(n.text, 64)
		if n.kind != numberNode || err != nil || x < 0 || x != math.Trunc(x) || x > 1<<53 {
			return r.wrong(n, name, "a whole number")
		}
		if _, err := strconv.ParseUint(n.text, 10, 64); err != nil { // 1.0 or 1e3
			whole := *n
			whole.text = strconv.FormatUint(uint64(x), 10)
			n = &whole
		}
	}
	return &value{kind: rawValue, raw: n, pos: pos}
}

func (r *reader) listOf(n *node, f *form, name string, pos config.Pos) *value {
	out := &value{kind: listValue, pos: pos}
	switch n.kind {
	case nullNode:
		return out
	case listNode:
	case mapNode:
		if f.elem.kind != objectForm {
			return r.wrong(n, name, "a list")
		}
		r.list.Warn(ruleWrongType, n.pos(), name+": want a list, found a mapping; it is read as a list of one", "write it as a list")
		if v := r.read(n, f.elem, name+"[0]", n.pos()); v != nil {
			out.items = []*value{v}
		}
		return out
	case stringNode:
		if f.elem.kind != textForm {
			return r.wrong(n, name, "a list")
		}
		r.list.Repairable(ruleWrongType, n.pos(), name+": want a list, found text; it is read as a list of one", "write it in brackets",
			n.file.rewrite("write "+name+" as a list", n, "["+quoted(n.text)+"]"))
		out.items = []*value{{kind: textValue, text: n.text, pos: pos}}
		return out
	default:
		return r.wrong(n, name, "a list")
	}
	out.items = make([]*value, 0, len(n.items))
	for i, item := range n.items {
		if v := r.read(item, f.elem, name+"["+strconv.Itoa(i)+"]", item.pos()); v != nil {
			out.items = append(out.items, v)
		}
	}
	return out
}

func (r *reader) mapOf(n *node, f *form, name string, pos config.Pos) *value {
	out := &value{kind: mapValue, pos: pos}
	switch n.kind {
	case nullNode:
		return out
	case mapNode:
	default:
		return r.wrong(n, name, "a mapping")
	}
	out.fields = make([]valueField, 0, len(n.members))
	for i := range n.members {
		m := &n.members[i]
		if f.elem.kind == textForm && r.wordless(m) {
			out.fields = append(out.fields, valueField{m.name, n.keyPos(m), textValueAt("", m.value.pos())})
			continue
		}
		if f.elem.kind == objectForm && r.stray(m, f.elem.object, name) {
			continue
		}
		if v := r.read(m.value, f.elem, m.name, n.keyPos(m)); v != nil {
			out.fields = append(out.fields, valueField{m.name, n.keyPos(m), v})
		}
	}
	out.sort()
	return out
}

// objectOf reads an object, or the reference that stands for one.
func (r *reader) objectOf(n *node, o *object, name string, pos config.Pos) *value {
	if ref, ok := n.ref(); ok {
		switch {
		case o.section != "":
			return r.reference(n, ref, o, pos)
		case o == mediaTypeObject && r.v32:
			return r.inline(n, ref, func(found *node) *value { return r.objectOf(found, o, name, pos) })
		case o.inlined:
			return r.inlineObject(n, ref, o, name, pos)
		}
		return r.misplaced(n, ref, obj(o), name, pos)
	}
	return r.fields(n, o, name, pos)
}

func (r *reader) fields(n *node, o *object, name string, pos config.Pos) *value {
	out := &value{kind: objectValue, object: o, pos: pos, raw: n}
	if o == schemaObject && n.kind == boolNode && r.v31 {
		out.never = n.text != "true"
		return out
	}
	if n.kind != mapNode && n.kind != nullNode {
		return r.wrong(n, name, "a mapping ("+o.name+")")
	}
	out.fields = make([]valueField, 0, len(n.members))
	for i := range n.members {
		m := &n.members[i]
		f, known := o.field(m.name, r.v31)
		key := m.name
		if o == schemaObject && r.dropped(m.name) || r.special(n, m, o, out) {
			continue
		}
		switch {
		case known && m.value.kind == nullNode && f.form.kind != anyForm: // "description:" with nothing after it
			continue
		case known:
		case strings.HasPrefix(m.name, "x-"):
			f.form = anything
		case o.rest != nil && o.free(m.name):
			f.form = o.rest
		case r.only32(n, m, o):
			continue
		default:
			if key, f = r.unknown(n, m, o); f.form == nil {
				continue
			}
		}
		v := r.read(m.value, f.form, m.name, n.keyPos(m))
		switch {
		case o == schemaObject && key == "pattern":
			v = r.mendPattern(m.value, v)
		case o == schemaObject && key == "patternProperties" && v != nil:
			r.mendPatterns(m.value, v)
		}
		if v != nil {
			out.fields = append(out.fields, valueField{key, n.keyPos(m), v})
			if key == "security" && o != schemaObject && v.kind == listValue {
				r.security = append(r.security, v)
			}
		}
	}
	out.sort()
	r.mend(n, out, name)
	needs := o.needs
	if r.v31 {
		needs = o.needs31
	}
	for _, field := range needs {
		if out.field(field) == nil {
			r.missing(n, out, field, name)
		}
	}
	return out
}
