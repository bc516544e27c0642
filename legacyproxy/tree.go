package legacyproxy

import (
	"errors"
	"fmt"
	"io"
	"slices"
	"strconv"

	"github.com/go-json-experiment/json/jsontext"
)

// tree is a JSON value, or a form as PHP sees it, in the order of its names.
type tree struct {
	kind     jsontext.Kind // '{', '[', '"', '0', 't', 'f' or 'n'
	text     string        // of a string without quotes; of a number as it was written
	names    []string      // of an object
	children []*tree
}

// treeFromJSON reads a document. Its errors complete the sentence "the body
// ...".
func treeFromJSON(doc []byte) (*tree, error) {
	r := &treeReader{dec: jsontext.NewDecoder(newReader(doc))}
	t, err := r.value(0)
	if err != nil {
		return nil, err
	}
	if _, err := r.dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return t, nil
}

var errNotJSON = errors.New("is not valid JSON")

type treeReader struct {
	dec    *jsontext.Decoder
	values int
	nested int
}

func (r *treeReader) value(depth int) (*tree, error) {
	token, err := r.dec.ReadToken()
	if err != nil {
		return nil, errNotJSON
	}
	t := &tree{kind: token.Kind()}
	switch t.kind {
	case '{', '[':
		if depth == maxFormDepth {
			return nil, fmt.Errorf("is nested more than %d levels deep", maxFormDepth)
		}
		if r.nested++; r.nested > maxFormNested {
			return nil, errNested
		}
		return t, r.children(t, depth)
	case '"', '0':
		t.text = token.String()
	}
	if r.values++; r.values > maxFormValues {
		return nil, fmt.Errorf("has more than %d values", maxFormValues)
	}
	return t, nil
}

func (r *treeReader) children(t *tree, depth int) error {
	for {
		if kind := r.dec.PeekKind(); kind == '}' || kind == ']' {
			_, err := r.dec.ReadToken()
			return err
		}
		if t.kind == '{' {
			token, err := r.dec.ReadToken()
			if err != nil {
				return errNotJSON
			}
			t.names = append(t.names, token.String())
		}
		child, err := r.value(depth + 1)
		if err != nil {
			return err
		}
		t.children = append(t.children, child)
	}
}

// member is an object's, or nil.
func (t *tree) member(name string) *tree {
	if i := slices.Index(t.names, name); i >= 0 {
		return t.children[i]
	}
	return nil
}

// put sets the value at a path such as a, b or a, "" for the end of a list, in
// objects and lists that it makes where there are none.
func (t *tree) put(path []string, value *tree) {
	for i, step := range path {
		if t.kind == '[' {
			if n, err := strconv.Atoi(step); step != "" && (err != nil || n != len(t.children)) {
				t.object()
			} else {
				step = ""
			}
		}
		if t.kind != '{' && t.kind != '[' {
			*t = tree{kind: '{'}
			if step == "" {
				t.kind = '['
			}
		}
		var child *tree
		if t.kind == '{' {
			if step == "" {
				step = strconv.Itoa(len(t.names))
			}
			child = t.member(step)
		}
		if child == nil {
			child = &tree{kind: 'n'}
			t.children = append(t.children, child)
			if t.kind == '{' {
				t.names = append(t.names, step)
			}
		}
		if i == len(path)-1 {
			*child = *value
		}
		t = child
	}
}

// object makes a list the object that has its indexes as names.
func (t *tree) object() {
	t.kind, t.names = '{', nil
	for i := range t.children {
		t.names = append(t.names, strconv.Itoa(i))
	}
}

// remove takes a member out and returns it; nil when there is none.
func (t *tree) remove(name string) *tree {
	i := slices.Index(t.names, name)
	if i < 0 {
		return nil
	}
	child := t.children[i]
	t.names, t.children = slices.Delete(t.names, i, i+1), slices.Delete(t.children, i, i+1)
	return child
}

// appendJSON writes the value as JSON.
func (t *tree) appendJSON(out []byte) ([]byte, error) {
	var err error
	switch t.kind {
	case '{', '[':
		closing := byte('}')
		if t.kind == '[' {
			closing = ']'
		}
		out = append(out, byte(t.kind))
		for i, child := range t.children {
			if i > 0 {
				out = append(out, ',')
			}
			if t.kind == '{' {
				if out, err = jsontext.AppendQuote(out, t.names[i]); err != nil {
					return nil, errNotJSON
				}
				out = append(out, ':')
			}
			if out, err = child.appendJSON(out); err != nil {
				return nil, err
			}
		}
		return append(out, closing), nil
	case '"':
		if out, err = jsontext.AppendQuote(out, t.text); err != nil {
			return nil, errNotJSON
		}
		return out, nil
	case '0':
		return append(out, t.text...), nil
	case 't':
		return append(out, "true"...), nil
	case 'f':
		return append(out, "false"...), nil
	}
	return append(out, "null"...), nil
}

// values gives the values of t the forms that PHP wants, where that depends on
// what they mean: dates by the schema, and booleans in JSON.
func (v *valueForms) apply(t *tree, s schemaNode, json bool) {
	switch t.kind {
	case '{':
		for i, child := range t.children {
			v.apply(child, s.property(t.names[i]), json)
		}
	case '[':
		items := s.items()
		for _, child := range t.children {
			v.apply(child, items, json)
		}
	case '"':
		if v.dateTime != nil || v.date != nil {
			t.text = v.rewrite(t.text, s.format())
		}
	case 't', 'f':
		if json && v.yes != "" {
			*t = *scalarTree(map[bool]string{true: v.yes, false: v.no}[t.kind == 't'])
		}
	}
}

// scalarTree is a number where the text is one in JSON's sense, else a string.
func scalarTree(text string) *tree {
	if v := jsontext.Value(text); v.Kind() == '0' && v.IsValid() {
		return &tree{kind: '0', text: text}
	}
	return &tree{kind: '"', text: text}
}
