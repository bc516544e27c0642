package wire

import (
	"reflect"
	"strings"

	"github.com/banyan-go/banyan/schema/bracket"
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

// hit is an occurrence of a query parameter, with the brackets behind its name.
type hit struct{ path, raw string }

// findQuery reads a query parameter as package schema does. Lists and objects are
// also found under PHP's names, "name[]", "name[0]" and "name[key]": what PHP
// accepts for years, clients send.
func (in *Input) findQuery(p *Param, kind nodeKind, t reflect.Type) (node, bool) {
	if kind == object && p.Explode && p.Style == Form {
		return in.findMembers(p, t)
	}
	nests := p.Style == DeepObject || kind != scalar && p.Style != JSON
	var hits []hit
	bracketed := p.Style == DeepObject
	for _, q := range in.pairs() {
		if q.name == p.Name {
			hits = append(hits, hit{raw: q.raw})
		} else if base, path := bracket.Cut(q.name); nests && base == p.Name && !in.declares(p, q.name) {
			hits = append(hits, hit{path, q.raw})
			bracketed = true
		}
	}
	switch {
	case len(hits) == 0:
		return node{}, false
	case bracketed:
		tree := new(bracket.Tree)
		for _, h := range hits {
			if !tree.Add(h.path, bracket.Value{Text: queryUnescape(h.raw)}) {
				return node{fault: unmatched}, true
			}
		}
		return treeNode(tree), true
	case kind == list && p.Explode:
		n := node{kind: list}
		for _, h := range hits {
			n.items = append(n.items, text(queryUnescape(h.raw)))
		}
		return n, true
	case len(hits) > 1:
		return node{fault: notOnce}, true
	}
	return split(p, kind, hits[0].raw, queryUnescape), true
}

// findMembers reads an exploded object: each member is a parameter of its own, or
// stands in brackets behind the object's name. Without declared members it takes
// what no other parameter claims.
func (in *Input) findMembers(p *Param, t reflect.Type) (node, bool) {
	tree := new(bracket.Tree)
	for _, q := range in.pairs() {
		base, path, known := memberNamed(t, q.name)
		at := tree
		switch {
		case q.name == p.Name:
		case in.declares(p, q.name):
			continue
		case base == p.Name: // filter[a]=1
		case in.declares(p, base):
			continue
		case known:
			at = tree.Child(base)
		case takesAny(t):
			at, path = tree.Child(q.name), ""
		default:
			continue
		}
		if !at.Add(path, bracket.Value{Text: queryUnescape(q.raw)}) {
			return node{fault: unmatched}, true
		}
	}
	return treeNode(tree), len(tree.Keys)+len(tree.Values) > 0
}

// memberNamed finds the member of an object that a name means, and the brackets behind
// it. A member may be called "ids[]" itself.
func memberNamed(t reflect.Type, name string) (base, path string, known bool) {
	base, path = bracket.Cut(name)
	if t.Kind() != reflect.Struct {
		return base, path, false
	}
	fields := fieldsOf(t)
	if _, exact := fields.index[name]; exact {
		return name, "", true
	}
	_, known = fields.index[base]
	return base, path, known
}

// takesAny reports whether an object has members that are not declared.
func takesAny(t reflect.Type) bool {
	if t.Kind() != reflect.Struct {
		return true
	}
	fields := fieldsOf(t)
	return fields.rest >= 0 || fields.union
}

// declares reports whether another parameter of the query has a name.
func (in *Input) declares(by *Param, name string) bool {
	for i := range in.shape.Params {
		if p := &paramsOf(in.shape)[i]; p != by && p.In == InQuery && p.Name == name {
			return true
		}
	}
	return false
}
