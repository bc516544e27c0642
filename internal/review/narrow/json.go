package narrow

import (
	"bytes"
	"hash/maphash"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

const maxDepth = 200 // less than what a contract may have

// scanJSON outlines a document in JSON.
func scanJSON(text []byte) (*outline, bool) {
	if !validJSON(text) {
		return nil, false
	}
	s := &jsonScanner{text: text, names: names{}}
	o := &outline{text: text, root: map[string]uint64{}, parts: map[string]*part{}}
	ok := s.members(func(name string) bool {
		if _, twice := o.root[name]; twice {
			return false
		}
		o.root[name] = 0
		switch {
		case name == "paths" && s.peek() == '{':
			return s.section(o, name)
		case name == "components" && s.peek() == '{':
			return s.members(func(name string) bool {
				if s.peek() != '{' || name == "pathItems" || strings.HasPrefix(name, "x-") || strings.Contains(name, "/") {
					s.value("", 0)
					return name != "pathItems"
				}
				return s.section(o, name)
			})
		}
		o.root[name] = s.value(name, 0)
		return true
	})
	o.refs = s.refs
	return o, ok && !s.odd
}

func validJSON(text []byte) bool {
	dec := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true))
	if dec.SkipValue() != nil {
		return false
	}
	return len(bytes.TrimSpace(text[dec.InputOffset():])) == 0
}

// jsonScanner walks JSON that is known to be valid.
type jsonScanner struct {
	text  []byte
	at    int
	key   int // where the name of the member that is read starts
	names names
	refs  []string // found since they were taken last
	// odd says that there is a reference which is not to a component.
	odd   bool
	depth int
	ops   []operation // read since they were taken last
}

// level tells what an object is, where that matters.
type level uint8

const (
	plain level = iota
	pathItem
	operationItem
)

// section reads paths, or components of a kind.
func (s *jsonScanner) section(o *outline, name string) bool {
	sec := &section{name: name}
	for _, other := range o.sections {
		if other.name == name {
			return false
		}
	}
	o.sections = append(o.sections, sec)
	outside := s.refs
	var last *part
	ok := s.members(func(member string) bool {
		if last != nil {
			last.comma = bytes.IndexByte(s.text[last.to:], ',') + last.to
		}
		p := &part{span: span{from: s.key}}
		s.refs, s.ops = nil, nil
		level := plain
		if name == "paths" {
			level = pathItem
		}
		p.sum = s.value(name, level)
		p.refs, p.to = s.refs, s.at
		for _, op := range s.ops {
			op.path = member
			o.ids = append(o.ids, op)
		}
		last = p
		return o.add(sec, member, p)
	})
	s.refs, s.ops = outside, nil
	return ok
}

func (s *jsonScanner) peek() byte {
	for {
		switch c := s.text[s.at]; c {
		case ' ', '\t', '\r', '\n':
			s.at++
		default:
			return c
		}
	}
}

// members calls visit with the name of each member, its value next.
func (s *jsonScanner) members(visit func(name string) bool) bool {
	if s.peek() != '{' {
		return false
	}
	s.at++
	for ok := true; ; {
		switch s.peek() {
		case '}':
			s.at++
			return ok
		case ',':
			s.at++
			continue
		}
		s.key = s.at
		name := string(s.str())
		s.peek()
		s.at++ // the colon
		s.peek()
		if ok = ok && visit(name); !ok {
			return false
		}
	}
}

// value reads the value of a member, or of an item, and returns its sum. The
// order of members does not count.
func (s *jsonScanner) value(name string, l level) uint64 {
	if s.depth++; s.depth > maxDepth {
		s.odd = true
	}
	defer func() { s.depth-- }()
	switch s.peek() {
	case '{':
		return s.object(name, l)
	case '[':
		s.at++
		sum := uint64('[')
		for {
			switch s.peek() {
			case ']':
				s.at++
				return sum
			case ',':
				s.at++
			default:
				sum = mix(sum, s.value("", plain))
			}
		}
	case '"':
		text := s.str()
		s.refer(name, text)
		return mix('"', maphash.Bytes(seed, text))
	}
	start := s.at
	for s.at < len(s.text) && bytes.IndexByte(delimiters, s.text[s.at]) < 0 {
		s.at++
	}
	return mix('0', maphash.Bytes(seed, s.text[start:s.at]))
}

var delimiters = []byte(" \t\r\n,]}")

func (s *jsonScanner) object(name string, l level) uint64 {
	s.at++
	sum := uint64('{')
	for {
		switch s.peek() {
		case '}':
			s.at++
			return sum
		case ',':
			s.at++
			continue
		}
		key := s.str()
		s.peek()
		s.at++ // the colon
		kind := s.peek()
		within, keySum := known(key, name), maphash.Bytes(seed, key)
		switch {
		case l == pathItem && within == "$ref":
			s.odd = true // its operations stand elsewhere
		case l == pathItem && kind == '{' && isMethod(within):
			s.ops = append(s.ops, operation{method: within})
			sum += mix(keySum, s.value(within, operationItem))
			continue
		case l == operationItem && within == "operationId" && kind == '"':
			at := s.at
			s.ops[len(s.ops)-1].id = strings.TrimSpace(string(s.str()))
			s.at = at
		case l == operationItem && string(key) == "security":
			said := s.value("", plain)
			s.ops[len(s.ops)-1].security = said
			sum += mix(keySum, said)
			continue
		}
		sum += mix(keySum, s.value(within, plain))
	}
}

// known are the names that matter; mapping is the value of a discriminator's, for
// the names in it.
func known(key []byte, name string) string {
	if name == "mapping" && string(key) != "$ref" {
		return "mapped"
	}
	switch string(key) {
	case "$ref":
		return "$ref"
	case "mapping":
		return "mapping"
	case "operationId":
		return "operationId"
	}
	if len(key) > 0 && key[0] == '$' || isMethod(string(key)) {
		return string(key)
	}
	return ""
}

// refer notes what a text refers to.
func (s *jsonScanner) refer(name string, text []byte) {
	if name != "$ref" && name != "mapped" && !isAnchor(name) {
		name = ""
	}
	local := len(text) > 2 && text[0] == '#' && text[1] == '/'
	if !local && name == "" {
		return
	}
	key, ok := "", false
	if local {
		key, ok = s.names.component(text)
	} else if name == "mapped" {
		key, ok = s.names.mapped(text)
	}
	switch {
	case ok:
		s.refs = append(s.refs, key)
	case name != "":
		s.odd = true
	}
}

// str reads a string and returns what it says.
func (s *jsonScanner) str() []byte {
	start := s.at
	end := start + 1
	escaped := false
	for {
		end += bytes.IndexByte(s.text[end:], '"')
		slashes := 0
		for s.text[end-1-slashes] == '\\' {
			slashes++
		}
		escaped = escaped || slashes > 0
		if end++; slashes%2 == 0 {
			break
		}
	}
	s.at = end
	if raw := s.text[start+1 : end-1]; !escaped && bytes.IndexByte(raw, '\\') < 0 {
		return raw
	}
	out, err := jsontext.AppendUnquote(nil, s.text[start:end])
	if err != nil {
		s.odd = true
	}
	return out
}
