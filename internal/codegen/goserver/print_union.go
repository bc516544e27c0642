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
	var list []function
	for _, v := range o.variants {
		from, merge, args := "From", "Merge", "&v"
		var stamp []string
		if names := o.namesOf(v); o.discriminator != "" && names != nil {
			from, merge, args = "FromNamed", "MergeNamed", "&v, "+strconv.Quote(o.discriminator)+", "+quotedList(names)
			stamp = o.stamp(v)
		}
		list = append(list,
			function{"func (t " + d.name + ") As" + v + "() (v " + v + ", err error)", []string{"err = t.raw.As(&v)", "return"}},
			function{"func (t *" + d.name + ") From" + v + "(v " + v + ") error", slices.Concat(stamp, []string{"return t.raw." + from + "(" + args + ")"})},
			function{"func (t *" + d.name + ") Merge" + v + "(v " + v + ") error", slices.Concat(stamp, []string{"return t.raw." + merge + "(" + args + ")"})})
	}
	e.WriteString("\n")
	if o.discriminator != "" {
		list = append(list, e.discriminator(d)...)
	} else {
		list = append(list, function{"func (t " + d.name + ") Value() (interface{}, error)", []string{"return t.raw.Value(" + nilPointers(o.variants) + ")"}})
	}
	if o.rest == nil && len(o.fields) == 0 {
		list = append(list,
			function{"func (t " + d.name + ") MarshalJSON() ([]byte, error)", []string{"return t.raw.MarshalJSON()"}},
			function{"func (t *" + d.name + ") UnmarshalJSON(data []byte) error", []string{"return t.raw.UnmarshalJSON(data)"}})
	}
	e.functions(list...)
	if o.rest != nil || len(o.fields) == 0 {
		return // the rest is written with the other members
	}
	e.printf(`func (t %[1]s) MarshalJSON() ([]byte, error) {
	type plain %[1]s
	return wire.MarshalUnion(t.raw, plain(t))
}
func (t *%[1]s) UnmarshalJSON(data []byte) error {
	type plain %[1]s
	if err := wire.Unmarshal(data, (*plain)(t)); err != nil {
		return err
	}
	return t.raw.UnmarshalJSON(data)
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

// discriminator returns the methods that tell what the discriminator says. A type
// may have several values; the value that is written is the first in order.
func (e *emitter) discriminator(d *decl) []function {
	o := d.object
	property := strconv.Quote(o.discriminator)
	body := []string{"return t.raw.ValueByDiscriminator(" + property + ","}
	values := sortedKeys(o.mapping)
	for i, value := range values {
		end := ","
		if i == len(values)-1 {
			end = ")"
		}
		body = append(body, "\twire.Named{Value: "+strconv.Quote(value)+", Type: (*"+o.mapping[value]+")(nil)}"+end)
	}
	if len(values) == 0 {
		body = []string{"return t.raw.ValueByDiscriminator(" + property + ")"}
	}
	return []function{
		{"func (t " + d.name + ") Discriminator() (string, error)", []string{"return t.raw.Discriminator(" + property + ")"}},
		{"func (t " + d.name + ") ValueByDiscriminator() (interface{}, error)", body},
		{"func (t " + d.name + ") Value() (interface{}, error)", []string{"return t.raw.Known(t.ValueByDiscriminator)"}},
	}
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
