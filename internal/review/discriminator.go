package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// discriminator compares what tells the branches apart.
func (c *facets) discriminator() {
	old, now := c.old.discriminator, c.now.discriminator
	switch {
	case old == nil && now == nil:
	case old == nil:
		c.report("discriminator-added", "a discriminator was added: "+now.PropertyName, "", now.PropertyName, narrows("values without it, or with a value it does not know, are refused now"))
	case now == nil:
		c.report("discriminator-removed", "the discriminator "+old.PropertyName+" was removed", old.PropertyName, "", widens("a client cannot tell the branches apart by it any more"))
	case old.PropertyName != now.PropertyName:
		c.report("discriminator-changed", "the discriminator is "+now.PropertyName+" now", old.PropertyName, now.PropertyName, shifts("the branches are told apart by another property"))
	default:
		c.mapping(old, now)
	}
}

func (c *facets) mapping(old, now *openapi.Discriminator) {
	a, b := mapped(old, c.old.choices), mapped(now, c.now.choices)
	for _, value := range slices.Sorted(maps.Keys(a)) {
		switch to, has := b[value]; {
		case !has && !holds(c.now.choices, a[value]): // the branch is gone, which is said
		case !has:
			c.report("discriminator-value-removed", "the discriminator does not know "+value+" any more", value, "", narrows("a client that sends "+value+" is refused now"))
		case to != a[value] && c.renamed[a[value]] != to:
			c.report("discriminator-value-changed", "the discriminator's "+value+" means "+to+" now", value+" "+a[value], value+" "+to, shifts("the same value means another schema"))
		}
	}
	for _, value := range slices.Sorted(maps.Keys(b)) {
		if _, had := a[value]; !had && holds(c.old.choices, b[value]) {
			c.report("discriminator-value-added", "the discriminator knows "+value+" now", "", value, widens("a client meets "+value+", which it does not know"))
		}
	}
}

// holds reports whether a component is a branch of a choice.
func holds(choices []choice, name string) bool {
	return slices.ContainsFunc(choices, func(c choice) bool {
		return slices.ContainsFunc(c.branches, func(b *openapi.SchemaRef) bool { return refName(b) == name })
	})
}

// mapped are all values of a discriminator, those that follow from names too
// (OpenAPI 3.0.3, section 4.7.25).
func mapped(d *openapi.Discriminator, choices []choice) map[string]string {
	out := map[string]string{}
	named := map[string]bool{}
	for value, ref := range d.Mapping {
		out[value] = strings.TrimPrefix(ref, schemaPrefix)
		named[out[value]] = true
	}
	for _, c := range choices {
		for _, b := range c.branches {
			if name := refName(b); name != "" && !named[name] {
				out[name] = name
			}
		}
	}
	return out
}
