package wire

import (
	"reflect"
	"strings"
)

// pairs returns the request's query, in order.
func (in *Input) pairs() []pair {
	if !in.parsed {
		in.parsed = true
		in.query = parsePairs(in.r.URL.RawQuery)
	}
	return in.query
}

func parsePairs(raw string) []pair {
	var out []pair
	for raw != "" {
		var part string
		part, raw, _ = strings.Cut(raw, "&")
		if part == "" {
			continue
		}
		name, value, _ := strings.Cut(part, "=")
		out = append(out, pair{queryUnescape(name), value})
	}
	return out
}

// findQuery reads a query parameter. Lists are also found under PHP's names,
// "name[]" and "name[0]": what PHP accepts for years, clients send.
func (in *Input) findQuery(p *Param, kind nodeKind, t reflect.Type) (node, bool) {
	pairs := in.pairs()
	if p.Style == DeepObject {
		return nested(pairs, p.Name)
	}
	if kind == object && p.Explode && p.Style == Form {
		return in.findMembers(p, t)
	}
	var values []string
	for _, q := range pairs {
		if q.name == p.Name {
			values = append(values, q.raw)
		}
	}
	if len(values) == 0 {
		if kind == list && !strings.HasSuffix(p.Name, "]") {
			return nested(pairs, p.Name)
		}
		return node{}, false
	}
	switch {
	case kind == scalar:
		// The last one wins, as in PHP.
		return split(p, kind, values[len(values)-1], queryUnescape), true
	case kind == list && (p.Explode || len(values) > 1):
		n := node{kind: list}
		for _, v := range values {
			n.items = append(n.items, text(queryUnescape(v)))
		}
		return n, true
	}
	return split(p, kind, values[len(values)-1], queryUnescape), true
}

// nested collects "name[a]=1&name[b][]=2", and a plain "name=1" as itself.
func nested(pairs []pair, name string) (node, bool) {
	var n node
	found := false
	for _, q := range pairs {
		base, keys := brackets(q.name)
		if base != name {
			continue
		}
		found = true
		at := &n
		for _, key := range keys {
			at = at.child(key)
		}
		at.kind, at.text = scalar, queryUnescape(q.raw)
	}
	return n.listed(), found
}

// listed turns objects whose names are 0, 1, 2... into lists, as PHP does.
func (n node) listed() node {
	for i := range n.items {
		n.items[i] = n.items[i].listed()
	}
	if n.kind != object {
		return n
	}
	for i, name := range n.names {
		if name != "" && name != itoa(i) {
			return n
		}
	}
	return node{kind: list, items: n.items, names: n.names}
}

// findMembers reads an exploded object: each member is a parameter of its own.
// Without declared members it takes what no other parameter claims.
func (in *Input) findMembers(p *Param, t reflect.Type) (node, bool) {
	var fields *structFields
	if t.Kind() == reflect.Struct {
		fields = fieldsOf(t)
	}
	n := node{kind: object}
	for _, q := range in.pairs() {
		base, keys := brackets(q.name)
		known := false
		if fields != nil {
			_, known = fields.index[base]
			if _, exact := fields.index[q.name]; exact {
				known, base, keys = true, q.name, nil
			}
		}
		if !known && (fields != nil && fields.rest < 0 || in.claimed(p, base)) {
			continue
		}
		at := n.child(base)
		if len(keys) == 0 && at.kind == scalar && at.text != "" {
			*at = node{kind: list, items: []node{*at}, names: []string{""}}
		}
		for _, key := range keys {
			at = at.child(key)
		}
		if at.kind == list {
			at = at.child("")
		}
		at.kind, at.text = scalar, queryUnescape(q.raw)
	}
	return n, len(n.items) > 0
}

func (in *Input) claimed(by *Param, name string) bool {
	for i := range in.shape.Params {
		if p := &in.shape.Params[i]; p != by && p.In == InQuery && p.Name == name {
			return true
		}
	}
	return false
}
