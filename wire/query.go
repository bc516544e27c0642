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
		switch path, called := p.called(q.name, kind); {
		case q.name == p.Name:
			hits = append(hits, hit{raw: q.raw})
		case called && nests && !in.declares(p, q.name, len(q.name)-len(path)):
			hits = append(hits, hit{path, q.raw})
			bracketed = bracketed || path != ""
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
		case in.declares(p, q.name, len(base)):
			continue
		case base == p.Name: // filter[a]=1
		case in.declares(p, base, len(base)):
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
// it. A member may be called "ids[]" itself, and is "ids" and "ids[0]" then, too.
func memberNamed(t reflect.Type, name string) (base, path string, known bool) {
	base, path = bracket.Cut(name)
	if t.Kind() != reflect.Struct {
		return base, path, false
	}
	fields := fieldsOf(t)
	if _, exact := fields.index[name]; exact {
		return name, "", true
	}
	if list, path, ok := bracket.Under(fields.stems, name); ok {
		return list, path, true
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

// called reports whether a name with brackets behind it is that of a list or object,
// and which brackets these are. A list may be called "ids[]" itself, and is "ids" and
// "ids[0]" then, too.
func (p *Param) called(name string, kind nodeKind) (path string, ok bool) {
	base, path := bracket.Cut(name)
	if stem, listed := bracket.Stem(p.Name); listed && kind == list {
		if path, ok = strings.CutPrefix(name, stem); ok && (path == "" || path[0] == '[') {
			return path, true
		}
	}
	return path, base == p.Name
}

// declares reports whether another parameter of the query has a name, or the better
// right to it than one that is called as its first bytes, length of them, say: by more
// of them, or by the same ones without brackets at the end of its own name.
func (in *Input) declares(by *Param, name string, length int) bool {
	for i := range in.shape.Params {
		p := &paramsOf(in.shape)[i]
		if p == by || p.In != InQuery {
			continue
		}
		if p.Name == name {
			return true
		}
		if path, called := p.called(name, list); called {
			if own := name[:len(name)-len(path)]; len(own) > length || len(own) == length && own == p.Name {
				return true
			}
		}
	}
	return false
}
