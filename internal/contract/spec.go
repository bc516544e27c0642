package contract

import (
	"fmt"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// Spec returns the contract as a typed document. It is the caller's own. It
// fails only for a contract that had errors; those of Faults leave gaps.
func (c *Contract) Spec() (*openapi.Document, error) {
	if c.bundle == nil {
		return nil, fmt.Errorf("%s has errors", c.File)
	}
	return newSpecifier().document(c.bundle), nil
}

// specifier turns values into typed objects. What references lead to is made
// once, so that identity is kept and recursion ends.
type specifier struct {
	schemas    map[*value]*openapi.Schema
	parameters map[*value]*openapi.Parameter
	headers    map[*value]*openapi.Header
	bodies     map[*value]*openapi.RequestBody
	responses  map[*value]*openapi.Response
}

func newSpecifier() *specifier {
	return &specifier{
		schemas: map[*value]*openapi.Schema{}, parameters: map[*value]*openapi.Parameter{}, headers: map[*value]*openapi.Header{},
		bodies: map[*value]*openapi.RequestBody{}, responses: map[*value]*openapi.Response{},
	}
}

func (s *specifier) document(b *bundle) *openapi.Document {
	root, info := b.root, b.root.get("info")
	doc := &openapi.Document{
		Source:  root,
		Version: root.str("openapi"), Title: info.str("title"), Description: info.str("description"), Release: info.str("version"),
		Servers: s.servers(root), Security: s.requirements(root), Extensions: extensions(root), Pos: root.pos,
		Paths: mapped(root.get("paths"), s.pathItem), Webhooks: mapped(root.get("webhooks"), s.pathItem),
		Components: openapi.Components{
			Schemas:         component(b, schemaObject, s.schema),
			Parameters:      component(b, parameterObject, s.parameter),
			RequestBodies:   component(b, requestBodyObject, s.requestBody),
			Responses:       component(b, responseObject, s.response),
			Headers:         component(b, headerObject, s.header),
			SecuritySchemes: component(b, securityScheme, s.securityScheme),
			Callbacks:       component(b, callbackObject, s.callback),
			Extensions:      extensions(root.get("components")),
		},
	}
	for _, tag := range root.get("tags").list() {
		doc.Tags = append(doc.Tags, &openapi.Tag{Name: tag.str("name"), Description: tag.str("description"), Pos: tag.pos})
	}
	return doc
}

// component makes one section of the components.
func component[T any](b *bundle, o *object, make1 func(*value) T) map[string]T {
	targets := b.components[o.section]
	if len(targets) == 0 {
		return nil
	}
	out := make(map[string]T, len(targets))
	for _, t := range targets {
		out[t.name] = make1(t.value)
	}
	return out
}

// mapped makes the entries of a mapping, extensions aside.
func mapped[T any](v *value, make1 func(*value) T) map[string]T {
	if v == nil || len(v.fields) == 0 {
		return nil
	}
	out := make(map[string]T, len(v.fields))
	for i := range v.fields {
		f := &v.fields[i]
		if v.kind == objectValue && strings.HasPrefix(f.name, "x-") {
			continue
		}
		out[f.name] = make1(f.value)
	}
	return out
}

func listed[T any](v *value, make1 func(*value) T) []T {
	var out []T
	for _, item := range v.list() {
		out = append(out, make1(item))
	}
	return out
}

// referred is the text of a reference and the object that is meant; made is
// kept for the next reference to it.
func referred[T any](v *value, known map[*value]*T, fill func(*value, *T)) (ref string, made *T) {
	if v.kind == refValue {
		ref = v.ref.path()
	}
	target := v.told()
	if target == nil {
		return ref, new(T)
	}
	if made = known[target]; made == nil {
		made = new(T)
		known[target] = made
		fill(target, made)
	}
	return ref, made
}

func (s *specifier) servers(v *value) []*openapi.Server {
	return listed(v.get("servers"), func(v *value) *openapi.Server {
		return &openapi.Server{
			URL: v.str("url"), Description: v.str("description"), Pos: v.pos,
			Variables: mapped(v.get("variables"), func(v *value) *openapi.ServerVariable {
				return &openapi.ServerVariable{Default: v.str("default"), Description: v.str("description"), Enum: v.strs("enum")}
			}),
		}
	})
}

// requirements tells an empty list, no security, from none, the document's own.
func (s *specifier) requirements(v *value) []openapi.Requirement {
	field := v.get("security")
	if field == nil {
		return nil
	}
	out := make([]openapi.Requirement, 0, len(field.items))
	for _, item := range field.items {
		r := openapi.Requirement{}
		for i := range item.fields {
			if name := item.fields[i].name; !strings.HasPrefix(name, "x-") {
				r[name] = item.strs(name)
			}
		}
		out = append(out, r)
	}
	return out
}

func (s *specifier) pathItem(v *value) *openapi.PathItem {
	out := &openapi.PathItem{
		Summary: v.str("summary"), Description: v.str("description"), Operations: map[string]*openapi.Operation{},
		Parameters: listed(v.get("parameters"), s.parameter), Servers: s.servers(v), Extensions: extensions(v), Pos: v.pos,
	}
	for _, method := range methods {
		if op := v.get(method); op != nil && op.kind == objectValue {
			out.Operations[strings.ToUpper(method)] = s.operation(op)
		}
	}
	return out
}

func (s *specifier) operation(v *value) *openapi.Operation {
	out := &openapi.Operation{
		Source:      v,
		OperationID: v.str("operationId"), Summary: v.str("summary"), Description: v.str("description"),
		Tags: v.strs("tags"), Deprecated: v.flag("deprecated"), Parameters: listed(v.get("parameters"), s.parameter),
		Responses: mapped(v.get("responses"), s.response), Callbacks: mapped(v.get("callbacks"), s.callback),
		Security: s.requirements(v), Servers: s.servers(v), Extensions: extensions(v), Pos: v.pos,
	}
	if body := v.get("requestBody"); body != nil {
		out.RequestBody = s.requestBody(body)
	}
	return out
}

func (s *specifier) callback(v *value) *openapi.Callback {
	out := &openapi.Callback{Pos: v.pos}
	if v.kind == refValue {
		out.Ref = v.ref.path()
	}
	if v = v.resolved(); v != nil {
		out.Paths, out.Extensions = mapped(v, s.pathItem), extensions(v)
	}
	return out
}

func (s *specifier) securityScheme(v *value) *openapi.SecurityScheme {
	if v = v.told(); v == nil {
		return &openapi.SecurityScheme{}
	}
	return &openapi.SecurityScheme{
		Type: v.str("type"), Description: v.str("description"), Name: v.str("name"), In: v.str("in"),
		Scheme: strings.ToLower(v.str("scheme")), BearerFormat: v.str("bearerFormat"), OpenIDConnectURL: v.str("openIdConnectUrl"),
		Extensions: extensions(v), Pos: v.pos, Source: v,
		Flows: mapped(v.get("flows"), func(v *value) *openapi.Flow {
			return &openapi.Flow{
				AuthorizationURL: v.str("authorizationUrl"), TokenURL: v.str("tokenUrl"), RefreshURL: v.str("refreshUrl"),
				Scopes: mapped(v.get("scopes"), func(v *value) string { return v.text }),
			}
		}),
	}
}
