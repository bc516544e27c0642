package contract

import (
	"encoding/json"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// schema makes a place where a schema is used.
func (s *specifier) schema(v *value) *openapi.SchemaRef {
	ref, made := referred(v, s.schemas, s.fillSchema)
	if made.Source == nil {
		made.Unknown, made.Pos = v.unknown(), v.pos
	}
	out := &openapi.SchemaRef{Ref: ref, Value: made, Pos: v.pos}
	if v.kind == refValue {
		out.Source, out.Extensions, out.Places = v, extensions(v), extensionPlaces(v)
		if d := v.get("description"); d != nil && d.raw != nil && d.raw.kind == stringNode {
			out.Description = d.raw.text
		}
	}
	return out
}

func (s *specifier) optional(v *value) *openapi.SchemaRef {
	if v == nil {
		return nil
	}
	return s.schema(v)
}

func (s *specifier) fillSchema(v *value, out *openapi.Schema) {
	*out = openapi.Schema{
		Source: v,
		Title:  v.str("title"), Description: v.str("description"), Format: v.str("format"), Pattern: v.str("pattern"),
		Nullable: v.flag("nullable"), UniqueItems: v.flag("uniqueItems"),
		ReadOnly: v.flag("readOnly"), WriteOnly: v.flag("writeOnly"), Deprecated: v.flag("deprecated"),
		MultipleOf: v.number("multipleOf"), MinLength: v.count("minLength"), MaxLength: v.count("maxLength"),
		MinItems: v.count("minItems"), MaxItems: v.count("maxItems"),
		MinProperties: v.count("minProperties"), MaxProperties: v.count("maxProperties"),
		Required: v.strs("required"), Extensions: extensions(v), Places: extensionPlaces(v), Pos: v.pos,
		AllOf: listed(v.get("allOf"), s.schema), OneOf: listed(v.get("oneOf"), s.schema), AnyOf: listed(v.get("anyOf"), s.schema),
		Not: s.optional(v.get("not")), Items: s.optional(v.get("items")), Properties: mapped(v.get("properties"), s.schema),
	}
	out.Minimum, out.ExclusiveMinimum = v.bound("minimum", "exclusiveMinimum")
	out.Maximum, out.ExclusiveMaximum = v.bound("maximum", "exclusiveMaximum")
	if enum := v.get("enum"); enum != nil {
		out.Enum = make([]any, 0, len(enum.items))
		for _, item := range enum.items {
			out.Enum = append(out.Enum, item.raw.plain())
		}
	}
	if d := v.get("default"); d != nil && d.raw != nil {
		value := d.raw.plain()
		out.Default = &value
	}
	if d := v.get("discriminator"); d != nil {
		out.Discriminator = &openapi.Discriminator{PropertyName: d.str("propertyName"), Pos: d.pos,
			Mapping: mapped(d.get("mapping"), (*value).uri)}
	}
	s.fillLater(v, out)
	switch extra := v.get("additionalProperties"); {
	case extra == nil:
	case extra.kind == rawValue:
		allowed := extra.raw.text == "true"
		out.AdditionalProperties.Allowed = &allowed
	default:
		out.AdditionalProperties.Schema = s.schema(extra)
	}
}

// uri is what a uriValue leads to.
func (v *value) uri() string {
	if v.ref == nil {
		return ""
	}
	return v.ref.path()
}

// bound reads a limit whose exclusive form is a flag beside it (OpenAPI 3.0).
func (v *value) bound(name, exclusive string) (inclusive, strict openapi.Number) {
	if v.flag(exclusive) {
		return "", v.number(name)
	}
	return v.number(name), ""
}

func (v *value) list() []*value {
	if v == nil {
		return nil
	}
	return v.items
}

func (v *value) number(name string) openapi.Number {
	if c := v.get(name); c != nil && c.raw != nil && c.raw.kind == numberNode {
		return openapi.Number(c.raw.text)
	}
	return ""
}

func (v *value) count(name string) *uint64 {
	n, err := strconv.ParseUint(v.number(name).String(), 10, 64)
	if err != nil {
		return nil
	}
	return &n
}

// choice is a flag that may be left out.
func (v *value) choice(name string) *bool {
	if v.get(name) == nil {
		return nil
	}
	b := v.flag(name)
	return &b
}

// extensions are the x- fields of an object, or beside a reference.
func extensions(v *value) openapi.Extensions {
	if v == nil || v.kind == mapValue {
		return nil
	}
	var out openapi.Extensions
	for i := range v.fields {
		f := &v.fields[i]
		if strings.HasPrefix(f.name, "x-") && f.value.raw != nil {
			if out == nil {
				out = openapi.Extensions{}
			}
			out[f.name] = f.value.raw.plain()
		}
	}
	return out
}

// extensionPlaces is where the x- fields of an object stand.
func extensionPlaces(v *value) map[string]config.Pos {
	var out map[string]config.Pos
	for i := range v.fields {
		if f := &v.fields[i]; v.kind != mapValue && strings.HasPrefix(f.name, "x-") {
			if out == nil {
				out = map[string]config.Pos{}
			}
			out[f.name] = f.pos
		}
	}
	return out
}

// plain is a node as JSON would hold it, numbers exact.
func (n *node) plain() any {
	switch n.kind {
	case nullNode:
		return nil
	case boolNode:
		return n.text == "true"
	case numberNode:
		return json.Number(n.text)
	case stringNode:
		return n.text
	case listNode:
		out := make([]any, len(n.items))
		for i, item := range n.items {
			out[i] = item.plain()
		}
		return out
	}
	out := make(map[string]any, len(n.members))
	for i := range n.members {
		out[n.members[i].name] = n.members[i].value.plain()
	}
	return out
}
