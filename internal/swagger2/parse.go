package swagger2

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"unicode/utf8"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/yaml12"
	"github.com/go-json-experiment/json/jsontext"
	"go.yaml.in/yaml/v3"
)

// Limits of a document.
const (
	maxDepth = 256
	maxNodes = 2_000_000
)

// parse reads YAML or JSON, without aliases and merge keys, or reports why it
// cannot.
func (u *upgrade) parse(data []byte) *yaml.Node {
	data = bytes.TrimPrefix(data, []byte("\ufeff"))
	start := &yaml.Node{Line: 1, Column: 1}
	if !utf8.Valid(data) {
		u.refuse(start, "the file is not valid UTF-8", "save it as UTF-8")
		return nil
	}
	trimmed := bytes.TrimLeft(data, " \t\r\n")
	var root *yaml.Node
	switch {
	case len(trimmed) == 0:
		u.refuse(start, "the file is empty", "")
		return nil
	case trimmed[0] == '{':
		p := &jsonParser{data: data, dec: jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true))}
		p.lines = append(p.lines, 0)
		for i, b := range data {
			if b == '\n' {
				p.lines = append(p.lines, i+1)
			}
		}
		var err error
		if root, err = p.value(0); err == nil {
			if _, err = p.dec.ReadToken(); errors.Is(err, io.EOF) {
				err = nil
			} else if err == nil {
				err = errors.New("there is more after the end of the document")
			}
		}
		if err != nil {
			u.refuse(p.at(int(p.dec.InputOffset())), "not valid JSON: "+err.Error(), "")
			return nil
		}
	default:
		var doc yaml.Node
		err := safely(func() error { return yaml.Unmarshal(data, &doc) })
		if plain, restore := yaml12.Slashes(data); err != nil && plain != nil {
			doc = yaml.Node{}
			if err = safely(func() error { return yaml.Unmarshal(plain, &doc) }); err == nil {
				restore(&doc)
			}
		}
		if err != nil {
			fault := config.SyntaxFault(u.file, data, err)
			u.list.Add(ruleSource, fault.Pos, fault.Message, fault.Hint)
			return nil
		}
		e := &expansion{upgrade: u, open: map[*yaml.Node]bool{}}
		if len(doc.Content) == 1 {
			root = e.expand(doc.Content[0], 0)
		}
	}
	if root == nil || root.Kind != yaml.MappingNode {
		u.refuse(start, "a Swagger document is a mapping", "")
		return nil
	}
	if u.list.Errors() > 0 {
		return nil
	}
	return root
}

func safely(f func() error) (err error) {
	defer func() {
		if p := recover(); p != nil {
			err = fmt.Errorf("%v", p)
		}
	}()
	return f()
}

// expansion puts copies in place of aliases and merge keys, within bounds.
type expansion struct {
	*upgrade
	open  map[*yaml.Node]bool
	nodes int
}

func (e *expansion) expand(n *yaml.Node, depth int) *yaml.Node {
	if e.nodes++; e.nodes > maxNodes || depth > maxDepth {
		if e.list.Errors() == 0 {
			e.refuse(n, "the document is too deep or too large", fmt.Sprintf("it may have %d levels and %d values", maxDepth, maxNodes))
		}
		return mapping()
	}
	if n.Kind == yaml.AliasNode {
		if e.open[n.Alias] {
			e.refuse(n, fmt.Sprintf("the alias *%s stands inside what it names", n.Value), "")
			return mapping()
		}
		e.open[n.Alias] = true
		defer delete(e.open, n.Alias)
		return e.expand(n.Alias, depth+1)
	}
	e.open[n] = true
	defer delete(e.open, n)
	out := *n
	out.Anchor, out.Alias, out.Content = "", nil, nil
	if n.Kind == yaml.ScalarNode {
		out.Tag = n.ShortTag()
	}
	if n.Kind != yaml.MappingNode {
		for _, c := range n.Content {
			out.Content = append(out.Content, e.expand(c, depth+1))
		}
		return &out
	}
	seen := map[string]bool{}
	var merged []*yaml.Node
	for key, value := range members(n) {
		switch {
		case key.ShortTag() == "!!merge":
			m := e.expand(value, depth+1)
			if m.Kind == yaml.SequenceNode {
				merged = append(merged, m.Content...)
			} else {
				merged = append(merged, m)
			}
		case key.Kind != yaml.ScalarNode:
			e.refuse(key, "a key must be a plain word", "")
		case seen[key.Value]:
			e.lose(key, fmt.Sprintf("duplicate key %q; the first counts", key.Value), "")
		default:
			seen[key.Value] = true
			add(&out, key, e.expand(value, depth+1))
		}
	}
	for _, m := range merged {
		for key, value := range members(m) {
			if !seen[key.Value] {
				seen[key.Value] = true
				add(&out, key, value)
			}
		}
	}
	return &out
}

type jsonParser struct {
	data  []byte
	lines []int
	dec   *jsontext.Decoder
	nodes int
}

// at is a node at an offset.
func (p *jsonParser) at(offset int) *yaml.Node {
	offset = min(offset, len(p.data))
	line := sort.SearchInts(p.lines, offset+1)
	const far = 1 << 12 // columns beyond are counted in bytes
	from := p.lines[line-1]
	column := offset - from
	if column < far {
		column = utf8.RuneCount(p.data[from:offset])
	}
	return &yaml.Node{Line: line, Column: column + 1}
}

func (p *jsonParser) next() *yaml.Node {
	at := int(p.dec.InputOffset())
	for at < len(p.data) && bytes.IndexByte([]byte(" \t\r\n,:"), p.data[at]) >= 0 {
		at++
	}
	return p.at(at)
}

func (p *jsonParser) value(depth int) (*yaml.Node, error) {
	if p.nodes++; depth > maxDepth || p.nodes > maxNodes {
		return nil, errors.New("it is too deep or too large")
	}
	n := p.next()
	n.Kind = yaml.ScalarNode
	tok, err := p.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	n.Value = tok.String()
	switch tok.Kind() {
	case 'n':
		n.Tag = "!!null"
	case 't', 'f':
		n.Tag = "!!bool"
	case '0':
		n.Tag = ""
		n.Tag = n.ShortTag()
	case '"':
		n.Tag = "!!str"
	case '[':
		n.Kind, n.Tag, n.Value = yaml.SequenceNode, "!!seq", ""
		for p.dec.PeekKind() != ']' {
			item, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.Content = append(n.Content, item)
		}
		_, err = p.dec.ReadToken()
	case '{':
		n.Kind, n.Tag, n.Value = yaml.MappingNode, "!!map", ""
		seen := map[string]bool{}
		for p.dec.PeekKind() != '}' {
			key := p.next()
			name, err := p.dec.ReadToken()
			if err != nil {
				return nil, err
			}
			key.Kind, key.Tag, key.Value = yaml.ScalarNode, "!!str", name.String()
			item, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			if !seen[key.Value] {
				seen[key.Value] = true
				n.Content = append(n.Content, key, item)
			}
		}
		_, err = p.dec.ReadToken()
	}
	return n, err
}
