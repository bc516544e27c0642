// Package swagger2 turns Swagger 2.0 documents into OpenAPI 3.0 ones.
//
// It works on the document as it is written, not on a model of it: order,
// comments, extensions and the spelling of numbers come through, and what has no
// counterpart is reported where it stands.
package swagger2

import (
	"bytes"
	"fmt"
	"path"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"go.yaml.in/yaml/v3"
)

// Rules of what an import finds.
const (
	ruleLost   = "import-lost"
	ruleSource = "import-source"
)

var _ = diag.Register(
	diag.Rule{
		ID:      ruleLost,
		Summary: "Something in a Swagger 2.0 document has no counterpart in OpenAPI 3.0, or was read with a grain of salt.",
		Why:     "The import goes on, and leaves a comment where the file has something else than its source. Clients may notice the difference.",
		Example: "parameters:\n  - {name: ids, in: query, type: array, items: {type: string}, collectionFormat: tsv}",
		Fix:     "parameters:\n  - {name: ids, in: query, style: form, explode: false, schema: {type: array, items: {type: string}}}",
	},
	diag.Rule{
		ID:      ruleSource,
		Summary: "A document cannot be imported as Swagger 2.0.",
		Why:     "Nothing is written: a contract that says something else than its source is worse than none.",
		Example: "openapi: 3.0.3",
		Fix:     "swagger: '2.0'",
	},
)

// Document is a Swagger 2.0 document as OpenAPI 3.0.3.
type Document struct {
	// Title is that of the info object; it may be empty.
	Title string
	// YAML is the new document.
	YAML []byte

	tree *yaml.Node // what YAML was written from
}

// Upgrade reads a Swagger 2.0 document, YAML or JSON, from one file. The list
// has what was lost as warnings and what keeps the import from being made as
// errors, with places in the source; with an error there is no Document.
func Upgrade(name string, data []byte) (*Document, diag.List) {
	return UpgradeFiles(name, data, nil)
}

// UpgradeFiles is Upgrade for a document that refers to other files, which open reads.
// What they have of it becomes a component of the new document.
func UpgradeFiles(name string, data []byte, open Opener) (*Document, diag.List) {
	u := &upgrade{file: name, renamed: map[string]string{}, open: map[*yaml.Node]bool{}}
	root := u.parse(data)
	if root == nil {
		return nil, u.list.Sorted()
	}
	u.root = root
	if v := get(root, "swagger"); v == nil || !version.MatchString(v.Value) {
		at, found := root, "the document does not say swagger: '2.0'"
		if v != nil {
			at, found = v, fmt.Sprintf("Swagger %s is not supported, only 2.0", v.Value)
		} else if v := get(root, "openapi"); v != nil {
			at, found = v, "this is OpenAPI "+v.Value+" already"
		}
		u.refuse(at, found, "banyan reads OpenAPI 3.0 and 3.1 as they are, and imports Swagger 2.0")
		return nil, u.list.Sorted()
	}
	u.gather(open)
	doc := u.document()
	if u.list.Errors() > 0 {
		return nil, u.list.Sorted()
	}
	text, err := write(doc)
	if err != nil {
		u.refuse(root, "the document cannot be written as YAML: "+err.Error(), "")
		return nil, u.list.Sorted()
	}
	return &Document{Title: text1(get(get(root, "info"), "title")), YAML: text, tree: doc}, u.list.Sorted()
}

var version = regexp.MustCompile(`^2(\.0)?(\.0)?$`)

// upgrade is one document on its way.
type upgrade struct {
	file string
	root *yaml.Node
	list diag.List
	// consumes and produces are the document's own.
	consumes, produces []string
	servers            *yaml.Node
	// renamed are components, by section and name, whose name cannot stay.
	renamed map[string]string
	open    map[*yaml.Node]bool // what is being put in place of a reference to it
	files   []string            // the others, as lines count them
}

func (u *upgrade) pos(n *yaml.Node) config.Pos {
	if n == nil || n.Line == 0 {
		return config.Pos{File: u.file}
	}
	file := u.file
	if i := n.Line >> lineBits; 0 < i && i <= len(u.files) {
		file = u.files[i-1]
	}
	return config.Pos{File: file, Line: n.Line & (1<<lineBits - 1), Col: n.Column}
}

func (u *upgrade) refuse(n *yaml.Node, message, hint string) {
	u.list.Add(ruleSource, u.pos(n), message, hint)
}

// lose reports what the new document has not, or has otherwise.
func (u *upgrade) lose(n *yaml.Node, message, hint string) {
	u.list.Warn(ruleLost, u.pos(n), message, hint)
}

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

var (
	componentName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	notInName     = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
)

// rename finds names for components whose own is none in OpenAPI 3.0.
func (u *upgrade) rename(from, to string) {
	taken := map[string]bool{}
	for key := range members(get(u.root, from)) {
		taken[key.Value] = true
	}
	for key := range members(get(u.root, from)) {
		if componentName.MatchString(key.Value) {
			continue
		}
		name := strings.Trim(notInName.ReplaceAllString(key.Value, "_"), "_")
		if name == "" {
			name = "_"
		}
		for base, i := name, 2; taken[name]; i++ {
			name = fmt.Sprintf("%s_%d", base, i)
		}
		taken[name] = true
		u.renamed[to+"/"+key.Value] = name
		u.lose(key, fmt.Sprintf("%q is no name for a component; it is called %s", key.Value, name), "")
	}
}

// goNames leaves out what would give two schemas one Go name. Go-swagger, which
// x-go-name comes from as well, allows that where x-go-package differs.
func (u *upgrade) goNames() {
	first := map[string]*yaml.Node{}
	for key, schema := range members(get(u.root, "definitions")) {
		at := get(schema, "x-go-name")
		name := text1(at)
		switch before := first[name]; {
		case name == "":
		case before == nil:
			first[name] = key
		default:
			u.lose(at, fmt.Sprintf("the Go name %s is that of %s already; %s gets one of its own", name, before.Value, key.Value), "")
			remove(schema, "x-go-name")
		}
	}
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

func (u *upgrade) name(section, name string) string {
	if section == "requestBodies" {
		section = "parameters"
	}
	if to, ok := u.renamed[section+"/"+name]; ok {
		return to
	}
	return name
}

// serversOf are the addresses that host, basePath and schemes make.
func (u *upgrade) serversOf(schemes *yaml.Node) *yaml.Node {
	hostNode := get(u.root, "host")
	host, base := text1(hostNode), strings.TrimRight(text1(get(u.root, "basePath")), "/")
	if base != "" && base[0] != '/' {
		base = "/" + base
	}
	if host == "" {
		if base == "" {
			return nil
		}
		return sequence(mapping("url", text(base)))
	}
	if scheme, rest, found := strings.Cut(host, "://"); found {
		u.lose(hostNode, fmt.Sprintf("the host %q has a scheme", host), "")
		if host = rest; schemes == nil {
			schemes = sequence(text(scheme))
		}
	}
	host = strings.TrimRight(host, "/")
	out := sequence()
	var dropped []string
	for _, s := range items(schemes) {
		if s.Value != "http" && s.Value != "https" {
			dropped = append(dropped, s.Value)
			continue
		}
		out.Content = append(out.Content, mapping("url", text(s.Value+"://"+host+base)))
	}
	if len(dropped) > 0 {
		u.lose(schemes, "no servers for the schemes "+strings.Join(dropped, ", "), "OpenAPI 3.0 describes HTTP")
	}
	if len(out.Content) == 0 {
		server := mapping("url", text("https://"+host+base))
		if schemes == nil {
			server.Content[0].HeadComment = "# import: the source names no scheme"
		}
		out.Content = append(out.Content, server)
	}
	return out
}

func (u *upgrade) securityScheme(n *yaml.Node) *yaml.Node {
	out := mapping()
	typ := text1(get(n, "type"))
	switch typ {
	case "basic":
		set(out, "type", text("http"))
		set(out, "scheme", text("basic"))
	case "oauth2":
		set(out, "type", text(typ))
		flow := mapping()
		move(flow, n, "authorizationUrl")
		move(flow, n, "tokenUrl")
		scopes := get(n, "scopes")
		if scopes == nil {
			scopes = mapping()
		}
		set(flow, "scopes", scopes)
		name := text1(get(n, "flow"))
		switch name {
		case "application":
			name = "clientCredentials"
		case "accessCode":
			name = "authorizationCode"
		case "implicit", "password":
		default:
			u.refuse(n, fmt.Sprintf("an oauth2 security definition has the flow %q", name), "it is one of implicit, password, application and accessCode")
		}
		set(out, "flows", mapping(name, flow))
	default:
		for _, key := range []string{"type", "name", "in"} {
			move(out, n, key)
		}
	}
	move(out, n, "description")
	u.extensions(out, n)
	return out
}

// extensions copies what starts with x-.
func (u *upgrade) extensions(out, n *yaml.Node) {
	for key, value := range members(n) {
		if strings.HasPrefix(key.Value, "x-") {
			add(out, key, value)
		}
	}
}

// write prints a document with an indent of two. What the library cannot write
// in the style that suits people is written in quotes.
func write(doc *yaml.Node) ([]byte, error) {
	tidy(doc, false)
	text, err := encode(doc)
	if err == nil && sameDocument(text, doc) {
		return text, nil
	}
	tidy(doc, true)
	if text, err = encode(doc); err == nil && !sameDocument(text, doc) {
		err = fmt.Errorf("what is written does not read as what was meant")
	}
	return text, err
}

func encode(doc *yaml.Node) ([]byte, error) {
	var out bytes.Buffer
	enc := yaml.NewEncoder(&out)
	enc.SetIndent(2)
	err := safely(func() error { return enc.Encode(doc) })
	if err == nil {
		err = enc.Close()
	}
	return out.Bytes(), err
}
