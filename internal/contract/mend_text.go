package contract

import "slices"

// mendText reads the values that a schema of text lists without quotes: as numbers
// and truth values they fit nothing, so that the text would be refused that is
// meant.
func (r *reader) mendText(v *value) {
	typ, enum := v.get("type"), v.get("enum")
	other := func(t *value) bool { return t.text != "string" && t.text != "null" }
	if typ == nil || typ.broken || enum == nil || typ.text != "string" && (len(typ.items) == 0 || slices.ContainsFunc(typ.items, other)) {
		return
	}
	bare := func(v *value) bool { return v.raw != nil && (v.raw.kind == numberNode || v.raw.kind == boolNode) }
	if !slices.ContainsFunc(enum.items, bare) {
		return
	}
	quote := func(name string, v *value) {
		if v != nil && bare(v) {
			v.raw = &node{kind: stringNode, text: r.text(v.raw, name, v.pos).text, file: v.raw.file, place: v.raw.place}
		}
	}
	for _, item := range enum.items {
		quote("enum", item)
	}
	quote("default", v.get("default"))
}
