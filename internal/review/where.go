package review

import (
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// keywords are those that a rule is about, besides the ones that limits name.
var keywords = map[string][]string{
	"type-changed": {"type", "enum"}, "null-added": {"nullable", "type", "enum"}, "null-removed": {"nullable", "type", "enum"},
	"enum-added": {"enum", "const"}, "enum-removed": {"enum", "const"}, "enum-value-added": {"enum", "const"}, "enum-value-removed": {"enum", "const"},
	"pattern-changed": {"pattern"}, "multiple-of-changed": {"multipleOf"}, "format-changed": {"format"}, "unique-items-changed": {"uniqueItems"},
	"additional-properties-changed": {"additionalProperties"}, "read-only-changed": {"readOnly"}, "write-only-changed": {"writeOnly"},
	"default-changed": {"default"}, "schema-deprecated": {"deprecated"}, "not-changed": {"not"}, "condition-changed": {"if", "then", "else", "contains", "dependentRequired", "dependentSchemas", "unevaluatedProperties", "unevaluatedItems"}, "content-changed": {"contentEncoding", "contentMediaType"},
	"choice-widened": {"oneOf", "anyOf"}, "choice-narrowed": {"oneOf", "anyOf"}, "choice-changed": {"oneOf", "anyOf"}, "choice-kind-changed": {"oneOf", "anyOf"},
	"branch-added": {"oneOf", "anyOf"}, "branch-removed": {"oneOf", "anyOf"}, "discriminator-added": {"discriminator"}, "discriminator-removed": {"discriminator"},
	"discriminator-changed": {"discriminator"}, "discriminator-value-added": {"discriminator"}, "discriminator-value-removed": {"discriminator"},
	"discriminator-value-changed": {"discriminator"}, "pattern-property-added": {"patternProperties"}, "pattern-property-removed": {"patternProperties"},
}

// spotted is the line that a change of a schema is about: the keyword's, or the
// schema's where the keyword is not there.
func (w *work) spotted(ref *openapi.SchemaRef, rule, text string) config.Pos {
	if ref != nil && ref.Ref != "" {
		return referencePos(ref) // another schema is meant here, which is no change of the one named
	}
	if strings.HasPrefix(rule, "limit-") {
		name, _, _ := strings.Cut(text, " ")
		names := []string{name, "exclusive" + strings.ToUpper(name[:1]) + name[1:]}
		if strings.Contains(text, "exclusive") {
			slices.Reverse(names)
		}
		for _, name := range names {
			if pos, ok := locate(ref, name); ok {
				return pos
			}
		}
		return posOf(ref)
	}
	for _, keyword := range keywords[rule] {
		path := []string{keyword}
		switch {
		case rule == "discriminator-changed":
			path = append(path, "propertyName")
		case strings.HasPrefix(rule, "discriminator-value-"):
			value, _, _ := strings.Cut(text, " ")
			path = append(path, "mapping", value)
		}
		if strings.HasPrefix(rule, "enum-value-") && ref != nil && ref.Value != nil {
			if i, ok := w.enums.of(ref.Value, text); ok {
				path = append(path, strconv.Itoa(i))
			}
		}
		if pos, ok := locate(ref, path...); ok {
			return pos
		}
	}
	return posOf(ref)
}

// referencePos is where a schema is referred to, or written in place.
func referencePos(ref *openapi.SchemaRef) config.Pos {
	if ref == nil || ref.Ref == "" {
		return posOf(ref)
	}
	return ref.At("$ref")
}

// requiredAt is where a property is said to be required.
func requiredAt(ref *openapi.SchemaRef, name string, fallback config.Pos) config.Pos {
	if pos, ok := joinedPos(ref, func(s *openapi.Schema, outermost bool) (config.Pos, bool) {
		i := slices.Index(s.Required, name)
		if i < 0 {
			return config.Pos{}, false
		}
		pos := s.At("required", strconv.Itoa(i))
		return pos, outermost || pos.Line > 0
	}); ok {
		return pos
	}
	return fallback
}

// joinedPos looks for a place in a schema and in what allOf adds to it, once in each:
// that may be the schema itself, on more ways than can be gone.
func joinedPos(ref *openapi.SchemaRef, at func(s *openapi.Schema, outermost bool) (config.Pos, bool)) (config.Pos, bool) {
	seen := map[*openapi.Schema]bool{}
	var look func(ref *openapi.SchemaRef) (config.Pos, bool)
	look = func(ref *openapi.SchemaRef) (config.Pos, bool) {
		if ref == nil || ref.Value == nil || seen[ref.Value] {
			return config.Pos{}, false
		}
		outermost := len(seen) == 0
		seen[ref.Value] = true
		if pos, ok := at(ref.Value, outermost); ok {
			return pos, true
		}
		for _, part := range ref.Value.AllOf {
			if pos, ok := look(part); ok {
				return pos, true
			}
		}
		return config.Pos{}, false
	}
	return look(ref)
}

// locate looks for a keyword in a schema and in what allOf adds to it.
func locate(ref *openapi.SchemaRef, path ...string) (config.Pos, bool) {
	return joinedPos(ref, func(s *openapi.Schema, _ bool) (config.Pos, bool) {
		if s.Source == nil {
			return config.Pos{}, false
		}
		return s.Source.At(path...)
	})
}
