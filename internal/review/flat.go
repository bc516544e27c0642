package review

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// flat is what a schema says about its values, with allOf merged, choices of one
// unwrapped and what cannot matter dropped. Two schemas that mean the same in
// different words are the same flat.
type flat struct {
	types  types
	enum   map[string]bool // values as JSON; nil: any
	min    limit
	max    limit
	counts map[string]uint64 // minLength, maxItems and their like
	// facts are keywords that are only compared: "pattern ^a", "multipleOf 2".
	facts    map[string]bool
	formats  []string
	unique   bool
	items    *openapi.SchemaRef
	prefix   []*openapi.SchemaRef
	props    map[string]*openapi.SchemaRef
	required map[string]bool
	// closed says that no further properties may come; rest is what they are.
	closed   bool
	rest     *openapi.SchemaRef
	patterns map[string]*openapi.SchemaRef
	choices  []choice
	nots     []*openapi.SchemaRef
	// conditions are if, then, else and whatever else is only compared as text.
	conditions []string

	// unknown are schemas that this one holds in its place and about which nothing is
	// known, sorted.
	unknown []string

	readOnly, writeOnly, deprecated bool
	fallback                        *any // the default
	discriminator                   *openapi.Discriminator
}

// choice is one oneOf or anyOf.
type choice struct {
	exclusive bool // oneOf
	branches  []*openapi.SchemaRef
}

// flattener remembers what it has flattened. Schemas are told apart by address.
type flattener struct {
	known            map[*openapi.Schema]*flat
	hashes, sketches map[*openapi.Schema]string
	// joined goes from sets of schemas to one that demands what all of them do;
	// parts goes back; numbers tell schemas apart in the names of sets.
	joined  map[string]*openapi.SchemaRef
	parts   map[*openapi.Schema][]*openapi.SchemaRef
	numbers map[*openapi.Schema]int
	apart   map[[2]*openapi.Schema]bool // see disjoint
	depth   int
}

func newFlattener() *flattener {
	return &flattener{known: map[*openapi.Schema]*flat{}, hashes: map[*openapi.Schema]string{}, sketches: map[*openapi.Schema]string{}, joined: map[string]*openapi.SchemaRef{},
		parts: map[*openapi.Schema][]*openapi.SchemaRef{}, numbers: map[*openapi.Schema]int{}, apart: map[[2]*openapi.Schema]bool{}}
}

// maxJoined and maxApart bound what a flattener makes and remembers.
const (
	maxJoined = 50_000
	maxApart  = 200_000
)

// full reports whether so many schemas were put together that no more will be.
func (f *flattener) full() bool { return len(f.joined) >= maxJoined }

var anything = &openapi.SchemaRef{Value: &openapi.Schema{}}

// of flattens; nil is a schema that allows anything.
func (f *flattener) of(ref *openapi.SchemaRef) *flat {
	if ref == nil || ref.Value == nil {
		ref = anything
	}
	s := ref.Value
	if known, ok := f.known[s]; ok {
		return known
	}
	f.known[s] = f.own(&openapi.Schema{}) // what contains itself through allOf adds nothing
	out := f.own(s)
	for _, part := range s.AllOf {
		f.merge(out, f.of(part))
	}
	if s.Nullable && len(s.Types) == 0 && len(s.AllOf) > 0 {
		out.allowNull() // what people mean by nullable beside allOf
	}
	for _, branches := range [][]*openapi.SchemaRef{s.OneOf, s.AnyOf} {
		for _, branch := range branches {
			out.lacks(f.of(branch).unknown)
		}
	}
	f.choose(out, s.OneOf, true)
	f.choose(out, s.AnyOf, false)
	out.settle()
	f.irrelevant(out)
	f.known[s] = out
	return out
}

// own leaves allOf and choices aside.
func (f *flattener) own(s *openapi.Schema) *flat {
	out := &flat{types: anyType, counts: map[string]uint64{}, facts: map[string]bool{}, unique: s.UniqueItems,
		items: s.Items, prefix: s.PrefixItems, props: maps.Clone(s.Properties), required: map[string]bool{},
		patterns: maps.Clone(s.PatternProperties), rest: s.AdditionalProperties.Schema, discriminator: s.Discriminator,
		readOnly: s.ReadOnly, writeOnly: s.WriteOnly, deprecated: s.Deprecated, fallback: s.Default,
		min: newLimit(s.Minimum, s.ExclusiveMinimum, higher), max: newLimit(s.Maximum, s.ExclusiveMaximum, lower),
	}
	if len(s.Types) > 0 {
		out.types = 0
		for _, t := range s.Types {
			out.types |= typeBits[t]
		}
		if s.Nullable {
			out.types |= nullType
		}
	}
	if s.Never {
		out.types = 0
	}
	if s.Unknown != "" {
		out.unknown = []string{s.Unknown}
	}
	if a := s.AdditionalProperties.Allowed; a != nil && !*a {
		out.closed = true
	}
	for _, name := range s.Required {
		out.required[name] = true
	}
	for name, n := range map[string]*uint64{
		"minLength": s.MinLength, "maxLength": s.MaxLength, "minItems": s.MinItems, "maxItems": s.MaxItems,
		"minProperties": s.MinProperties, "maxProperties": s.MaxProperties,
	} {
		if n != nil && (*n > 0 || strings.HasPrefix(name, "max")) {
			out.counts[name] = *n
		}
	}
	if s.Pattern != "" {
		out.facts["pattern "+s.Pattern] = true
	}
	if r := openapi.Rational(s.MultipleOf); r != nil {
		out.facts["multipleOf "+r.RatString()] = true
	}
	if s.Format != "" {
		out.formats = []string{s.Format}
	}
	if s.Enum != nil {
		out.enum = map[string]bool{}
		for _, v := range s.Enum {
			out.enum[literal(v)] = true
		}
	}
	if s.Const != nil {
		out.enum = intersect(out.enum, map[string]bool{literal(*s.Const): true})
	}
	if s.Not != nil {
		out.nots = []*openapi.SchemaRef{s.Not}
	}
	for _, c := range []struct {
		name string
		ref  *openapi.SchemaRef
	}{{"if", s.If}, {"then", s.Then}, {"else", s.Else}, {"contains", s.Contains}, {"propertyNames", s.PropertyNames}, {"contentSchema", s.ContentSchema},
		{"unevaluatedItems", s.UnevaluatedItems}, {"unevaluatedProperties", s.UnevaluatedProperties}} {
		if c.ref != nil && (c.name != "if" || s.Then != nil || s.Else != nil) && (s.If != nil || c.name != "then" && c.name != "else") {
			out.conditions = append(out.conditions, c.name+" "+f.hash(c.ref))
		}
	}
	for _, name := range slices.Sorted(maps.Keys(s.DependentRequired)) {
		out.conditions = append(out.conditions, "dependentRequired "+name+" "+strings.Join(slices.Sorted(slices.Values(s.DependentRequired[name])), ","))
	}
	for _, name := range slices.Sorted(maps.Keys(s.DependentSchemas)) {
		out.conditions = append(out.conditions, "dependentSchemas "+name+" "+f.hash(s.DependentSchemas[name]))
	}
	if s.Contains != nil && (s.MinContains != nil || s.MaxContains != nil) {
		out.conditions = append(out.conditions, "contains from "+numberText(s.MinContains)+" to "+numberText(s.MaxContains))
	}
	if s.ContentEncoding != "" || s.ContentMediaType != "" {
		out.facts["content "+strings.TrimSpace(s.ContentMediaType+" "+s.ContentEncoding)] = true
	}
	return out
}

// lacks notes what is not known.
func (f *flat) lacks(unknown []string) {
	if len(unknown) > 0 {
		f.unknown = slices.Compact(slices.Sorted(slices.Values(slices.Concat(f.unknown, unknown))))
	}
}

func numberText(n *uint64) string {
	if n == nil {
		return "any"
	}
	return strconv.FormatUint(*n, 10)
}

func (f *flat) allowNull() {
	f.types |= nullType
	if f.enum != nil {
		f.enum["null"] = true
	}
}

// settle drops what cannot matter: limits on types that are out, types that no
// enum value has.
func (f *flat) settle() {
	if f.enum != nil {
		var used types
		for text := range f.enum {
			t := typeOf(text)
			if f.types&t == 0 {
				delete(f.enum, text)
			}
			used |= t
		}
		f.types &= used
	}
	f.normalise()
	if f.types&numberTypes == 0 {
		f.min, f.max = limit{}, limit{}
	}
	for name, need := range map[string]types{
		"minLength": stringType, "maxLength": stringType, "minItems": arrayType, "maxItems": arrayType, "minProperties": objectType, "maxProperties": objectType,
	} {
		if f.types&need == 0 {
			delete(f.counts, name)
		}
	}
	for fact := range f.facts {
		if (strings.HasPrefix(fact, "pattern ") || strings.HasPrefix(fact, "content ")) && f.types&stringType == 0 || strings.HasPrefix(fact, "multipleOf ") && f.types&numberTypes == 0 {
			delete(f.facts, fact)
		}
	}
	if f.types&arrayType == 0 {
		f.items, f.prefix, f.unique = nil, nil, false
	}
	if f.types&objectType == 0 {
		f.props, f.patterns, f.rest, f.closed, f.required = nil, nil, nil, false, nil
	}
	slices.Sort(f.conditions)
	f.conditions = slices.Compact(f.conditions)
}

// posOf is where a schema stands.
func posOf(ref *openapi.SchemaRef) config.Pos {
	switch {
	case ref == nil:
		return config.Pos{}
	case ref.Pos.Line > 0:
		return ref.Pos
	case ref.Value != nil:
		return ref.Value.Pos
	}
	return config.Pos{}
}
