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
	var again []*value
	defer func() {
		list.items = slices.DeleteFunc(list.items, func(v *value) bool { return slices.Contains(again, v) })
	}()
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
		if first, twice := seen[q.key()]; twice {
			s.list.Warn(ruleDuplicateParameter, q.Pos, fmt.Sprintf("the %s parameter %q is declared twice; the first is read", q.In, q.Name), "the first is at "+first.String())
			again = append(again, item)
			continue
		}
		seen[q.key()] = q.Pos
		if name := strings.ToLower(q.Name); q.In == "header" && (name == "accept" || name == "content-type" || name == "authorization") {
			s.list.Warn(ruleParameter, q.Pos, fmt.Sprintf("OpenAPI ignores header parameters called %s, and so does this", q.Name),
				"describe Accept and Content-Type by the media types of answers and bodies, Authorization by a security scheme")
		}
		if q.In == "path" && !q.Required {
			var fix *diag.Fix
			if n := p.raw; n != nil && n.member("required") == nil {
				fix = n.insert("add required: true", "required", "true")
			} else if n != nil {
				fix = n.file.rewrite("write required: true", n.get("required"), "true")
			}
			s.list.Repairable(ruleParameter, p.position(q.Pos), fmt.Sprintf("the path parameter %q is not marked as required; it is read so", q.Name), "add required: true", fix)
			p.set("required", p.pos, rawBool(&node{file: &file{name: p.pos.File}, place: place{int32(p.pos.Line), int32(p.pos.Col), -1}}, true))
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
		if !slices.ContainsFunc(own, p.Is) {
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

// matchTemplate makes the parameters of an operation those of its path: one that
// the path does not have is left out, and one that is not declared is text, or
// what a misspelt declaration says.
func (s *surveyor) matchTemplate(path *valueField, names []string, op *valueField, params []Parameter) []Parameter {
	declared := map[string]bool{}
	var strays []Parameter
	out := params[:0:0]
	for _, p := range params {
		switch {
		case p.In != "path":
		case slices.Contains(names, p.Name):
			declared[p.Name] = true
		default:
			strays = append(strays, p)
			taken := func(name string) bool {
				return slices.ContainsFunc(params, func(q Parameter) bool { return q.In == "path" && q.Name == name })
			}
			hint := config.SuggestUnused(p.Name, names, taken)
			if hint == "" {
				hint = "add {" + p.Name + "} to the path or remove the parameter"
			}
			s.list.Warn(rulePathParameter, p.Pos, fmt.Sprintf("the path parameter %q does not stand in %s; it is ignored", p.Name, path.name), hint)
			continue
		}
		out = append(out, p)
	}
	for _, name := range names {
		if declared[name] {
			continue
		}
		made, like := s.declare(name, strays, []*value{op.value, path.value}, op.pos)
		message := fmt.Sprintf("%s %s does not declare its path parameter %q; ", strings.ToUpper(op.name), path.name, name)
		if like != "" {
			message += "it is read as " + like
		} else {
			message += "it is read as text"
		}
		s.list.Repairable(rulePathParameter, op.pos, message,
			fmt.Sprintf("add {name: %s, in: path, required: true, schema: {type: string}} to its parameters", name), addParameter(op.value.raw, name, like))
		list := op.value.get("parameters")
		if list == nil {
			list = &value{kind: listValue, pos: op.pos}
			op.value.set("parameters", op.pos, list)
		}
		list.items = append(list.items, made)
		out = append(out, Parameter{Name: name, In: "path", Required: true, Pos: op.pos})
	}
	for _, stray := range strays {
		for _, holder := range []*value{op.value, path.value} {
			if list := holder.get("parameters"); list != nil {
				list.items = slices.DeleteFunc(list.items, func(v *value) bool {
					p := v.resolved()
					return p != nil && p.str("in") == "path" && p.str("name") == stray.Name
				})
			}
		}
	}
	return out
}

// declare makes the declaration of a path parameter that lacks one, after a
// declared one of nearly that name that has no place in the path.
func (s *surveyor) declare(name string, strays []Parameter, holders []*value, pos config.Pos) (made *value, like string) {
	made = &value{kind: objectValue, object: parameterObject, pos: pos}
	var near []string
	for _, p := range strays {
		near = append(near, p.Name)
	}
	if like, ok := config.Nearest(name, near); ok {
		for _, holder := range holders {
			for _, item := range holder.get("parameters").list() {
				if p := item.resolved(); p != nil && p.str("in") == "path" && p.str("name") == like {
					*made = *p
					made.fields = slices.Clone(p.fields)
					made.set("name", pos, textValueAt(name, pos))
					return made, like
				}
			}
		}
	}
	text := &value{kind: objectValue, object: schemaObject, pos: pos}
	text.set("type", pos, textValueAt("string", pos))
	made.set("name", pos, textValueAt(name, pos))
	made.set("in", pos, textValueAt("path", pos))
	made.set("required", pos, rawBool(&node{file: &file{name: pos.File}, place: place{int32(pos.Line), int32(pos.Col), -1}}, true))
	made.set("schema", pos, text)
	return made, ""
}

// addParameter declares a parameter in the text of an operation. Where a
// misspelt one is meant, somebody has to look.
func addParameter(operation *node, name, like string) *diag.Fix {
	if operation == nil || like != "" {
		return nil
	}
	text := `{"name": ` + quoted(name) + `, "in": "path", "required": true, "schema": {"type": "string"}}`
	summary := "declare the path parameter " + name
	switch list := operation.get("parameters"); {
	case list == nil:
		return operation.insert(summary, "parameters", "["+text+"]")
	case list.kind == listNode && len(list.items) > 0:
		return list.insertItem(summary, text)
	}
	return nil
}

// checkCollisions finds operations that no router can tell apart: the same
// method, and paths that differ in the names of their variables only. Within a
// service the one that the contract declares first takes the requests of all;
// between services, which one server serves together, nothing says which is
// meant.
func checkCollisions(services []*Contract, list *diag.List) {
	type route struct{ method, path string }
	first := map[route]*Operation{}
	for _, c := range services {
		ops := slices.Clone(c.Operations)
		slices.SortStableFunc(ops, func(a, b *Operation) int {
			return cmp.Or(cmp.Compare(a.beyond(), b.beyond()), // /a before /a#b
				cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
		})
		for _, op := range ops {
			if _, fault := templateNames(op.Path); fault != "" {
				continue // reported
			}
			r := route{op.Method, anonymous(op.Path)}
			other := first[r]
			if other == nil {
				first[r] = op
				continue
			}
			message := fmt.Sprintf("%s %s (%s) collides with %s (%s)", op.Method, op.shown(), op.Key, other.shown(), other.Key)
			if other.Service != op.Service {
				list.Add(rulePathCollision, op.Pos, message, "the other is at "+other.Pos.String())
				continue
			}
			op.Behind = other.Key
			list.Warn(rulePathCollision, op.Pos, message+", which takes its requests: it is declared first", "the other is at "+other.Pos.String())
		}
	}
}

// beyond is how much of its template is no path.
func (op *Operation) beyond() int {
	if i := strings.IndexAny(op.Template, "?#"); i >= 0 {
		return len(op.Template) - i
	}
	return 0
}

// shown is the path for a message.
func (op *Operation) shown() string {
	if route, rest, _ := strings.Cut(op.Template, "#"); rest != "" && strings.HasSuffix(op.Path, route) {
		return op.Path + "#" + rest
	}
	return op.Path
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
