package contract

import (
	"cmp"
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// templateNames returns the variables of a path template in their order, or
// what is wrong with it (OpenAPI 3.0.3, section 4.7.8.1).
func templateNames(path string) (names []string, fault string) {
	if strings.ContainsAny(path, "?#") {
		return nil, "holds ? or #; queries are parameters, not part of the path"
	}
	for _, c := range path {
		if c <= ' ' || c == 0x7f {
			return nil, "holds a space or a control character"
		}
	}
	if slices.ContainsFunc(strings.Split(path, "/"), func(s string) bool { return s == "." || s == ".." }) {
		return nil, "holds the segment . or .., which clients resolve before they send it"
	}
	rest := path
	for {
		open := strings.IndexAny(rest, "{}")
		if open < 0 {
			return names, ""
		}
		if rest[open] == '}' {
			return nil, "closes a brace that is not open"
		}
		end := strings.IndexAny(rest[open+1:], "{}/")
		if end < 0 || rest[open+1+end] != '}' {
			return nil, "opens a brace and does not close it"
		}
		name := rest[open+1 : open+1+end]
		switch {
		case name == "":
			return nil, "has a variable without name"
		case slices.Contains(names, name):
			return nil, fmt.Sprintf("uses {%s} twice", name)
		}
		names = append(names, name)
		rest = rest[open+1+end+1:]
	}
}

// parameters reads the parameters of a path or an operation. The second result
// is false when some could not be read, so that nothing can be said to lack.
func (s *surveyor) parameters(v *value) (out []Parameter, whole bool) {
	whole = true
	list := v.get("parameters")
	if list == nil {
		return nil, true
	}
	if list.broken {
		return nil, false
	}
	seen := map[[2]string]config.Pos{}
	for _, item := range list.items {
		p := item.resolved()
		if p == nil {
			whole = false
			continue
		}
		q := Parameter{Name: p.str("name"), In: p.str("in"), Required: p.flag("required"), Deprecated: p.flag("deprecated"), Pos: item.pos}
		if !slices.Contains(places, q.In) {
			hint := config.Suggest(q.In, places)
			if q.In == "body" || q.In == "formData" {
				hint = "bodies are described by requestBody since OpenAPI 3.0"
			}
			s.list.Add(ruleParameter, p.get("in").position(item.pos), fmt.Sprintf("a parameter cannot be in %q", q.In), hint)
			whole = false
			continue
		}
		key := [2]string{q.In, strings.ToLower(q.Name)}
		if q.In != "header" { // only header names fold case
			key[1] = q.Name
		}
		if first, twice := seen[key]; twice {
			s.list.Add(ruleDuplicateParameter, q.Pos, fmt.Sprintf("the %s parameter %q is declared twice", q.In, q.Name), "the first is at "+first.String())
			continue
		}
		seen[key] = q.Pos
		if q.In == "path" && !q.Required {
			s.list.Warn(ruleParameter, p.position(q.Pos), fmt.Sprintf("the path parameter %q is not marked as required; it is read so", q.Name), "add required: true")
			p.set("required", p.pos, &value{kind: rawValue, raw: &node{kind: boolNode, text: "true", file: &file{name: p.pos.File}, line: p.pos.Line, col: p.pos.Col}, pos: p.pos})
			q.Required = true
		}
		out = append(out, q)
	}
	return out, whole
}

var places = []string{"path", "query", "header", "cookie"}

func (v *value) position(fallback config.Pos) config.Pos {
	if v == nil || v.pos.Line == 0 {
		return fallback
	}
	return v.pos
}

// merge lets the operation's parameters replace those of its path.
func merge(shared, own []Parameter) []Parameter {
	out := slices.Clone(own)
	for _, p := range shared {
		if !slices.ContainsFunc(own, func(q Parameter) bool { return q.In == p.In && q.Name == p.Name }) {
			out = append(out, p)
		}
	}
	return out
}

func sortParameters(params []Parameter, names []string) []Parameter {
	slices.SortStableFunc(params, func(a, b Parameter) int {
		return cmp.Or(
			cmp.Compare(slices.Index(places, a.In), slices.Index(places, b.In)),
			cmp.Compare(slices.Index(names, a.Name), slices.Index(names, b.Name)),
			cmp.Compare(a.Name, b.Name))
	})
	return params
}

// checkPathParameters compares the variables of a template with the
// parameters declared for it.
func (s *surveyor) checkPathParameters(path string, names []string, op *valueField, params []Parameter) {
	var declared []string
	for _, p := range params {
		if p.In != "path" {
			continue
		}
		declared = append(declared, p.Name)
		if !slices.Contains(names, p.Name) {
			hint := config.Suggest(p.Name, names)
			if hint == "" {
				hint = "add {" + p.Name + "} to the path or remove the parameter"
			}
			s.list.Add(rulePathParameter, p.Pos, fmt.Sprintf("the path parameter %q does not stand in %s", p.Name, path), hint)
		}
	}
	for _, name := range names {
		if !slices.Contains(declared, name) {
			s.list.Add(rulePathParameter, op.pos, fmt.Sprintf("%s %s does not declare its path parameter %q", strings.ToUpper(op.name), path, name),
				fmt.Sprintf("add {name: %s, in: path, required: true, schema: {type: string}} to its parameters", name))
		}
	}
}

// checkCollisions reports operations that no router can tell apart: the same
// method, and paths that differ in the names of their variables only. It looks
// across services, because one server serves them all.
func checkCollisions(services []*Contract, list *diag.List) {
	type route struct{ method, path string }
	first := map[route]*Operation{}
	for _, c := range services {
		ops := slices.Clone(c.Operations)
		slices.SortStableFunc(ops, func(a, b *Operation) int {
			return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
		})
		for _, op := range ops {
			if _, fault := templateNames(op.Template); fault != "" {
				continue // reported
			}
			r := route{op.Method, anonymous(op.Path)}
			other := first[r]
			if other == nil {
				first[r] = op
				continue
			}
			list.Add(rulePathCollision, op.Pos, fmt.Sprintf("%s %s (%s) collides with %s (%s)", op.Method, op.Path, op.Key, other.Path, other.Key),
				"the other is at "+other.Pos.String())
		}
	}
}

// anonymous is a path template without the names of its variables.
func anonymous(path string) string {
	var b strings.Builder
	for {
		before, rest, found := strings.Cut(path, "{")
		b.WriteString(before)
		if !found {
			return b.String()
		}
		_, path, _ = strings.Cut(rest, "}")
		b.WriteString("{}")
	}
}
