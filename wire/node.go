package wire

import (
	"bytes"
	"fmt"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// node is a parameter between its text and its Go value: a scalar, a list, or
// an object whose members keep their order.
type node struct {
	kind  nodeKind
	text  string
	names []string // of an object's items
	items []node
}

type nodeKind uint8

const (
	scalar nodeKind = iota
	list
	object
)

func text(s string) node { return node{text: s} }

// child returns the item of a list or object that a bracket names, adding it.
// An empty name appends to a list.
func (n *node) child(name string) *node {
	if name == "" {
		if n.kind != object {
			n.kind = list
		}
		n.names = append(n.names, "")
		n.items = append(n.items, node{})
		return &n.items[len(n.items)-1]
	}
	for i, known := range n.names {
		if known == name {
			return &n.items[i]
		}
	}
	n.kind = object
	n.names = append(n.names, name)
	n.items = append(n.items, node{})
	return &n.items[len(n.items)-1]
}

// nodeOf returns v as a node, through its JSON form: what a type looks like in
// a body is what it looks like in a parameter. It reports false for null.
func nodeOf(v any) (node, bool, error) {
	data, err := Marshal(v)
	if err != nil {
		return node{}, false, err
	}
	dec := jsontext.NewDecoder(bytes.NewReader(data))
	if dec.PeekKind() == 'n' {
		return node{}, false, nil
	}
	n, err := readNode(dec)
	return n, true, err
}

func readNode(dec *jsontext.Decoder) (node, error) {
	tok, err := dec.ReadToken()
	if err != nil {
		return node{}, err
	}
	switch tok.Kind() {
	case '{':
		n := node{kind: object}
		for dec.PeekKind() != '}' {
			name, err := dec.ReadToken()
			if err != nil {
				return node{}, err
			}
			key := name.String()
			null := dec.PeekKind() == 'n'
			item, err := readNode(dec)
			if err != nil {
				return node{}, err
			}
			if !null { // no style can write a null
				n.names = append(n.names, key)
				n.items = append(n.items, item)
			}
		}
		_, err := dec.ReadToken()
		return n, err
	case '[':
		n := node{kind: list}
		for dec.PeekKind() != ']' {
			item, err := readNode(dec)
			if err != nil {
				return node{}, err
			}
			n.items = append(n.items, item)
		}
		_, err := dec.ReadToken()
		return n, err
	case 'n':
		return text(""), nil
	}
	return text(tok.String()), nil
}

// flat returns the items as scalars. Only deepObject and forms can nest.
func (n node) flat() ([]string, error) {
	out := make([]string, len(n.items))
	for i, item := range n.items {
		if item.kind != scalar {
			return nil, fmt.Errorf("a list or object inside a parameter has no form in this style; declare it as application/json content")
		}
		out[i] = item.text
	}
	return out, nil
}

// bracketed appends "name[a][b]=value" pairs for everything in n.
func (n node) bracketed(name string, add func(name, value string)) {
	switch n.kind {
	case scalar:
		add(name, n.text)
	case list:
		for i, item := range n.items {
			if item.kind == scalar {
				item.bracketed(name+"[]", add)
			} else {
				item.bracketed(fmt.Sprintf("%s[%d]", name, i), add)
			}
		}
	case object:
		for i, item := range n.items {
			item.bracketed(name+"["+n.names[i]+"]", add)
		}
	}
}

// maxBrackets bounds how deep a bracketed name nests.
const maxBrackets = 16

// brackets splits "a[b][]" into "a" and ["b", ""]. A name that is not well
// formed is a name without brackets, as in PHP.
func brackets(name string) (base string, keys []string) {
	open := strings.IndexByte(name, '[')
	if open <= 0 {
		return name, nil
	}
	rest := name[open:]
	for len(rest) > 0 {
		end := strings.IndexByte(rest, ']')
		if rest[0] != '[' || end < 0 || len(keys) == maxBrackets {
			return name, nil
		}
		keys = append(keys, rest[1:end])
		rest = rest[end+1:]
	}
	return name[:open], keys
}

func itoa(i int) string { return strconv.Itoa(i) }
