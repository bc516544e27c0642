package contract

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// discriminators holds each discriminator against the schemas it tells apart: a
// value that is mapped to a schema and that the schema refuses never fits, and a
// property that may be absent tells nothing.
type discriminators struct {
	list *diag.List
	told map[string]bool // findings about a schema that several unions have
}

func (b *bundle) checkDiscriminators(list *diag.List) {
	(&discriminators{list: list, told: map[string]bool{}}).walk(b.whole())
}

func (c *discriminators) walk(v *value) {
	if v.kind == refValue || v.broken {
		return
	}
	if d := v.get("discriminator"); v.object == schemaObject && d != nil && d.object == discriminatorObject {
		c.check(v, d)
	}
	for i := range v.fields {
		c.walk(v.fields[i].value)
	}
	for _, item := range v.items {
		c.walk(item)
	}
}

// check looks at the schemas that a discriminator tells apart: those of oneOf
// and anyOf, or those that its mapping names and that extend the schema.
func (c *discriminators) check(union, d *value) {
	property := d.str("propertyName")
	names := map[*value][]valueField{} // what the mapping calls them
	var mapped []*value
	if m := d.get("mapping"); m != nil {
		for _, f := range inOrder(m.fields) {
			if f.value.kind != uriValue || f.value.ref.value == nil {
				continue
			}
			to := f.value.ref.value.resolved()
			if to != nil && names[to] == nil {
				mapped = append(mapped, to)
			}
			names[to] = append(names[to], *f)
		}
	}
	branches := append(slices.Clone(union.get("oneOf").list()), union.get("anyOf").list()...)
	if len(branches) == 0 { // types that extend this one
		c.present(find(union, property), declared{}, "the schema", property, d.pos)
		for _, to := range mapped {
			c.agree(to, property, names[to])
		}
		return
	}
	own, alternatives := find(union, property), map[*value]bool{}
	for _, branch := range branches {
		to := branch.resolved()
		if to == nil || branch.kind != refValue || to.object != schemaObject {
			return // without names there is nothing to tell
		}
		alternatives[to] = true
		c.agree(to, property, names[to])
		if to.get("oneOf") == nil && to.get("anyOf") == nil && !to.never { // those have it themselves
			c.present(find(to, property), own, branch.ref.name, property, to.pos)
		}
	}
	for _, to := range mapped {
		if !alternatives[to] {
			for _, name := range names[to] {
				c.tell(name.pos, fmt.Sprintf("%q leads to a schema that is not among the alternatives, and has no effect", name.name), "add the schema to oneOf, or remove the name")
			}
		}
	}
}

// present reports a schema whose values may lack the property. The union that it
// stands in may say some of it.
func (c *discriminators) present(found, union declared, name, property string, pos config.Pos) {
	switch {
	case found.schema == nil && union.schema == nil:
		c.tell(pos, fmt.Sprintf("%s does not declare %q, by which a discriminator knows it", name, property), fmt.Sprintf("add %s to its properties, and to required", property))
	case found.required || union.required:
	case found.schema == nil:
		c.tell(union.pos, fmt.Sprintf("%q tells types apart and is not required", property), fmt.Sprintf("add %s to required", property))
	default:
		c.tell(found.pos, fmt.Sprintf("%q tells the type of %s and is not required", property, name), fmt.Sprintf("add %s to required", property))
	}
}

// agree reports the values that lead to a schema which does not take them.
func (c *discriminators) agree(to *value, property string, names []valueField) {
	found := find(to, property)
	if found.values == nil {
		return
	}
	for _, name := range names {
		if slices.Contains(found.values, name.name) {
			continue
		}
		quoted := make([]string, len(found.values))
		for i, one := range found.values {
			quoted[i] = strconv.Quote(one)
		}
		c.tell(name.pos, fmt.Sprintf("%q leads to a schema whose %q can only be %s: no value fits", name.name, property, strings.Join(quoted, " or ")),
			"name in mapping what the schema takes, or take it there")
	}
}

func (c *discriminators) tell(pos config.Pos, message, hint string) {
	key := pos.String() + message
	if !c.told[key] {
		c.told[key] = true
		c.list.Warn(ruleDiscriminator, pos, message, hint)
	}
}

// declared is what a schema says of a property, with all that its allOf adds.
type declared struct {
	schema   *value
	pos      config.Pos
	required bool
	values   []string // nil: any
}

func find(v *value, property string) declared {
	var out declared
	seen := map[*value]bool{}
	var visit func(v *value)
	visit = func(v *value) {
		if v = v.resolved(); v == nil || seen[v] || len(seen) > 256 {
			return
		}
		seen[v] = true
		out.required = out.required || slices.Contains(v.strs("required"), property)
		if f := v.get("properties").field(property); f != nil {
			if out.schema == nil {
				out.schema, out.pos = f.value, f.pos
			}
			out.limit(f.value)
		}
		for _, item := range v.get("allOf").list() {
			visit(item)
		}
	}
	visit(v)
	return out
}

// limit keeps the values that a schema of the property takes as well.
func (d *declared) limit(schema *value) {
	s := schema.resolved()
	if s == nil || s.object != schemaObject {
		return
	}
	all := s.get("enum").list()
	if one := s.get("const"); one != nil {
		all = []*value{one}
	}
	if len(all) == 0 {
		return
	}
	values := []string{}
	for _, one := range all {
		if one.raw != nil && one.raw.kind == stringNode && (d.values == nil || slices.Contains(d.values, one.raw.text)) {
			values = append(values, one.raw.text)
		}
	}
	d.values = values
}
