package openapi

import "github.com/banyan-go/banyan/config"

// SchemaRef is a place where a schema is used: the schema stands there, or a
// reference does.
type SchemaRef struct {
	// Ref is "#/components/schemas/Name", or empty for one that stands here.
	Ref string
	// Value is the schema, also behind a reference. All references to one
	// component share it, which makes its address an identity.
	Value *Schema
	// Extensions stand beside a reference, at Places; so may a Description, in
	// OpenAPI 3.1.
	Extensions  Extensions
	Places      map[string]config.Pos
	Description string
	// Pos is where the schema or the reference stands.
	Pos config.Pos
	// Source tells where the fields of a reference stand, or is nil; see At.
	Source Source
}

// Schema is a Schema Object in one form for OpenAPI 3.0 and 3.1: "null" is told
// by Nullable and not in Types, exclusive bounds are numbers, and a constant is
// told apart from an enum of one. In particular:
//
//   - type: [string, "null"] and nullable: true beside type: string are the same;
//   - a branch of oneOf or anyOf that takes null and nothing else is gone, and
//     Nullable is set; a single branch that is left stands in AllOf;
//   - a schema that takes nothing but null has a Const that points at nil;
//   - the schema true is one without any keyword, the schema false is Never;
//   - what stands beside a $ref in OpenAPI 3.1 and says more than a description
//     is a schema with that reference first in AllOf.
type Schema struct {
	Title, Description, Format string
	// Types is empty where any type will do. OpenAPI 3.0 has at most one.
	Types []string
	// Nullable says that the schema's own type takes null, or one of the
	// alternatives did.
	Nullable bool
	// Never says that no value fits: the schema false.
	Never bool
	// Unknown is not empty where nothing is known about the schema: it is the
	// reference that leads nowhere, or what stands in the schema's place.
	Unknown string
	// Enum is nil when there is none. Null may be among its values.
	Enum []any
	// Const points at the one value that fits, or is nil.
	Const *any
	// Default points at the default value, or is nil.
	Default *any

	AllOf, OneOf, AnyOf []*SchemaRef
	Not                 *SchemaRef
	If, Then, Else      *SchemaRef
	Discriminator       *Discriminator

	Minimum, Maximum, ExclusiveMinimum, ExclusiveMaximum, MultipleOf Number

	MinLength, MaxLength *uint64
	Pattern              string
	// ContentEncoding and ContentMediaType say what a string holds: base64 of a
	// picture. ContentSchema is of what is encoded.
	ContentEncoding, ContentMediaType string
	ContentSchema                     *SchemaRef

	Items *SchemaRef
	// PrefixItems are the first items of a tuple; Items is for those after.
	PrefixItems []*SchemaRef
	Contains    *SchemaRef
	// MinContains and MaxContains count the items that Contains fits.
	MinContains, MaxContains *uint64
	UnevaluatedItems         *SchemaRef
	MinItems, MaxItems       *uint64
	UniqueItems              bool

	Properties            map[string]*SchemaRef
	PatternProperties     map[string]*SchemaRef
	PropertyNames         *SchemaRef
	Required              []string
	DependentRequired     map[string][]string
	DependentSchemas      map[string]*SchemaRef
	UnevaluatedProperties *SchemaRef
	MinProperties         *uint64
	MaxProperties         *uint64
	AdditionalProperties  Additional

	ReadOnly, WriteOnly, Deprecated bool
	Extensions                      Extensions
	// Places is where the names of the extensions stand.
	Places map[string]config.Pos
	Pos    config.Pos
	// Source tells where its keywords stand, or is nil; see At.
	Source Source
}

// Additional is what additionalProperties says: nothing, true, false, or a
// schema.
type Additional struct {
	// Allowed is nil where the contract says neither true nor false.
	Allowed *bool
	Schema  *SchemaRef
}

// Discriminator tells the branches of oneOf and anyOf apart (section 4.7.25).
type Discriminator struct {
	PropertyName string
	// Mapping goes from values to references, "#/components/schemas/Name".
	Mapping map[string]string
	Pos     config.Pos
}

// Is reports whether values have that one type and no other.
func (s *Schema) Is(typ string) bool { return len(s.Types) == 1 && s.Types[0] == typ }
