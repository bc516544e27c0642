package swagger2

import (
	"fmt"
	"net/url"
	"path"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/schema/jsonpointer"
	"go.yaml.in/yaml/v3"
)

// Opener returns a file that a reference names, by its path from the folder of the
// document, such as "../common/types.json".
type Opener func(name string) ([]byte, error)

// Limits of all files together.
const (
	maxFiles = 2000
	maxBytes = 128 << 20
)

// kind is what a place of a document is for.
type kind string

const (
	schemaKind    kind = "definitions"
	parameterKind kind = "parameters"
	responseKind  kind = "responses"
	pathKind      kind = "paths"
)

// gathering makes one document of many files: what references to others lead to
// becomes a component of the document, and the references local ones.
type gathering struct {
	*upgrade
	open  Opener
	trees map[string]*yaml.Node // by path; nil for what cannot be had
	bytes int
	names map[string]string   // of components, by where they are from
	done  map[*yaml.Node]bool // references that are local by now, though they stand in another file
	taken map[kind]map[string]bool
}

// lineBits is how much of a node's line is the line; the rest tells the file.
const lineBits = 32

func (u *upgrade) gather(open Opener) {
	g := &gathering{upgrade: u, open: open, trees: map[string]*yaml.Node{}, names: map[string]string{}, done: map[*yaml.Node]bool{}, taken: map[kind]map[string]bool{}}
	for _, section := range []kind{schemaKind, parameterKind, responseKind} {
		g.taken[section] = map[string]bool{}
		for key := range members(get(u.root, string(section))) {
			g.taken[section][key.Value] = true
		}
	}
	g.walk(u.root, "", schemaKind, false)
}

// walk looks for references in a value of a file, "" for the document itself. What
// its members are called is up to the author where named says so.
func (g *gathering) walk(n *yaml.Node, file string, as kind, named bool) {
	for _, item := range items(n) {
		g.walk(item, file, as, false)
	}
	if ref := get(n, "$ref"); ref != nil && ref.Kind == yaml.ScalarNode && !named {
		g.refer(n, ref, file, as)
		return
	}
	for key, value := range members(n) {
		switch {
		case named:
			g.walk(value, file, as, false)
		case strings.HasPrefix(key.Value, "x-"), slices.Contains(plain, key.Value):
		case key.Value == "paths":
			g.walk(value, file, pathKind, true)
		case key.Value == "parameters":
			g.walk(value, file, parameterKind, value.Kind == yaml.MappingNode)
		case key.Value == "responses":
			g.walk(value, file, responseKind, true)
		default:
			g.walk(value, file, schemaKind, slices.Contains(dictionaries, key.Value))
		}
	}
}

var (
	// plain are members whose values are no part of the description.
	plain = []string{"example", "examples", "default", "enum", "info", "tags", "securityDefinitions", "externalDocs"}
	// dictionaries have members that the author named.
	dictionaries = []string{"properties", "patternProperties", "definitions", "headers"}
)

// refer makes a reference to another file a local one.
func (g *gathering) refer(n, ref *yaml.Node, file string, as kind) {
	target, fragment, _ := strings.Cut(ref.Value, "#")
	own := get(g.root, string(schemaKind))
	switch {
	case g.done[ref], target == "" && file == "", file == "" && has(own, ref.Value):
		return
	case fragment == "" && strings.HasPrefix(target, "/definitions/") && has(own, strings.TrimPrefix(target, "/definitions/")):
		g.lose(ref, fmt.Sprintf("$ref %q names no file; #%s is read", ref.Value, target), "")
		ref.Value = "#" + target
		return
	}
	name := file
	if target != "" {
		at, err := url.Parse(target)
		if err != nil || at.Scheme != "" || at.Host != "" || path.IsAbs(at.Path) || g.open == nil {
			g.external(ref)
			return
		}
		if name = path.Join(path.Dir(file), at.Path); name == path.Base(g.file) {
			ref.Value = "#" + fragment // back into the document
			g.done[ref] = true
			return
		}
	}
	g.done[ref] = true
	found := g.load(ref, name)
	if found != nil {
		found = g.at(found, fragment)
		if found == nil {
			g.refuse(ref, fmt.Sprintf("$ref %q leads nowhere", ref.Value), "")
		}
	}
	switch {
	case found == nil:
		g.told[ref] = true
	case as == pathKind:
		g.walk(found, name, as, false)
		*n = *found
	default:
		ref.Value = "#/" + string(as) + "/" + jsonpointer.Escape(g.component(found, name, fragment, as))
	}
}

// component is the name that something of another file has in the document.
func (g *gathering) component(found *yaml.Node, file, fragment string, as kind) string {
	from := string(as) + " " + file + "#" + fragment
	if name, known := g.names[from]; known {
		return name
	}
	stem := strings.TrimSuffix(path.Base(file), path.Ext(file))
	name := stem
	if i := strings.LastIndexByte(fragment, '/'); i >= 0 && i+1 < len(fragment) {
		name = unescape(fragment[i+1:])
	}
	if g.taken[as][name] {
		name = stem + "_" + name
	}
	for base, i := name, 2; g.taken[as][name]; i++ {
		name = base + "_" + strconv.Itoa(i)
	}
	g.names[from], g.taken[as][name] = name, true
	key := text(name)
	key.Line, key.Column = found.Line, found.Column
	section := sub(g.root, string(as))
	section.Content = append(section.Content, key, found)
	g.walk(found, file, as, false)
	return name
}

// load reads a file once.
func (g *gathering) load(ref *yaml.Node, name string) *yaml.Node {
	if tree, known := g.trees[name]; known {
		return tree
	}
	g.trees[name] = nil
	text, err := g.open(name)
	switch g.bytes += len(text); {
	case err != nil:
		g.refuse(ref, fmt.Sprintf("$ref %q: cannot read %s: %v", ref.Value, name, err), "")
		return nil
	case len(g.trees) > maxFiles || g.bytes > maxBytes:
		g.refuse(ref, fmt.Sprintf("$ref %q: the document has more than %d files or %d MiB", ref.Value, maxFiles, maxBytes>>20), "")
		return nil
	}
	other := &upgrade{file: path.Join(path.Dir(g.file), name), root: g.root}
	tree := other.parse(text)
	g.list = append(g.list, other.list...)
	g.files = append(g.files, other.file)
	mark(tree, len(g.files)<<lineBits)
	g.trees[name] = tree
	return tree
}

// mark says in every line of which file it is.
func mark(n *yaml.Node, file int) {
	if n == nil {
		return
	}
	if n.Line > 0 {
		n.Line |= file
	}
	for _, c := range n.Content {
		mark(c, file)
	}
}

// at follows a pointer into a file; nil where it leads nowhere.
func (g *gathering) at(n *yaml.Node, fragment string) *yaml.Node {
	for token := range strings.SplitSeq(strings.Trim(fragment, "/"), "/") {
		if token == "" {
			continue
		}
		if i, err := strconv.Atoi(token); err == nil && n.Kind == yaml.SequenceNode && i >= 0 && i < len(n.Content) {
			n = n.Content[i]
		} else if n = get(n, unescape(token)); n == nil {
			return nil
		}
	}
	return n
}
