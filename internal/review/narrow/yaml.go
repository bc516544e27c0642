package narrow

import (
	"bytes"
	"hash/maphash"
	"slices"
)

// scanYAML outlines a document in YAML that is written as such documents are: in
// blocks, without anchors and tags, each name on a line of its own. It reads lines
// and what decides where the next one belongs: texts in quotes, texts in blocks,
// lists and mappings in brackets.
func scanYAML(text []byte) (*outline, bool) {
	s := &yamlScanner{
		lexer:   lexer{text: text},
		names:   names{},
		outline: &outline{text: text, yaml: true, root: map[string]uint64{}, parts: map[string]*part{}},
	}
	for s.at < len(text) {
		l, ok := s.next()
		if !ok || !s.line(l) {
			return nil, false
		}
	}
	if s.quote != 0 || s.brackets > 0 {
		return nil, false
	}
	s.closePart(len(text))
	s.closeRoot(len(text))
	return s.outline, !s.odd
}

// yamlScanner follows the first levels of a document.
type yamlScanner struct {
	lexer
	*outline
	names names
	odd   bool

	root      string // the member of the document that is read
	rootStart int
	// child and grandchild are the columns of what is right below paths or
	// components, and below that; 0 where nothing was met yet.
	child, grandchild int
	section           *section
	part              *part
	name              string // of the part
	// method is the column of a path's methods, field that of an operation's.
	method, field int
	inOperation   bool
	// security is where the security of the operation starts, once it was met.
	security int
}

// line takes the next line that starts something.
func (s *yamlScanner) line(l line) bool {
	switch {
	case l.blank || l.within:
		return true
	case l.indent == 0 && l.item:
		return s.root != "" && s.root != "paths" && s.root != "components"
	case l.indent == 0:
		return s.startRoot(l)
	case s.root != "paths" && s.root != "components":
		return true
	case s.child == 0:
		s.child = l.indent
	}
	if s.root == "paths" {
		return s.path(l)
	}
	return s.component(l)
}

func (s *yamlScanner) startRoot(l line) bool {
	s.closePart(l.start)
	s.closeRoot(l.start)
	if _, twice := s.outline.root[l.key]; !l.isKey || l.key == "" || twice {
		return false
	}
	s.root, s.rootStart, s.child, s.grandchild, s.section, s.floor = l.key, l.start, 0, 0, nil, 0
	s.outline.root[s.root] = 0
	if s.root != "paths" && s.root != "components" {
		return true
	}
	sec := &section{name: s.root}
	if s.root == "components" {
		sec.span = span{l.start, l.end}
	} else {
		s.section = sec
	}
	s.outline.sections = append(s.outline.sections, sec)
	return l.value == ""
}

// closeRoot ends a member of the document.
func (s *yamlScanner) closeRoot(end int) {
	if s.root != "" && s.root != "paths" && s.root != "components" {
		text := s.lexer.text[s.rootStart:end]
		s.outline.root[s.root] = sum(text)
		s.outline.refs = s.references(text, s.outline.refs)
	}
}

// path takes a line below paths.
func (s *yamlScanner) path(l line) bool {
	if l.indent < s.field || l.indent == s.field && !l.item {
		s.closeSecurity(l.start)
	}
	switch {
	case l.indent < s.child:
		return false
	case l.indent == s.child:
		s.method, s.field, s.inOperation = 0, 0, false
		return s.startPart(l)
	case s.part == nil:
		return false
	case s.method == 0:
		s.method = l.indent
	}
	switch {
	case l.indent < s.method:
		return false
	case l.indent == s.method:
		s.field, s.inOperation = 0, false
		if l.isKey && isMethod(l.key) {
			if l.value != "" {
				return false
			}
			s.inOperation = true
			s.ids = append(s.ids, operation{method: l.key, path: s.name})
		}
		return l.key != "$ref" // its operations stand elsewhere
	case s.inOperation && s.field == 0:
		s.field = l.indent
	}
	if !s.inOperation || l.indent != s.field || !l.isKey || l.item {
		return true
	}
	switch l.key {
	case "operationId":
		id, ok := scalar(l.value)
		s.ids[len(s.ids)-1].id = id
		return ok
	case "security":
		s.security = l.start
	}
	return true
}

// closeSecurity ends what an operation says about security.
func (s *yamlScanner) closeSecurity(end int) {
	if s.security > 0 {
		s.ids[len(s.ids)-1].security = sum(s.lexer.text[s.security:end])
		s.security = 0
	}
}

// component takes a line below components.
func (s *yamlScanner) component(l line) bool {
	switch {
	case l.indent < s.child:
		return false
	case l.indent == s.child:
		s.closePart(l.start)
		if !l.isKey || l.item || l.value != "" || l.key == "pathItems" || bytes.ContainsAny([]byte(l.key), "/-") ||
			slices.ContainsFunc(s.outline.sections, func(other *section) bool { return other.name == l.key }) {
			return false
		}
		s.grandchild, s.floor = 0, l.indent
		s.section = &section{name: l.key, span: span{l.start, l.end}}
		s.outline.sections = append(s.outline.sections, s.section)
		return true
	case s.section == nil:
		return false
	case s.grandchild == 0:
		s.grandchild = l.indent
	}
	switch {
	case l.indent < s.grandchild:
		return false
	case l.indent == s.grandchild:
		return s.startPart(l)
	}
	return s.part != nil
}

func (s *yamlScanner) startPart(l line) bool {
	s.closePart(l.start)
	if !l.isKey || l.item {
		return false
	}
	s.part, s.name, s.floor = &part{span: span{from: l.start}}, l.key, l.indent
	return s.section != nil
}

// closePart ends a part, where one is open.
func (s *yamlScanner) closePart(end int) {
	p := s.part
	if p == nil {
		return
	}
	s.part = nil
	s.closeSecurity(end)
	p.to = end
	text := s.lexer.text[p.from:p.to]
	p.sum, p.refs = sum(text), s.references(text, nil)
	if !s.outline.add(s.section, s.name, p) {
		s.odd = true
	}
}

// sum leaves the lines aside that say nothing at the end.
func sum(text []byte) uint64 {
	for {
		text = bytes.TrimRight(text, " \t\r\n")
		last := text[bytes.LastIndexByte(text, '\n')+1:]
		if trimmed := bytes.TrimLeft(last, " "); len(trimmed) == 0 || trimmed[0] != '#' || len(last) == len(text) {
			return maphash.Bytes(seed, text)
		}
		text = text[:len(text)-len(last)]
	}
}
