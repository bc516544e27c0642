package goserver

import (
	"slices"
	"strconv"
	"strings"
)

// union prints the accessors of a union, which its type's comment explains.
// What they do is in package wire.
func (e *emitter) union(d *decl) {
	o := d.object
	e.use("json")
	e.use("wire")
	var list []function
	for _, v := range o.variants {
		from, merge, args := "From", "MergeIn", "&v"
		var stamp []string
		if names := o.namesOf(v); o.discriminator != "" && names != nil {
			from, merge, args = "FromNamed", "MergeNamed", "&v, "+strconv.Quote(o.discriminator)+", "+quotedList(names)
			stamp = o.stamp(v)
		}
		list = append(list,
			function{"func (t " + d.name + ") As" + v + "() (v " + v + ", err error)", []string{"err = wire.As(t.union, &v)", "return v, err"}},
			function{"func (t *" + d.name + ") From" + v + "(v " + v + ") error", slices.Concat(stamp, []string{"return wire." + from + "(&t.union, " + args + ")"})},
			function{"func (t *" + d.name + ") Merge" + v + "(v " + v + ") error", slices.Concat(stamp, []string{"return wire." + merge + "(&t.union, " + args + ")"})})
	}
	e.WriteString("\n")
	e.functions(list...)
	if o.discriminator != "" {
		e.discriminator(d)
	} else {
		e.method("Value returns the value as the type that it fits best, or as json.RawMessage\nwhen it fits none.",
			"func (t "+d.name+") Value() (interface{}, error)", "return wire.Value(t.union, "+nilPointers(o.variants)+")")
	}
	if o.rest != nil {
		return // written with the other members
	}
	const keep = "t.union = append(json.RawMessage(nil), data...)"
	if len(o.fields) == 0 {
		e.method("MarshalJSON writes the chosen value.", "func (t "+d.name+") MarshalJSON() ([]byte, error)", "return t.union.MarshalJSON()")
		e.method("UnmarshalJSON keeps the document for the As methods.", "func (t *"+d.name+") UnmarshalJSON(data []byte) error", keep, "return nil")
		return
	}
	e.printf(`
// MarshalJSON writes the chosen value with the declared members over it.
func (t %[1]s) MarshalJSON() ([]byte, error) {
	type plain %[1]s
	return wire.MarshalUnion(t.union, plain(t))
}

// UnmarshalJSON keeps the document for the As methods and fills the declared members.
func (t *%[1]s) UnmarshalJSON(data []byte) error {
	type plain %[1]s
	if err := wire.Unmarshal(data, (*plain)(t)); err != nil {
		return err
	}
	t.union = append(json.RawMessage(nil), data...)
	return nil
}
`, d.name)
}

// stamp sets the union's own field of the discriminator, which is written over
// the one of its value.
func (o *structDecl) stamp(variant string) []string {
	for _, f := range o.fields {
		if f.json != o.discriminator {
			continue
		}
		value := strconv.Quote(o.namesOf(variant)[0])
		switch expr, _ := f.typ.field(f.required); {
		case strings.HasPrefix(expr, "*"):
			value = "wire.Ptr[" + f.typ.expr + "](" + value + ")"
		case expr != f.typ.expr:
			value = "wire.Some[" + f.typ.expr + "](" + value + ")"
		}
		return []string{"t." + f.name + " = " + value}
	}
	return nil
}

// discriminator prints what the discriminator tells. A type may have several
// values; the value that is written is the first in order.
func (e *emitter) discriminator(d *decl) {
	o := d.object
	property, said := strconv.Quote(o.discriminator), strings.Join(strings.Fields(o.discriminator), " ")
	e.method("Discriminator returns the value's "+said+", which says what type it has.",
		"func (t "+d.name+") Discriminator() (string, error)", "return wire.Discriminator(t.union, "+property+")")
	body := []string{"return wire.ValueByDiscriminator(t.union, " + property + ","}
	values := sortedKeys(o.mapping)
	for i, value := range values {
		end := ","
		if i == len(values)-1 {
			end = ")"
		}
		body = append(body, "\twire.Named{Value: "+strconv.Quote(value)+", Type: (*"+o.mapping[value]+")(nil)}"+end)
	}
	if len(values) == 0 {
		body = []string{"return wire.ValueByDiscriminator(t.union, " + property + ")"}
	}
	e.method("ValueByDiscriminator returns the value in the type that its discriminator\nnames. A name that the contract does not have is a *wire.UnknownVariant.",
		"func (t "+d.name+") ValueByDiscriminator() (interface{}, error)", body...)
	e.method("Value returns the value in the type that its discriminator names, or as\njson.RawMessage when the contract does not have the name.",
		"func (t "+d.name+") Value() (interface{}, error)", "return wire.Known(t.union, t.ValueByDiscriminator)")
}

// namesOf returns the discriminator's values of a type.
func (o *structDecl) namesOf(variant string) (names []string) {
	for _, value := range sortedKeys(o.mapping) {
		if o.mapping[value] == variant {
			names = append(names, value)
		}
	}
	return names
}

func quotedList(texts []string) string {
	quoted := make([]string, len(texts))
	for i, text := range texts {
		quoted[i] = strconv.Quote(text)
	}
	return strings.Join(quoted, ", ")
}

func nilPointers(types []string) string {
	parts := make([]string, len(types))
	for i, t := range types {
		parts[i] = "(*" + t + ")(nil)"
	}
	return strings.Join(parts, ", ")
}
