package contract

import (
	"reflect"
	"slices"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// fillLater reads what OpenAPI 3.1 has beyond 3.0, and brings both to one form:
// null is no type but a mark, exclusive limits are numbers.
func (s *specifier) fillLater(v *value, out *openapi.Schema) {
	out.Never = v.never
	types := v.strs("type")
	if v.str("type") != "" {
		types = []string{v.str("type")}
	}
	out.Types = slices.DeleteFunc(types, func(t string) bool { return t == "null" })
	if len(out.Types) < len(v.strs("type")) || v.str("type") == "null" {
		out.Nullable = true
		if len(out.Types) == 0 { // nothing but null
			var null any
			out.Types, out.Const = nil, &null
		}
	}
	if c := v.get("const"); c != nil && c.raw != nil {
		value := c.raw.plain()
		if out.Const != nil && value != nil {
			out.Never = true // null, and this value: nothing is both
		}
		out.Const = &value
	}
	for name, limit := range map[string]*openapi.Number{"exclusiveMinimum": &out.ExclusiveMinimum, "exclusiveMaximum": &out.ExclusiveMaximum} {
		if n := v.number(name); n != "" {
			*limit = n
		}
	}
	out.If, out.Then, out.Else = s.optional(v.get("if")), s.optional(v.get("then")), s.optional(v.get("else"))
	out.PrefixItems = listed(v.get("prefixItems"), s.schema)
	out.Contains, out.MinContains, out.MaxContains = s.optional(v.get("contains")), v.count("minContains"), v.count("maxContains")
	out.PatternProperties, out.PropertyNames = mapped(v.get("patternProperties"), s.schema), s.optional(v.get("propertyNames"))
	out.DependentSchemas = mapped(v.get("dependentSchemas"), s.schema)
	out.DependentRequired = mapped(v.get("dependentRequired"), func(v *value) []string {
		var names []string
		for _, item := range v.list() {
			names = append(names, item.text)
		}
		return names
	})
	out.UnevaluatedProperties, out.UnevaluatedItems = s.optional(v.get("unevaluatedProperties")), s.optional(v.get("unevaluatedItems"))
	out.ContentMediaType, out.ContentEncoding, out.ContentSchema = v.str("contentMediaType"), v.str("contentEncoding"), s.optional(v.get("contentSchema"))
	absorbNull(out)
}

// absorbNull takes a branch that is null and nothing else out of oneOf and anyOf,
// and marks the schema instead: what generators make of a nullable type is the
// same whichever way it is written.
func absorbNull(out *openapi.Schema) {
	if len(out.Types) > 0 || out.Enum != nil || out.Const != nil {
		return // null has to fit these as well
	}
	for _, list := range []*[]*openapi.SchemaRef{&out.OneOf, &out.AnyOf} {
		rest := slices.DeleteFunc(slices.Clone(*list), func(r *openapi.SchemaRef) bool { return r.Ref == "" && onlyNull(r.Value) })
		if len(rest) == len(*list) || len(rest) == 0 {
			continue
		}
		out.Nullable = true
		if *list = rest; len(rest) > 1 {
			continue
		}
		*list = nil // one alternative is none
		if only := rest[0]; only.Ref == "" && made(only.Value) && len(out.AllOf) == 0 && len(out.OneOf) == 0 && len(out.AnyOf) == 0 {
			out.AllOf, out.OneOf, out.AnyOf, out.Discriminator = only.Value.AllOf, only.Value.OneOf, only.Value.AnyOf, only.Value.Discriminator
			return
		}
		out.AllOf = append(out.AllOf, rest...)
	}
}

// made reports whether a schema is nothing but a combination of others.
func made(s *openapi.Schema) bool {
	rest := *s
	rest.AllOf, rest.OneOf, rest.AnyOf, rest.Discriminator = nil, nil, nil, nil
	rest.Pos, rest.Source, rest.Places = config.Pos{}, nil, nil
	return reflect.ValueOf(rest).IsZero() && len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) > 0
}

func onlyNull(s *openapi.Schema) bool {
	if s.Const != nil {
		return *s.Const == nil
	}
	return len(s.Enum) == 1 && s.Enum[0] == nil
}
