package review

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"

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

// unquoted is the text that a JSON string holds.
func unquoted(text string) string {
	var out string
	if json.Unmarshal([]byte(text), &out) != nil {
		return text
	}
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
		if r := openapi.Rational(v); r != nil {
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

// indexes are where the values of an enum stand, by their literals.
type indexes map[*openapi.Schema]map[string]int

func (known indexes) of(s *openapi.Schema, text string) (int, bool) {
	at, ok := known[s]
	if !ok {
		at = make(map[string]int, len(s.Enum))
		for i, v := range slices.Backward(s.Enum) { // the first of several counts
			at[literal(v)] = i
		}
		known[s] = at
	}
	i, ok := at[text]
	return i, ok
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
