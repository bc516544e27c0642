package schema

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/internal/lookup"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// discriminator reads a Discriminator Object into the group's tag.
func (c *compiler) discriminator(d *decl, g *group, list []*decl) {
	t := &tag{name: d.discriminator.get("propertyName").text}
	values := map[string]int{}   // branch by value of the property
	mapped := map[int][]string{} // values that the contract lists
	byPointer := map[string]int{}
	for i, b := range list {
		if b.ref == nil {
			c.warn(d, "discriminator", "has no effect: alternative %d is not a reference", i)
			return
		}
		byPointer[b.ref.at] = i
		values[jsonpointer.Unescape(b.ref.at[strings.LastIndexByte(b.ref.at, '/')+1:])] = i
	}
	mapping := d.discriminator.get("mapping")
	if mapping.is(kindObject) {
		for k, value := range mapping.names {
			target := mapping.members[k].text
			at := "/components/schemas/" + jsonpointer.Escape(target)
			if c.doc.root.at(at) == nil || strings.ContainsAny(target, "#/") {
				var err error
				if at, err = c.doc.resolve(d.at, target); err != nil {
					d.fault(c, "discriminator", "mapping of %q: %v", value, err)
					c.faults = append(c.faults, d.faults[len(d.faults)-1])
					continue
				}
			}
			i, ok := byPointer[at]
			if !ok {
				c.warn(d, "discriminator", "mapping of %q has no effect: %q is not one of the alternatives", value, target)
				continue
			}
			values[value] = i
			mapped[i] = append(mapped[i], value)
		}
	}
	for i, listed := range tagConstants(list, t.name) {
		if len(mapped[i]) > 0 {
			continue
		}
		for _, value := range listed {
			if other, taken := values[value]; !taken || other == i {
				values[value] = i
				mapped[i] = append(mapped[i], value)
			}
		}
	}
	names := slices.Sorted(maps.Keys(values))
	var shown []string
	for _, value := range names {
		i := values[value]
		t.branches = append(t.branches, i)
		if len(mapped[i]) == 0 || slices.Contains(mapped[i], value) {
			shown = append(shown, value)
		}
	}
	t.values = lookup.New(names)
	t.missing = d.rule("discriminator", t.name, "is required: it says which of the alternatives this is")
	t.unknown = d.rule("discriminator", t.name, "must be "+listing(quoteAll(shown)))
	t.unknown.shows = true
	t.missing.weight, t.unknown.weight = 5, 5
	g.tag = t
}

// tagConstants returns, for each alternative, the texts that its property may
// be, where it lists them and no other alternative has the same. Without a
// mapping the names of schemas are what tells alternatives apart, to the letter;
// contracts that leave it out and list constants mean these.
func tagConstants(list []*decl, property string) [][]string {
	out := make([][]string, len(list))
	owner := map[string]int{}
	for i, b := range list {
		out[i] = b.constants(property, map[*decl]bool{}, map[*decl]bool{})
		for _, text := range out[i] {
			if first, twice := owner[text]; twice && first != i {
				owner[text] = -1
			} else {
				owner[text] = i
			}
		}
	}
	for i := range out {
		out[i] = slices.DeleteFunc(out[i], func(text string) bool { return owner[text] != i })
	}
	return out
}

// constants are what a property of an object lists as its values: strings, and
// numbers and booleans as they are written.
// The maps hold the schemas that were asked about the property and, being such a
// property, about their values: a contract may reach one on very many ways.
func (d *decl) constants(property string, asked, values map[*decl]bool) (out []string) {
	if d == nil || asked[d] {
		return nil
	}
	asked[d] = true
	for _, p := range d.properties {
		if p.name == property && out == nil {
			out = p.decl.listed(values)
		}
	}
	for _, inner := range append([]*decl{d.ref}, d.allOf...) {
		if out == nil {
			out = inner.constants(property, asked, values)
		}
	}
	return out
}

// word is what a discriminator says that has e as its value. The keys of mappings are
// strings; other values are compared with them as text (OpenAPI 3.0.3, section
// 4.7.25).
func (e *element) word() (word string, ok bool) {
	switch {
	case e == nil:
		return "", false
	case e.kind == kindString:
		return e.text, true
	}
	return string(e.raw), e.kind&(kindNumber|kindBoolean) != 0
}

// listed are the values that a schema lists, unless it is among those that were
// asked.
func (d *decl) listed(asked map[*decl]bool) (out []string) {
	if d == nil || asked[d] {
		return nil
	}
	asked[d] = true
	if word, ok := d.constant.word(); ok {
		return []string{word}
	}
	for _, e := range d.enums {
		if word, ok := e.word(); ok {
			out = append(out, word)
		}
	}
	for _, inner := range append([]*decl{d.ref}, d.allOf...) {
		if out == nil {
			out = inner.listed(asked)
		}
	}
	return out
}
