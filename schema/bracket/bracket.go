// Package bracket reads names with brackets, a[b][]=1, as PHP and many others
// write lists and objects in queries and forms. OpenAPI leaves their text
// undefined; what is read here is what both the schemas of a contract and the
// types of generated code are held against.
package bracket

import (
	"slices"
	"strconv"
	"strings"
)

// MaxDepth bounds how deep names nest.
const MaxDepth = 32

// Tree is what the names with brackets behind one name spell. The zero Tree is
// empty. To enter n bytes of names takes time in proportion to n.
type Tree struct {
	// Keys are those of Children, in the order in which they came first.
	Keys     []string
	Children map[string]*Tree
	// Values were given under this name without further brackets.
	Values []Value
}

// Value is one text, or one JSON document.
type Value struct {
	Text string
	JSON bool
}

// Cut takes a name apart at its first bracket: "a[b][]" is "a" and "[b][]". A name
// that begins with a bracket is one without.
func Cut(name string) (base, path string) {
	if i := strings.IndexByte(name, '['); i > 0 {
		return name[:i], name[i:]
	}
	return name, ""
}

// Stem returns the name of a list without the brackets at its end: "ids[]" is also
// called "ids". It reports whether there are some.
func Stem(name string) (stem string, ok bool) {
	stem, ok = strings.CutSuffix(name, "[]")
	return stem, ok && stem != ""
}

// Item reports whether a path leads to one item of a list: "[]" and "[0]" do.
func Item(path string) bool {
	return len(path) > 1 && path[0] == '[' && path[len(path)-1] == ']' && strings.Trim(path[1:len(path)-1], "0123456789") == ""
}

// Under finds the list that a name means by the stem of the list's own: "ids" and
// "ids[0]" mean the one at "ids", with the path "" and "[0]". Of several it is the
// longest. Names that are declared themselves are to be looked for before.
func Under[List any](stems map[string]List, name string) (found List, path string, ok bool) {
	if len(stems) == 0 {
		return found, "", false
	}
	if whole, ok := stems[name]; ok {
		return whole, "", true
	}
	for i, n := 1, 0; i < len(name) && n <= MaxDepth; i++ {
		if name[i] != '[' {
			continue
		}
		n++
		if longer, known := stems[name[:i]]; known {
			found, path, ok = longer, name[i:], true
		}
	}
	return found, path, ok
}

// Child returns what stands under a key, adding it where nothing does.
func (t *Tree) Child(key string) *Tree {
	c := t.Children[key]
	if c == nil {
		if t.Children == nil {
			t.Children = map[string]*Tree{}
		}
		c = new(Tree)
		t.Children[key] = c
		t.Keys = append(t.Keys, key)
	}
	return c
}

// Add enters a value under a path of brackets. It reports whether the path is
// well formed and not too deep; after one that is not the tree means nothing.
func (t *Tree) Add(path string, v Value) bool {
	for n := 0; path != ""; n++ {
		end := strings.IndexByte(path, ']')
		if path[0] != '[' || end < 0 || n == MaxDepth {
			return false
		}
		key := path[1:end]
		path = path[end+1:]
		if key == "" && path != "" { // a[][b]=1: each is an item of its own
			key = "[" + strconv.Itoa(len(t.Keys)) + "]"
		}
		t = t.Child(key)
	}
	t.Values = append(t.Values, v)
	return true
}

// Mixed reports whether the name was given both as a value and with brackets,
// which means nothing.
func (t *Tree) Mixed() bool { return len(t.Keys) > 0 && len(t.Values) > 0 }

// Indexed reports whether all keys are empty or whole numbers: where a list is
// possible, the tree is one.
func (t *Tree) Indexed() bool {
	return !slices.ContainsFunc(t.Keys, func(key string) bool {
		return strings.Trim(strings.Trim(key, "[]"), "0123456789") != ""
	})
}

// Items returns the items of the tree as a list, in the order in which they were
// given, whatever their numbers.
func (t *Tree) Items() []*Tree {
	items := make([]*Tree, 0, len(t.Keys))
	for _, key := range t.Keys {
		child := t.Children[key]
		if key != "" {
			items = append(items, child)
			continue
		}
		for i := range child.Values { // a[]=1&a[]=2
			items = append(items, &Tree{Values: child.Values[i : i+1]})
		}
	}
	return items
}
