package conform

import (
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"net/url"
	"strconv"
	"strings"
)

// at returns what a JSON pointer leads to, without following references.
func (c *compiler) at(pointer string) any {
	node := c.root
	if pointer == "" {
		return node
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		token = jsonpointer.Unescape(token)
		switch n := node.(type) {
		case map[string]any:
			node = n[token]
		case []any:
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(n) {
				return nil
			}
			node = n[i]
		default:
			return nil
		}
	}
	return node
}

// follow returns the object at a pointer with its references followed, and
// where that object stands. Bundled contracts have local references only.
func (c *compiler) follow(pointer string) (string, map[string]any) {
	for range 100 {
		node, _ := c.at(pointer).(map[string]any)
		ref, ok := node["$ref"].(string)
		if !ok || !strings.HasPrefix(ref, "#") {
			return pointer, node
		}
		target, err := url.PathUnescape(ref[1:])
		if err != nil {
			return pointer, node
		}
		pointer = target
	}
	return pointer, nil
}

// member returns a member of an object, or the zero T when there is none of
// that type.
func member[T any](node any, name string) T {
	object, _ := node.(map[string]any)
	v, _ := object[name].(T)
	return v
}

// fragment writes a pointer as a reference.
func fragment(pointer string) string { return "#" + (&url.URL{Path: pointer}).EscapedPath() }
