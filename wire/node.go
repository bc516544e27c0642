package wire

import (
	"bytes"
	"errors"
	"fmt"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/schema/bracket"
)

// node is a parameter between its text and its Go value: a scalar, a list, or
// an object whose members keep their order.
type node struct {
	kind  nodeKind
	text  string
	names []string // of an object's items
	items []node
	// repeated says that a list is one value given several times.
	repeated bool
	// fault is why there is no value.
	fault string
}

type nodeKind uint8

const (
	scalar nodeKind = iota
	list
	object
	// keyed is a list or an object, as its type says: names in brackets.
	keyed
	// document is JSON, in the text.
	document
)

// What can be wrong with names, whatever the type. Package schema says the same.
const (
	notOnce   = "must be given once"
	unmatched = "has brackets that do not match"
	mixed     = "is given both as one value and with brackets"
)

func text(s string) node { return node{text: s} }

// treeNode returns what names with brackets spell.
func treeNode(t *bracket.Tree) node {
	switch {
	case t.Mixed():
		return node{fault: mixed}
	case len(t.Keys) > 0:
		n := membersNode(t)
		n.kind = keyed
		return n
	case len(t.Values) == 1:
		return valueNode(t.Values[0])
	}
	n := node{kind: list, repeated: true, items: make([]node, len(t.Values))}
	for i, v := range t.Values {
		n.items[i] = valueNode(v)
	}
	return n
}

// membersNode returns a tree as an object. What is wrong within it is wrong with
// it.
func membersNode(t *bracket.Tree) node {
	n := node{kind: object, names: t.Keys, items: make([]node, len(t.Keys))}
	for i, key := range t.Keys {
		n.items[i] = treeNode(t.Children[key])
		if n.fault == "" {
			n.fault = n.items[i].fault
		}
	}
	return n
}

func valueNode(v bracket.Value) node {
	if !v.JSON {
		return text(v.Text)
	}
	return documentNode(v.Text)
}

// documentNode is a value that came as JSON.
func documentNode(data string) node {
	if !jsontext.Value(data).IsValid() {
		return node{fault: "must be JSON"}
	}
	return node{kind: document, text: data}
}

// once says what is wrong where a type tells nothing of what it holds: of values
// that were given several times only one can be meant.
func (n node) once() error {
	if n.repeated {
		return errors.New(notOnce)
	}
	for i, item := range n.items {
		if item.repeated && n.kind == keyed && n.names[i] == "" {
			continue // a[]=1&a[]=2
		}
		if err := item.once(); err != nil {
			return err
		}
	}
	return nil
}

// single says what is wrong where one text is wanted.
func (n node) single() error {
	switch {
	case n.repeated:
		return errors.New(notOnce)
	case n.kind != scalar:
		return errors.New("must be a single value")
	}
	return nil
}

// listed returns the items of what is a list, or one value of a list. Keys that
// are empty or numbers make one, in the order in which they were given.
func (n node) listed() ([]node, bool) {
	switch n.kind {
	case list:
		return n.items, true
	case keyed:
		if !(&bracket.Tree{Keys: n.names}).Indexed() {
			return nil, false
		}
		var out []node
		for i, item := range n.items {
			if item.repeated && n.names[i] == "" {
				out = append(out, item.items...)
			} else {
				out = append(out, item)
			}
		}
		return out, true
	}
	return []node{n}, true
}

// settled returns a keyed node as the list or the object that it looks like.
func (n node) settled() node {
	if n.kind != keyed {
		return n
	}
	if items, ok := n.listed(); ok {
		return node{kind: list, items: items}
	}
	n.kind = object
	return n
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

// spelled is bracketed for what has a name of the contract: that of a list may have
// the brackets of its items already.
func (n node) spelled(name string, add func(name, value string)) {
	if stem, ok := bracket.Stem(name); ok && n.kind == list {
		name = stem
	}
	n.bracketed(name, add)
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
