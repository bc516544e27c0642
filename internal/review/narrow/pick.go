package narrow

// pick keeps what a comparison of the documents has to see, on both sides the same.
func (n *Narrowed) pick() {
	var changed []string
	for _, pair := range [][2]*outline{{n.base, n.head}, {n.head, n.base}} {
		for key, p := range pair[0].parts {
			if q := pair[1].parts[key]; q == nil || q.sum != p.sum {
				changed = append(changed, key)
			}
			for _, ref := range p.refs {
				n.holders[ref] = append(n.holders[ref], key)
			}
		}
	}
	n.spread(changed, func(key string) []string { return n.holders[key] }) // what leads to a difference
	var more []string
	for key := range n.keep {
		more = append(more, n.refs(key)...)
	}
	for _, o := range []*outline{n.base, n.head} {
		more = append(more, o.refs...)
		for key := range o.parts {
			if sectionOf(key) == "securitySchemes" {
				more = append(more, key)
			}
		}
	}
	n.add(more...)
	for _, o := range []*outline{n.base, n.head} {
		if first := o.firstPath(n.keep); first != "" { // no document is without paths
			n.add(first)
		}
	}
}

// add keeps parts, and what they lead to.
func (n *Narrowed) add(keys ...string) { n.spread(keys, n.refs) }

// spread keeps parts, and what can be reached from them.
func (n *Narrowed) spread(queue []string, next func(key string) []string) {
	for len(queue) > 0 {
		key := queue[len(queue)-1]
		queue = queue[:len(queue)-1]
		if !n.keep[key] {
			n.keep[key] = true
			queue = append(queue, next(key)...)
		}
	}
}

// refs are the components that a part names on either side.
func (n *Narrowed) refs(key string) (out []string) {
	for _, o := range []*outline{n.base, n.head} {
		if p := o.parts[key]; p != nil {
			out = append(out, p.refs...)
		}
	}
	return out
}

// unchanged reports whether a part is the same on both sides.
func (n *Narrowed) unchanged(key string) bool {
	p, q := n.base.parts[key], n.head.parts[key]
	return p != nil && q != nil && p.sum == q.sum
}
