package schema

import (
	"bytes"
	"strings"

	"github.com/banyan-go/banyan/schema/internal/scan"
	"github.com/banyan-go/banyan/schema/uripath"
)

// style is how a parameter with several values is written.
type style uint8

const (
	styleForm style = iota
	styleSimple
	styleLabel
	styleMatrix
	styleSpace
	stylePipe
	styleDeepObject
)

var stylesByName = map[string]style{
	"form": styleForm, "simple": styleSimple, "label": styleLabel, "matrix": styleMatrix,
	"spaceDelimited": styleSpace, "pipeDelimited": stylePipe, "deepObject": styleDeepObject,
}

var defaultStyles = [places]style{inPath: styleSimple, inQuery: styleForm, inHeader: styleSimple, inCookie: styleForm}

func (s style) allowedIn(in place) bool {
	switch in {
	case inPath:
		return s == styleSimple || s == styleLabel || s == styleMatrix
	case inQuery:
		return s == styleForm || s == styleSpace || s == stylePipe || s == styleDeepObject
	case inHeader:
		return s == styleSimple
	}
	return s == styleForm
}

// unescape appends the text of an escaped part of a URL to dst. With plus, +
// is a space, as in queries and forms. What is no escape sequence stays.
func unescape(dst []byte, s string, plus bool) []byte {
	if strings.IndexByte(s, '%') < 0 && (!plus || strings.IndexByte(s, '+') < 0) {
		return append(dst, s...) // most are as they are
	}
	for i := 0; i < len(s); i++ {
		switch c := s[i]; {
		case c == '%' && i+2 < len(s) && hexDigit(s[i+1]) >= 0 && hexDigit(s[i+2]) >= 0:
			dst = append(dst, byte(hexDigit(s[i+1])<<4|hexDigit(s[i+2])))
			i += 2
		case c == '+' && plus:
			dst = append(dst, ' ')
		default:
			dst = append(dst, c)
		}
	}
	return dst
}

func hexDigit(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c - '0')
	case c|0x20 >= 'a' && c|0x20 <= 'f':
		return int(c|0x20-'a') + 10
	}
	return -1
}

// delimiter is what separates the items of a query parameter that is not
// exploded. A comma in an item is escaped; but many clients escape the
// separating ones too, so that escaped commas separate where there are no
// others. Spaces and pipes are always escaped, and can only separate.
func (s style) delimiter(raw string) (separators []string) {
	switch {
	case s == styleSpace:
		return spaceSeparators
	case s == stylePipe:
		return pipeSeparators
	case !strings.Contains(raw, ","):
		return escapedCommas
	}
	return commas
}

var (
	spaceSeparators = []string{"%20", "+", " "}
	pipeSeparators  = []string{"|", "%7C", "%7c"}
	escapedCommas   = []string{"%2C", "%2c"}
	commas          = []string{","}
)

// split calls f with the parts of s between any of the separators, in one pass.
func split(s string, separators []string, f func(part string)) {
	from := 0
next:
	for i := 0; i < len(s); {
		for _, sep := range separators {
			if s[i] == sep[0] && strings.HasPrefix(s[i:], sep) {
				f(s[from:i])
				i += len(sep)
				from = i
				continue next
			}
		}
		i++
	}
	f(s[from:])
}

// template is a path of the contract, taken apart: "/items/{id}:cancel".
type template struct {
	segments []segment
}

// segment is the parts of one path segment: texts and names in turn, beginning
// with a text. A plain segment is one text. Beside names texts are as they are sent.
type segment []string

func parseTemplate(path string) (t template) {
	path = strings.TrimSpace(path)
	if i := strings.IndexAny(path, "?#"); i >= 0 {
		path = path[:i] // what documents write there tells operations apart, and never reaches a server
	}
	for part := range strings.SplitSeq(strings.TrimPrefix(path, "/"), "/") {
		var seg segment
		for mixed := strings.Contains(part, "{"); ; {
			text, rest, ok := strings.Cut(part, "{")
			if mixed {
				text = uripath.Literal(text)
			}
			seg = append(seg, text)
			if !ok {
				break
			}
			name, after, _ := strings.Cut(rest, "}")
			seg = append(seg, name)
			part = after
		}
		t.segments = append(t.segments, seg)
	}
	return t
}

// match calls f with the escaped text of each variable. Segments are matched
// from the end, whatever prefix the path is served under. It reports whether
// the path fits at all.
func (t template) match(path string, f func(name, raw string)) bool {
	for i := len(t.segments) - 1; i >= 0; i-- {
		cut := strings.LastIndexByte(path, '/')
		if cut < 0 {
			return false
		}
		if !t.segments[i].match(path[cut+1:], f) {
			return false
		}
		path = path[:cut]
	}
	return true
}

func (s segment) match(text string, f func(name, raw string)) bool {
	if len(s) == 1 {
		if text == s[0] {
			return true
		}
		return uripath.Text(text) == uripath.Text(s[0])
	}
	if len(s) > 3 || s[0] != "" || s[2] != "" {
		text = uripath.Normal(text)
	}
	text, ok := strings.CutPrefix(text, s[0])
	if !ok {
		return false
	}
	if text, ok = strings.CutSuffix(text, s[len(s)-1]); !ok {
		return false
	}
	// From the right, so that values are as long as can be from the left, as
	// the router cuts them: {name}.{ext} takes the last dot.
	for i := len(s) - 2; i > 1; i -= 2 {
		if text == "" {
			return false
		}
		before := s[i-1]
		at := strings.LastIndex(text[:len(text)-1], before)
		if at <= 0 {
			return false
		}
		f(s[i], text[at+len(before):])
		text = text[:at]
	}
	f(s[1], text)
	return true
}

// cookies calls f with each cookie of a Cookie header line.
func cookies(line string, f func(name, value string)) {
	for part := range strings.SplitSeq(line, ";") {
		name, value, ok := strings.Cut(strings.TrimSpace(part), "=")
		if !ok {
			continue
		}
		if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' {
			value = value[1 : n-1]
		}
		f(name, value)
	}
}

// validNumber reports whether text is a JSON number and nothing else.
func validNumber(text []byte) bool {
	if len(text) == 0 || text[0] != '-' && text[0]-'0' > 9 {
		return false
	}
	n, fault := scan.Number(text, 0)
	return fault == scan.OK && n.End == len(text)
}

var trueText, falseText = []byte("true"), []byte("false")

func isBoolean(text []byte) bool { return bytes.Equal(text, trueText) || bytes.Equal(text, falseText) }
