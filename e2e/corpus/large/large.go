// Package large makes documents as big as the biggest public ones out of smaller
// ones, by repeating them under other names: for goals of speed and memory that
// a real document of that size would need a licence for.
package large

import (
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"slices"
	"strings"
)

// Goal is how big a document is to be.
type Goal struct {
	// Operations is how many operations it has, exactly.
	Operations int
	// Bytes is how many bytes it has at least, indented by two spaces.
	Bytes int
}

// Build repeats bundled OpenAPI documents, in JSON, until the goal is reached.
// Operations come first, each copy with components of its own while the size
// allows it, and with those of the first copy afterwards; where operations run
// out before the size does, components follow alone. The same input gives the
// same bytes.
func Build(bundles [][]byte, goal Goal) ([]byte, error) {
	if len(bundles) == 0 {
		return nil, errors.New("there is nothing to repeat")
	}
	b := &builder{
		paths: map[string]any{}, components: map[string]any{},
		left: goal.Operations, size: goal.Bytes,
	}
	for copied := 0; ; copied++ {
		before := b.left + b.size
		for i, data := range bundles {
			var doc map[string]any
			if err := json.Unmarshal(data, &doc); err != nil {
				return nil, err
			}
			if version, _ := doc["openapi"].(string); !strings.HasPrefix(version, "3.0.") {
				return nil, fmt.Errorf("document %d is no OpenAPI 3.0", i+1)
			}
			b.add(doc, i, copied)
		}
		if b.left <= 0 && b.size <= 0 {
			break
		}
		if b.left+b.size == before {
			return nil, errors.New("repeating the documents adds nothing")
		}
	}
	return json.MarshalIndent(map[string]any{
		"openapi": "3.0.3",
		"info":    map[string]any{"title": "Large", "version": "1.0.0"},
		"paths":   b.paths, "components": b.components,
	}, "", "  ")
}

type builder struct {
	paths, components map[string]any
	left, size        int // operations and bytes still to come
}

// add adds a copy of a document.
func (b *builder) add(doc map[string]any, part, copied int) {
	own := copied == 0 || b.size > 0
	prefix := fmt.Sprintf("P%dC%d", part, copied)
	home := prefix // of the components that this copy refers to
	if !own {
		home = fmt.Sprintf("P%dC0", part)
	}
	rename(doc, home)
	if own {
		sections, _ := doc["components"].(map[string]any)
		for section, entries := range sections {
			entries, ok := entries.(map[string]any)
			if !ok || strings.HasPrefix(section, "x-") {
				continue
			}
			all, _ := b.components[section].(map[string]any)
			if all == nil {
				all = map[string]any{}
				b.components[section] = all
			}
			for name, entry := range entries {
				all[prefix+name] = entry
				b.took(entry)
			}
		}
	}
	paths, _ := doc["paths"].(map[string]any)
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		item, ok := paths[path].(map[string]any)
		if !ok || b.left <= 0 {
			continue
		}
		for _, method := range []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"} {
			op, ok := item[method].(map[string]any)
			if !ok {
				continue
			}
			if b.left <= 0 {
				delete(item, method)
				continue
			}
			b.left--
			if id, ok := op["operationId"].(string); ok {
				op["operationId"] = strings.ToLower(prefix) + "_" + id
			}
		}
		b.paths["/"+strings.ToLower(prefix)+path] = item
		b.took(item)
	}
}

// took counts the bytes of a part.
func (b *builder) took(v any) {
	if data, err := json.MarshalIndent(v, "    ", "  "); err == nil {
		b.size -= len(data)
	}
}

// rename puts a prefix in front of all names of components that v refers to.
func rename(v any, prefix string) {
	switch v := v.(type) {
	case []any:
		for _, item := range v {
			rename(item, prefix)
		}
	case map[string]any:
		for name, member := range v {
			switch text, isText := member.(string); {
			case name == "$ref" && isText:
				v[name] = renamed(text, prefix)
			case name == "security":
				v[name] = requirements(member, prefix)
			case name == "mapping":
				if mapping, ok := member.(map[string]any); ok {
					for value, target := range mapping {
						if text, ok := target.(string); ok {
							mapping[value] = renamed(text, prefix)
						}
					}
				}
			default:
				rename(member, prefix)
			}
		}
	}
}

func renamed(ref, prefix string) string {
	parts := strings.SplitN(ref, "/", 4)
	if len(parts) != 4 || parts[0] != "#" || parts[1] != "components" {
		return ref
	}
	parts[3] = prefix + parts[3]
	return strings.Join(parts, "/")
}

func requirements(v any, prefix string) any {
	list, ok := v.([]any)
	if !ok {
		return v
	}
	for i, item := range list {
		if schemes, ok := item.(map[string]any); ok {
			out := map[string]any{}
			for name, scopes := range schemes {
				out[prefix+name] = scopes
			}
			list[i] = out
		}
	}
	return list
}
