package wire

import (
	"regexp"
	"strings"

	"github.com/banyan-go/banyan/schema/uripath"
)

// Path finds the parameters of a path template in request paths.
type Path struct {
	template string
	segments []segment
}

// segment is what stands between two slashes.
type segment struct {
	// literal is the text of a segment without parameters.
	literal string
	// names are the parameters, in order; one that fills its segment needs no
	// pattern.
	names   []string
	pattern *regexp.Regexp
	// pieces are the literals around the names as they are sent: one more than
	// names.
	pieces []string
}

// NewPath reads a template such as "/v1/orders/{orderId}". A brace that is not
// part of a parameter stands for itself.
func NewPath(template string) *Path {
	p := &Path{template: template}
	for _, text := range strings.Split(strings.TrimPrefix(template, "/"), "/") {
		p.segments = append(p.segments, newSegment(text))
	}
	return p
}

var placeholder = regexp.MustCompile(`\{([^{}]+)\}`)

func newSegment(text string) segment {
	s := segment{literal: text}
	last := 0
	pattern := "^"
	for _, m := range placeholder.FindAllStringSubmatchIndex(text, -1) {
		s.names = append(s.names, text[m[2]:m[3]])
		s.pieces = append(s.pieces, uripath.Literal(text[last:m[0]]))
		pattern += regexp.QuoteMeta(uripath.Literal(text[last:m[0]])) + "(.*)"
		last = m[1]
	}
	if s.names == nil {
		return s
	}
	s.pieces = append(s.pieces, uripath.Literal(text[last:]))
	if len(s.names) > 1 || s.pieces[0] != "" || s.pieces[1] != "" {
		s.pattern = regexp.MustCompile(pattern + regexp.QuoteMeta(uripath.Literal(text[last:])) + "$")
	}
	return s
}

// Value returns a parameter of an escaped request path, still escaped. Paths
// are aligned at their ends, so that a mount point in front does no harm.
func (p *Path) Value(escaped, name string) (string, bool) {
	for i := len(p.segments) - 1; i >= 0; i-- {
		slash := strings.LastIndexByte(escaped, '/')
		text := escaped[slash+1:]
		s := &p.segments[i]
		for n, candidate := range s.names {
			if candidate != name {
				continue
			}
			if s.pattern == nil {
				return text, true
			}
			if m := s.pattern.FindStringSubmatch(uripath.Normal(text)); m != nil {
				return m[n+1], true
			}
			return "", false
		}
		if slash < 0 {
			return "", false
		}
		escaped = escaped[:slash]
	}
	return "", false
}

// build returns the escaped path with the given escaped values.
func (p *Path) build(values map[string]string) string {
	var b strings.Builder
	for _, s := range p.segments {
		b.WriteByte('/')
		if s.names == nil {
			b.WriteString(uripath.Literal(s.literal))
			continue
		}
		for i, name := range s.names {
			b.WriteString(s.pieces[i])
			b.WriteString(values[name])
		}
		b.WriteString(s.pieces[len(s.names)])
	}
	return b.String()
}
