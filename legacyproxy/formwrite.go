package legacyproxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/url"
	"strconv"
	"strings"
)

func newReader(doc []byte) io.Reader { return bytes.NewBuffer(doc) }

// formPair is one value of a form: its name with brackets, and its text.
type formPair struct{ name, value string }

// appendPairs writes pairs in application/x-www-form-urlencoded.
func appendPairs(out []byte, pairs []formPair) []byte {
	for i, p := range pairs {
		if i > 0 {
			out = append(out, '&')
		}
		out = append(append(append(out, url.QueryEscape(p.name)...), '='), url.QueryEscape(p.value)...)
	}
	return out
}

// pairs are the values of an object in the order of its members, named as
// http_build_query does: a[b][0]=x with an index for every list entry, true and
// false as 1 and 0 unless v says otherwise, and nothing for null and for what is
// empty. Numbers keep their digits. Its errors complete the sentence "the body ...".
func (v *valueForms) pairs(t *tree) ([]formPair, error) {
	if t.kind != '{' {
		return nil, errNotObject
	}
	w := &pairWriter{valueForms: v}
	if v == nil {
		w.valueForms = &valueForms{}
	}
	if err := w.write("", t, 0); err != nil {
		return nil, err
	}
	return w.out, nil
}

type pairWriter struct {
	*valueForms
	out  []formPair
	size int
}

func (w *pairWriter) write(name string, t *tree, depth int) error {
	if depth > maxFormDepth {
		return fmt.Errorf("is nested more than %d levels deep", maxFormDepth)
	}
	switch {
	case t.kind != '{' && t.kind != '[':
		if t.kind == 'n' && !w.nulls {
			return nil
		}
		return w.pair(name, w.text(t))
	case depth > 0 && w.lists == listJSON:
		text, err := t.appendJSON(nil)
		if err != nil {
			return err
		}
		return w.pair(name, string(text))
	case t.kind == '[' && w.lists == listComma && t.flat():
		texts := make([]string, len(t.children))
		for i, child := range t.children {
			texts[i] = w.text(child)
		}
		if len(texts) == 0 {
			return nil
		}
		return w.pair(name, strings.Join(texts, ","))
	}
	for i, child := range t.children {
		step := strconv.Itoa(i)
		switch {
		case t.kind == '{':
			if step = t.names[i]; !nameable(step, depth) {
				return fmt.Errorf("has the name %q, which a PHP form cannot carry", step)
			}
		case w.lists == listBrackets && t.flat():
			step = ""
		}
		if depth > 0 {
			step = name + "[" + step + "]"
		}
		if len(step) > maxFormName {
			return fmt.Errorf("has a name of more than %d bytes", maxFormName)
		}
		if err := w.write(step, child, depth+1); err != nil {
			return err
		}
	}
	return nil
}

// flat reports whether a list holds no lists and objects.
func (t *tree) flat() bool {
	for _, child := range t.children {
		if child.kind == '{' || child.kind == '[' {
			return false
		}
	}
	return true
}

func (w *pairWriter) pair(name, value string) error {
	if len(w.out) == maxFormValues {
		return fmt.Errorf("has more than %d values", maxFormValues)
	}
	if w.size += len(name) + len(value); w.size > 4*maxFormBytes { // long names many times over
		return errors.New("is too large as a form")
	}
	w.out = append(w.out, formPair{name, value})
	return nil
}

// text is a scalar as it stands in a form.
func (v *valueForms) text(t *tree) string {
	switch {
	case t.kind == 't' && v.yes != "":
		return v.yes
	case t.kind == 'f' && v.yes != "":
		return v.no
	case t.kind == 't':
		return "1"
	case t.kind == 'f':
		return "0"
	}
	return t.text
}

// nameable reports whether PHP reads a name back as it is, the dots and spaces
// of outer names apart, which become underscores.
func nameable(name string, depth int) bool {
	switch {
	case name == "", strings.ContainsAny(name, "[]\x00"):
		return false
	case depth == 0:
		return name[0] != ' '
	}
	return len(name) > 1 || !strings.Contains(phpSpace, name)
}
