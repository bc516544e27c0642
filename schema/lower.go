package schema

import (
	"math"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/internal/lookup"
	"github.com/banyan-go/banyan/schema/internal/scan"
)

// enum compiles the values of an enum or a const.
func (c *compiler) enum(d *decl, keyword string, values []*element) enumRules {
	r := d.rule(keyword, "", "")
	e := enumRules{rule: r}
	var shown, texts []string
	for _, v := range values {
		e.kinds |= v.kind
		if len(shown) <= 20 && len(v.raw) <= 100 {
			shown = append(shown, string(v.raw))
		}
		switch {
		case v.kind == kindString:
			if !slices.Contains(texts, v.text) {
				texts = append(texts, v.text)
			}
		case v.kind&kindNumber != 0:
			n, _ := decimal.Parse(v.raw, nil)
			if i, ok := n.Int64(); ok {
				e.integers = append(e.integers, i)
			} else {
				e.numbers = append(e.numbers, n)
			}
		case v.kind == kindNull:
			e.words[0] = true
		case v.kind == kindBoolean:
			e.words[1] = e.words[1] || string(v.raw) == "false"
			e.words[2] = e.words[2] || string(v.raw) == "true"
		default:
			var h hasher
			h.value(v.raw, 0)
			e.containers = append(e.containers, container{h.sum, v})
		}
	}
	e.strings = lookup.New(texts)
	switch {
	case len(values) == 0:
		r.message = "cannot have any value: the contract allows none"
	case len(shown) < len(values):
		r.message = "must be one of the contract's values for it, such as " + strings.Join(shown[:min(len(shown), 5)], ", ")
	default:
		r.message = "must be " + listing(shown)
	}
	r.limit = strings.Join(shown, ", ")
	if len(shown) < len(values) || len(r.limit) > 200 {
		r.limit = ""
	}
	r.shows = true
	r.weight = 1
	if len(values) == 1 {
		r.weight = 10
	}
	if d.types != 0 && d.types&kindNull != 0 && c.doc.legacy && d.e.get("nullable").isTrue() && !e.words[0] {
		c.warn(d, "enum", "nullable has no effect: the enum does not list null")
	}
	return e
}

// group compiles an anyOf or a oneOf; finish completes it.
func (c *compiler) group(d *decl, keyword string, list []*decl) *group {
	g := &group{exactlyOne: keyword == "oneOf"}
	for _, b := range list {
		name := b.name
		if strings.Trim(name, "0123456789") == "" {
			name = keyword + "/" + name
		}
		g.branches = append(g.branches, branch{c.lower([]*decl{b}), name})
	}
	g.none = d.rule(keyword, "", "")
	g.none.weight = 2
	g.kind = d.rule(keyword, "", "")
	g.kind.weight = wrongKind
	g.many = d.rule(keyword, "1", "")
	g.many.weight = 2
	if d.discriminator != nil {
		c.discriminator(d, g, list)
	}
	return g
}

// objects merges what the declarations say about objects.
func (c *compiler) objects(n *node, flat []*decl) {
	o := new(objectRules)
	var names []string
	index := map[string]int{}
	add := func(name string) int {
		i, ok := index[name]
		if !ok {
			i = len(names)
			index[name] = i
			names = append(names, name)
			o.properties = append(o.properties, property{})
		}
		return i
	}
	some := false
	for _, d := range flat {
		for _, p := range d.properties {
			o.properties[add(p.name)].declared = true
		}
		for _, name := range d.required {
			if p := &o.properties[add(name)]; p.required == nil {
				p.required = d.rule("required", "", "is required")
				p.required.weight = 3
			}
		}
		for _, dep := range d.dependRequired {
			o.dependents = append(o.dependents, c.dependRequired(d, dep, add))
		}
		for _, dep := range d.dependSchemas {
			o.dependents = append(o.dependents, dependent{property: add(dep.name), node: c.lower([]*decl{dep.decl})})
		}
		if d.propertyNames != nil {
			o.names = append(o.names, c.lower([]*decl{d.propertyNames}))
		}
		if d.object != nil {
			o.sizes = append(o.sizes, sizesOf(d, d.object, "Properties", "property"))
		}
		o.closed = o.closed || d.additional != nil
		some = some || len(names) > 0 || d.propertyNames != nil || d.object != nil || d.additional != nil || len(d.patterns) > 0
	}
	if !some {
		return
	}
	// Both are about members of bodies (OpenAPI 3.0.3, section 4.7.24.2): of a
	// parameter they say nothing.
	ofBody := !slices.ContainsFunc(flat, func(d *decl) bool { return d.place })
	members := membersOf(flat)
	for i, name := range names {
		c.property(o, i, members(name), ofBody)
	}
	o.table = lookup.New(names)
	for i, name := range names {
		if end, shape, fault := scan.String([]byte(name+`"`), 0); end == len(name) && shape&scan.Escaped == 0 && fault == scan.OK {
			o.properties[i].quoted = name + `"`
		}
	}
	c.otherNames(o, flat)
	n.object = o
}

// membersOf returns what lists all that the declarations say about the value of a
// name, in their order.
func membersOf(flat []*decl) func(name string) []*decl {
	named := map[string][]int{} // the declarations that spell a name out
	var open []int              // those that speak of names that they do not spell out
	for i, d := range flat {
		if len(d.patterns) > 0 || d.additional != nil {
			open = append(open, i)
			continue
		}
		for _, p := range d.properties {
			if of := named[p.name]; len(of) == 0 || of[len(of)-1] != i {
				named[p.name] = append(of, i)
			}
		}
	}
	return func(name string) (set []*decl) {
		speak := slices.Concat(named[name], open)
		slices.Sort(speak)
		for _, i := range speak {
			set = append(set, flat[i].member(name)...)
		}
		return set
	}
}

// property lowers all that the declarations say about the value of one name, which
// is set.
func (c *compiler) property(o *objectRules, i int, set []*decl, ofBody bool) {
	p := &o.properties[i]
	p.node = c.lower(set)
	if p.node.readOnly && ofBody {
		p.forbid[Request] = &rule{keyword: "readOnly", at: p.node.at, message: "is read-only: a request must not have it", weight: 3}
	}
	if p.node.writeOnly && ofBody {
		p.forbid[Answer] = &rule{keyword: "writeOnly", at: p.node.at, message: "is write-only: an answer must not have it", weight: 3}
	}
	for mode := range o.required {
		if p.required != nil && p.forbid[mode] == nil {
			for len(o.required[mode]) <= i/64 {
				o.required[mode] = append(o.required[mode], 0)
			}
			o.required[mode][i/64] |= 1 << (i % 64)
			o.any[mode] = true
		}
	}
}

// member lists what d says about the value of one name.
func (d *decl) member(name string) (set []*decl) {
	matched := false
	for _, p := range d.properties {
		if p.name == name {
			set, matched = append(set, p.decl), true
		}
	}
	for _, p := range d.patterns {
		if ok, err := p.pattern.Match([]byte(name)); ok || err != nil {
			set, matched = append(set, p.decl), true
		}
	}
	if !matched && d.additional != nil {
		set = append(set, d.additional)
	}
	return set
}

// otherNames lowers what applies to names that no keyword spells out.
func (c *compiler) otherNames(o *objectRules, flat []*decl) {
	var additional []*decl
	patterns := false
	for _, d := range flat {
		patterns = patterns || len(d.patterns) > 0
		if d.additional != nil {
			additional = append(additional, d.additional)
		}
	}
	if !patterns {
		o.additional = c.lower(additional)
		return
	}
	for _, d := range flat {
		g := nameGroup{closed: d.additional != nil}
		for _, p := range d.patterns {
			one := p.namePattern
			one.node = c.lower([]*decl{p.decl})
			g.patterns = append(g.patterns, one)
		}
		if d.additional != nil {
			g.additional = c.lower([]*decl{d.additional})
		}
		if len(g.patterns) > 0 || g.additional != nil {
			o.groups = append(o.groups, g)
		}
	}
}

func (c *compiler) dependRequired(d *decl, dep dependDecl, add func(string) int) dependent {
	r := dependent{property: add(dep.name)}
	for _, name := range dep.requires {
		r.requires = append(r.requires, add(name))
		missing := d.rule("dependentRequired", dep.name, "is required beside "+dep.name)
		missing.weight = 3
		r.rules = append(r.rules, missing)
	}
	return r
}

func sizesOf(d *decl, s *declSizes, keyword, noun string) sizeRule {
	limit := func(prefix string) string { return string(d.e.get(prefix + keyword).raw) }
	r := sizeRule{min: s.min, max: s.max}
	if s.min >= 0 {
		n := limit("min")
		message := "must have at least " + plural(n, noun)
		if n == "1" {
			message = "must not be empty"
		}
		r.minRule = d.rule("min"+keyword, n, message)
	}
	if s.max >= 0 {
		n := limit("max")
		r.maxRule = d.rule("max"+keyword, n, "must have at most "+plural(n, noun))
	}
	return r
}

// arrays merges what the declarations say about arrays.
func (c *compiler) arrays(n *node, flat []*decl) {
	a := new(arrayRules)
	longest, some := 0, false
	for _, d := range flat {
		longest = max(longest, len(d.prefix))
		if d.array != nil {
			a.sizes = append(a.sizes, sizesOf(d, d.array, "Items", "item"))
		}
		if d.unique && a.unique == nil {
			a.unique = d.rule("uniqueItems", "true", "")
		}
		if d.contains != nil {
			a.contains = append(a.contains, c.contains(d))
		}
		a.listed = a.listed || d.items != nil
		some = some || len(d.prefix) > 0 || d.array != nil || d.unique || d.contains != nil || d.items != nil
	}
	if !some {
		return
	}
	itemsAt := func(i int) *node {
		var set []*decl
		for _, d := range flat {
			if i < len(d.prefix) {
				set = append(set, d.prefix[i])
			} else if d.items != nil {
				set = append(set, d.items)
			}
		}
		return c.lower(set)
	}
	for i := range longest {
		a.prefix = append(a.prefix, itemsAt(i))
	}
	a.items = itemsAt(math.MaxInt32)
	n.array = a
}

func (c *compiler) contains(d *decl) containsRule {
	r := containsRule{node: c.lower([]*decl{d.contains}), min: d.minContains, max: d.maxContains}
	if d.minContains > 0 {
		keyword := "contains"
		limit := "1"
		if e := d.e.get("minContains"); e != nil {
			keyword, limit = "minContains", string(e.raw)
		}
		r.minRule = d.rule(keyword, limit, "must contain at least "+plural(limit, "item")+" that the schema at "+d.contains.at+" accepts")
	}
	if d.maxContains >= 0 {
		limit := string(d.e.get("maxContains").raw)
		r.maxRule = d.rule("maxContains", limit, "must contain at most "+plural(limit, "item")+" that the schema at "+d.contains.at+" accepts")
	}
	return r
}
