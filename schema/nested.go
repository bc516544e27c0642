package schema

// Some values have no text in some styles: what a list in a list looks like in
// a header, or an object with a list in it in a path, OpenAPI leaves undefined.
// Such a parameter is what its text is: a text, or a list of texts where the
// list itself has a form. Nothing within is held against its schema.

// untangle replaces the schemas of the parameters whose style has no text for
// what they hold, and reports whether there are any. It looks at their compiled
// schemas.
func (c *compiler) untangle(list []*parameter, root *node) bool {
	found := false
	for _, p := range list {
		section, i := root.parameter(p)
		n := section.properties[i].node
		if p.json || p.writesNested() || !isContainer(n) || !holdsContainer(n) {
			continue
		}
		found = true
		raw := c.text(p.schema.at)
		if isList(n) {
			raw = c.texts(p.schema.at, n)
		}
		raw.sensitive = n.sensitive
		p.schema = raw
	}
	return found
}

// writesNested reports whether a style has a text for nested values: brackets,
// as PHP and many others read and write them.
func (p *parameter) writesNested() bool {
	return p.in == inQuery && (p.style == styleDeepObject || p.style == styleForm && p.explode)
}

// isContainer reports whether values are lists or objects. A schema without a
// type that speaks of items or properties means these.
func isContainer(n *node) bool {
	if n.accepts == kindAny {
		return len(n.strings)+len(n.numbers) == 0 && (isList(n) || n.object != nil && (n.object.closed || declares(n.object)))
	}
	k := n.accepts &^ kindNull
	return k != 0 && k&^(kindArray|kindObject) == 0
}

func isList(n *node) bool {
	if n.accepts == kindAny {
		return n.array != nil && (n.array.listed || len(n.array.prefix) > 0) && (n.object == nil || !declares(n.object))
	}
	return n.accepts&^kindNull == kindArray
}

func declares(o *objectRules) bool {
	for i := range o.properties {
		if o.properties[i].declared {
			return true
		}
	}
	return false
}

// holdsContainer reports whether something within values can only be a list or
// an object.
func holdsContainer(n *node) bool {
	found := false
	look := func(part *node) { found = found || part != nil && isContainer(part) }
	spread([]*node{n}, func(n *node) {
		if a := n.array; a != nil {
			for _, item := range a.prefix {
				look(item)
			}
			if a.listed {
				look(a.items)
			}
		}
		if o := n.object; o != nil {
			for i := range o.properties {
				look(o.properties[i].node)
			}
			look(o.additional)
			for _, g := range o.groups {
				for _, p := range g.patterns {
					look(p.node)
				}
				look(g.additional)
			}
		}
	})
	return found
}

// text declares a text.
func (c *compiler) text(at string) *decl {
	d := c.synthetic(at)
	d.types, d.e = kindString, said(`{"type":"string"}`)
	return d
}

// texts declares a list of texts, of as many as n may have items.
func (c *compiler) texts(at string, n *node) *decl {
	d := c.synthetic(at)
	d.types, d.items = kindArray, c.text(at)
	sizes := &declSizes{-1, -1}
	if n.array != nil {
		for _, r := range n.array.sizes {
			sizes.min = max(sizes.min, r.min)
			if r.max >= 0 && (sizes.max < 0 || r.max < sizes.max) {
				sizes.max = r.max
			}
		}
	}
	if sizes.min >= 0 || sizes.max >= 0 {
		d.array = sizes
	}
	d.e = said(`{"type":"array","minItems":` + itoa(sizes.min) + `,"maxItems":` + itoa(sizes.max) + `}`)
	return d
}

// said is the text of a declaration that is not in the document: messages quote
// it.
func said(text string) *element {
	e, err := parseElement([]byte(text), 2)
	if err != nil {
		panic(err) // it is ours
	}
	return e
}
