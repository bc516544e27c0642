package goserver

import (
	"cmp"
	"fmt"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

func stringSchema() *openapi.SchemaRef {
	return &openapi.SchemaRef{Value: &openapi.Schema{Types: []string{"string"}}}
}

// typeParams decides the fields of path, query, header and cookie parameters.
func (p *prep) typeParams(op *operation) {
	inRequest := newNames("the request object itself", "Params", "Body", "ContentType", "Accept")
	for _, b := range op.Bodies {
		inRequest.scope[b.Field] = true
	}
	inParams := newNames("")
	asked := p.askedFields(op, inRequest, inParams)
	for _, declared := range op.model.Parameters {
		ref := findParameter(op, declared.Name, declared.In)
		if ref == nil || ref.Value == nil || ignoredHeader(ref.Value) {
			continue
		}
		v := ref.Value
		what := fmt.Sprintf("the %s parameter %s of %s", v.In, v.Name, op.ID)
		name := cmp.Or(asked[v], p.words.goName(v.Name))
		schema, asJSON := p.heldAs(v)
		hint := op.Go + "Params" + name
		if ref.Ref != "" {
			hint = p.hintFor(ref.Ref, "")
		}
		t := p.typeOf(schema, hint)
		t.nullable, t.merged = t.nullable && asJSON, true
		required := v.Required || v.In == "path"
		f := fieldView{Doc: brief(v.Description)}
		f.Type, _ = t.field(required)
		scope := inParams
		if v.In == "path" {
			scope = inRequest
		}
		if f.Name = name; asked[v] == "" {
			f.Name = p.take(scope, name, what, declared.Pos)
		}
		if v.In == "path" {
			op.PathFields = append(op.PathFields, f)
			op.Params = append(op.Params, p.paramLiteral(v, asJSON))
			continue
		}
		op.ParamFields = append(op.ParamFields, f)
		op.Params = append(op.Params, p.paramLiteral(v, asJSON))
	}
}

// askedFields gives parameters the field names that x-go-name asks for, before any
// other has one.
func (p *prep) askedFields(op *operation, inRequest, inParams names) map[*openapi.Parameter]string {
	out := map[*openapi.Parameter]string{}
	for _, declared := range op.model.Parameters {
		ref := findParameter(op, declared.Name, declared.In)
		if ref == nil || ref.Value == nil || ignoredHeader(ref.Value) {
			continue
		}
		asked, ok := ref.Value.Extensions["x-go-name"].(string)
		if !ok {
			continue
		}
		scope := inParams
		if declared.In == "path" {
			scope = inRequest
		}
		name := p.checkedName(asked, declared.Pos)
		if scope.scope[name] {
			p.list.Add(ruleGoName, declared.Pos, fmt.Sprintf("the Go name %s is taken by %s", name, cmp.Or(scope.owner[name], scope.whole)), "choose another x-go-name")
		}
		got := scope.take(name)
		out[ref.Value] = got
		scope.owner[got] = fmt.Sprintf("the %s parameter %s of %s at %s", declared.In, declared.Name, op.ID, declared.Pos)
	}
	return out
}

// ignoredHeader reports the headers that OpenAPI does not let parameters
// describe (3.0.3, section 4.7.12.1).
func ignoredHeader(v *openapi.Parameter) bool {
	if v.In != "header" {
		return false
	}
	switch strings.ToLower(v.Name) {
	case "accept", "content-type", "authorization":
		return true
	}
	return false
}

func findParameter(op *operation, name, in string) *openapi.ParameterRef {
	for _, list := range [][]*openapi.ParameterRef{op.node.Parameters, op.item.Parameters} {
		for _, ref := range list {
			if ref != nil && ref.Value != nil && ref.Value.Name == name && ref.Value.In == in {
				return ref
			}
		}
	}
	return nil
}

// parameterSchema returns a parameter's schema and whether its text is JSON. Any
// other content is plain text to us.
func parameterSchema(v *openapi.Parameter) (*openapi.SchemaRef, bool) {
	if v.Schema != nil {
		return v.Schema, false
	}
	for _, media := range sortedKeys(v.Content) {
		if kindOfMedia(baseMedia(media)) == jsonBody {
			return v.Content[media].Schema, true
		}
	}
	return stringSchema(), false
}

var styleNames = map[string]string{
	"simple": "Simple", "label": "Label", "matrix": "Matrix", "form": "Form",
	"spaceDelimited": "SpaceDelimited", "pipeDelimited": "PipeDelimited", "deepObject": "DeepObject",
}

// paramLiteral writes a parameter as a wire.Param, without what that means by
// itself.
func (p *prep) paramLiteral(v *openapi.Parameter, asJSON bool) string {
	style, explode, reserved := styleOf(v), explodes(v), v.AllowReserved
	if p.nestedIn(v) == nestedInText {
		reserved = true // its separators are its own
		if style == "matrix" && explode {
			style = "simple" // the names in it are its own
		}
	}
	name := styleNames[style]
	switch {
	case asJSON:
		name, explode = "JSON", false
	case name == "Simple" && (v.In == "query" || v.In == "cookie"):
		name = "Form" // which is the same there
	}
	var b strings.Builder
	fmt.Fprintf(&b, "{Name: %s, In: wire.In%s", strconv.Quote(v.Name), goName(v.In))
	switch {
	case name == "Simple":
	case name == "Form" && explode:
		explode = false
	default:
		b.WriteString(", Style: wire." + name)
	}
	for _, flag := range []struct {
		set  bool
		name string
	}{{explode, "Explode"}, {v.Required && v.In != "path", "Required"}, {v.AllowEmptyValue, "AllowEmpty"}, {reserved && v.In == "query", "AllowReserved"}} {
		if flag.set {
			fmt.Fprintf(&b, ", %s: true", flag.name)
		}
	}
	return b.String() + "}"
}
