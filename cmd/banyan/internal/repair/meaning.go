package repair

import (
	"bytes"
	"encoding/json"
	"reflect"
	"slices"
	"strings"
)

// sameMeaning reports whether two documents say the same of every message. Two
// spellings count as one: an enum in another order, and a reference that stands
// in an allOf beside remarks, which OpenAPI 3.0 has no other way to keep.
func sameMeaning(a, b []byte) bool {
	if bytes.Equal(a, b) {
		return true
	}
	x, errX := meaning(a)
	y, errY := meaning(b)
	return errX == nil && errY == nil && reflect.DeepEqual(x, y)
}

func meaning(text []byte) (any, error) {
	dec := json.NewDecoder(bytes.NewReader(text))
	dec.UseNumber()
	var doc any
	if err := dec.Decode(&doc); err != nil {
		return nil, err
	}
	return normal(doc), nil
}

func normal(v any) any {
	switch v := v.(type) {
	case []any:
		for i := range v {
			v[i] = normal(v[i])
		}
	case map[string]any:
		for name := range v {
			v[name] = normal(v[name])
		}
		if enum, ok := v["enum"].([]any); ok {
			slices.SortFunc(enum, func(a, b any) int { return strings.Compare(printed(a), printed(b)) })
		}
		if one, ok := v["allOf"].([]any); ok && len(one) == 1 && onlyRemarks(v) {
			if ref, ok := one[0].(map[string]any); ok && len(ref) == 1 && ref["$ref"] != nil {
				return ref
			}
		}
	}
	return v
}

func printed(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// remarks are the members of a schema that refuse no value.
var remarks = []string{"allOf", "title", "description", "example", "deprecated", "externalDocs", "xml", "readOnly", "writeOnly"}

func onlyRemarks(schema map[string]any) bool {
	for name := range schema {
		if !slices.Contains(remarks, name) && !strings.HasPrefix(name, "x-") {
			return false
		}
	}
	return true
}
