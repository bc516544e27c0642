package review

import (
	"cmp"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// bare reports whether a schema is a choice and nothing else.
func (f *flat) bare() bool {
	return len(f.choices) == 1 && f.enum == nil && len(f.props) == 0 && f.items == nil && f.rest == nil && !f.closed && len(f.required) == 0
}

// union deals with a schema that became a choice, or was one, as a whole:
// comparing keywords would list everything that the branches say. It reports
// whether it did.
func (c *facets) union() bool {
	old, now := c.old, c.now
	switch {
	case len(old.choices) == 0 && now.bare():
		for _, branch := range now.choices[0].branches {
			if c.quietly(c.a, branch) {
				c.report("choice-widened", "other schemas are possible here now", c.base.briefly(c.a), c.branchNames(c.head, now.choices[0]),
					widens("a client meets a kind of value that it does not know"))
				return true
			}
		}
	case old.bare() && len(now.choices) == 0:
		for _, branch := range old.choices[0].branches {
			if c.quietly(branch, c.b) {
				c.report("choice-narrowed", "only one of the schemas is possible here now", c.branchNames(c.base, old.choices[0]), c.head.briefly(c.b),
					narrows("a client that sends one of the others is refused now"))
				return true
			}
		}
	default:
		return false
	}
	c.report("choice-changed", "what was "+c.base.briefly(c.a)+" is "+c.head.briefly(c.b)+" now", c.schemaText(c.base, c.a), c.schemaText(c.head, c.b),
		unclear("no branch means what stood here before"))
	return true
}

func (c *facets) schemaText(f *flattener, ref *openapi.SchemaRef) string {
	if s := f.of(ref); len(s.choices) > 0 {
		return c.branchNames(f, s.choices[0])
	}
	return f.briefly(ref)
}

func (c *facets) branchNames(f *flattener, of choice) string {
	names := make([]string, len(of.branches))
	for i, b := range of.branches {
		names[i] = f.briefly(b)
	}
	slices.Sort(names)
	return shown(strings.Join(names, " | "))
}

// choose compares oneOf and anyOf, and what is only compared as text.
func (c *facets) choose() {
	old, now := c.old, c.now
	for i := range min(len(old.choices), len(now.choices)) {
		c.branches(old.choices[i], now.choices[i])
	}
	if len(old.choices) != len(now.choices) {
		e := narrows("values must fit a further choice now")
		if len(old.choices) > len(now.choices) {
			e = widens("a client meets values that fit none of the old branches")
		}
		c.report("choice-changed", "the number of choices changed", strconv.Itoa(len(old.choices)), strconv.Itoa(len(now.choices)), e)
	}
	if a, b := c.hashes(c.base, old.nots), c.hashes(c.head, now.nots); a != b {
		e := unclear("what not excludes changed")
		switch {
		case a == "":
			e = narrows("values that not excludes are refused now")
		case b == "":
			e = widens("a client meets values that were excluded")
		}
		c.report("not-changed", "not changed", shown(a), shown(b), e)
	}
	if a, b := strings.Join(old.conditions, "\n"), strings.Join(now.conditions, "\n"); a != b {
		c.report("condition-changed", "a condition changed (if, contains, dependentRequired or the like)", shown(a), shown(b), unclear("conditions cannot be compared by machine"))
	}
}

func (c *facets) hashes(f *flattener, refs []*openapi.SchemaRef) string {
	var out []string
	for _, r := range refs {
		out = append(out, f.hash(r))
	}
	slices.Sort(out)
	return strings.Join(out, "\n")
}

// branches pairs the branches of two choices: by name, by meaning, and the last
// ones left over with each other.
func (c *facets) branches(old, now choice) {
	word := map[bool]string{true: "oneOf", false: "anyOf"}
	if old.exclusive != now.exclusive {
		c.report("choice-kind-changed", word[old.exclusive]+" became "+word[now.exclusive], word[old.exclusive], word[now.exclusive],
			unclear("values that fit several branches are judged differently now"))
	}
	left, right := slices.Clone(old.branches), slices.Clone(now.branches)
	pair := func(same func(a, b *openapi.SchemaRef) bool, compare bool) {
		for i := 0; i < len(left); i++ {
			j := slices.IndexFunc(right, func(b *openapi.SchemaRef) bool { return same(left[i], b) })
			if j < 0 {
				continue
			}
			if compare {
				c.compare(left[i], right[j], c.below(cmp.Or(refName(right[j]), right[j].Value.Title, strconv.Itoa(slices.Index(now.branches, right[j])))))
			}
			left, right = slices.Delete(left, i, i+1), slices.Delete(right, j, j+1)
			i--
		}
	}
	pair(func(a, b *openapi.SchemaRef) bool {
		return refName(b) != "" && (refName(a) == refName(b) || c.renamed[refName(a)] == refName(b))
	}, true)
	pair(c.quietly, true)
	pair(func(a, b *openapi.SchemaRef) bool {
		return refName(a) == "" && refName(b) == "" && a.Value.Title != "" && a.Value.Title == b.Value.Title
	}, true)
	if len(left) == 1 && len(right) == 1 && refName(left[0]) == "" && refName(right[0]) == "" {
		pair(func(a, b *openapi.SchemaRef) bool { return true }, true)
	}
	for _, a := range left {
		name := c.base.briefly(a)
		c.tell(found{rule: "branch-removed", at: c.at, message: "the branch " + name + " is gone from " + word[old.exclusive], old: c.branchText(c.base, a), base: posOf(a), head: posOf(c.b),
			effect: narrows("a client that sends " + name + " is refused now")})
	}
	for _, b := range right {
		name := c.head.briefly(b)
		c.tell(found{rule: "branch-added", at: c.at, message: "the branch " + name + " is new in " + word[now.exclusive], new: c.branchText(c.head, b), base: posOf(c.a), head: posOf(b),
			effect: widens("a client meets " + name + ", which it does not know")})
	}
}

// branchText tells branches without a name apart.
func (c *facets) branchText(f *flattener, ref *openapi.SchemaRef) string {
	return cmp.Or(refName(ref), shown(f.hash(ref)))
}

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
		case !has:
			c.report("discriminator-value-removed", "the discriminator does not know "+value+" any more", value, "", narrows("a client that sends "+value+" is refused now"))
		case to != a[value] && c.renamed[a[value]] != to:
			c.report("discriminator-value-changed", "the discriminator's "+value+" means "+to+" now", value+" "+a[value], value+" "+to, shifts("the same value means another schema"))
		}
	}
	for _, value := range slices.Sorted(maps.Keys(b)) {
		if _, had := a[value]; !had {
			c.report("discriminator-value-added", "the discriminator knows "+value+" now", "", value, widens("a client meets "+value+", which it does not know"))
		}
	}
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
