package swagger2

import (
	"fmt"
	"net/url"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/schema/jsonpointer"
	"go.yaml.in/yaml/v3"
)

// schema converts a Schema Object (section 5.2.17) with all below.
func (u *upgrade) schema(n *yaml.Node) *yaml.Node {
	if n.Kind != yaml.MappingNode {
		return n // true or false, or a fault that the check tells of
	}
	if ref := get(n, "$ref"); ref != nil && ref.Kind == yaml.ScalarNode {
		return u.schemaRef(n, ref)
	}
	out := mapping()
	out.Line, out.Column = n.Line, n.Column
	null := false
	for key, value := range members(n) {
		switch key.Value {
		case "x-nullable", "x-isnullable":
			null = null || isTrue(value)
		case "type":
			if value.Value == "file" {
				set(out, "type", text("string"))
				set(out, "format", text("binary"))
				continue
			}
			add(out, key, value)
		case "format":
			if text1(get(n, "type")) != "file" {
				add(out, key, value)
			}
		case "discriminator":
			if value.Kind != yaml.ScalarNode {
				add(out, key, value) // as OpenAPI 3.0 has it
				continue
			}
			d := mapping("propertyName", value)
			if m := u.discriminated(n); len(m.Content) > 0 {
				set(d, "mapping", m)
			}
			add(out, key, d)
		case "collectionFormat":
			u.lose(key, "collectionFormat means nothing in a schema; it is left out", "")
		case "items", "not":
			if value.Kind == yaml.SequenceNode {
				u.lose(key, "a list of schemas for the items by position cannot be said in OpenAPI 3.0; any of them may stand anywhere", "")
				value = mapping("anyOf", value)
			}
			add(out, key, u.schema(value))
		case "additionalProperties":
			add(out, key, u.schema(value))
		case "properties":
			properties := mapping()
			for name, p := range members(value) {
				add(properties, name, u.schema(p))
			}
			add(out, key, properties)
		case "allOf", "anyOf", "oneOf":
			list := sequence()
			for _, item := range items(value) {
				list.Content = append(list.Content, u.schema(item))
			}
			add(out, key, list)
		default:
			add(out, key, value)
		}
	}
	if null {
		nullable(out)
	}
	return out
}

// nullable lets a schema be null.
func nullable(schema *yaml.Node) {
	set(schema, "nullable", yes())
	if enum := get(schema, "enum"); enum != nil && !slices.ContainsFunc(enum.Content, func(v *yaml.Node) bool { return v.Tag == "!!null" }) {
		all := slices.Clone(enum.Content)
		set(schema, "enum", sequence(append(all, &yaml.Node{Kind: yaml.ScalarNode, Tag: "!!null", Value: "null"})...))
	}
}

// schemaRef converts a reference. What stands beside it counts for nothing but
// x-nullable, in both versions; remarks are kept.
func (u *upgrade) schemaRef(n, ref *yaml.Node) *yaml.Node {
	to := u.target(ref)
	if to == nil {
		return mapping()
	}
	beside := mapping()
	for key, value := range members(n) {
		switch key.Value {
		case "$ref":
		case "x-nullable", "x-isnullable":
			if isTrue(value) {
				set(beside, "nullable", yes())
			}
		case "description", "title", "readOnly", "example":
			add(beside, key, value)
		default:
			if strings.HasPrefix(key.Value, "x-") {
				add(beside, key, value)
				continue
			}
			u.lose(key, fmt.Sprintf("%q beside $ref means nothing; it is left out", key.Value), "")
		}
	}
	if len(beside.Content) == 0 {
		return to
	}
	out := mapping("allOf", sequence(to))
	out.Content = append(out.Content, beside.Content...)
	return out
}

// target is a $ref to where the schema stands in the new document, or the schema
// itself where that is no component.
func (u *upgrade) target(ref *yaml.Node) *yaml.Node {
	if pointer, found := strings.CutPrefix(ref.Value, "#/definitions/"); found {
		name, rest, deeper := strings.Cut(pointer, "/")
		to := "#/components/schemas/" + jsonpointer.Escape(u.name("schemas", unescape(name)))
		if deeper {
			to += "/" + rest
		}
		return mapping("$ref", text(to))
	}
	if get(get(u.root, "definitions"), ref.Value) != nil && !strings.ContainsAny(ref.Value, "/#") {
		return mapping("$ref", text("#/components/schemas/"+jsonpointer.Escape(u.name("schemas", ref.Value)))) // as Swagger 1.2 wrote it
	}
	if target := u.elsewhere(ref); target != nil {
		if u.open[target] {
			u.refuse(ref, fmt.Sprintf("$ref %q leads to itself, outside of definitions", ref.Value), "move the schema to definitions")
			return nil
		}
		u.open[target] = true
		defer delete(u.open, target)
		return u.schema(target)
	}
	return nil
}

// elsewhere is what a reference within the document leads to that is no
// component, to be put in its place.
func (u *upgrade) elsewhere(ref *yaml.Node) *yaml.Node {
	pointer, local := strings.CutPrefix(ref.Value, "#/")
	if !local {
		u.external(ref)
		return nil
	}
	at := u.root
	for token := range strings.SplitSeq(pointer, "/") {
		token = unescape(token)
		if at.Kind == yaml.SequenceNode {
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(at.Content) {
				at = nil
			} else {
				at = at.Content[i]
			}
		} else {
			at = get(at, token)
		}
		if at == nil {
			u.refuse(ref, fmt.Sprintf("$ref %q leads nowhere", ref.Value), "")
			return nil
		}
	}
	if at == u.root {
		return nil
	}
	return at
}

// external refuses a reference to another file.
func (u *upgrade) external(ref *yaml.Node) {
	if u.told[ref] {
		return
	}
	u.told[ref] = true
	u.refuse(ref, fmt.Sprintf("$ref %q leads out of the document", ref.Value), "bundle the files into one first, such as with: npx @apidevtools/swagger-cli bundle "+u.file)
}

// discriminated maps the names that a discriminator's property has for schemas
// where these are not the schemas' own: because that could not stay, or because
// an extension says otherwise.
func (u *upgrade) discriminated(n *yaml.Node) *yaml.Node {
	out := mapping()
	var base string
	for key, value := range members(get(u.root, "definitions")) {
		if value == n {
			base = key.Value
		}
	}
	for key, value := range members(get(u.root, "definitions")) {
		if key.Value != base && !slices.ContainsFunc(items(get(value, "allOf")), func(p *yaml.Node) bool {
			return text1(get(p, "$ref")) == "#/definitions/"+jsonpointer.Escape(base)
		}) {
			continue
		}
		to := u.name("schemas", key.Value)
		name := key.Value
		for _, extension := range []string{"x-ms-discriminator-value", "x-discriminator-value"} {
			if v := text1(get(value, extension)); v != "" {
				name = v
			}
		}
		if name != to {
			set(out, name, text("#/components/schemas/"+jsonpointer.Escape(to)))
		}
	}
	return out
}

func unescape(token string) string {
	if plain, err := url.PathUnescape(token); err == nil {
		token = plain
	}
	return jsonpointer.Unescape(token)
}
