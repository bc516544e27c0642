package contract

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// surveyor derives the operations of a contract from its bundle and checks
// what only they can tell: names, paths, parameters.
type surveyor struct {
	contract *Contract
	bundle   *bundle
	list     *diag.List
	ids      map[string]config.Pos
	schemes  map[string]bool
	baseSet  bool // by banyan.yaml, for all operations
}

func (s *surveyor) survey() {
	s.ids, s.schemes = map[string]config.Pos{}, map[string]bool{}
	for _, t := range s.bundle.components["securitySchemes"] {
		s.schemes[t.name] = true
	}
	root := s.bundle.root
	s.requirements(root)
	paths := root.get("paths")
	if paths == nil {
		return
	}
	all := inOrder(paths.fields)
	s.claim(all)
	for _, f := range all {
		if f.value.object == pathItemObject {
			s.path(f)
		}
	}
	slices.SortFunc(s.contract.Operations, func(a, b *Operation) int { return strings.Compare(a.Key, b.Key) })
}

// inOrder returns fields in the order of the file, so that of two things that
// clash the second is reported.
func inOrder(fields []valueField) []*valueField {
	out := make([]*valueField, len(fields))
	for i := range fields {
		out[i] = &fields[i]
	}
	slices.SortStableFunc(out, func(a, b *valueField) int {
		return cmp.Or(strings.Compare(a.pos.File, b.pos.File), cmp.Compare(a.pos.Line, b.pos.Line), cmp.Compare(a.pos.Col, b.pos.Col))
	})
	return out
}

func (s *surveyor) path(f *valueField) {
	route := s.route(f)
	names, fault := templateNames(route)
	if fault != "" {
		s.list.Add(rulePathSyntax, f.pos, fmt.Sprintf("the path %q %s", f.name, fault), "")
		names = nil
	}
	pathBase := s.base(f.value, s.contract.BasePath)
	s.misplacedEffects(f.value)
	shared, sharedWhole := s.parameters(f.value)
	for _, op := range inOrder(f.value.fields) {
		method := op.name
		if op.value.object != operationObject {
			continue
		}
		own, ownWhole := s.parameters(op.value)
		params := merge(shared, own)
		if fault == "" && sharedWhole && ownWhole && !f.value.broken {
			params = s.matchTemplate(f, names, op, params)
		}
		s.requirements(op.value)
		s.operation(f, s.base(op.value, pathBase)+route, method, op, names, params)
	}
}

// base is what stands in front of the paths of something that may have servers
// of its own.
func (s *surveyor) base(v *value, inherited string) string {
	servers := v.field("servers")
	if servers == nil || servers.value.kind != listValue || len(servers.value.items) == 0 {
		return inherited
	}
	if !s.baseSet {
		return basePath(v, s.list)
	}
	if own, ok := serverPath(servers.value.items[0]); !ok || own != inherited {
		s.list.Warn(ruleServer, servers.pos, fmt.Sprintf("its servers have the path %q; it is served below %q", own, inherited),
			"base-path in "+WorkspaceFile+" holds for all operations of the service")
	}
	return inherited
}

// route is the part of a path template that a request can have. What documents
// write after it, to tell apart what one path does, never reaches a server.
func (s *surveyor) route(f *valueField) string {
	route := strings.TrimSpace(f.name)
	if i := strings.IndexAny(route, "?#"); i >= 0 {
		route = route[:i]
	}
	if route != f.name && strings.HasPrefix(route, "/") {
		s.list.Warn(rulePathSyntax, f.pos, fmt.Sprintf("the path %q holds more than a path; requests are matched by %s", f.name, route),
			"describe queries as parameters, and what one path does under one operation")
		return route
	}
	return f.name
}

// claim notes the operationIds that the contract gives, each for the first that
// has it, so that no name made up here takes one.
func (s *surveyor) claim(paths []*valueField) {
	for _, path := range paths {
		if path.value.object != pathItemObject {
			continue
		}
		for _, op := range inOrder(path.value.fields) {
			if op.value.object != operationObject {
				continue
			}
			id := op.value.get("operationId")
			if id == nil || id.kind != textValue || strings.TrimSpace(id.text) == "" {
				continue
			}
			if _, taken := s.ids[id.text]; !taken {
				s.ids[id.text] = id.pos
			}
		}
	}
}

// identify returns the operation's operationId: its own, or one that follows
// from method and path where that is missing or taken.
func (s *surveyor) identify(where, method, path string, f *valueField) (string, bool) {
	id := f.value.get("operationId")
	switch {
	case id != nil && id.kind != textValue:
		return "", false // of the wrong type, reported
	case id != nil && strings.TrimSpace(id.text) != "" && s.ids[id.text] == id.pos:
		return id.text, true
	}
	made := SuggestID(method, path)
	for i := 2; ; i++ {
		if _, taken := s.ids[made]; !taken {
			break
		}
		made = fmt.Sprintf("%s%d", SuggestID(method, path), i)
	}
	s.ids[made] = f.pos
	n := f.value.raw
	if id == nil || strings.TrimSpace(id.text) == "" {
		var fix *diag.Fix
		switch m := n.member("operationId"); {
		case m != nil:
			fix = n.file.rewrite("write operationId: "+made, m.value, quotedLike(m.value, made))
		case n != nil:
			fix = n.insert("add operationId: "+made, "operationId", quotedIn(n, made))
		}
		s.list.Repairable(ruleNoOperationID, f.pos, fmt.Sprintf("%s has no operationId; it is called %s", where, made),
			"add operationId: "+made+"; generated code, legacy.yaml and rollout.yaml name the operation by it", fix)
	} else {
		s.list.Repairable(ruleDuplicateOperationID, id.pos, fmt.Sprintf("the operationId %q is taken; %s is called %s", id.text, where, made),
			"it stands at "+s.ids[id.text].String()+" already", n.file.rewrite("write operationId: "+made, n.get("operationId"), quotedLike(n.get("operationId"), made)))
	}
	f.value.set("operationId", f.pos, textValueAt(made, f.pos))
	return made, true
}

func (s *surveyor) operation(path *valueField, full, method string, f *valueField, names []string, params []Parameter) {
	v, c := f.value, s.contract
	where := strings.ToUpper(method) + " " + path.name
	class, key := s.class(v, method, params)
	id, ok := s.identify(where, method, path.name, f)
	if !ok {
		return
	}
	op := &Operation{
		Operation: catalog.Operation{
			Key: c.Name + "." + id, ID: id, Method: strings.ToUpper(method), Path: full,
			BodyLimit: c.BodyLimit, Class: class, IdempotencyKey: key, Source: f.pos.String(),
		},
		Service: c.Name, Pos: f.pos, Template: path.name,
		Summary: v.str("summary"), Description: v.str("description"), Tags: v.strs("tags"), Deprecated: v.flag("deprecated"),
		Parameters: sortParameters(params, names),
	}
	if body := v.get("requestBody"); body.resolved() != nil {
		b := body.resolved()
		op.Body = &Body{Required: b.flag("required"), MediaTypes: mediaTypes(b), Pos: v.field("requestBody").pos}
	}
	if responses := v.get("responses"); responses != nil {
		declared := func(f valueField) bool { return !strings.HasPrefix(f.name, "x-") }
		if !slices.ContainsFunc(responses.fields, declared) && !responses.broken {
			s.list.Warn(ruleMissingField, responses.pos, where+" declares no response", "declare at least the one of success")
			responses.set("default", responses.pos, anyResponse(responses.pos).get("default"))
		}
		for i := range responses.fields {
			if r := &responses.fields[i]; declared(*r) {
				op.Responses = append(op.Responses, Response{Status: r.name, MediaTypes: mediaTypes(r.value.resolved()), Pos: r.pos})
			}
		}
	}
	c.Operations = append(c.Operations, op)
}

func mediaTypes(v *value) []string {
	var out []string
	if content := v.get("content"); content != nil {
		for _, f := range content.fields {
			out = append(out, f.name)
		}
	}
	return out
}

// requirements checks that security names schemes that exist.
func (s *surveyor) requirements(v *value) {
	list := v.get("security")
	if list == nil {
		return
	}
	for _, item := range list.items {
		for _, f := range item.fields {
			if !s.schemes[f.name] && !strings.HasPrefix(f.name, "x-") {
				s.list.Warn(ruleSecurity, f.pos, fmt.Sprintf("there is no security scheme %q", f.name),
					cmp.Or(config.Suggest(f.name, slices.Collect(maps.Keys(s.schemes))), "declare it under components/securitySchemes"))
			}
		}
	}
}

// SuggestID makes up an operationId from method and path: GET /orders/{id}
// becomes getOrdersById. The same path always gives the same name.
func SuggestID(method, path string) string {
	var b strings.Builder
	b.WriteString(method)
	variable := false
	for path != "" {
		end := strings.IndexFunc(path, func(r rune) bool { return !unicode.IsLetter(r) && !unicode.IsDigit(r) })
		if end < 0 {
			end = len(path)
		}
		if word := path[:end]; word != "" {
			if variable {
				b.WriteString("By")
			}
			r, size := utf8.DecodeRuneInString(word)
			b.WriteRune(unicode.ToUpper(r))
			b.WriteString(word[size:])
			variable = false
		}
		if end == len(path) {
			break
		}
		_, size := utf8.DecodeRuneInString(path[end:])
		variable = path[end] == '{' || variable && path[end] != '}'
		path = path[end+size:]
	}
	return b.String()
}
