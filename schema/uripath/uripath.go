// Package uripath compares paths as they are sent with literals of path templates.
package uripath

import (
	"net/url"
	"strings"
)

// Literal writes a literal of a template as a client sends it. One that is written
// as it is sent, with percent-encoding, is taken as that.
func Literal(s string) string {
	return Normal((&url.URL{Path: Text(s), RawPath: s}).EscapedPath())
}

// Text undoes the percent-encoding of a segment once. What is no encoding stays as it
// is.
func Text(s string) string {
	if out, err := url.PathUnescape(s); err == nil {
		return out
	}
	return s
}

// Normal brings a segment as it was sent into the one form that literals are
// compared in: only what must be is percent-encoded (RFC 3986, section 6.2.2), so
// that %2E is a dot, but %3A is not a colon.
func Normal(s string) string {
	if !strings.Contains(s, "%") {
		return s
	}
	var b strings.Builder
	for i := 0; i < len(s); i++ {
		if s[i] != '%' || i+2 >= len(s) {
			b.WriteByte(s[i])
			continue
		}
		c, err := url.PathUnescape(s[i : i+3])
		if err == nil && unreserved(c[0]) {
			b.WriteByte(c[0])
		} else {
			b.WriteString(strings.ToUpper(s[i : i+3]))
		}
		i += 2
	}
	return b.String()
}

func unreserved(c byte) bool {
	return 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte("-._~", c) >= 0
}
