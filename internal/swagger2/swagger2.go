// Package swagger2 turns Swagger 2.0 documents into OpenAPI 3.0 ones.
//
// It works on the document as it is written, not on a model of it: order,
// comments, extensions and the spelling of numbers come through, and what has no
// counterpart is reported where it stands.
package swagger2

import (
	"fmt"
	"regexp"

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

	tree *yaml.Node                  // what YAML was written from
	at   func(*yaml.Node) config.Pos // where that stood
}

// Upgrade reads a Swagger 2.0 document, YAML or JSON, with the files that it refers
// to, which open reads; where open is nil, there are none to be had. What the document
// has of them becomes components of the new one. The list has what was lost as
// warnings and what keeps the import from being made as errors, with places in the
// source; with an error there is no Document.
func Upgrade(name string, data []byte, open Opener) (*Document, diag.List) {
	u := &upgrade{file: name, renamed: map[string]string{}, open: map[*yaml.Node]bool{}, told: map[*yaml.Node]bool{}}
	root := u.parse(data)
	if root == nil {
		return nil, u.list.Sorted()
	}
	u.root = root
	if v := get(root, "swagger"); v == nil || !version.MatchString(v.Value) {
		at, found, hint := root, "the document does not say swagger: '2.0'", "banyan imports Swagger 2.0; OpenAPI 3.0, 3.1 and 3.2 it reads as they are"
		if v != nil {
			at, found = v, fmt.Sprintf("Swagger %s is not supported, only 2.0", v.Value)
		} else if v := get(root, "openapi"); v != nil {
			at, found = v, "this is OpenAPI "+v.Value+" already"
			hint = "it needs no import: banyan init --contract starts a workspace with it, and one that exists names it under services in banyan.yaml"
		}
		u.refuse(at, found, hint)
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
	return &Document{Title: text1(get(get(root, "info"), "title")), YAML: text, tree: doc, at: u.pos}, u.list.Sorted()
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
	told    map[*yaml.Node]bool // references that are reported already
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
