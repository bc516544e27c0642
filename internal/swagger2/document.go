package swagger2

import (
	"fmt"
	"path"
	"slices"
	"strconv"
	"strings"

	"go.yaml.in/yaml/v3"
)

// document is the whole, in the order that people read it in.
func (u *upgrade) document() *yaml.Node {
	root := u.root
	u.consumes, u.produces = u.types("consumes", root), u.types("produces", root)
	u.rename("definitions", "schemas")
	u.rename("parameters", "parameters")
	u.rename("responses", "responses")
	u.rename("securityDefinitions", "securitySchemes")

	u.goNames()

	out := mapping()
	first := set(out, "openapi", text("3.0.3"))
	for key := range members(root) { // what is written above the document
		first.HeadComment, first.Line, first.Column = key.HeadComment, key.Line, key.Column
		key.HeadComment = ""
		break
	}
	info := get(root, "info")
	if info == nil {
		info = mapping("title", text("untitled"), "version", text("0"))
		u.lose(root, "the document has no info; a title and a version stand in", "")
	}
	set(out, "info", info)
	move(out, root, "externalDocs")
	u.servers = u.serversOf(get(root, "schemes"))
	if u.servers != nil {
		at := set(out, "servers", u.servers)
		for _, name := range []string{"schemes", "host", "basePath"} { // the last that is there tells most
			for key := range members(root) {
				if key.Value == name {
					at.Line, at.Column = key.Line, key.Column
				}
			}
		}
	}
	move(out, root, "tags")
	move(out, root, "security")
	for key, value := range members(root) {
		switch {
		case strings.HasPrefix(key.Value, "x-"):
			add(out, key, value)
		case !slices.Contains(fields, key.Value):
			u.lose(key, fmt.Sprintf("%q is no field of a document; it is left out", key.Value), "")
		}
	}
	paths := mapping()
	for key, item := range members(get(root, "paths")) {
		if strings.HasPrefix(key.Value, "x-") {
			add(paths, key, item)
			continue
		}
		add(paths, key, u.pathItem(item))
	}
	set(out, "paths", paths)
	u.requirements(out)
	for _, item := range members(paths) {
		for _, operation := range members(item) {
			u.requirements(operation)
		}
	}
	if components := u.components(); len(components.Content) > 0 {
		set(out, "components", components)
	}
	return out
}

// fields are those of a Swagger 2.0 document (section 5.2.1).
var fields = []string{
	"swagger", "info", "host", "basePath", "schemes", "consumes", "produces", "paths", "definitions", "parameters", "responses",
	"securityDefinitions", "security", "tags", "externalDocs",
}

func (u *upgrade) components() *yaml.Node {
	out := mapping()
	section := func(from, to string, convert func(key, value *yaml.Node) *yaml.Node) {
		for key, value := range members(get(u.root, from)) {
			named := *key
			named.Value = u.name(to, key.Value)
			part := mapping()
			u.remarked(part, &named, func() *yaml.Node { return convert(key, value) })
			if len(part.Content) > 0 {
				into := sub(out, to)
				into.Content = append(into.Content, part.Content...)
			}
		}
	}
	section("definitions", "schemas", func(_, v *yaml.Node) *yaml.Node { return u.schema(v) })
	section("responses", "responses", func(_, v *yaml.Node) *yaml.Node { return u.response(v, u.produces, false) })
	section("parameters", "parameters", func(_, v *yaml.Node) *yaml.Node {
		if in := text1(get(v, "in")); in == "body" || in == "formData" {
			return nil
		}
		return u.parameter(v)
	})
	section("parameters", "requestBodies", func(_, v *yaml.Node) *yaml.Node {
		if text1(get(v, "in")) != "body" {
			return nil
		}
		return u.requestBody([]*yaml.Node{v}, nil, u.consumes)
	})
	section("securityDefinitions", "securitySchemes", func(_, v *yaml.Node) *yaml.Node { return u.securityScheme(v) })
	return out
}

// types are media types, each once.
func (u *upgrade) types(key string, n *yaml.Node) []string {
	var out []string
	for _, item := range items(get(n, key)) {
		if name := strings.TrimSpace(item.Value); name != "" && !slices.Contains(out, name) {
			out = append(out, name)
		}
	}
	return out
}

// remarked adds a member with a comment for everything that is lost on its way.
func (u *upgrade) remarked(out, key *yaml.Node, convert func() *yaml.Node) {
	before := len(u.list)
	value := convert()
	if value == nil {
		return
	}
	add(out, key, value)
	var words []string
	for _, d := range u.list[before:] {
		where := "# import, "
		if d.Pos.File != u.file {
			where += path.Base(d.Pos.File) + ", "
		}
		words = append(words, where+"line "+strconv.Itoa(d.Pos.Line)+": "+strings.Join(strings.Fields(d.Message), " "))
	}
	slices.Sort(words)
	if len(words) > 0 {
		key := out.Content[len(out.Content)-2]
		key.HeadComment = strings.TrimLeft(key.HeadComment+"\n"+strings.Join(slices.Compact(words), "\n"), "\n")
	}
}

// extensions copies what starts with x-.
func (u *upgrade) extensions(out, n *yaml.Node) {
	for key, value := range members(n) {
		if strings.HasPrefix(key.Value, "x-") {
			add(out, key, value)
		}
	}
}
