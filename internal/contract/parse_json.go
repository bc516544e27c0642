package contract

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"sort"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

// parseJSON reads a JSON file into a tree. JSON is not quite YAML (surrogate
// pairs, tabs, long keys), hence its own reader.
func parseJSON(f *file, data []byte) *node {
	p := &jsonParser{
		file: f, data: data, lines: lineStarts(data),
		dec: jsontext.NewDecoder(bytes.NewReader(data), jsontext.AllowDuplicateNames(true)),
	}
	root, err := p.value(0)
	if err == nil {
		if _, err = p.dec.ReadToken(); err == nil {
			err = errors.New("there is more after the end of the document")
		} else if errors.Is(err, io.EOF) {
			err = nil
		}
	}
	if err != nil {
		p.fail(err)
		return nil
	}
	return root
}

type jsonParser struct {
	file  *file
	data  []byte
	lines []int // offset of the start of each line
	dec   *jsontext.Decoder
	nodes int
	// offset and col are the last place asked for: counting goes on from
	// there, since a document may be one long line.
	offset, col int
}

var errTooDeep = fmt.Errorf("nested more than %d levels deep", maxDepth)

func (p *jsonParser) value(depth int) (*node, error) {
	if depth > maxDepth {
		return nil, errTooDeep
	}
	if p.nodes++; p.nodes > maxNodes {
		return nil, fmt.Errorf("the file has more than %d values", maxNodes)
	}
	n := &node{file: p.file, place: p.next()}
	tok, err := p.dec.ReadToken()
	if err != nil {
		return nil, err
	}
	n.text = tok.String()
	switch tok.Kind() {
	case 'n':
		n.kind = nullNode
	case 't', 'f':
		n.kind = boolNode
	case '0':
		n.kind = numberNode
	case '"':
		n.kind = stringNode
	case '[':
		n.kind, n.text = listNode, ""
		for p.dec.PeekKind() != ']' {
			item, err := p.value(depth + 1)
			if err != nil {
				return nil, err
			}
			n.items = append(n.items, item)
		}
		_, err = p.dec.ReadToken()
	case '{':
		n.kind, n.text = mapNode, ""
		err = p.object(n, depth)
	}
	return n, err
}

func (p *jsonParser) object(n *node, depth int) error {
	seen := names{}
	for p.dec.PeekKind() != '}' {
		m := member{key: p.next()}
		key, err := p.dec.ReadToken()
		if err != nil {
			return err
		}
		m.name = key.String()
		if m.value, err = p.value(depth + 1); err != nil {
			return err
		}
		if first := seen.add(n.members, m.name); first >= 0 {
			p.file.duplicate(n, first, m)
			continue
		}
		n.members = append(n.members, m)
	}
	_, err := p.dec.ReadToken()
	return err
}

// next is the place of the token that is read next.
func (p *jsonParser) next() place {
	at := int(p.dec.InputOffset())
	for at < len(p.data) && strings.IndexByte(" \t\r\n,:", p.data[at]) >= 0 {
		at++
	}
	return p.place(at)
}

func (p *jsonParser) place(offset int) place {
	offset = min(max(offset, 0), len(p.data))
	line := sort.SearchInts(p.lines, offset+1)
	from, base := p.lines[line-1], 1
	if p.offset >= from && p.offset <= offset && p.col > 0 {
		from, base = p.offset, p.col
	}
	p.offset, p.col = offset, base+utf8.RuneCount(p.data[from:offset])
	return place{int32(line), int32(p.col), int32(offset + p.file.skipped)}
}

func (p *jsonParser) fail(err error) {
	offset, msg, hint := int(p.dec.InputOffset()), err.Error(), ""
	var syn *jsontext.SyntacticError
	if errors.As(err, &syn) {
		offset, msg = int(syn.ByteOffset), syn.Err.Error()
	}
	if errors.Is(err, io.ErrUnexpectedEOF) || errors.Is(err, io.EOF) {
		offset, msg = len(bytes.TrimRight(p.data, " \t\r\n")), "the file ends too early"
	}
	switch rest := p.data[min(max(offset, 0), len(p.data)):]; {
	case bytes.HasPrefix(rest, []byte("//")) || bytes.HasPrefix(rest, []byte("/*")):
		msg, hint = "there is a comment", "remove it: JSON knows none; or call the file .yaml, where a comment starts with #"
	case syn != nil && len(rest) > 0 && rest[0] == ',' && bytes.IndexAny(bytes.TrimLeft(rest[1:], " \t\r\n"), "]}") == 0:
		msg, hint = "there is a comma after the last value", "remove it"
	}
	p.file.fault(ruleSyntax, p.file.at(p.place(offset)), "not valid JSON: "+msg, hint)
}

func lineStarts(data []byte) []int {
	starts := make([]int, 1, 1+bytes.Count(data, []byte{10}))
	for i, b := range data {
		if b == '\n' {
			starts = append(starts, i+1)
		}
	}
	return starts
}
