package review

import (
	"fmt"
	"maps"
	"slices"
	"strings"
	"testing"
	"time"

	"github.com/santhosh-tekuri/jsonschema/v6"
)

// keywordEdit is two schemas, in the words of OpenAPI 3.1, and values that tell
// them apart, if anything does. The edit is made in both directions.
type keywordEdit struct {
	a, b   string
	values string // a JSON list
	// open is why a verdict may be undecided where the values say more or less.
	open string
}

// keywordEdits has every keyword of the Schema Object: added or removed, tightened
// or loosened, changed.
var keywordEdits = map[string]keywordEdit{}

// wrapper puts a schema somewhere, and a value in the same place.
type wrapper struct {
	schema func(s any) any
	value  func(v any) any
}

var wrappers = map[string]wrapper{
	"alone":    {func(s any) any { return s }, func(v any) any { return v }},
	"property": {func(s any) any { return object("p", s, true) }, func(v any) any { return map[string]any{"p": v} }},
	"optional": {func(s any) any { return object("p", s, false) }, func(v any) any { return map[string]any{"p": v} }},
	"item":     {func(s any) any { return map[string]any{"type": "array", "items": s} }, func(v any) any { return []any{v} }},
	"map": {func(s any) any { return map[string]any{"type": "object", "additionalProperties": s} },
		func(v any) any { return map[string]any{"any": v} }},
	"allOf": {func(s any) any { return map[string]any{"allOf": []any{map[string]any{"title": "t"}, s}} }, func(v any) any { return v }},
	"allOf property": {func(s any) any {
		return map[string]any{"allOf": []any{object("p", s, true), object("q", map[string]any{"type": "string"}, false)}}
	}, func(v any) any { return map[string]any{"p": v} }},
	"oneOf": {func(s any) any {
		return map[string]any{"oneOf": []any{closed("p", s), closed("q", map[string]any{"type": "string"})}}
	}, func(v any) any { return map[string]any{"p": v} }},
	"anyOf": {func(s any) any {
		return map[string]any{"anyOf": []any{closed("p", s), closed("q", map[string]any{"type": "string"})}}
	}, func(v any) any { return map[string]any{"p": v} }},
	"deep": {func(s any) any {
		return object("l", map[string]any{"type": "array", "items": map[string]any{"type": "object", "additionalProperties": map[string]any{"allOf": []any{s}}}}, false)
	}, func(v any) any { return map[string]any{"l": []any{map[string]any{"k": v}}} }},
}

func object(name string, s any, required bool) any {
	out := map[string]any{"type": "object", "properties": map[string]any{name: s}}
	if required {
		out["required"] = []any{name}
	}
	return out
}

func closed(name string, s any) any {
	out := object(name, s, true).(map[string]any)
	out["additionalProperties"] = false
	return out
}

// messagePlaces are the operations that a schema is put in, in one contract; the
// value tells who sends the message there.
var messagePlaces = map[string]sender{
	"POST /request": client, "POST /answer": server, "POST /failure": server, "POST /query": client, "POST /header": client, "POST /cookie": client, "POST /answerHeader": server,
	"POST /called callback c POST {$request.query.url}": server, "POST /calls callback c POST {$request.query.url}": client, "webhook POST w": server,
	"POST /requestComponent": client, "POST /answerComponent": server, "POST /listComponent": server,
}

// everywhere is a contract with a schema in all places, or in few of them.
func everywhere(version string, s any, few bool) []byte {
	own := func(name string) any { return map[string]any{"$ref": "#/components/schemas/" + name} }
	ok := func(fields map[string]any) any {
		fields["description"] = "ok"
		return map[string]any{"200": fields}
	}
	paths := map[string]any{}
	for path, fields := range map[string]map[string]any{
		"/request": {"requestBody": bodyOf(s)}, "/answer": {"responses": ok(bodyOf(s))}, "/failure": {"responses": map[string]any{"default": answerOf(s)}},
		"/query": {"parameters": []any{parameterOf("query", s)}}, "/header": {"parameters": []any{parameterOf("header", s)}}, "/cookie": {"parameters": []any{parameterOf("cookie", s)}},
		"/answerHeader": {"responses": ok(map[string]any{"headers": map[string]any{"X-P": bodyOf(s)}})},
		"/called":       {"callbacks": called(map[string]any{"requestBody": bodyOf(s)})}, "/calls": {"callbacks": called(map[string]any{"responses": ok(bodyOf(s))})},
		"/requestComponent": {"requestBody": bodyOf(own("Sent"))}, "/answerComponent": {"responses": ok(bodyOf(own("Read")))},
		"/listComponent": {"responses": ok(bodyOf(map[string]any{"type": "array", "items": own("Listed")}))},
	} {
		if few && path != "/request" && path != "/listComponent" {
			continue
		}
		paths[path] = map[string]any{"post": operationOf(strings.TrimPrefix(path, "/"), fields)}
	}
	doc := map[string]any{"openapi": version, "info": map[string]any{"title": "t", "version": "1"}, "paths": paths,
		"components": map[string]any{"schemas": map[string]any{"Sent": s, "Read": s, "Listed": s}}}
	if version != "3.0.3" && !few {
		doc["webhooks"] = map[string]any{"w": map[string]any{"post": operationOf("w", map[string]any{"requestBody": bodyOf(s)})}}
	}
	return encode(doc)
}

func bodyOf(s any) map[string]any {
	return map[string]any{"content": map[string]any{"application/json": map[string]any{"schema": s}}}
}

func answerOf(s any) any {
	out := bodyOf(s)
	out["description"] = "ok"
	return out
}

func parameterOf(in string, s any) any {
	out := bodyOf(s)
	out["name"], out["in"] = "p", in
	return out
}

func operationOf(id string, fields map[string]any) map[string]any {
	out := map[string]any{"operationId": id, "responses": map[string]any{"200": map[string]any{"description": "ok"}}}
	maps.Copy(out, fields)
	return out
}

func called(fields map[string]any) any {
	return map[string]any{"c": map[string]any{"{$request.query.url}": map[string]any{"post": operationOf("", fields)}}}
}

func parsed(t *testing.T, text string) any {
	t.Helper()
	v, err := jsonschema.UnmarshalJSON(strings.NewReader(text))
	if err != nil {
		t.Fatal(err, text)
	}
	return v
}

// validator is a schema by somebody else's reading of JSON Schema.
func validator(t *testing.T, s any) func(v any) bool {
	t.Helper()
	c := jsonschema.NewCompiler()
	c.AssertFormat()
	if err := c.AddResource("s.json", parsed(t, string(encode(s)))); err != nil {
		t.Fatal(err)
	}
	compiled, err := c.Compile("s.json")
	if err != nil {
		t.Fatal(err)
	}
	return func(v any) bool { return compiled.Validate(parsed(t, string(encode(v)))) == nil }
}

// TestKeywordSpace makes every edit in every place, in the words of 3.1 and, where
// they exist, of 3.0, and from one to the other. The values decide what must be
// said: if one that was valid is not any more, it breaks whoever sends it; if none
// is, it does not.
func TestKeywordSpace(t *testing.T) {
	t.Parallel()
	for _, name := range slices.Sorted(maps.Keys(keywordEdits)) {
		edit := keywordEdits[name]
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			a, b := parsed(t, edit.a), parsed(t, edit.b)
			for _, around := range slices.Sorted(maps.Keys(wrappers)) {
				w := wrappers[around]
				spaceEdit(t, around, edit, w, a, b)
				spaceEdit(t, around+", backwards", edit, w, b, a)
			}
		})
	}
}

func spaceEdit(t *testing.T, around string, edit keywordEdit, w wrapper, a, b any) {
	old, now := w.schema(a), w.schema(b)
	was, is := validator(t, old), validator(t, now)
	witness := map[sender]string{}
	for _, v := range parsed(t, edit.values).([]any) {
		v = w.value(v)
		switch x, y := was(v), is(v); {
		case x && !y:
			witness[client] = string(encode(v))
		case y && !x:
			witness[server] = string(encode(v))
		}
	}
	spellings := [][2]string{{"3.1.0", "3.1.0"}}
	old30, ok := in30(old)
	now30, ok2 := in30(now)
	if ok && ok2 {
		spellings = append(spellings, [2]string{"3.0.3", "3.1.0"})
		if around == "alone" {
			spellings = append(spellings, [2]string{"3.0.3", "3.0.3"})
		}
	}
	for _, spelling := range spellings {
		base, head := old, now
		if spelling[0] == "3.0.3" {
			base = old30
		}
		if spelling[1] == "3.0.3" {
			head = now30
		}
		found := map[string][]*Change{}
		few := around != "alone" && !strings.HasPrefix(around, "alone,")
		for _, c := range Compare(read(t, everywhere(spelling[0], base, few)), read(t, everywhere(spelling[1], head, few)), Options{Now: time.Unix(0, 0)}) {
			for _, op := range c.Affects {
				found[op] = append(found[op], c)
			}
		}
		for _, place := range slices.Sorted(maps.Keys(messagePlaces)) {
			if few && place != "POST /request" && place != "POST /listComponent" || place == "webhook POST w" && slices.Contains(spelling[:], "3.0.3") {
				continue
			}
			got, what := OK, ""
			for _, c := range found[place] {
				got = max(got, c.Wire)
				what += fmt.Sprintf("\n  %s %s %s: %s", c.Wire, c.Rule, c.Pointer, strings.Join(c.Why, "; "))
			}
			want, because := OK, witness[messagePlaces[place]]
			if because != "" {
				want = Breaks
			}
			if got != want && (got != Undecided || edit.open == "") {
				t.Errorf("%s, %s, %s to %s: %s, want %s (%s)\n  old %s\n  new %s%s", place, around, spelling[0], spelling[1], got, want, because, encode(base), encode(head), what)
				return // the other places say the same
			}
		}
	}
}

// only31 are keywords that OpenAPI 3.0 does not have.
var only31 = []string{"if", "then", "else", "contains", "minContains", "maxContains", "prefixItems", "patternProperties", "propertyNames", "dependentRequired", "dependentSchemas",
	"unevaluatedProperties", "unevaluatedItems", "contentEncoding", "contentMediaType", "$comment"}

// in30 writes a schema in the words of 3.0; false where it has none.
func in30(s any) (any, bool) {
	m, ok := s.(map[string]any)
	if !ok {
		return s, s != true && s != false
	}
	out := map[string]any{}
	for name, v := range m {
		if slices.Contains(only31, name) {
			return nil, false
		}
		switch name {
		case "type":
			list, many := v.([]any)
			if !many {
				if v == "null" {
					return nil, false
				}
				out["type"] = v
				continue
			}
			if len(list) != 2 || list[1] != "null" {
				return nil, false
			}
			out["type"], out["nullable"] = list[0], true
		case "const":
			out["enum"] = []any{v}
		case "exclusiveMinimum", "exclusiveMaximum":
			plain := strings.ToLower(name[9:10]) + name[10:]
			if m[plain] != nil {
				return nil, false
			}
			out[plain], out[name] = v, true
		case "properties":
			props := map[string]any{}
			for key, p := range v.(map[string]any) {
				if props[key], ok = in30(p); !ok {
					return nil, false
				}
			}
			out[name] = props
		case "items", "not":
			if out[name], ok = in30(v); !ok {
				return nil, false
			}
		case "additionalProperties":
			if out[name] = v; v != true && v != false {
				if out[name], ok = in30(v); !ok {
					return nil, false
				}
			}
		case "allOf", "anyOf", "oneOf":
			var list []any
			for _, part := range v.([]any) {
				one, ok := in30(part)
				if !ok {
					return nil, false
				}
				list = append(list, one)
			}
			out[name] = list
		default:
			out[name] = v
		}
	}
	if out["type"] == "array" && out["items"] == nil {
		out["items"] = map[string]any{}
	}
	return out, true
}
