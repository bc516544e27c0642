package review

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// lists compares the items of arrays, tuples item by item.
func (c *facets) lists() {
	old, now := c.old, c.now
	if old.types&now.types&arrayType == 0 {
		return
	}
	for i := range max(len(old.prefix), len(now.prefix)) {
		c.compare(nth(old, i), nth(now, i), c.below(strconv.Itoa(i))) // a place in a tuple is as good as a name
	}
	if old.items != nil || now.items != nil {
		c.compare(old.items, now.items, c.below("*"))
	}
}

// nth is the schema of an item of a tuple.
func nth(f *flat, i int) *openapi.SchemaRef {
	if i < len(f.prefix) {
		return f.prefix[i]
	}
	return f.items
}

func (c *facets) below(tokens ...string) spot { return c.at.below(tokens...) }

// objects compares properties.
func (c *facets) objects() {
	old, now := c.old, c.now
	if old.types&now.types&objectType == 0 {
		return
	}
	names := slices.Collect(maps.Keys(old.props))
	for name := range now.props {
		if old.props[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		a, b := old.props[name], now.props[name]
		switch {
		case b == nil:
			c.lost(name, a)
		case a == nil:
			c.won(name, b)
		default:
			c.required(name, a, b)
			if c.old.required[name] && c.now.required[name] && c.base.of(a).readOnly && !c.head.of(b).readOnly {
				c.tell(found{rule: "property-became-required", at: c.below(name), message: "clients must send the property " + name + " now", old: "readOnly", new: "required",
					base: posOf(a), head: requiredAt(c.b, name, posOf(b)), effect: effect{client: Breaks, why: "a client leaves it out, as it was readOnly"}, note: "leave it optional and give it a default"})
			}
			at := c.below(name)
			at.text, at.optional = c.at.text, !old.required[name]
			c.compare(a, b, at)
		}
	}
	c.undeclared()
	c.rest()
	c.patterns()
}

// side says whom a property of one contract concerns.
func side(f *flat, at spot) spot {
	at.noClient = at.noClient || f.readOnly
	at.noServer = at.noServer || f.writeOnly
	return at
}

func (c *facets) lost(name string, a *openapi.SchemaRef) {
	was := c.base.of(a)
	f := found{rule: "property-removed", at: side(was, c.below(name)), message: "the property " + name + " is gone", old: c.base.briefly(a), base: posOf(a), head: posOf(c.b),
		note: "keep it, mark it deprecated, and remove it after its sunset"}
	switch {
	case c.now.closed:
		f.effect.client, f.effect.why = Breaks, "a client that sends it is refused now"
	case len(c.now.patterns) > 0:
		f.effect.client, f.effect.why = Undecided, "what clients send there may be held against patternProperties now"
	case c.now.rest != nil && !c.quietly(a, c.now.rest):
		f.effect.client, f.effect.why = Undecided, "what clients send there is held against additionalProperties now"
	}
	if c.now.required[name] && !c.old.required[name] {
		c.required(name, a, nil)
	}
	if c.old.required[name] && !c.now.required[name] {
		f.effect.server = Breaks
		f.effect.why = join(f.effect.why, "a client that counts on it does not find it")
	}
	c.tell(f)
}

func (c *facets) won(name string, b *openapi.SchemaRef) {
	is := c.head.of(b)
	f := found{rule: "property-added", at: side(is, c.below(name)), message: "the property " + name + " is new", new: c.head.briefly(b), base: posOf(c.a), head: posOf(b), schema: b.Value}
	if c.old.required[name] && !c.now.required[name] {
		c.required(name, nil, b)
	}
	if c.now.required[name] && !c.old.required[name] {
		f.rule, f.message = "required-property-added", "the property "+name+" is new and required"
		f.effect.client, f.effect.why = Breaks, "a client that does not know it is refused"
		f.note = "make it optional, with a default"
	}
	switch {
	case c.old.closed:
		f.effect.server = Undecided
		f.effect.why = join(f.effect.why, "a client that takes additionalProperties: false at its word meets a property it does not know")
	case len(c.old.patterns) > 0:
		f.effect.server, f.effect.client = max(f.effect.server, Undecided), max(f.effect.client, Undecided)
		f.effect.why = join(f.effect.why, "properties of that name may have had the schema of patternProperties")
	case c.old.rest != nil && !c.quietly(c.old.rest, b):
		f.effect.server, f.effect.client = max(f.effect.server, Undecided), max(f.effect.client, Undecided)
		f.effect.why = join(f.effect.why, "additional properties of that name had another schema")
	}
	c.tell(f)
}

func (c *facets) required(name string, a, b *openapi.SchemaRef) {
	was, is := c.old.required[name], c.now.required[name]
	if was == is {
		return
	}
	at := c.below(name)
	at.noClient = at.noClient || c.base.of(a).readOnly && c.head.of(b).readOnly
	at.noServer = at.noServer || c.base.of(a).writeOnly && c.head.of(b).writeOnly
	f := found{rule: "property-became-required", at: at, message: "the property " + name + " is required now", old: "optional", new: "required", base: c.stands(a, c.a), head: requiredAt(c.b, name, c.stands(b, c.b)),
		effect: narrows("a client that leaves it out is refused now"), note: "leave it optional and give it a default"}
	if was {
		f.rule, f.message, f.old, f.new = "property-became-optional", "the property "+name+" is optional now", "required", "optional"
		f.base, f.head = requiredAt(c.a, name, c.stands(a, c.a)), c.stands(b, c.b)
		f.effect, f.note = widens("a client that counts on it may not find it"), "keep sending it, and keep it required"
	}
	c.tell(f)
}

// stands is where a property is declared, or the object around it.
func (c *facets) stands(ref, around *openapi.SchemaRef) config.Pos {
	if ref != nil {
		return posOf(ref)
	}
	return posOf(around)
}

// undeclared compares required names that have no schema of their own.
func (c *facets) undeclared() {
	for _, name := range slices.Sorted(maps.Keys(c.now.required)) {
		if !c.old.required[name] && c.old.props[name] == nil && c.now.props[name] == nil {
			f := found{rule: "property-became-required", at: c.below(name), message: "the property " + name + " is required now", old: "optional", new: "required",
				base: posOf(c.a), head: requiredAt(c.b, name, posOf(c.b)), effect: narrows("a client that leaves it out is refused now")}
			c.tell(f)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.old.required)) {
		if !c.now.required[name] && c.old.props[name] == nil && c.now.props[name] == nil {
			f := found{rule: "property-became-optional", at: c.below(name), message: "the property " + name + " is optional now", old: "required", new: "optional",
				base: requiredAt(c.a, name, posOf(c.a)), head: posOf(c.b), effect: widens("a client that counts on it may not find it")}
			c.tell(f)
		}
	}
}

// rest compares what is said about properties that are not declared.
func (c *facets) rest() {
	old, now := c.limiting(c.base, c.old.rest), c.limiting(c.head, c.now.rest)
	from, to := restText(c.base, c.old.closed, old), restText(c.head, c.now.closed, now)
	report := func(e effect) {
		c.report("additional-properties-changed", "additional properties: "+to+" (was: "+from+")", from, to, e)
	}
	switch {
	case c.old.closed && c.now.closed:
	case c.now.closed:
		report(narrows("a client that sends further properties is refused now"))
	case c.old.closed:
		report(effect{server: Undecided, why: "a client that takes additionalProperties: false at its word may meet properties it does not know"})
	case old == nil && now == nil:
	case old == nil:
		report(narrows("further properties must fit a schema now"))
	case now == nil:
		report(widens("a client meets further properties of any kind"))
	default:
		c.compare(old, now, c.below("{key}"))
	}
}

// limiting is a schema that says something, or nil.
func (c *facets) limiting(f *flattener, ref *openapi.SchemaRef) *openapi.SchemaRef {
	if ref == nil || ref.Ref == "" && f.hash(ref) == f.hash(anything) {
		return nil
	}
	return ref
}

func restText(f *flattener, closed bool, rest *openapi.SchemaRef) string {
	if closed {
		return "none"
	}
	return f.briefly(rest)
}

func (c *facets) patterns() {
	for _, name := range slices.Sorted(maps.Keys(c.old.patterns)) {
		if b := c.now.patterns[name]; b != nil {
			c.compare(c.old.patterns[name], b, c.below("{"+name+"}"))
		} else {
			c.report("pattern-property-removed", "properties like "+name+" are not described any more", name, "", widens("a client meets other values there"))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(c.now.patterns)) {
		if c.old.patterns[name] == nil {
			c.report("pattern-property-added", "properties like "+name+" have a schema now", "", name, narrows("properties of that name that do not fit are refused now"))
		}
	}
}

func join(a, b string) string {
	if a == "" {
		return b
	}
	return strings.Join([]string{a, b}, "; ")
}
