package review

import (
	"maps"
	"slices"

	"github.com/banyan-go/banyan/internal/openapi"
)

// alike reports whether two schemas are the same to the letter, descriptions
// aside: what they refer to has the same name. It is much cheaper than comparing
// what they mean, and most of what is compared has not changed.
func alike(a, b *openapi.SchemaRef) bool {
	switch {
	case a == nil || b == nil:
		return a == b
	case a.Ref != b.Ref:
		return false
	case a.Ref != "":
		return true
	case a.Value == nil || b.Value == nil:
		return a.Value == b.Value
	}
	return alikeSchemas(a.Value, b.Value)
}

func alikeSchemas(a, b *openapi.Schema) bool {
	return a == b ||
		a.Title == b.Title && a.Format == b.Format && a.Nullable == b.Nullable && a.Never == b.Never && a.Unknown == b.Unknown && a.Pattern == b.Pattern &&
			a.UniqueItems == b.UniqueItems && a.ReadOnly == b.ReadOnly && a.WriteOnly == b.WriteOnly && a.Deprecated == b.Deprecated &&
			a.Minimum == b.Minimum && a.Maximum == b.Maximum && a.ExclusiveMinimum == b.ExclusiveMinimum &&
			a.ExclusiveMaximum == b.ExclusiveMaximum && a.MultipleOf == b.MultipleOf &&
			a.ContentEncoding == b.ContentEncoding && a.ContentMediaType == b.ContentMediaType &&
			slices.Equal(a.Types, b.Types) && slices.Equal(a.Required, b.Required) &&
			alikeNumbers(a, b) && alikeValues(a, b) && alikeParts(a, b) && alikeDiscriminators(a.Discriminator, b.Discriminator)
}

func alikeNumbers(a, b *openapi.Schema) bool {
	for _, pair := range [...][2]*uint64{
		{a.MinLength, b.MinLength}, {a.MaxLength, b.MaxLength}, {a.MinItems, b.MinItems}, {a.MaxItems, b.MaxItems},
		{a.MinProperties, b.MinProperties}, {a.MaxProperties, b.MaxProperties}, {a.MinContains, b.MinContains}, {a.MaxContains, b.MaxContains},
	} {
		if x, y := pair[0], pair[1]; (x == nil) != (y == nil) || x != nil && *x != *y {
			return false
		}
	}
	return true
}

func alikeValues(a, b *openapi.Schema) bool {
	if (a.Enum == nil) != (b.Enum == nil) || len(a.Enum) != len(b.Enum) || (a.Const == nil) != (b.Const == nil) || (a.Default == nil) != (b.Default == nil) {
		return false
	}
	for i := range a.Enum {
		if literal(a.Enum[i]) != literal(b.Enum[i]) {
			return false
		}
	}
	if a.Const != nil && literal(*a.Const) != literal(*b.Const) || a.Default != nil && literal(*a.Default) != literal(*b.Default) {
		return false
	}
	for _, name := range generatorExtensions {
		x, had := a.Extensions[name]
		y, has := b.Extensions[name]
		if had != has || had && literal(x) != literal(y) {
			return false
		}
	}
	return true
}

func alikeParts(a, b *openapi.Schema) bool {
	for _, pair := range [...][2]*openapi.SchemaRef{
		{a.Not, b.Not}, {a.If, b.If}, {a.Then, b.Then}, {a.Else, b.Else}, {a.Items, b.Items}, {a.Contains, b.Contains}, {a.PropertyNames, b.PropertyNames},
		{a.ContentSchema, b.ContentSchema}, {a.UnevaluatedItems, b.UnevaluatedItems}, {a.UnevaluatedProperties, b.UnevaluatedProperties},
		{a.AdditionalProperties.Schema, b.AdditionalProperties.Schema},
	} {
		if !alike(pair[0], pair[1]) {
			return false
		}
	}
	if x, y := a.AdditionalProperties.Allowed, b.AdditionalProperties.Allowed; (x == nil) != (y == nil) || x != nil && *x != *y {
		return false
	}
	return slices.EqualFunc(a.AllOf, b.AllOf, alike) && slices.EqualFunc(a.OneOf, b.OneOf, alike) && slices.EqualFunc(a.AnyOf, b.AnyOf, alike) &&
		slices.EqualFunc(a.PrefixItems, b.PrefixItems, alike) && maps.EqualFunc(a.Properties, b.Properties, alike) &&
		maps.EqualFunc(a.PatternProperties, b.PatternProperties, alike) && maps.EqualFunc(a.DependentSchemas, b.DependentSchemas, alike) &&
		maps.EqualFunc(a.DependentRequired, b.DependentRequired, slices.Equal[[]string])
}

func alikeDiscriminators(a, b *openapi.Discriminator) bool {
	if a == nil || b == nil {
		return a == b
	}
	return a.PropertyName == b.PropertyName && maps.Equal(a.Mapping, b.Mapping)
}
