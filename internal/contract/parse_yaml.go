package contract

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"go.yaml.in/yaml/v3"
)

// Limits of one contract file. The largest public contracts stay far below.
const (
	maxFileBytes = 32 << 20
	maxDepth     = 256
	maxNodes     = 2_000_000
)

// parseYAML reads one YAML document into a tree.
func parseYAML(f *file, data []byte) *node {
	dec := yaml.NewDecoder(bytes.NewReader(data))
	var doc, second yaml.Node
	switch err := safely(func() error { return dec.Decode(&doc) }); {
	case errors.Is(err, io.EOF):
		f.fault(ruleSyntax, config.Pos{File: f.name, Line: 1, Col: 1}, "the file is empty", "")
		return nil
	case err != nil:
		f.syntax(data, err)
		return nil
	}
	if err := safely(func() error { return dec.Decode(&second) }); err == nil {
		f.fault(ruleSyntax, config.Pos{File: f.name, Line: second.Line, Col: second.Column},
			"a second YAML document starts here", "keep one document per file")
	} else if !errors.Is(err, io.EOF) {
		f.syntax(data, err)
	}
	c := converter{file: f, open: map[*yaml.Node]bool{}}
	root := c.convert(doc.Content[0], 0)
	if c.full {
		return nil
	}
	return root
}

// converter turns YAML nodes into ours. Aliases are copied, within bounds, so
// that a few lines of them cannot grow into gigabytes.
type converter struct {
	file  *file
	nodes int
	open  map[*yaml.Node]bool // anchors whose contents are being converted
	full  bool                // a bound was hit and reported
}

func (c *converter) convert(n *yaml.Node, depth int) *node {
	out := &node{file: c.file, line: n.Line, col: n.Column}
	c.nodes++
	switch {
	case c.full:
		return out
	case c.nodes > maxNodes:
		c.stop(n, fmt.Sprintf("the file grows to more than %d values", maxNodes))
		return out
	case depth > maxDepth:
		c.stop(n, fmt.Sprintf("nested more than %d levels deep", maxDepth))
		return out
	}
	switch n.Kind {
	case yaml.AliasNode:
		if c.open[n.Alias] {
			c.fault(n, fmt.Sprintf("the alias *%s stands inside what it names", n.Value), "use $ref for recursive schemas")
			return out
		}
		c.open[n.Alias] = true
		target := c.convert(n.Alias, depth+1)
		delete(c.open, n.Alias)
		return target
	case yaml.MappingNode:
		out.kind = mapNode
		c.open[n] = true
		c.mapping(n, out, depth)
		delete(c.open, n)
	case yaml.SequenceNode:
		out.kind = listNode
		c.open[n] = true
		for _, item := range n.Content {
			out.items = append(out.items, c.convert(item, depth+1))
		}
		delete(c.open, n)
	default:
		c.scalar(n, out)
	}
	return out
}

func (c *converter) mapping(n *yaml.Node, out *node, depth int) {
	seen := map[string]int{}
	var merged []*node
	for i := 0; i+1 < len(n.Content); i += 2 {
		key, value := n.Content[i], n.Content[i+1]
		if key.Kind == yaml.AliasNode {
			key = key.Alias
		}
		if key.Kind != yaml.ScalarNode {
			c.fault(key, "a key must be a plain word", "")
			continue
		}
		if key.Tag == "!!merge" {
			m := c.convert(value, depth+1)
			if m.kind == listNode {
				merged = append(merged, m.items...)
			} else {
				merged = append(merged, m)
			}
			continue
		}
		if line, twice := seen[key.Value]; twice {
			c.file.fault(ruleDuplicateKey, c.pos(key), fmt.Sprintf("duplicate key %q", key.Value),
				fmt.Sprintf("it stands in line %d already", line))
			continue
		}
		seen[key.Value] = key.Line
		out.members = append(out.members, member{key.Value, key.Line, key.Column, c.convert(value, depth+1)})
	}
	for _, m := range merged {
		for _, e := range m.members {
			if _, own := seen[e.name]; !own {
				seen[e.name] = e.line
				out.members = append(out.members, e)
			}
		}
		if m.kind != mapNode {
			c.file.fault(ruleSyntax, m.pos(), "only mappings can be merged with <<", "")
		}
	}
}

func (c *converter) scalar(n *yaml.Node, out *node) {
	out.text = n.Value
	switch n.ShortTag() {
	case "!!null":
		out.kind, out.text, out.written = nullNode, "null", n.Value
	case "!!bool":
		out.kind, out.text, out.written = boolNode, strings.ToLower(n.Value), n.Value
	case "!!int", "!!float":
		out.kind = numberNode
		if !json.Valid([]byte(n.Value)) {
			out.text, out.written = jsonNumber(n), n.Value
		}
		if out.text == "" {
			c.fault(n, fmt.Sprintf("JSON cannot hold the number %s", n.Value), "write it in quotes if text is meant")
			out.text = "0"
		}
	default: // text; a date, which YAML knows and JSON does not; an own tag
		out.kind = stringNode
	}
}

// jsonNumber writes a number that YAML spells in its own way, such as 0x1F or
// 1_000 or .5, as JSON; empty for infinities and the like.
func jsonNumber(n *yaml.Node) string {
	var i int64
	if n.ShortTag() == "!!int" && n.Decode(&i) == nil {
		return strconv.FormatInt(i, 10)
	}
	var f float64
	if n.Decode(&f) != nil || math.IsInf(f, 0) || math.IsNaN(f) {
		return ""
	}
	return strconv.FormatFloat(f, 'g', -1, 64)
}

func (c *converter) pos(n *yaml.Node) config.Pos {
	return config.Pos{File: c.file.name, Line: n.Line, Col: n.Column}
}

func (c *converter) fault(n *yaml.Node, message, hint string) {
	c.file.fault(ruleSyntax, c.pos(n), message, hint)
}

func (c *converter) stop(n *yaml.Node, message string) {
	c.full = true
	c.fault(n, message, "")
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

// syntax reports an error of the YAML library.
func (f *file) syntax(data []byte, err error) {
	fault := config.SyntaxFault(f.name, data, err)
	f.fault(ruleSyntax, fault.Pos, fault.Message, fault.Hint)
}
