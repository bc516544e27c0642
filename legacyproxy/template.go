package legacyproxy

import (
	"errors"
	"fmt"
	"net/url"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// template is text with {variables}. "{{" and "}}" stand for braces.
type template struct {
	parts []part
	pos   config.Pos
}

// part is literal text, or a variable when name is set.
type part struct{ text, name string }

// parseTemplate reads a template.
func parseTemplate(s string) (*template, error) {
	t := &template{}
	var literal strings.Builder
	flush := func() {
		if literal.Len() > 0 {
			t.parts = append(t.parts, part{text: literal.String()})
			literal.Reset()
		}
	}
	for s != "" {
		i := strings.IndexAny(s, "{}")
		if i < 0 {
			i = len(s)
		}
		literal.WriteString(s[:i])
		if s = s[i:]; s == "" {
			break
		}
		if strings.HasPrefix(s, "{{") || strings.HasPrefix(s, "}}") {
			literal.WriteByte(s[0])
			s = s[2:]
			continue
		}
		name, rest, closed := strings.Cut(s[1:], "}")
		if s[0] == '}' || !closed || name == "" || strings.Contains(name, "{") {
			return nil, errors.New("a brace does not belong to a {name}")
		}
		flush()
		t.parts = append(t.parts, part{name: name})
		s = rest
	}
	flush()
	return t, nil
}

// variables lists the names in order, each as often as it stands there.
func (t *template) variables() []string {
	var names []string
	for _, p := range t.parts {
		if p.name != "" {
			names = append(names, p.name)
		}
	}
	return names
}

// expand fills the variables in.
func (t *template) expand(value func(name string) string) string {
	if len(t.parts) == 1 && t.parts[0].name == "" {
		return t.parts[0].text
	}
	var out strings.Builder
	for _, p := range t.parts {
		if p.name == "" {
			out.WriteString(p.text)
		} else {
			out.WriteString(value(p.name))
		}
	}
	return out.String()
}

// params are the path parameters of one request, as its raw path has them.
type params []param

type param struct{ name, raw string }

func (ps params) raw(name string) string {
	for _, p := range ps {
		if p.name == name {
			return p.raw
		}
	}
	return ""
}

// decoded is the value that raw stands for, or raw itself when its escapes
// are broken.
func (ps params) decoded(name string) string {
	raw := ps.raw(name)
	if s, err := url.PathUnescape(raw); err == nil {
		return s
	}
	return raw
}

// pathPattern takes the parameters out of raw paths of one contract path.
type pathPattern [][]part // by segment

// newPathPattern compiles a contract's path template.
func newPathPattern(path string) (pathPattern, error) {
	var pattern pathPattern
	for segment := range strings.SplitSeq(path, "/") {
		t, err := parseTemplate(segment)
		if err != nil {
			return nil, err
		}
		for i := 1; i < len(t.parts); i++ {
			if t.parts[i].name != "" && t.parts[i-1].name != "" {
				return nil, fmt.Errorf("{%s} and {%s} touch", t.parts[i-1].name, t.parts[i].name)
			}
		}
		pattern = append(pattern, t.parts)
	}
	return pattern, nil
}

// match returns the parameters of a raw path. Values stay escaped: an %2F in a
// parameter is not a separator.
func (p pathPattern) match(rawPath string) (params, bool) {
	var found params
	for i, parts := range p {
		segment, rest, more := strings.Cut(rawPath, "/")
		if more != (i < len(p)-1) {
			return nil, false
		}
		var ok bool
		if found, ok = matchSegment(found, parts, segment); !ok {
			return nil, false
		}
		rawPath = rest
	}
	return found, true
}

// matchSegment matches one segment. A variable takes as little as it can, at
// least one character, and the last one takes the rest.
func matchSegment(found params, parts []part, segment string) (params, bool) {
	if !slices.ContainsFunc(parts, func(p part) bool { return p.name != "" }) {
		literal := ""
		if len(parts) == 1 {
			literal = parts[0].text
		}
		return found, segment == literal || unescaped(segment) == literal
	}
	for i, p := range parts {
		switch {
		case p.name == "":
			if !strings.HasPrefix(segment, p.text) {
				return nil, false
			}
			segment = segment[len(p.text):]
		case i == len(parts)-1:
			if segment == "" {
				return nil, false
			}
			found, segment = append(found, param{p.name, segment}), ""
		default:
			end := literalEnd(segment, parts[i+1].text, i+1 == len(parts)-1)
			if end < 1 {
				return nil, false
			}
			found, segment = append(found, param{p.name, segment[:end]}), segment[end:]
		}
	}
	return found, segment == ""
}

// literalEnd is where a variable ends that a literal follows.
func literalEnd(segment, literal string, last bool) int {
	if last {
		if !strings.HasSuffix(segment, literal) {
			return -1
		}
		return len(segment) - len(literal)
	}
	if segment == "" {
		return -1
	}
	return strings.Index(segment[1:], literal) + 1
}

func unescaped(s string) string {
	if u, err := url.PathUnescape(s); err == nil {
		return u
	}
	return s
}
