package contract

import (
	"fmt"
	"net/url"
	"strings"
)

// sourceRef is a $ref as it stands in a file.
type sourceRef struct {
	file *file
	ref  string
}

// finding is what a $ref leads to.
type finding struct {
	node    *node
	pointer []string
	err     *refError
}

// find returns what a $ref names, one step, and the pointer to it. What is
// asked for once is remembered.
func (r *reader) find(n, ref *node) (*node, []string, *refError) {
	key := sourceRef{n.file, ref.text}
	f := r.found[key]
	if f == nil {
		f = r.search(n.file, ref)
		r.found[key] = f
	}
	if f.err != nil {
		fault := *f.err // the caller may add a hint
		return nil, nil, &fault
	}
	return f.node, f.pointer, nil
}

func (r *reader) search(from *file, ref *node) *finding {
	if base, fragment, _ := strings.Cut(ref.text, "#"); r.v31 && (fragment != "" && fragment[0] != '/' || base != "") {
		if n := r.anchored(from, base, fragment); n != nil {
			return &finding{node: n, pointer: []string{strings.Trim(base[strings.LastIndexByte(base, '/')+1:]+"_"+fragment, "_")}}
		}
	}
	node, pointer, err := r.files.find(from, ref.text)
	if len(pointer) > 3 && pointer[0] == "components" {
		r.into[pointer[1]+"/"+pointer[2]] = true
	}
	if err == nil {
		return &finding{node, pointer, err}
	}
	if whole := strings.TrimPrefix(ref.text, "/"); strings.HasPrefix(whole, "components/") {
		if found := r.instead(from, ref, "#/"+whole); found != nil { // somebody forgot the #
			return found
		}
	}
	if len(pointer0(ref.text)) != 2 {
		return &finding{node, pointer, err}
	}
	// Swagger 2.0 kept components in other places.
	old := pointer0(ref.text)
	if section := oldSections[old[0]]; section != "" && r.components[section+"/"+old[1]] {
		if found := r.instead(from, ref, "#/components/"+section+"/"+joinPointer(old[1:])); found != nil {
			return found
		}
	}
	return &finding{node, pointer, err}
}

// instead is what a reference that leads nowhere is to be, nil where that leads
// nowhere, too.
func (r *reader) instead(from *file, ref *node, meant string) *finding {
	node, pointer, err := r.files.find(from, meant)
	if err != nil {
		return nil
	}
	r.list.Repairable(ruleRefUnresolved, ref.pos(), fmt.Sprintf("$ref %q leads nowhere; %s is read", ref.text, meant), "write it so",
		ref.file.rewrite("refer to "+meant, ref, quoted(meant)))
	return &finding{node: node, pointer: pointer}
}

var oldSections = map[string]string{"definitions": "schemas", "schemas": "schemas", "parameters": "parameters", "responses": "responses"}

// pointer0 are the tokens of a local reference.
func pointer0(ref string) []string {
	fragment, local := strings.CutPrefix(ref, "#")
	if !local {
		return nil
	}
	tokens, _ := splitPointer(fragment)
	return tokens
}

// anchored finds a schema by its $id or $anchor (JSON Schema 2020-12, sections
// 8.2.1 and 8.2.2), within the file that refers to it.
func (r *reader) anchored(from *file, base, fragment string) *node {
	index := r.anchors[from]
	if index == nil {
		index = map[string]*node{}
		r.anchors[from] = index
		if from.root != nil {
			collectAnchors(index, from.root, "")
		}
	}
	if plain, err := url.PathUnescape(fragment); err == nil {
		fragment = plain
	}
	if fragment != "" && fragment[0] == '/' {
		at := index[base]
		tokens, ok := splitPointer(fragment)
		if at == nil || !ok {
			return nil
		}
		found, _, _ := r.files.walk(at, tokens, 0)
		return found
	}
	if fragment != "" {
		base += "#" + fragment
	}
	return index[base]
}

// collectAnchors notes the schemas below n that have a name. Relative references
// are looked up as they are written and below the $id around them.
func collectAnchors(index map[string]*node, n *node, base string) {
	note := func(key string, n *node) {
		if _, taken := index[key]; !taken {
			index[key] = n
		}
	}
	if id := n.get("$id"); id != nil && id.kind == stringNode {
		base = strings.TrimSuffix(id.text, "#")
		note(base, n)
		note(base[strings.LastIndexByte(base, '/')+1:], n)
	}
	for _, keyword := range []string{"$anchor", "$dynamicAnchor"} {
		if a := n.get(keyword); a != nil && a.kind == stringNode {
			note("#"+a.text, n)
			note(base+"#"+a.text, n)
		}
	}
	for i := range n.members {
		switch n.members[i].name {
		case "enum", "const", "default", "example", "examples":
			continue
		}
		collectAnchors(index, n.members[i].value, base)
	}
	for _, item := range n.items {
		collectAnchors(index, item, base)
	}
}
