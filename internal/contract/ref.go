package contract

import (
	"fmt"
	"net/url"
	"path"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// refError is why a $ref leads nowhere.
type refError struct{ rule, message, hint string }

// locate turns a $ref written in a file into a file's name and the pointer
// into it (RFC 3986, section 5; RFC 6901, section 6).
func (s *files) locate(from *file, ref string) (name string, pointer []string, err *refError) {
	refuse := func(rule, hint, format string, args ...any) (string, []string, *refError) {
		return "", nil, &refError{rule, fmt.Sprintf(format, args...), hint}
	}
	if ref == "" {
		return refuse(ruleRefUnresolved, "", "the $ref is empty")
	}
	target, fragment, _ := strings.Cut(ref, "#")
	pointer, ok := splitPointer(fragment)
	if !ok {
		return refuse(ruleRefUnresolved, `write it as "#/components/schemas/Name" or "file.yaml#/Name"`, "$ref %q: what follows # is not a JSON pointer", ref)
	}
	if target == "" {
		return from.name, pointer, nil
	}
	if strings.Contains(target, `\`) {
		return refuse(ruleRefUnresolved, "use forward slashes", "$ref %q holds a backslash", ref)
	}
	u, perr := url.Parse(target)
	if perr != nil {
		return refuse(ruleRefUnresolved, "", "$ref %q is not a valid URI reference", ref)
	}
	if isURL(from.name) && u.Scheme == "" {
		base, _ := url.Parse(from.name)
		u = base.ResolveReference(u)
	}
	switch {
	case u.Scheme == "http" || u.Scheme == "https":
		u.Fragment = ""
		if !s.remote.allows(u.String()) {
			return refuse(ruleRefRemote, "copy the file into the workspace, or list the start of its URL under remote-refs in "+WorkspaceFile,
				"remote $ref %q is not allowed", ref)
		}
		return u.String(), pointer, nil
	case u.Scheme != "" || u.Host != "":
		return refuse(ruleRefUnresolved, "use a path relative to this file", "$ref %q: only files and http(s) can be referred to", ref)
	case path.IsAbs(u.Path):
		return refuse(ruleRefOutside, "use a path relative to this file", "$ref %q is an absolute path", ref)
	}
	name = path.Join(path.Dir(from.name), u.Path)
	if name == ".." || strings.HasPrefix(name, "../") {
		return refuse(ruleRefOutside, "move the file into the workspace", "$ref %q leads out of the workspace", ref)
	}
	return name, pointer, nil
}

// find returns what a $ref names, one step: it may be a $ref itself.
func (s *files) find(from *file, ref string) (*node, []string, *refError) {
	name, pointer, rerr := s.locate(from, ref)
	if rerr != nil {
		return nil, nil, rerr
	}
	f, err := s.load(name)
	if err != nil {
		rule := ruleRefUnresolved
		if isURL(name) {
			return nil, nil, &refError{rule, fmt.Sprintf("$ref %q cannot be fetched: %v", ref, err), ""}
		}
		if strings.Contains(err.Error(), "out of the workspace") {
			rule = ruleRefOutside
		}
		return nil, nil, &refError{rule, fmt.Sprintf("$ref %q: cannot read %s: %v", ref, name, err), s.hint(name, err)}
	}
	if f.root == nil {
		return nil, nil, nil // its syntax error is reported
	}
	n, at, known := s.walk(f.root, pointer, 0)
	if n != nil {
		return n, pointer, nil
	}
	what := "#/" + joinPointer(pointer[:at+1])
	if from != f {
		what = f.name + what
	}
	hint := config.Suggest(pointer[at], known)
	return nil, nil, &refError{ruleRefUnresolved, fmt.Sprintf("$ref %q leads nowhere: there is no %s", ref, what), hint}
}

// walk follows a pointer, through references where they stand in its way. On
// failure it returns the index of the token that is missing and its neighbours.
func (s *files) walk(n *node, pointer []string, hops int) (found *node, at int, known []string) {
	for i, token := range pointer {
		if _, here := child(n, token); !here {
			if r, ok := n.ref(); ok && hops < 16 {
				if next, _, err := s.find(n.file, r.text); err == nil && next != nil {
					found, at, known = s.walk(next, pointer[i:], hops+1)
					return found, i + at, known
				}
			}
			for _, m := range n.members {
				known = append(known, m.name)
			}
			return nil, i, known
		}
		n, _ = child(n, token)
	}
	return n, 0, nil
}

func child(n *node, token string) (*node, bool) {
	if n.kind == listNode {
		i, err := strconv.Atoi(token)
		if err != nil || i < 0 || i >= len(n.items) {
			return nil, false
		}
		return n.items[i], true
	}
	c := n.get(token)
	return c, c != nil
}

// splitPointer reads the fragment of a $ref. The empty one is the whole file.
func splitPointer(fragment string) ([]string, bool) {
	if fragment == "" || fragment == "/" {
		return nil, true
	}
	if fragment[0] != '/' {
		return nil, false
	}
	tokens := strings.Split(fragment[1:], "/")
	for i, t := range tokens {
		if plain, err := url.PathUnescape(t); err == nil {
			t = plain // the fragment is percent-encoded by rights; people forget it
		}
		tokens[i] = jsonpointer.Unescape(t)
	}
	return tokens, true
}

func joinPointer(tokens []string) string {
	escaped := make([]string, len(tokens))
	for i, t := range tokens {
		escaped[i] = jsonpointer.Escape(t)
	}
	return strings.Join(escaped, "/")
}
