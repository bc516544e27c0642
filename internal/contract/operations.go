package contract

import (
	"cmp"
	"fmt"
	"maps"
	"slices"
	"strings"

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
	for _, f := range inOrder(paths.fields) {
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
	names, fault := templateNames(f.name)
	if fault != "" {
		s.list.Add(rulePathSyntax, f.pos, fmt.Sprintf("the path %q %s", f.name, fault), "")
		names = nil
	}
	if servers := f.value.field("servers"); servers != nil {
		s.list.Warn(ruleServer, servers.pos, "servers of a path are ignored", "set base-path for the service in "+WorkspaceFile)
	}
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
			s.checkPathParameters(f.name, names, op, params)
		}
		s.requirements(op.value)
		if servers := op.value.field("servers"); servers != nil {
			s.list.Warn(ruleServer, servers.pos, "servers of an operation are ignored", "set base-path for the service in "+WorkspaceFile)
		}
		s.operation(f, method, op, names, params)
	}
}

func (s *surveyor) operation(path *valueField, method string, f *valueField, names []string, params []Parameter) {
	v, c := f.value, s.contract
	where := strings.ToUpper(method) + " " + path.name
	class, key := s.class(v, method, params)
	id := v.get("operationId")
	switch {
	case id == nil || id.kind == textValue && strings.TrimSpace(id.text) == "":
		s.list.Add(ruleNoOperationID, f.pos, where+" has no operationId",
			fmt.Sprintf("add one, such as operationId: %s; generated code, legacy.yaml and rollout.yaml name the operation by it", suggestID(method, path.name)))
		return
	case id.kind != textValue:
		return // of the wrong type, reported
	}
	if first, twice := s.ids[id.text]; twice {
		s.list.Add(ruleDuplicateOperationID, id.pos, fmt.Sprintf("the operationId %q is taken", id.text), "it stands at "+first.String()+" already")
		return
	}
	s.ids[id.text] = id.pos
	op := &Operation{
		Operation: catalog.Operation{
			Key: c.Name + "." + id.text, ID: id.text, Method: strings.ToUpper(method), Path: c.BasePath + path.name,
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
		for i := range responses.fields {
			r := &responses.fields[i]
			if strings.HasPrefix(r.name, "x-") {
				continue
			}
			op.Responses = append(op.Responses, Response{Status: r.name, MediaTypes: mediaTypes(r.value.resolved()), Pos: r.pos})
		}
		if len(op.Responses) == 0 && !responses.broken {
			s.list.Add(ruleMissingField, responses.pos, where+" declares no response", "declare at least the one of success")
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

// suggestID makes up an operationId from method and path: GET /orders/{id}
// becomes getOrdersById.
func suggestID(method, path string) string {
	var b strings.Builder
	b.WriteString(method)
	for _, word := range strings.FieldsFunc(path, func(r rune) bool { return r == '/' || r == '-' || r == '_' || r == '.' || r == ':' }) {
		if name, isVar := strings.CutPrefix(word, "{"); isVar {
			word = "by" + capital(strings.TrimSuffix(name, "}"))
		}
		b.WriteString(capital(word))
	}
	return b.String()
}

func capital(s string) string {
	if s == "" {
		return s
	}
	return strings.ToUpper(s[:1]) + s[1:]
}
