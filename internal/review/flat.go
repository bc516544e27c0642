package review

import (
	"encoding/json"
	"fmt"
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// types is a set of JSON types. Numbers are two: whole ones, and the rest.
type types uint8

const (
	nullType types = 1 << iota
	boolType
	integerType
	fractionType
	stringType
	arrayType
	objectType

	numberTypes = integerType | fractionType
	anyType     = nullType | boolType | numberTypes | stringType | arrayType | objectType
)

var typeBits = map[string]types{
	"null": nullType, "boolean": boolType, "integer": integerType, "number": numberTypes,
	"string": stringType, "array": arrayType, "object": objectType,
}

// names are the types as a contract writes them.
func (t types) names() []string {
	var out []string
	for _, name := range []string{"array", "boolean", "null", "object", "string"} {
		if t&typeBits[name] != 0 {
			out = append(out, name)
		}
	}
	switch {
	case t&numberTypes == numberTypes:
		out = append(out, "number")
	case t&integerType != 0:
		out = append(out, "integer")
	case t&fractionType != 0:
		out = append(out, "number")
	}
	slices.Sort(out)
	return out
}

func (t types) String() string {
	switch t {
	case 0:
		return "nothing"
	case anyType:
		return "anything"
	}
	return strings.Join(t.names(), " or ")
}

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
	known  map[*openapi.Schema]*flat
	hashes map[*openapi.Schema]string
	// joined goes from sets of schemas to one that demands what all of them do;
	// parts goes back; numbers tell schemas apart in the names of sets.
	joined  map[string]*openapi.SchemaRef
	parts   map[*openapi.Schema][]*openapi.SchemaRef
	numbers map[*openapi.Schema]int
	apart   map[[2]*openapi.Schema]bool // see disjoint
	depth   int
}

func newFlattener() *flattener {
	return &flattener{known: map[*openapi.Schema]*flat{}, hashes: map[*openapi.Schema]string{}, joined: map[string]*openapi.SchemaRef{},
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
	f.choose(out, s.OneOf, true)
	f.choose(out, s.AnyOf, false)
	out.settle()
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
	if r := rational(s.MultipleOf); r != nil {
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
		if c.ref != nil {
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

func numberText(n *uint64) string {
	if n == nil {
		return "any"
	}
	return strconv.FormatUint(*n, 10)
}

// merge makes out what is valid for both.
func (f *flattener) merge(out, part *flat) {
	out.types &= part.types
	out.enum = intersect(out.enum, part.enum)
	if higher(part.min, out.min) {
		out.min = part.min
	}
	if lower(part.max, out.max) {
		out.max = part.max
	}
	for name, n := range part.counts {
		old, has := out.counts[name]
		if tighter := strings.HasPrefix(name, "min") == (n > old); !has || tighter && n != old {
			out.counts[name] = n
		}
	}
	maps.Copy(out.facts, part.facts)
	for _, format := range part.formats {
		if !slices.Contains(out.formats, format) {
			out.formats = append(out.formats, format)
		}
	}
	slices.Sort(out.formats)
	out.unique = out.unique || part.unique
	out.items, out.rest = f.both(out.items, part.items), f.both(out.rest, part.rest)
	for i, ref := range part.prefix {
		if i < len(out.prefix) {
			out.prefix = slices.Clone(out.prefix)
			out.prefix[i] = f.both(out.prefix[i], ref)
		} else {
			out.prefix = append(slices.Clone(out.prefix), ref)
		}
	}
	f.confine(out, part)
	out.props, out.patterns = f.joinMaps(out.props, part.props), f.joinMaps(out.patterns, part.patterns)
	maps.Copy(out.required, part.required)
	out.closed = out.closed || part.closed
	out.choices = append(slices.Clone(out.choices), part.choices...)
	out.nots = append(slices.Clone(out.nots), part.nots...)
	out.conditions = append(slices.Clone(out.conditions), part.conditions...)
	out.readOnly, out.writeOnly = out.readOnly || part.readOnly, out.writeOnly || part.writeOnly
	if out.fallback == nil {
		out.fallback = part.fallback
	}
	if out.discriminator == nil {
		out.discriminator = part.discriminator
	}
}

// nothing is a schema that no value fits.
var nothing = &openapi.SchemaRef{Value: &openapi.Schema{Never: true}}

// confine holds the properties that only one of two objects declares against what
// the other says about undeclared ones: a closed object takes none, whatever
// stands beside it in allOf.
func (f *flattener) confine(a, b *flat) {
	within := func(of, by *flat) map[string]*openapi.SchemaRef {
		limit := by.rest
		if by.closed {
			limit = nothing
		}
		if limit == nil || len(by.patterns) > 0 {
			return of.props
		}
		out := maps.Clone(of.props)
		for _, name := range slices.Sorted(maps.Keys(of.props)) {
			if by.props[name] == nil {
				out[name] = f.both(out[name], limit)
			}
		}
		return out
	}
	mine, theirs := within(a, b), within(b, a)
	a.props = f.joinMaps(mine, theirs)
}

func (f *flattener) joinMaps(a, b map[string]*openapi.SchemaRef) map[string]*openapi.SchemaRef {
	if len(b) == 0 {
		return a
	}
	out := maps.Clone(a)
	if out == nil {
		out = map[string]*openapi.SchemaRef{}
	}
	for _, name := range slices.Sorted(maps.Keys(b)) {
		out[name] = f.both(out[name], b[name])
	}
	return out
}

// both is a schema that demands what two others do. The same pair gives the
// same schema, so that it has an identity.
func (f *flattener) both(a, b *openapi.SchemaRef) *openapi.SchemaRef {
	switch {
	case a == nil || a.Value == nil:
		return b
	case b == nil || b.Value == nil || a.Value == b.Value:
		return a
	}
	// The set of what is joined is its identity: schemas that hold each other
	// would be joined without end otherwise.
	parts := slices.Clone(f.partsOf(a))
	for _, p := range f.partsOf(b) {
		if !slices.ContainsFunc(parts, func(q *openapi.SchemaRef) bool { return q.Value == p.Value }) {
			parts = append(parts, p)
		}
	}
	numbers := make([]int, len(parts))
	for i, p := range parts {
		n, known := f.numbers[p.Value]
		if !known {
			n = len(f.numbers)
			f.numbers[p.Value] = n
		}
		numbers[i] = n
	}
	slices.Sort(numbers)
	key := fmt.Sprint(numbers)
	if known := f.joined[key]; known != nil {
		return known
	}
	if f.full() {
		return a // whoever compares asks whether it is full, and says so
	}
	out := &openapi.SchemaRef{Value: &openapi.Schema{AllOf: parts, Pos: b.Value.Pos}, Pos: b.Pos}
	f.joined[key], f.parts[out.Value] = out, parts
	return out
}

func (f *flattener) partsOf(ref *openapi.SchemaRef) []*openapi.SchemaRef {
	if parts := f.parts[ref.Value]; parts != nil {
		return parts
	}
	return []*openapi.SchemaRef{ref}
}

// choose adds a oneOf or anyOf. One branch is no choice; a branch for null is
// what nullable says.
func (f *flattener) choose(out *flat, branches []*openapi.SchemaRef, exclusive bool) {
	if len(branches) == 0 {
		return
	}
	var rest []*openapi.SchemaRef
	var union types
	nulls := 0 // branches that take null
	for _, b := range branches {
		one := f.of(b)
		union |= one.types
		if one.types&nullType != 0 {
			nulls++
		}
		if one.types != nullType {
			rest = append(rest, b)
		}
	}
	if exclusive && nulls > 1 {
		union &^= nullType // it fits two branches
	}
	if len(rest) == 1 {
		one := *f.of(rest[0])
		one.enum = maps.Clone(one.enum)
		if one.types &^= nullType; union&nullType != 0 {
			one.allowNull()
		} else if one.enum != nil {
			delete(one.enum, "null")
		}
		f.merge(out, &one)
		return
	}
	out.types &= union
	if len(rest) > 1 {
		out.choices = append(slices.Clone(out.choices), choice{exclusive, rest})
	}
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

func typeOf(text string) types {
	switch text[0] {
	case 'n':
		return nullType
	case 't', 'f':
		return boolType
	case '"':
		return stringType
	case '[':
		return arrayType
	case '{':
		return objectType
	}
	if strings.ContainsRune(text, '/') {
		return fractionType
	}
	return integerType
}

// literal is a value as JSON, numbers in one form whatever they are written
// like: "1/2" for 0.5.
func literal(v any) string {
	switch v := v.(type) {
	case json.Number:
		if r := rational(v); r != nil {
			return r.RatString()
		}
		return v.String()
	case []any:
		parts := make([]string, len(v))
		for i := range v {
			parts[i] = literal(v[i])
		}
		return "[" + strings.Join(parts, ",") + "]"
	case map[string]any:
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			parts = append(parts, literal(name)+":"+literal(v[name]))
		}
		return "{" + strings.Join(parts, ",") + "}"
	}
	text, err := json.Marshal(v)
	if err != nil {
		return `""`
	}
	return string(text)
}

func intersect(a, b map[string]bool) map[string]bool {
	switch {
	case a == nil:
		return maps.Clone(b)
	case b == nil:
		return a
	}
	out := map[string]bool{}
	for text := range a {
		if b[text] {
			out[text] = true
		}
	}
	return out
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
