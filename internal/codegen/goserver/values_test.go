package goserver_test

import (
	"encoding/base64"
	"encoding/json"
	"maps"
	"math"
	"math/big"
	"math/rand/v2"
	"slices"
	"strconv"
	"strings"

	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/internal/openapi"
)

// values makes values from schemas: boundaries, random ones between them, all
// members or few. It does not promise that they fit; the schema engine says so.
type values struct {
	*rand.Rand
	depth int
	// parts is how many allOf are around: their members say together what an
	// object has.
	parts int
	// merged is how many allOf are around at any distance: what one member calls
	// an object, without a word about its members, another may describe.
	merged int
}

const deepest = 6

// nothing stands for a value that could not be made.
type nothing struct{}

func (g *values) of(ref *openapi.SchemaRef) any {
	if ref == nil || ref.Value == nil {
		return "anything"
	}
	return g.schema(ref.Value)
}

func (g *values) schema(s *openapi.Schema) any {
	g.depth++
	defer func() { g.depth-- }()
	if g.depth > 40 || s.Never {
		return nothing{}
	}
	if asked, ok := s.Extensions["x-go-type"].(string); ok {
		// What the type that somebody asked for takes is theirs to know, but of
		// numbers and maps.
		if strings.HasPrefix(asked, "map[") {
			return map[string]any{}
		}
		own := *s
		own.Format = asked
		s = &own
	}
	switch {
	case s.Const != nil:
		return *s.Const
	case len(s.Enum) > 0:
		return s.Enum[g.IntN(len(s.Enum))]
	case s.Nullable && g.IntN(6) == 0:
		return nil
	}
	typ := ""
	if len(s.Types) > 0 {
		if typ = s.Types[g.IntN(len(s.Types))]; typ == "integer" && slices.Contains(s.Types, "number") {
			typ = "number" // which has fewer digits
		}
	}
	if len(s.AllOf) > 0 {
		g.merged++
		defer func() { g.merged-- }()
	}
	combined := len(s.AllOf) > 0 || len(s.Properties) == 0 && len(s.OneOf)+len(s.AnyOf) > 0
	if combined {
		g.parts++
	}
	own := g.typed(s, typ)
	for _, m := range s.AllOf {
		own = allOf(own, g.of(m))
	}
	if combined {
		defer func() { g.parts-- }()
	}
	for _, choice := range [][]*openapi.SchemaRef{s.OneOf, s.AnyOf} {
		if len(choice) > 0 {
			g.parts++
			own = allOf(own, g.branch(s, choice))
			g.parts--
		}
	}
	if object, ok := own.(map[string]any); ok && len(s.AllOf) > 0 {
		g.pin(s, object, 0)
	}
	if _, none := own.(nothing); none && typ == "" && len(s.AllOf)+len(s.OneOf)+len(s.AnyOf) == 0 && !combined && g.parts == 0 {
		if s.Nullable {
			return nil // what people mean by it
		}
		anything := []any{"anything", json.Number("1.5"), true, []any{json.Number("1")}, map[string]any{"a": nil}}
		if g.merged > 0 { // where another member may describe the object
			anything = anything[:4]
		}
		return anything[g.IntN(len(anything))]
	}
	return own
}

// pin gives members the values that some schema of an allOf lists for them, whatever
// the others say.
func (g *values) pin(s *openapi.Schema, object map[string]any, depth int) {
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if p := s.Properties[name].Value; p != nil && object[name] != nil && (p.Const != nil || len(p.Enum) > 0) {
			object[name] = g.schema(p)
		}
	}
	for _, m := range s.AllOf {
		if m.Value != nil && depth < 8 {
			g.pin(m.Value, object, depth+1)
		}
	}
}

// branch draws one of a choice, with the discriminator that names it.
func (g *values) branch(s *openapi.Schema, choice []*openapi.SchemaRef) any {
	picked := choice[g.IntN(len(choice))]
	v := g.of(picked)
	object, isObject := v.(map[string]any)
	if s.Discriminator == nil || !isObject || picked.Ref == "" {
		return v
	}
	name := picked.Ref[strings.LastIndexByte(picked.Ref, '/')+1:]
	if p := picked.Value.Properties[s.Discriminator.PropertyName]; p != nil && len(s.Discriminator.Mapping) == 0 && (p.Value.Const != nil || len(p.Value.Enum) > 0) {
		return v // which has one of the values that are listed
	}
	for _, value := range slices.Sorted(maps.Keys(s.Discriminator.Mapping)) {
		if ref := s.Discriminator.Mapping[value]; ref == picked.Ref || ref == name {
			name = value
			break
		}
	}
	object[s.Discriminator.PropertyName] = name
	return object
}

// allOf merges what two schemas of one value ask for.
func allOf(a, b any) any {
	if _, none := a.(nothing); none {
		return b
	}
	if _, none := b.(nothing); none {
		return a
	}
	left, ok := a.(map[string]any)
	right, also := b.(map[string]any)
	if !ok || !also {
		return b
	}
	out := maps.Clone(left)
	for name, v := range right {
		if known, twice := out[name]; twice {
			v = allOf(known, v)
		}
		out[name] = v
	}
	return out
}

func (g *values) typed(s *openapi.Schema, typ string) any {
	switch {
	case typ == "object", typ == "" && len(s.Properties)+len(s.PatternProperties) > 0, typ == "" && s.AdditionalProperties.Schema != nil:
		return g.object(s)
	case typ == "array", typ == "" && (s.Items != nil || s.PrefixItems != nil):
		return g.array(s)
	case typ == "string":
		return g.text(s)
	case typ == "integer":
		return g.integer(s)
	case typ == "number":
		return g.number(s)
	case typ == "boolean":
		return g.IntN(2) == 0
	case typ == "null":
		return nil
	}
	return nothing{}
}

func (g *values) object(s *openapi.Schema) any {
	out := map[string]any{}
	for _, name := range slices.Sorted(maps.Keys(s.Properties)) {
		if !slices.Contains(s.Required, name) && (g.depth > deepest || g.IntN(3) == 0) {
			continue
		}
		parts := g.parts
		g.parts = 0
		v := g.of(s.Properties[name])
		g.parts = parts
		if v != (any)(nothing{}) {
			out[name] = v
		}
	}
	for _, name := range s.Required {
		if _, there := out[name]; !there && g.parts == 0 && s.Properties[name] == nil && len(s.Properties) > 0 {
			out[name] = "undeclared"
		}
	}
	if g.depth > deepest {
		return out
	}
	for _, pattern := range slices.Sorted(maps.Keys(s.PatternProperties)) {
		if name, ok := g.matching(pattern); ok {
			out[name] = g.of(s.PatternProperties[pattern])
		}
	}
	extra := s.AdditionalProperties
	if extra.Schema == nil && (extra.Allowed == nil || !*extra.Allowed) && (len(s.Properties) > 0 || extra.Allowed != nil || g.parts > 0 || g.merged > 0) {
		return out
	}
	for range g.IntN(3) {
		name := g.word()
		if _, known := s.Properties[name]; known {
			continue
		}
		if v := g.of(extra.Schema); v != (any)(nothing{}) {
			out[name] = v
		}
	}
	return out
}

func (g *values) array(s *openapi.Schema) any {
	least, most := 0, 3
	if s.MinItems != nil {
		least = int(min(*s.MinItems, 50))
		most = least + 2
	}
	if s.MaxItems != nil {
		most = int(min(*s.MaxItems, uint64(most)))
	}
	n := least
	if g.depth <= deepest && most > least {
		n += g.IntN(most - least + 1)
	}
	out := []any{}
	for i := range max(n, 0) {
		item := s.Items
		if i < len(s.PrefixItems) {
			item = s.PrefixItems[i]
		}
		if v := g.of(item); v != (any)(nothing{}) {
			out = append(out, v)
		}
	}
	return out
}

func (g *values) word() string {
	return []string{"a", "b-c", "Größe", "x y", "$ref", "id", "0", "Z"}[g.IntN(8)] + strconv.Itoa(g.IntN(9))
}

func (g *values) matching(pattern string) (s string, ok bool) {
	defer func() {
		if recover() != nil { // a pattern that Go does not have
			s, ok = "", false
		}
	}()
	return rapid.StringMatching(pattern).Example(g.IntN(1000)), true
}

var formats = map[string][]string{
	"date-time": {"2026-01-02T03:04:05Z", "1999-12-31T23:59:59.123456789+02:00", "0001-01-01T00:00:00Z"},
	"date":      {"2026-01-02", "0001-01-01", "2024-02-29"},
	"time":      {"03:04:05Z", "23:59:59.5+01:00"},
	"duration":  {"P1DT2H", "PT0S"},
	"byte":      {"", "AA==", "/+8=", "YWJj"},
	"uuid":      {"0b6e2f6c-6c0b-4c8e-9d5c-5d0c3f1c9a11", "0B6E2F6C-6C0B-4C8E-9D5C-5D0C3F1C9A11"},
	"email":     {"a@example.com"},
	"uri":       {"https://example.com/a?b=c#d"},
	"url":       {"https://example.com/"},
	"hostname":  {"example.com"},
	"ipv4":      {"127.0.0.1"},
	"ipv6":      {"::1"},
	"ip":        {"127.0.0.1"},
	"int32":     {"5"}, "int64": {"9223372036854775807", "-1", "007"},
	"decimal":      {"0.10", "123456789012345678901234567890.5"},
	"json-pointer": {"/a/b"},
	"regex":        {"^a$"},
}

func (g *values) text(s *openapi.Schema) any {
	if s.Pattern != "" {
		if v, ok := g.matching(s.Pattern); ok && g.IntN(64) > 0 && (s.Format != "byte" || canonical(v)) {
			return v
		}
		if s.Default != nil {
			return *s.Default
		}
	}
	if s.ContentEncoding == "base64" {
		return "YWJj"
	}
	if list := formats[s.Format]; list != nil {
		return list[g.IntN(len(list))]
	}
	least, most := 0, 12
	if s.MinLength != nil {
		least = int(min(*s.MinLength, 2000))
		most = least + 3
	}
	if s.MaxLength != nil {
		most = int(min(*s.MaxLength, uint64(most)))
	}
	n := least
	if most > least {
		n += g.IntN(most - least + 1)
	}
	letters := []rune("abcXYZ019 -_.é日\"\\<&")
	var b strings.Builder
	for range n {
		b.WriteRune(letters[g.IntN(len(letters))])
	}
	return b.String()
}

// canonical reports whether a text is base64 that decodes and encodes to itself.
func canonical(text string) bool {
	_, err := base64.StdEncoding.Strict().DecodeString(text)
	return err == nil
}

// limits returns the least and the greatest value that a number may have.
func limits(s *openapi.Schema, step float64) (low, high float64) {
	low, high = math.Inf(-1), math.Inf(1)
	set := func(n openapi.Number, to *float64, off float64) {
		if f, err := n.Float64(); err == nil {
			*to = f + off
		}
	}
	set(s.Minimum, &low, 0)
	set(s.ExclusiveMinimum, &low, step)
	set(s.Maximum, &high, 0)
	set(s.ExclusiveMaximum, &high, -step)
	return low, high
}

func (g *values) integer(s *openapi.Schema) any {
	low, high := limits(s, 1)
	bits := 62.0
	switch s.Format {
	case "int8", "uint8":
		bits = 7
	case "int16", "uint16":
		bits = 15
	case "int32", "uint32":
		bits = 31
	}
	if strings.HasPrefix(s.Format, "u") {
		low = max(low, 0)
	}
	low, high = max(low, -math.Pow(2, bits)), min(high, math.Pow(2, bits)-1)
	low, high = math.Ceil(low), math.Floor(high)
	var n *big.Int
	at := func(f float64) *big.Int { i, _ := big.NewFloat(f).Int(nil); return i }
	switch g.IntN(5) {
	case 0:
		n = at(low)
	case 1:
		n = at(high)
	case 2:
		n = big.NewInt(int64(max(low, min(high, float64(g.IntN(7)-3)))))
	default:
		n = at(low + math.Floor(g.Float64()*min(high-low, 1000)))
	}
	if step, ok := new(big.Int).SetString(s.MultipleOf.String(), 10); ok && step.Sign() > 0 {
		n.Div(n, step).Mul(n, step)
		if f, _ := new(big.Float).SetInt(n).Float64(); f < low {
			n.Add(n, step)
		}
	}
	return json.Number(n.String())
}

func (g *values) number(s *openapi.Schema) any {
	low, high := limits(s, 0.001)
	low, high = max(low, -1e15), min(high, 1e15)
	f := low
	switch g.IntN(5) {
	case 0:
		f = high
	case 1:
		f = max(low, min(high, 0.1))
	case 2, 3:
		f = low + math.Round(g.Float64()*min(high-low, 1000)*100)/100
	}
	if step, err := s.MultipleOf.Float64(); err == nil && step > 0 {
		r, _ := new(big.Rat).SetString(s.MultipleOf.String())
		times, _ := big.NewFloat(math.Ceil(f / step)).Int(nil)
		return json.Number(strings.TrimSuffix(new(big.Rat).Mul(r, new(big.Rat).SetInt(times)).FloatString(9), ".000000000"))
	}
	return json.Number(strconv.FormatFloat(f, 'f', -1, 64))
}
