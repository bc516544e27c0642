package legacyproxy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// treeFromForm is an object of all that a form holds, as PHP's $_POST would have
// it: a[b][]=x nests, the last of several values wins, keys 0 to n-1 in order make
// a list, and every value is a string. Unlike in $_POST, names keep their dots and
// spaces. Its errors complete the sentence "the body ...".
func treeFromForm(form []byte) (*tree, error) {
	b := &formBuilder{}
	for pair := range strings.SplitSeq(string(form), "&") {
		if pair == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		if err := b.add(queryUnescape(rawKey), queryUnescape(rawValue)); err != nil {
			return nil, err
		}
	}
	return b.tree(), nil
}

// formBuilder puts the values of a form together.
type formBuilder struct {
	root   formNode
	values int
	nested int // lists and objects in each other
}

func (b *formBuilder) add(key, value string) error {
	if !utf8.ValidString(key) || !utf8.ValidString(value) {
		return errors.New("is not valid UTF-8")
	}
	if b.values++; b.values > maxFormValues {
		return fmt.Errorf("has more than %d values", maxFormValues)
	}
	path := formPath(key)
	if len(path) > maxFormDepth {
		return fmt.Errorf("is nested more than %d levels deep", maxFormDepth)
	}
	if path != nil {
		b.nested += b.root.put(path, value)
	}
	if b.nested > maxFormNested {
		return errNested
	}
	return nil
}

func (b *formBuilder) tree() *tree {
	t := b.root.tree()
	switch t.kind {
	case '[': // a form has names, even if these are numbers
		t.object()
	case '"':
		t = &tree{kind: '{'}
	}
	return t
}

// phpSpace is what isspace accepts.
const phpSpace = " \t\n\v\f\r"

// formPath splits a decoded key such as a[b][] into a, b and "". It is nil for
// a key without a name, which PHP ignores.
func formPath(key string) []string {
	key, _, _ = strings.Cut(key, "\x00") // where PHP's name ends
	name, rest, nested := strings.Cut(strings.TrimLeft(key, " "), "[")
	switch {
	case name == "":
		return nil
	case nested && !strings.Contains(rest, "]"):
		name, nested = name+"_"+strings.ReplaceAll(rest, "[", "_"), false
	}
	path := []string{name}
	for nested {
		step, after, closed := strings.Cut(rest, "]")
		if !closed {
			break
		}
		if len(step) == 1 && strings.Contains(phpSpace, step) {
			step = "" // [ ] is [] too
		}
		path = append(path, step)
		if rest, nested = strings.CutPrefix(after, "["); !nested {
			break // PHP ignores what follows the last bracket
		}
	}
	return path
}

// formNode is a string, or an array in PHP's sense when it has children.
type formNode struct {
	text     string
	keys     []string
	children map[string]*formNode
	next     int // the index of the next []
}

// put sets a value, and returns how many nodes that took.
func (n *formNode) put(path []string, value string) (made int) {
	for _, step := range path {
		if n.children == nil {
			n.text, n.children = "", map[string]*formNode{}
		}
		if step == "" {
			step = strconv.Itoa(n.next)
		}
		if i, err := strconv.Atoi(step); err == nil && i >= n.next && strconv.Itoa(i) == step {
			n.next = i + 1
		}
		child, ok := n.children[step]
		if !ok {
			child = &formNode{}
			made++
			n.children[step] = child
			n.keys = append(n.keys, step)
		}
		n = child
	}
	*n = formNode{text: value}
	return made
}

func (n *formNode) list() bool {
	for i, k := range n.keys {
		if k != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

func (n *formNode) tree() *tree {
	if n.children == nil {
		return &tree{kind: '"', text: n.text}
	}
	t := &tree{kind: '['}
	if !n.list() {
		t.kind, t.names = '{', n.keys
	}
	for _, k := range n.keys {
		t.children = append(t.children, n.children[k].tree())
	}
	return t
}
