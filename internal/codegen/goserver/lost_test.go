package goserver_test

import (
	"cmp"
	"encoding/json"
	"fmt"
	"go/ast"
	"go/parser"
	"go/token"
	"maps"
	"reflect"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/openapi"
)

// Whatever a contract says of its components is in the model, keyword by
// keyword, and every property has a field in Go.
func TestNothingIsLost(t *testing.T) {
	for _, d := range corpus(t) {
		t.Run(d.name, func(t *testing.T) {
			c := d.load(t)
			if c == nil {
				t.Fatal("the document has errors")
			}
			bundle, err := c.Bundle()
			if err != nil {
				t.Fatal(err)
			}
			var raw struct {
				Paths      map[string]map[string]json.RawMessage
				Components struct{ Schemas map[string]any }
			}
			dec := json.NewDecoder(strings.NewReader(string(bundle)))
			dec.UseNumber()
			if err := dec.Decode(&raw); err != nil {
				t.Fatal(err)
			}
			doc, names, files, _ := goserver.TypesOf(c, "types")
			l := &lost{T: t}
			for path, item := range raw.Paths {
				for _, method := range []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"} {
					if item[method] != nil && (doc.Paths[path] == nil || doc.Paths[path].Operations[strings.ToUpper(method)] == nil) {
						l.say(method+" "+path, "the operation is not in the model")
					}
				}
			}
			tags := structTags(t, files)
			for _, key := range slices.Sorted(maps.Keys(raw.Components.Schemas)) {
				l.schema(key, raw.Components.Schemas[key], doc.Components.Schemas[key])
				l.fields(key, doc.Components.Schemas[key], tags[names[key]])
			}
			t.Logf("%d keywords compared, %d properties found as fields, %d lost", l.keywords, l.found, l.count)
		})
	}
}

type lost struct {
	*testing.T
	keywords, found, count int
	// wanted says that something is lost on purpose: it is noted in first.
	wanted bool
	first  string
}

func (l *lost) say(at, format string, args ...any) {
	if l.count++; l.wanted {
		l.first = cmp.Or(l.first, at+": "+fmt.Sprintf(format, args...))
	} else if l.count <= 20 {
		l.Errorf("%s: %s", at, fmt.Sprintf(format, args...))
	}
}

// annotations say nothing about values.
var annotations = map[string]bool{"example": true, "examples": true, "externalDocs": true, "xml": true, "title": true, "description": true, "$comment": true, "$id": true, "$schema": true, "$defs": true, "deprecated": true}

// schema compares what is written with what the model has.
func (l *lost) schema(at string, raw any, ref *openapi.SchemaRef) {
	object, ok := raw.(map[string]any)
	if !ok {
		return // true or false
	}
	if ref == nil || ref.Value == nil {
		l.say(at, "the schema is not in the model")
		return
	}
	if text, ok := object["$ref"].(string); ok && len(object) == 1 {
		if ref.Ref != text {
			l.say(at, "%s is %q in the model", text, ref.Ref)
		}
		return
	}
	s := ref.Value
	for _, keyword := range slices.Sorted(maps.Keys(object)) {
		if annotations[keyword] || strings.HasPrefix(keyword, "x-") {
			continue
		}
		l.keywords++
		l.keyword(at+"/"+keyword, keyword, object[keyword], s)
	}
}

func (l *lost) keyword(at, keyword string, raw any, s *openapi.Schema) {
	many := func(refs []*openapi.SchemaRef) {
		list, _ := raw.([]any)
		if len(refs) != len(list) {
			// null and what stands beside a reference is said in another way.
			if !s.Nullable && len(s.AllOf) == 0 {
				l.say(at, "%d of %d are in the model", len(refs), len(list))
			}
			return
		}
		for i := range refs {
			l.schema(at+"/"+strconv.Itoa(i), list[i], refs[i])
		}
	}
	named := func(refs map[string]*openapi.SchemaRef) {
		object, _ := raw.(map[string]any)
		for name := range object {
			l.schema(at+"/"+name, object[name], refs[name])
		}
	}
	text := func(got any) {
		if want := fmt.Sprint(raw); fmt.Sprint(got) != want {
			l.say(at, "%v is %v in the model", want, got)
		}
	}
	count := func(n *uint64) {
		if n == nil {
			l.say(at, "it is not in the model")
		} else {
			text(*n)
		}
	}
	switch keyword {
	case "allOf", "oneOf", "anyOf", "prefixItems":
		many(map[string][]*openapi.SchemaRef{"allOf": s.AllOf, "oneOf": s.OneOf, "anyOf": s.AnyOf, "prefixItems": s.PrefixItems}[keyword])
	case "properties", "patternProperties", "dependentSchemas":
		named(map[string]map[string]*openapi.SchemaRef{"properties": s.Properties, "patternProperties": s.PatternProperties, "dependentSchemas": s.DependentSchemas}[keyword])
	case "not", "items", "contains", "if", "then", "else", "propertyNames", "unevaluatedProperties", "unevaluatedItems":
		l.schema(at, raw, map[string]*openapi.SchemaRef{"not": s.Not, "items": s.Items, "contains": s.Contains, "if": s.If, "then": s.Then, "else": s.Else, "propertyNames": s.PropertyNames,
			"unevaluatedProperties": s.UnevaluatedProperties, "unevaluatedItems": s.UnevaluatedItems}[keyword])
	case "additionalProperties":
		if allowed, ok := raw.(bool); ok {
			if s.AdditionalProperties.Allowed == nil || *s.AdditionalProperties.Allowed != allowed {
				l.say(at, "it is not in the model")
			}
		} else {
			l.schema(at, raw, s.AdditionalProperties.Schema)
		}
	case "minLength", "maxLength", "minItems", "maxItems", "minProperties", "maxProperties":
		count(map[string]*uint64{"minLength": s.MinLength, "maxLength": s.MaxLength, "minItems": s.MinItems, "maxItems": s.MaxItems, "minProperties": s.MinProperties, "maxProperties": s.MaxProperties}[keyword])
	case "minimum":
		text(cmp.Or(s.Minimum, s.ExclusiveMinimum))
	case "maximum":
		text(cmp.Or(s.Maximum, s.ExclusiveMaximum))
	case "multipleOf":
		text(s.MultipleOf)
	case "pattern":
		text(s.Pattern)
	case "format":
		text(s.Format)
	case "uniqueItems":
		text(s.UniqueItems)
	case "readOnly":
		text(s.ReadOnly)
	case "writeOnly":
		text(s.WriteOnly)
	case "enum":
		if !reflect.DeepEqual(raw, s.Enum) {
			l.say(at, "%v is %v in the model", raw, s.Enum)
		}
	case "const":
		if s.Const == nil || !reflect.DeepEqual(raw, *s.Const) {
			l.say(at, "the constant is not in the model")
		}
	case "default":
		if s.Default == nil || !reflect.DeepEqual(raw, *s.Default) {
			l.say(at, "%v is not in the model", raw)
		}
	case "required":
		text(fmt.Sprint(s.Required))
	case "discriminator":
		if s.Discriminator == nil {
			l.say(at, "it is not in the model")
		}
	case "type", "nullable", "exclusiveMinimum", "exclusiveMaximum", "dependentRequired", "contentEncoding", "contentMediaType", "$ref":
		// in one form for all versions; TestSpec holds them
	default:
		l.say(at, "nobody compares the keyword")
	}
}

// fields looks for the properties of an object among the fields of its struct.
func (l *lost) fields(key string, ref *openapi.SchemaRef, tags map[string]bool) {
	if tags == nil || ref == nil || ref.Value == nil || ref.Ref != "" {
		return // no struct
	}
	seen := map[*openapi.Schema]bool{}
	var visit func(s *openapi.Schema)
	visit = func(s *openapi.Schema) {
		if seen[s] {
			return
		}
		seen[s] = true
		for name := range s.Properties {
			switch {
			case tags[name]:
				l.found++
			case !tags["-"]: // where a name that no tag can hold goes, too
				l.say(key+"/"+name, "the property has no field")
			}
		}
		for _, m := range s.AllOf {
			visit(m.Value)
		}
	}
	visit(ref.Value)
}

// structTags returns the JSON names of the fields of all structs.
func structTags(t *testing.T, files map[string][]byte) map[string]map[string]bool {
	out := map[string]map[string]bool{}
	for name, data := range files {
		file, err := parser.ParseFile(token.NewFileSet(), name, data, parser.SkipObjectResolution)
		if err != nil {
			t.Fatal(err)
		}
		ast.Inspect(file, func(n ast.Node) bool {
			spec, ok := n.(*ast.TypeSpec)
			if !ok {
				return true
			}
			if object, ok := spec.Type.(*ast.StructType); ok {
				tags := map[string]bool{}
				for _, f := range object.Fields.List {
					if f.Tag != nil {
						text, _ := strconv.Unquote(f.Tag.Value)
						tag, _, _ := strings.Cut(reflect.StructTag(text).Get("json"), ",")
						tags[tag] = true
					}
				}
				out[spec.Name.Name] = tags
			}
			return false
		})
	}
	return out
}
