package goserver_test

import (
	"encoding/json"
	"maps"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"
)

// Each part of a contract is called the same with and without the rest of it, as long
// as no two names of it are one in Go.
func TestAnyAdditionRenamesNothing(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		g := drawGrowth(t)
		var some []string
		for _, root := range g.roots {
			if rapid.Bool().Draw(t, "has "+root) {
				some = append(some, root)
			}
		}
		before, after := g.document(some), g.document(g.roots)
		sameNames(t, symbolsOf(t, before), symbolsOf(t, after))
		if t.Failed() {
			t.Logf("before:\n%s\nafter:\n%s", before, after)
		}
	})
}

// growth is a contract in parts: "paths//ash", "webhooks/ash", "schemas/Ash" and so
// on, of which roots can stand alone, with what they refer to. No name in it is one in
// Go with another.
type growth struct {
	parts map[string]any
	roots []string
	words int
}

type tree = map[string]any

func drawGrowth(t *rapid.T) *growth {
	g := &growth{parts: map[string]any{}}
	names := []string{"Ash", "Birch", "Cedar", "Elm", "Fir"}[:rapid.IntRange(2, 5).Draw(t, "schemas")]
	ref := func(section, end string) tree {
		return tree{"$ref": "#/components/" + section + "/" + rapid.SampledFrom(names).Draw(t, section) + end}
	}
	word := func() string {
		g.words++
		return "q" + string(rune('a'+g.words/26%26)) + string(rune('a'+g.words%26))
	}
	enum := func() tree { return tree{"type": "string", "enum": []any{"on", "off"}} }
	const top = 3
	var schema func(depth int) tree
	object := func(depth int) tree {
		props := tree{}
		for range rapid.IntRange(1, 2).Draw(t, "properties") {
			props[word()] = schema(depth - 1)
		}
		return tree{"type": "object", "properties": props}
	}
	schema = func(depth int) tree {
		if depth <= 0 {
			return rapid.SampledFrom([]tree{enum(), {"type": "string"}, ref("schemas", "")}).Draw(t, "leaf")
		}
		kinds := []string{"enum", "object", "object", "allOf", "allOf", "oneOf", "array", "map", "ref"}
		if depth == top {
			kinds = kinds[:8] // references to references can lead nowhere
		}
		switch rapid.SampledFrom(kinds).Draw(t, "schema") {
		case "ref":
			return ref("schemas", "")
		case "enum":
			return enum()
		case "allOf":
			return tree{"allOf": []any{ref("schemas", ""), object(depth)}}
		case "oneOf":
			if depth == top {
				return tree{"oneOf": []any{object(depth), object(depth)}} // and no choice of itself
			}
			return tree{"oneOf": []any{ref("schemas", ""), object(depth)}}
		case "array":
			return tree{"type": "array", "items": schema(depth - 1)}
		case "map":
			return tree{"type": "object", "additionalProperties": schema(depth - 1)}
		}
		return object(depth)
	}
	content := func() tree {
		media := rapid.SampledFrom([]string{"application/json", "multipart/form-data", "application/x-www-form-urlencoded", "application/x-ndjson"}).Draw(t, "media")
		return tree{"application/json": tree{"schema": schema(1)}, media: tree{"schema": object(1)}}
	}
	header := func() tree {
		return tree{"schema": rapid.SampledFrom([]tree{enum(), {"type": "array", "items": enum()}}).Draw(t, "header")}
	}
	answer := func() tree {
		out := tree{"description": "An answer.", "content": tree{"application/json": tree{"schema": schema(2)}}}
		if rapid.Bool().Draw(t, "has headers") {
			out["headers"] = tree{"X-Own": header(), "X-Shared": ref("headers", "Header")}
		}
		return out
	}
	operation := func(id string) tree {
		out := tree{"responses": tree{
			"200": answer(), "404": ref("responses", "Answer"), rapid.SampledFrom([]string{"default", "4XX"}).Draw(t, "status"): ref("responses", "Answer"),
		}}
		if id != "" {
			out["operationId"] = id
		}
		out["parameters"] = []any{tree{"name": word(), "in": "query", "schema": enum()}, ref("parameters", "Param")}
		out["requestBody"] = rapid.SampledFrom([]tree{ref("requestBodies", "Body"), {"content": content()}}).Draw(t, "body")
		return out
	}
	for _, name := range names {
		lower := strings.ToLower(name)
		path := tree{"parameters": []any{tree{"name": word(), "in": "query", "schema": enum()}}, "post": operation("add" + name), "put": operation("set" + name)}
		called := tree{"post": operation(""), "parameters": []any{tree{"name": word(), "in": "query", "schema": enum()}}}
		if rapid.Bool().Draw(t, "has callbacks") {
			path["post"].(tree)["callbacks"] = tree{"done": ref("callbacks", "Call"), "ready": ref("callbacks", "Call")}
		}
		hook := tree{"post": operation("")}
		for section, part := range map[string]any{
			"schemas/" + name: schema(top), "parameters/" + name + "Param": tree{"name": word(), "in": "query", "schema": enum()},
			"headers/" + name + "Header": header(), "requestBodies/" + name + "Body": tree{"content": content()},
			"responses/" + name + "Answer": answer(), "callbacks/" + name + "Call": tree{"{$request.query.url}": called},
			"paths//" + lower: path, "webhooks/" + lower: hook,
		} {
			g.parts[section] = part
		}
		g.roots = append(g.roots, "paths//"+lower, "webhooks/"+lower, "schemas/"+name)
	}
	return g
}

// document is a contract of some parts and those that they refer to.
func (g *growth) document(roots []string) string {
	components, paths, webhooks := tree{}, tree{}, tree{}
	seen := map[string]bool{}
	var add func(part string)
	var follow func(v any)
	follow = func(v any) {
		switch v := v.(type) {
		case []any:
			for _, one := range v {
				follow(one)
			}
		case tree:
			for _, name := range slices.Sorted(maps.Keys(v)) {
				if to, ok := v[name].(string); ok && name == "$ref" {
					add(strings.TrimPrefix(to, "#/components/"))
				}
				follow(v[name])
			}
		}
	}
	add = func(part string) {
		if seen[part] {
			return
		}
		seen[part] = true
		section, name, _ := strings.Cut(part, "/")
		switch section {
		case "paths":
			paths[name] = g.parts[part]
		case "webhooks":
			webhooks[name] = g.parts[part]
		default:
			if components[section] == nil {
				components[section] = tree{}
			}
			components[section].(tree)[name] = g.parts[part]
		}
		follow(g.parts[part])
	}
	for _, root := range roots {
		add(root)
	}
	out, _ := json.MarshalIndent(tree{"openapi": "3.1.0", "info": tree{"title": "T", "version": "1"}, "paths": paths, "webhooks": webhooks, "components": components}, "", " ")
	return string(out)
}
