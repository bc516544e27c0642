package goserver

import (
	"cmp"
	"fmt"
	"math"
	"slices"
	"strconv"
	"strings"
)

// typeFiles prints the declared types, each with its methods and constants, by
// name. Accessors keep the names that oapi-codegen's users know.
func typeFiles(v *serviceView) map[string][]byte {
	e := &emitter{}
	for _, d := range sortedDecls(v.Decls) {
		e.decl(d)
	}
	known := goImports(v.Imports)
	out := map[string][]byte{}
	for name, chunks := range files("types", e.chunks) {
		out[name] = source(v.Header, v.Package, known, chunks)
	}
	return out
}

// origin says where a type comes from, or nothing when it is called as its schema
// is, or after the place of one that has no name.
func (d *decl) origin() string {
	if d.source == "" || d.source == d.name {
		return ""
	}
	return "the schema " + strconv.Quote(d.source) + " of the contract"
}

func (e *emitter) decl(d *decl) {
	text := d.doc
	if d.object != nil && len(d.object.variants) > 0 {
		text = d.says(text, "is one of: "+strings.Join(d.object.variants, ", ")+
			". The As methods read it as one, the From methods set it to one, the Merge methods lay the members of one over it."+told(d.object))
	}
	if d.object != nil && d.object.tuple != nil {
		text = d.says(text, "is a list in JSON, with the fields as its items.")
	}
	if d.deprecated {
		reason, _ := d.extensions["x-deprecated-reason"].(string)
		if text == "" {
			text = d.name + " is out of use."
		}
		text += "\n\n" + deprecation(reason)
	}
	e.doc(d.name, text, d.origin())
	switch {
	case d.alias != nil:
		e.printf("type %s = %s\n", d.name, e.expr(d.alias.expr))
	case d.elem != nil:
		e.printf("type %s []%s\n", d.name, e.expr(d.elem.item()))
	case d.value != nil:
		e.printf("type %s map[string]%s\n", d.name, e.expr(d.value.item()))
	case d.enum != nil:
		e.printf("type %s %s\n", d.name, d.enum.base)
		e.constants(d)
	default:
		e.structure(d)
	}
	e.end(d.name)
}

// says adds to what is said of a type.
func (d *decl) says(text, what string) string {
	if text != "" {
		return text + "\n\nIt " + what
	}
	if from := d.origin(); from != "" {
		return d.name + " is " + from + ".\n\nIt " + what
	}
	return d.name + " " + what
}

func deprecation(reason string) string {
	if lines := commentLines(reason); len(lines) > 0 {
		return "Deprecated: " + strings.Join(lines, " ")
	}
	return "Deprecated: the contract marks it as deprecated."
}

// constants prints the values of an enum, in the order of the contract.
func (e *emitter) constants(d *decl) {
	if len(d.enum.values) == 0 {
		return
	}
	names := make([]string, len(d.enum.values))
	width := 0
	for i, v := range d.enum.values {
		names[i] = v.name
		width = max(width, len([]rune(v.name)))
	}
	if len(names) == 1 {
		e.printf("\nconst %s %s = %s\n", names[0], d.name, d.enum.values[0].literal)
	} else {
		e.WriteString("\nconst (\n")
		for _, v := range d.enum.values {
			e.printf("\t%s %s = %s\n", pad(v.name, width), d.name, v.literal)
		}
		e.WriteString(")\n")
	}
	e.WriteString("\n")
	// Of the base type, so that all enums share one function: to compile it for
	// each costs more than all else of an enum.
	literals := make([]string, len(names))
	for i, v := range d.enum.values {
		literals[i] = v.literal
	}
	e.functions(function{"func (v " + d.name + ") Valid() bool", []string{"return " + e.use("wire") + ".Listed(" + d.enum.base + "(v), " + wrapped(literals, "\t\t") + ")"}})
}

// wrapped lists expressions, as many on a line as are read at a glance.
func wrapped(list []string, indent string) string {
	const width = 120
	var b strings.Builder
	column := 0
	for i, item := range list {
		switch {
		case i == 0:
		case column+len(item) > width:
			b.WriteString(",\n" + indent)
			column = 0
		default:
			b.WriteString(", ")
			column += 2
		}
		b.WriteString(item)
		column += len(item)
	}
	return b.String()
}

// told says what the methods of a union return that no variant is named in.
func told(o *structDecl) string {
	if o.discriminator == "" {
		return " Value returns the one that it fits best, or else json.RawMessage."
	}
	return " ValueByDiscriminator and Value return the one that " + strings.Join(strings.Fields(o.discriminator), " ") +
		" names; where the contract does not have the name, that is a *wire.UnknownVariant or json.RawMessage."
}

// structure prints a struct, or a union of types.
func (e *emitter) structure(d *decl) {
	o := d.object
	if o.tuple != nil {
		e.tuple(d)
		return
	}
	fields := slices.Clone(o.fields)
	slices.SortStableFunc(fields, func(a, b fieldDecl) int {
		return cmp.Or(cmp.Compare(a.order(), b.order()), strings.Compare(a.json, b.json))
	})
	rows := make([]row, 0, len(fields)+2)
	for _, f := range fields {
		rows = append(rows, f.row())
	}
	if o.rest != nil {
		tags := map[string]string{"json": "-"}
		if o.restTag != "" {
			tags["validate"] = o.restTag
		}
		rows = append(rows, row{name: "AdditionalProperties", typ: "map[string]" + o.rest.item(), tags: tagText(tags)})
	}
	if len(o.variants) > 0 {
		union := row{name: "raw", typ: "wire.Union"}
		if len(o.marks) > 0 {
			union.tags = tagText(map[string]string{"wire": strings.Join(o.marks, ",")})
		}
		rows = append(rows, union)
	}
	switch {
	case len(rows) == 0:
		e.printf("type %s struct {\n}\n", d.name)
	case len(o.variants) > 0 && len(rows) == 1 && rows[0].tags == "":
		e.printf("type %s struct{ raw %s.Union }\n", d.name, e.use("wire"))
	default:
		e.printf("type %s struct {\n", d.name)
		e.rows(rows)
		e.WriteString("}\n")
	}
	if len(o.variants) > 0 {
		e.union(d)
	}
	if o.rest != nil {
		e.additional(d)
	}
}

// row lays a field out.
func (f *fieldDecl) row() row {
	r := row{name: f.name, comment: commentLines(f.doc)}
	if f.deprecated {
		reason, _ := f.extensions["x-deprecated-reason"].(string)
		if len(r.comment) > 0 {
			r.comment = append(r.comment, "")
		}
		r.comment = append(r.comment, deprecation(reason))
	}
	expr, omit := f.typ.field(f.required)
	if f.pointer {
		expr = "*" + f.typ.expr
	}
	r.typ = expr
	tags := map[string]string{"json": f.json}
	if omit != "" {
		tags["json"] += "," + omit
	}
	if tag := f.wireTag(); tag != "" {
		tags["wire"] = tag
	}
	if ignored, _ := f.extensions["x-go-json-ignore"].(bool); ignored {
		tags["json"] = "-"
	}
	if extra, ok := f.extensions[extraTags].(map[string]any); ok {
		for _, key := range sortedKeys(extra) {
			tags[key] = fmt.Sprint(extra[key])
		}
	}
	r.tags = tagText(tags)
	return r
}

// order is the place that x-order asks for.
func (f *fieldDecl) order() float64 {
	if n, ok := f.extensions["x-order"].(interface{ Float64() (float64, error) }); ok {
		if v, err := n.Float64(); err == nil {
			return v
		}
	}
	return math.Inf(1)
}

// additional prints what reads and writes members beyond the declared ones.
func (e *emitter) additional(d *decl) {
	o := d.object
	value, name := o.rest.item(), d.name
	e.expr(value)
	e.use("wire")
	e.WriteString("\n")
	e.functions(
		function{"func (t " + name + ") Get(name string) (value " + value + ", found bool)", []string{"value, found = t.AdditionalProperties[name]", "return value, found"}},
		function{"func (t *" + name + ") Set(name string, value " + value + ")", []string{"wire.SetMember(&t.AdditionalProperties, name, value)"}})
	known := ""
	for _, f := range o.fields {
		known += ", " + strconv.Quote(f.json)
	}
	if len(o.variants) > 0 {
		e.use("json")
		e.printf(`func (t *%[1]s) UnmarshalJSON(data []byte) error {
	type plain %[1]s
	if err := wire.UnmarshalObject(data, (*plain)(t), &t.AdditionalProperties%[2]s); err != nil {
		return err
	}
	return t.raw.UnmarshalJSON(data)
}
func (t %[1]s) MarshalJSON() ([]byte, error) {
	type plain %[1]s
	own, err := wire.MarshalObject(plain(t), t.AdditionalProperties)
	if err != nil {
		return nil, err
	}
	return wire.MarshalUnion(t.raw, json.RawMessage(own))
}
`, name, known)
		return
	}
	e.printf(`func (t *%[1]s) UnmarshalJSON(data []byte) error {
	type plain %[1]s
	return wire.UnmarshalObject(data, (*plain)(t), &t.AdditionalProperties%[2]s)
}
func (t %[1]s) MarshalJSON() ([]byte, error) {
	type plain %[1]s
	return wire.MarshalObject(plain(t), t.AdditionalProperties)
}
`, name, known)
}
