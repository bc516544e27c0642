package legacyproxy

import (
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/config"
)

// bodyFile is what becomes of a request's body: the word of a form, or a
// mapping.
type bodyFile struct {
	As     config.Value[string]             `yaml:"as"`
	Set    config.Map[constant]             `yaml:"set"`
	Rename config.Map[config.Value[string]] `yaml:"rename"`
	Drop   []config.Value[string]           `yaml:"drop"`
	Parts  config.Map[partFile]             `yaml:"parts"`
	pos    config.Pos
}

// UnmarshalConfig implements config.Unmarshaler.
func (b *bodyFile) UnmarshalConfig(n *config.Node) {
	b.pos = n.Pos()
	if n.Kind() == config.Scalar {
		n.Decode(&b.As)
		return
	}
	type plain bodyFile
	n.Decode((*plain)(b))
}

// constant is a value that is set: a text, or a literal of JSON.
type constant struct {
	text    config.Value[string]
	literal *tree
}

// UnmarshalConfig implements config.Unmarshaler.
func (c *constant) UnmarshalConfig(n *config.Node) {
	if text, ok := n.Literal(); ok {
		c.literal = &tree{kind: jsontext.Value(text).Kind()}
		if c.literal.kind == '0' {
			c.literal.text = text
		}
		return
	}
	n.Decode(&c.text)
}

// writable reports a name that forms cannot carry: each request would be refused
// for it.
func (p *parser) writable(path []string, form bodyForm, pos config.Pos) {
	if form != bodyURLEncoded && form != bodyMultipart {
		return
	}
	for depth, step := range path {
		if step != "" && !nameable(step, depth) { // "" is a place in a list, or said already
			p.faultOnce(pos, "write places in fields as meta[source] or tags[]", "body: a PHP form cannot carry the name %q", step)
		}
	}
}

// body compiles what becomes of bodies.
func (p *parser) body(f *bodyFile) bodyMapping {
	m := bodyMapping{form: bodyPass}
	if f == nil {
		return m
	}
	m.form = bodyForm(p.word(f.As, "body", string(bodyPass), string(bodyJSON), string(bodyURLEncoded), string(bodyMultipart)))
	m.parts = p.parts(f.Parts, m.form)
	names := rewriteFile{Rename: f.Rename, Drop: f.Drop}
	for _, e := range f.Set {
		names.Set = append(names.Set, config.Entry[config.Value[string]]{Key: e.Key, Pos: e.Pos, Value: e.Value.text})
	}
	key := func(name string) string { return strings.Join(formPath(name), "\x00") }
	some := p.names(&names, "body", key, func(name string) string {
		switch path := formPath(name); {
		case path == nil:
			return "PHP ignores a field without a name"
		case len(path) > maxPointer:
			return "it is nested too deep"
		}
		return ""
	})
	if some && m.form == bodyPass && (!f.As.Set() || f.As.V == string(bodyPass)) {
		p.fault(f.pos, "add as: json, urlencoded or multipart", "body: a body that passes as it came cannot be changed")
	}
	for _, e := range f.Set {
		s := bodySet{path: formPath(e.Key), literal: e.Value.literal}
		p.writable(s.path, m.form, e.Pos)
		if s.literal == nil {
			if s.text = p.template(e.Value.text, "body: set"); s.text == nil {
				continue
			}
		}
		m.set = append(m.set, s)
	}
	for _, e := range f.Rename {
		p.plainField(e.Key, e.Pos)
		p.plainField(e.Value.V, e.Value.Pos)
		p.writable([]string{e.Value.V}, m.form, e.Value.Pos)
		m.rename = append(m.rename, bodyRename{e.Key, e.Value.V})
	}
	for _, d := range f.Drop {
		p.plainField(d.V, d.Pos)
		m.drop = append(m.drop, d.V)
	}
	return m
}

// plainField refuses a name with brackets where whole fields are meant.
func (p *parser) plainField(name string, pos config.Pos) {
	if strings.ContainsAny(name, "[]") {
		p.fault(pos, "name the field alone", "body: %q is a place within a field", name)
	}
}
