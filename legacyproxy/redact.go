package legacyproxy

import (
	"regexp"
	"strings"
	"unicode"
	"unicode/utf8"
)

// redactions are what a message may say that clients must not read, each with
// what stands there instead. They are tried in order.
var redactions = []struct {
	what *regexp.Regexp
	by   string
}{
	{regexp.MustCompile(`[\w.+-]+@[\w-]+(\.[\w-]+)+`), "[address]"},
	{regexp.MustCompile(`\b[a-zA-Z][a-zA-Z0-9+.-]*://\S+`), "[url]"},
	{regexp.MustCompile(`(?i)\b(password|passwd|pwd|secret|token|key|authorization|bearer)\b(\s*[:=]\s*|\s+)\S+`), "$1 [redacted]"},
	{regexp.MustCompile(`(?:[A-Za-z]:\\|/)(?:[\w.-]+[/\\])+[\w.-]*`), "[path]"},
	{regexp.MustCompile(`\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b`), "[address]"},
	{regexp.MustCompile(`\b[0-9a-fA-F]{8}-[0-9a-fA-F-]{4,27}\b`), "[id]"},
	{regexp.MustCompile(`\b[A-Za-z0-9+/_-]*\d[A-Za-z0-9+/_-]{15,}={0,2}|\b[A-Za-z0-9+/_-]{15,}\d[A-Za-z0-9+/_-]*={0,2}`), "[token]"},
	{regexp.MustCompile(`\d{5,}`), "[number]"},
}

// redact masks in a message what is about persons or about the machine.
func redact(s string) string {
	if len(s) > 4*maxMessage {
		s = strings.ToValidUTF8(s[:4*maxMessage], "")
	}
	for _, r := range redactions {
		s = r.what.ReplaceAllString(s, r.by)
	}
	return s
}

// maxShape bounds what a shape shows of a text.
const maxShape = 48

// shape is what a text looks like, without what it says: letters become a,
// digits 9, other signs stay, and runs of one kind become one.
//
//	"Bob's order 4711 is late" -> "a'a a 9 a a"
func shape(s string) string {
	var out strings.Builder
	last := rune(-1)
	for _, c := range s {
		switch {
		case unicode.IsLetter(c) || unicode.IsMark(c):
			c = 'a'
		case unicode.IsNumber(c):
			c = '9'
		case unicode.IsSpace(c):
			c = ' '
		case c >= utf8.RuneSelf || unicode.IsControl(c):
			c = '?'
		}
		if c == last {
			continue
		}
		last = c
		if out.Len() >= maxShape {
			out.WriteString("...")
			break
		}
		out.WriteRune(c)
	}
	return out.String()
}
