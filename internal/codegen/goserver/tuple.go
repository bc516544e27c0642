package goserver

import (
	"fmt"
	"strconv"

	"github.com/banyan-go/banyan/internal/openapi"
)

// tupleDecl is what a struct that is written as a list has beside its fields.
type tupleDecl struct {
	// least is how many of the fields are always there.
	least int
	// counts says how many items there may be after them.
	counts []string
}

// tupleOf returns the first items of a list, what comes after them, and whether
// nothing does.
func tupleOf(s *openapi.Schema) (items []*openapi.SchemaRef, rest *openapi.SchemaRef, closed bool) {
	items, rest = s.PrefixItems, s.Items
	if rest == nil {
		rest = s.UnevaluatedItems
	}
	if s.MaxItems != nil && *s.MaxItems <= uint64(len(items)) {
		return items[:*s.MaxItems], nil, true
	}
	if rest != nil && rest.Value != nil && rest.Value.Never {
		return items, nil, true
	}
	return items, rest, false
}

// mergeItems adds what part says of the items of a list to out: the item at a
// place is what both say of it.
func (p *prep) mergeItems(out, part *shape) {
	if out.tuple == nil && part.tuple == nil {
		out.items = p.anyOrBoth(out.items, part.items)
		return
	}
	var merged []*openapi.SchemaRef
	for i := range max(len(out.tuple), len(part.tuple)) {
		a, ok := out.at(i)
		b, also := part.at(i)
		if !ok || !also {
			break
		}
		merged = append(merged, p.anyOrBoth(a, b))
	}
	out.tuple, out.closed = merged, out.closed || part.closed
	if out.items = p.anyOrBoth(out.items, part.items); out.closed {
		out.items = nil
	}
}

// at is the schema of an item, nil for one that may be anything, and whether
// there may be one.
func (sh *shape) at(i int) (*openapi.SchemaRef, bool) {
	if i < len(sh.tuple) {
		return sh.tuple[i], true
	}
	return sh.items, !sh.closed
}

func (p *prep) anyOrBoth(a, b *openapi.SchemaRef) *openapi.SchemaRef {
	if a == nil {
		return b
	}
	return p.both(a, b)
}

// fillTuple works out the struct of a list whose items differ.
func (p *prep) fillTuple(d *decl, s *openapi.Schema, sh *shape) {
	l := limitsOf(s)
	least := min(l.minItems, uint64(len(sh.tuple)))
	o := &structDecl{tuple: &tupleDecl{least: int(least)}}
	d.object = o
	wishes := make([]wish, len(sh.tuple))
	for i, item := range sh.tuple {
		wishes[i] = wish{text: "Item" + strconv.Itoa(i), what: fmt.Sprintf("item %d of %s", i, named(d))}
		if item == nil {
			continue
		}
		wishes[i].pos = item.Pos
		if name, ok := extension(item, "x-go-name").(string); ok {
			wishes[i].asked = p.checkedName(name, item.Pos)
		}
	}
	for i, name := range p.nameAll(newScope("Rest", "Tuple", "MarshalJSON", "UnmarshalJSON"), wishes) {
		f := fieldDecl{ref: sh.tuple[i], name: name, json: strconv.Itoa(i), required: i < o.tuple.least}
		f.typ = p.typeOf(f.ref, d.name+name)
		if f.typ.kind == anyKind && !f.required {
			f.typ.nullable = true // null is an item, too
		}
		if f.ref != nil && f.ref.Value != nil {
			v := f.ref.Value
			f.doc, f.deprecated, f.extensions = v.Description, v.Deprecated, propertyExtensions(f.ref)
			if f.ref.Ref != "" && f.doc == p.describedBy(f.ref) {
				f.doc = ""
			}
		}
		o.fields = append(o.fields, f)
	}
	if sh.closed || l.maxItems != nil && *l.maxItems <= uint64(len(sh.tuple)) {
		return
	}
	t := p.itemType(sh.items, d.name+"Rest")
	o.rest, o.restRef = &t, sh.items
	if l.maxItems != nil {
		most := *l.maxItems - uint64(len(sh.tuple))
		l.maxItems = &most
	}
	o.tuple.counts = counts(l.minItems-least, l.maxItems)
}

// tuple prints a struct that is written as a list.
func (e *emitter) tuple(d *decl) {
	o := d.object
	rows := make([]row, 0, len(o.fields)+1)
	items := make([]string, len(o.fields))
	for i, f := range o.fields {
		rows = append(rows, f.row())
		items[i] = "&t." + f.name
	}
	rest := ""
	if o.rest != nil {
		tags := map[string]string{"json": "-"}
		if o.restTag != "" {
			tags["validate"] = o.restTag
		}
		rows = append(rows, row{name: "Rest", typ: "[]" + o.rest.item(), tags: tagText(tags), comment: []string{"Rest are the items after those."}})
		rest = ", Rest: &t.Rest"
	}
	e.printf("type %s struct {\n", d.name)
	e.rows(rows)
	e.WriteString("}\n")
	least := ""
	if o.tuple.least > 0 {
		least = ", Least: " + strconv.Itoa(o.tuple.least)
	}
	e.use("wire")
	tuple := "wire.Tuple{Items: []interface{}{" + wrapped(items, "\t\t") + "}" + least + rest + "}"
	e.method("Tuple returns the items, in order.", "func (t *"+d.name+") Tuple() wire.Tuple", "return "+tuple)
	e.method("MarshalJSON writes the items as a list.", "func (t "+d.name+") MarshalJSON() ([]byte, error)", "return t.Tuple().MarshalJSON()")
	e.method("UnmarshalJSON reads a list of as many items as there may be.", "func (t *"+d.name+") UnmarshalJSON(data []byte) error", "return t.Tuple().UnmarshalJSON(data)")
}
