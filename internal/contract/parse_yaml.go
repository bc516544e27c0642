package contract

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"math"
	"regexp"
	"strconv"
	"strings"
	"unicode/utf8"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/yaml12"
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
	err := safely(func() error { return dec.Decode(&doc) })
	restore := func(*yaml.Node) {}
	if err != nil && !errors.Is(err, io.EOF) {
		if plain, back := yaml12.Slashes(data); plain != nil {
			data, restore = plain, back
			dec, doc = yaml.NewDecoder(bytes.NewReader(data)), yaml.Node{}
			err = safely(func() error { return dec.Decode(&doc) })
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if plain := withoutTabbedComments(data); plain != nil {
			again, whole := yaml.NewDecoder(bytes.NewReader(plain)), yaml.Node{}
			if fault := safely(func() error { return again.Decode(&whole) }); fault == nil {
				dec, doc, data, err = again, whole, plain, nil
			}
		}
	}
	if err != nil && !errors.Is(err, io.EOF) {
		if spaced, first := f.untabbed(data); spaced != nil {
			dec, doc = yaml.NewDecoder(bytes.NewReader(spaced)), yaml.Node{}
			if safely(func() error { return dec.Decode(&doc) }) == nil {
				data, err = spaced, nil
				f.list.Warn(ruleSyntax, f.at(first), "the file is indented by tabs, which YAML does not allow; they are read as spaces", "indent with spaces")
			}
		}
	}
	switch {
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
	restore(&doc)
	c := converter{file: f, open: map[*yaml.Node]bool{}, lines: lineStarts(data), data: data}
	root := c.convert(doc.Content[0], 0)
	c.keys.report(f, "the key %s is no text in YAML; it is read as text")
	c.dates.report(f, "%s is a date in YAML; it is read as text")
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
	data  []byte
	lines []int // offset of the start of each line
	// keys are names that YAML takes for numbers and the like, dates are values
	// that it takes for such.
	keys, dates retyped
}

// retyped are scalars that YAML gives another type than they are read as.
type retyped []scalar

type scalar struct {
	place
	text string
}

// report says it once for a file, with a repair for all places.
func (s retyped) report(f *file, message string) {
	if len(s) == 0 {
		return
	}
	text := fmt.Sprintf(message, s[0].text)
	if more := len(s) - 1; more > 0 {
		text += fmt.Sprintf(", here and in %d more", more)
	}
	fix := &diag.Fix{Summary: "write it in quotes"}
	for _, one := range s {
		if width := f.width(one.offset, one.text); width > 0 && f.editable() {
			fix.Edits = append(fix.Edits, diag.Edit{File: f.name, Offset: int(one.offset), Length: width, Text: quoted(one.text)})
		}
	}
	if len(fix.Edits) == 0 {
		fix = nil
	}
	f.list.Repairable(ruleYAML, f.at(s[0].place), text, fmt.Sprintf("write it in quotes: %q", s[0].text), fix)
}

// place is where a node of the library starts; its columns count characters.
func (c *converter) place(n *yaml.Node) place {
	p := place{int32(n.Line), int32(n.Column), -1}
	if n.Line < 1 || n.Line > len(c.lines) {
		return p
	}
	from, end := c.lines[n.Line-1], len(c.data)
	if n.Line < len(c.lines) {
		end = c.lines[n.Line]
	}
	const long = 4096 // lines that it would take too long to count in, again and again
	line := c.data[from:min(end, from+long)]
	for col := 1; col < n.Column; col++ {
		_, size := utf8.DecodeRune(line)
		if size == 0 {
			return p
		}
		line, from = line[size:], from+size
	}
	p.offset = int32(from + c.file.skipped)
	return p
}

func (c *converter) convert(n *yaml.Node, depth int) *node {
	out := &node{file: c.file, place: c.place(n)}
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
	seen := names{}
	out.members = make([]member, 0, len(n.Content)/2)
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
		m := member{key.Value, c.place(key), c.convert(value, depth+1)}
		if key.Tag != "!!str" && key.Style == 0 {
			c.keys = append(c.keys, scalar{m.key, key.Value})
		}
		if first := seen.add(out.members, m.name); first >= 0 {
			c.file.duplicate(out, first, m)
			continue
		}
		out.members = append(out.members, m)
	}
	for _, m := range merged {
		for _, e := range m.members {
			if seen.add(out.members, e.name) < 0 {
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
		if zeroFirst.MatchString(n.Value) {
			c.file.zeroFirst = append(c.file.zeroFirst, out)
		}
		if out.text == "" {
			c.fault(n, fmt.Sprintf("JSON cannot hold the number %s", n.Value), "write it in quotes if text is meant")
			out.text = "0"
		}
	case "!!timestamp": // which JSON does not know
		out.kind = stringNode
		if n.Style == 0 {
			c.dates = append(c.dates, scalar{out.place, n.Value})
		}
	default: // text, an own tag
		out.kind = stringNode
	}
}

// zeroFirst are whole numbers that YAML 1.1 reads as octal, as the library does, and
// YAML 1.2 (section 10.3.2), which OpenAPI is written in, as decimal.
var zeroFirst = regexp.MustCompile(`^([-+]?)0+([0-9]+)$`)

// jsonNumber writes a number that YAML spells in its own way, such as 0x1F or
// 1_000 or .5, as JSON; empty for infinities and the like.
func jsonNumber(n *yaml.Node) string {
	if m := zeroFirst.FindStringSubmatch(n.Value); m != nil {
		digits := cmp.Or(strings.TrimLeft(m[2], "0"), "0")
		if m[1] == "-" {
			return "-" + digits
		}
		return digits
	}
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

// withoutTabbedComments returns a file whose lines that are nothing but a comment
// behind tabs have spaces there, or nil when it has none. YAML allows these tabs
// (1.2.2, section 6.6) and the library does not.
func withoutTabbedComments(data []byte) (out []byte) {
	at := 0
	for line := range bytes.Lines(data) {
		text := bytes.TrimLeft(line, " \t")
		indent := line[:len(line)-len(text)]
		if bytes.HasPrefix(text, []byte("#")) && bytes.Contains(indent, []byte("\t")) {
			if out == nil {
				out = bytes.Clone(data)
			}
			copy(out[at:], bytes.Repeat([]byte(" "), len(indent)))
		}
		at += len(line)
	}
	return out
}

// untabbed returns a file that is indented by tabs, and by tabs only, with
// spaces in their place, and where the first tab is. Tabs among spaces have no
// width that all agree on.
func (f *file) untabbed(data []byte) (out []byte, first place) {
	at := 0
	for line := range bytes.Lines(data) {
		text := bytes.TrimLeft(line, "\t")
		switch {
		case len(bytes.TrimSpace(line)) == 0:
		case text[0] == ' ':
			return nil, place{}
		case len(text) < len(line):
			if out == nil {
				out = bytes.Clone(data)
				first = place{int32(1 + bytes.Count(data[:at], []byte("\n"))), 1, int32(at + f.skipped)}
			}
			copy(out[at:], bytes.Repeat([]byte(" "), len(line)-len(text)))
		}
		at += len(line)
	}
	return out, first
}

// syntax reports an error of the YAML library.
func (f *file) syntax(data []byte, err error) {
	fault := config.SyntaxFault(f.name, data, err)
	if lines := bytes.Split(data, []byte("\n")); fault.Hint == "" && fault.Pos.Line <= len(lines) {
		line := lines[fault.Pos.Line-1]
		if bytes.Contains(line[:len(line)-len(bytes.TrimLeft(line, " \t"))], []byte("\t")) {
			fault.Hint = "indent with spaces: YAML allows no tabs there"
		}
	}
	f.fault(ruleSyntax, fault.Pos, fault.Message, fault.Hint)
}
