package legacyproxy

import (
	"errors"
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// jsonFromForm writes a form as the JSON that PHP's json_encode makes of the
// $_POST it would have got: a[b][]=x nests, the last of several values wins,
// keys 0 to n-1 in order make a list, and every value is a string. Unlike in
// $_POST, names keep their dots and spaces. Its errors complete the sentence
// "the body ...".
func jsonFromForm(form []byte) ([]byte, error) {
	root := &formNode{}
	values := 0
	for pair := range strings.SplitSeq(string(form), "&") {
		if pair == "" {
			continue
		}
		rawKey, rawValue, _ := strings.Cut(pair, "=")
		key, value := queryUnescape(rawKey), queryUnescape(rawValue)
		if !utf8.ValidString(key) || !utf8.ValidString(value) {
			return nil, errors.New("is not valid UTF-8")
		}
		if values++; values > maxFormValues {
			return nil, fmt.Errorf("has more than %d values", maxFormValues)
		}
		path := formPath(key)
		if len(path) > maxFormDepth {
			return nil, fmt.Errorf("is nested more than %d levels deep", maxFormDepth)
		}
		if path != nil {
			root.put(path, value)
		}
	}
	if len(root.keys) == 0 {
		return []byte("{}"), nil
	}
	return root.object(make([]byte, 0, len(form)+len(form)/2))
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

func (n *formNode) put(path []string, value string) {
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
			n.children[step] = child
			n.keys = append(n.keys, step)
		}
		n = child
	}
	*n = formNode{text: value}
}

func (n *formNode) list() bool {
	for i, k := range n.keys {
		if k != strconv.Itoa(i) {
			return false
		}
	}
	return true
}

func (n *formNode) append(out []byte) ([]byte, error) {
	switch {
	case n.children == nil:
		return jsontext.AppendQuote(out, n.text)
	case !n.list():
		return n.object(out)
	}
	out = append(out, '[')
	for i, k := range n.keys {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = n.children[k].append(out); err != nil {
			return nil, err
		}
	}
	return append(out, ']'), nil
}

func (n *formNode) object(out []byte) ([]byte, error) {
	out = append(out, '{')
	for i, k := range n.keys {
		if i > 0 {
			out = append(out, ',')
		}
		var err error
		if out, err = jsontext.AppendQuote(out, k); err != nil {
			return nil, err
		}
		if out, err = n.children[k].append(append(out, ':')); err != nil {
			return nil, err
		}
	}
	return append(out, '}'), nil
}
