// Package fields reads the field lines of an answer's head, be it HTTP's (RFC
// 9112, section 5) or CGI's (RFC 3875, section 6.3).
//
// It is stricter than those: a line that is folded, that has no colon, or
// whose name or value has bytes that no field may have, makes the whole head
// worthless. What is passed on to a client must mean there what it meant here.
package fields

import (
	"bytes"
	"errors"
	"net/http"
	"net/textproto"
	"strconv"
	"strings"
)

// MaxLines is how many field lines a head may have.
const MaxLines = 1000

// ErrTooLarge is the error of a head with more bytes or lines than is allowed.
var ErrTooLarge = errors.New("the answer's head is larger than allowed")

// A SyntaxError says what is wrong with a head. It repeats nothing of it.
type SyntaxError string

func (e SyntaxError) Error() string { return "the answer's head is invalid: " + string(e) }

// End returns the length of a head, the empty line at its end included, or -1
// when buf does not hold all of it. Lines end with CRLF or a bare LF. The
// first scanned bytes were searched before, with the same buf but shorter.
func End(buf []byte, scanned int) int {
	if length := emptyLine(buf); scanned < 2 && length > 0 {
		return length
	}
	for i := max(0, scanned-2); ; {
		n := bytes.IndexByte(buf[i:], '\n')
		if n < 0 {
			return -1
		}
		i += n + 1
		if length := emptyLine(buf[i:]); length > 0 {
			return i + length
		}
	}
}

// emptyLine is the length of the empty line that buf begins with, or 0.
func emptyLine(buf []byte) int {
	switch {
	case len(buf) > 0 && buf[0] == '\n':
		return 1
	case len(buf) > 1 && buf[0] == '\r' && buf[1] == '\n':
		return 2
	}
	return 0
}

// Parse adds the field lines of a head to h, under canonical names. The
// values are parts of head.
func Parse(h http.Header, head string) error {
	lines := strings.Count(head, "\n")
	if lines > MaxLines {
		return ErrTooLarge
	}
	values := make([]string, 0, lines) // one piece of memory for all
	for head != "" {
		var line string
		line, head = NextLine(head)
		if line == "" {
			break
		}
		name, value, err := split(line)
		if err != nil {
			return err
		}
		if before, ok := h[name]; ok {
			h[name] = append(before, value)
			continue
		}
		values = append(values, value)
		h[name] = values[len(values)-1 : len(values) : len(values)]
	}
	return nil
}

// NextLine cuts the first line off a head.
func NextLine(head string) (line, rest string) {
	line, rest, _ = strings.Cut(head, "\n")
	return strings.TrimSuffix(line, "\r"), rest
}

func split(line string) (name, value string, err error) {
	colon := strings.IndexByte(line, ':')
	switch {
	case line[0] == ' ' || line[0] == '\t':
		return "", "", SyntaxError("a line is folded")
	case colon < 0:
		return "", "", SyntaxError("a line has no colon")
	case !Token(line[:colon]):
		return "", "", SyntaxError("a name is no token")
	}
	value = strings.Trim(line[colon+1:], " \t")
	if !Value(value) {
		return "", "", SyntaxError("a value has a control character")
	}
	return textproto.CanonicalMIMEHeaderKey(line[:colon]), value, nil
}

// Token reports whether s is a token (RFC 9110, section 5.6.2).
func Token(s string) bool {
	for i := range len(s) {
		if !tokenByte[s[i]] {
			return false
		}
	}
	return s != ""
}

var tokenByte = func() (set [256]bool) {
	const marks = "!#$%&'*+-.^_`|~"
	for c := range set {
		c := byte(c)
		set[c] = '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || strings.IndexByte(marks, c) >= 0
	}
	return set
}()

// Value reports whether s has no control characters but tabs, and so cannot
// end its line.
func Value(s string) bool {
	for i := range len(s) {
		if c := s[i]; c < ' ' && c != '\t' || c == 0x7f {
			return false
		}
	}
	return true
}

// ContentLength is the length that a head declares, or -1 when it declares
// none. Several equal ones are one (RFC 9110, section 8.6).
func ContentLength(h http.Header) (int64, error) {
	values := h["Content-Length"]
	if len(values) == 0 {
		return -1, nil
	}
	length := int64(-1)
	for _, line := range values {
		for text := range strings.SplitSeq(line, ",") {
			n, err := parseLength(strings.Trim(text, " \t"))
			if err != nil || length >= 0 && n != length {
				return 0, SyntaxError("the content-length makes no sense")
			}
			length = n
		}
	}
	if len(values) > 1 || strings.IndexByte(values[0], ',') >= 0 {
		h["Content-Length"] = []string{strconv.FormatInt(length, 10)}
	}
	return length, nil
}

func parseLength(s string) (int64, error) {
	for i := range len(s) {
		if s[i] < '0' || s[i] > '9' { // ParseInt takes signs
			return 0, strconv.ErrSyntax
		}
	}
	return strconv.ParseInt(s, 10, 64)
}

// Bodiless reports whether an answer has no body whatever its head says (RFC
// 9112, section 6.3).
func Bodiless(method string, status int) bool {
	return method == http.MethodHead || status < 200 || status == http.StatusNoContent || status == http.StatusNotModified
}
