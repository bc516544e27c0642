package dispatch

import (
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/uripath"
)

// template is a path template of OpenAPI, cut at its slashes.
type template []segment

// segment is what stands between two slashes: a literal, one parameter, or a
// mix of both such as {id}:cancel or {name}.{ext}.
type segment struct {
	// literals has one entry more than there are parameters: what stands
	// before, between and after them.
	literals []string
}

func (s segment) params() int   { return len(s.literals) - 1 }
func (s segment) literal() bool { return s.params() == 0 }

// plain reports whether the segment is one parameter and nothing else.
func (s segment) plain() bool {
	return s.params() == 1 && s.literals[0] == "" && s.literals[1] == ""
}

// parseTemplate reads a path template and the names of its parameters in
// order.
func parseTemplate(path string) (template, []string, error) {
	rest, ok := strings.CutPrefix(path, "/")
	if !ok {
		return nil, nil, fmt.Errorf("the path %q does not start with a slash", path)
	}
	var t template
	var names []string
	for text := range strings.SplitSeq(rest, "/") {
		s, n, err := parseSegment(text)
		if err != nil {
			return nil, nil, fmt.Errorf("the path %q cannot be routed: %w", path, err)
		}
		t = append(t, s)
		names = append(names, n...)
	}
	for i, n := range names {
		if slices.Contains(names[:i], n) {
			return nil, nil, fmt.Errorf("the path %q cannot be routed: the parameter {%s} stands twice in it", path, n)
		}
	}
	return t, names, nil
}

func parseSegment(text string) (segment, []string, error) {
	var s segment
	var names []string
	for {
		before, rest, found := strings.Cut(text, "{")
		if strings.Contains(before, "}") {
			return s, nil, fmt.Errorf("a brace is closed that was not opened")
		}
		if len(names) > 0 && before == "" && found {
			return s, nil, fmt.Errorf("nothing stands between {%s} and the next parameter, so nobody can tell where it ends", names[len(names)-1])
		}
		s.literals = append(s.literals, before)
		if !found {
			return s, names, nil
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || name == "" || strings.Contains(name, "{") {
			return s, nil, fmt.Errorf("a parameter must be written {name}")
		}
		names = append(names, name)
		text = after
	}
}

// key is the same for two templates if and only if they match the same paths.
func (t template) key() string {
	var b strings.Builder
	for _, s := range t {
		b.WriteByte('/')
		b.WriteString(strings.Join(s.literals, "{}"))
	}
	return b.String()
}

// overlaps reports whether some path may match both templates.
func (t template) overlaps(u template) bool {
	if len(t) != len(u) {
		return false
	}
	for i := range t {
		if t[i].literal() && u[i].literal() && t[i].literals[0] != u[i].literals[0] {
			return false
		}
	}
	return true
}

// mixed reports whether a segment of the template is more than a parameter or
// a literal.
func (t template) mixed() bool {
	return slices.ContainsFunc(t, func(s segment) bool { return !s.literal() && !s.plain() })
}

// match cuts the values of a mixed segment out of text, which is normalised.
// A value is never empty. Where several cuts are possible the values are as
// long as can be, from the left: {name}.{ext} takes the last dot.
//
// Going from the right and taking the last place for each literal leaves the
// most for what stands before it, so no other cut need be tried.
func (s segment) match(text string, values []string) ([]string, bool) {
	n := s.params()
	first, last := uripath.Literal(s.literals[0]), uripath.Literal(s.literals[n])
	text, ok := strings.CutPrefix(text, first)
	if !ok {
		return values, false
	}
	if text, ok = strings.CutSuffix(text, last); !ok {
		return values, false
	}
	start := len(values)
	for i := n - 1; i > 0; i-- {
		if text == "" {
			return values[:start], false
		}
		lit := uripath.Literal(s.literals[i])
		at := strings.LastIndex(text[:len(text)-1], lit)
		if at <= 0 || at+len(lit) >= len(text) {
			return values[:start], false
		}
		values = append(values, uripath.Text(text[at+len(lit):]))
		text = text[:at]
	}
	if text == "" {
		return values[:start], false
	}
	values = append(values, uripath.Text(text))
	slices.Reverse(values[start:])
	return values, true
}
