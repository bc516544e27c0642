package config

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"unicode/utf8"

	"go.yaml.in/yaml/v3"
)

// Limits of a configuration file. They are far above what people write and
// far below what would hurt.
const (
	maxBytes = 4 << 20
	maxDepth = 64
	maxNodes = 200_000
)

// parse reads one YAML document into a tree of at most maxNodes nodes, its
// aliases replaced by what they name.
func parse(file string, data []byte) (*yaml.Node, Faults) {
	one := func(pos Pos, hint, format string, args ...any) Faults {
		return Faults{{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint}}
	}
	if len(data) > maxBytes {
		return nil, one(Pos{File: file}, "", "the file has %d bytes, more than the %d allowed", len(data), maxBytes)
	}
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	if !utf8.Valid(data) {
		return nil, one(invalidUTF8(file, data), "save the file as UTF-8", "the file is not valid UTF-8")
	}

	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc yaml.Node
	switch err := safely(func() error { return dec.Decode(&doc) }); {
	case errors.Is(err, io.EOF):
		return nil, nil
	case err != nil:
		return nil, Faults{SyntaxFault(file, data, err)}
	}
	var second yaml.Node
	if err := safely(func() error { return dec.Decode(&second) }); err == nil {
		return nil, one(Pos{File: file, Line: second.Line, Col: second.Column}, "keep one document per file", "a second YAML document starts here")
	} else if !errors.Is(err, io.EOF) {
		return nil, Faults{SyntaxFault(file, data, err)}
	}

	r := resolver{file: file}
	root := r.resolve(doc.Content[0], 0)
	if r.fault != nil {
		return nil, Faults{*r.fault}
	}
	return root, nil
}

// resolver copies a tree with its aliases and merge keys resolved, within
// bounds, so that a few lines of aliases cannot grow into gigabytes.
type resolver struct {
	file  string
	nodes int
	fault *Fault
}

func (r *resolver) resolve(n *yaml.Node, depth int) *yaml.Node {
	r.nodes++
	switch {
	case r.fault != nil:
	case r.nodes > maxNodes:
		r.fail(n, fmt.Sprintf("the file grows to more than %d values", maxNodes), "use fewer aliases")
	case depth > maxDepth:
		r.fail(n, fmt.Sprintf("nested more than %d levels deep", maxDepth), "")
	case n.Kind == yaml.AliasNode:
		target := r.resolve(n.Alias, depth+1)
		copied := *target
		copied.Line, copied.Column = n.Line, n.Column
		return &copied
	case n.Tag == "!!merge":
		r.fail(n, "merge keys (<<) are not supported", "write the keys out")
	}
	if r.fault != nil {
		return n
	}
	out := *n
	out.Content = make([]*yaml.Node, len(n.Content))
	for i, c := range n.Content {
		out.Content[i] = r.resolve(c, depth+1)
	}
	return &out
}

func (r *resolver) fail(n *yaml.Node, message, hint string) {
	r.fault = &Fault{Pos: Pos{File: r.file, Line: n.Line, Col: n.Column}, Message: message, Hint: hint}
}

// safely turns a panic of the YAML library on a hostile file into an error.
func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return f()
}

func invalidUTF8(file string, data []byte) Pos {
	line, col := 1, 1
	for len(data) > 0 {
		r, size := utf8.DecodeRune(data)
		if r == utf8.RuneError && size == 1 {
			break
		}
		if col++; r == '\n' {
			line, col = line+1, 1
		}
		data = data[size:]
	}
	return Pos{File: file, Line: line, Col: col}
}
