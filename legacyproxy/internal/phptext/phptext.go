// Package phptext finds the JSON in what PHP printed: behind a byte order mark,
// between warnings, in another character set.
package phptext

import (
	"bytes"
	"mime"
	"regexp"
	"strings"
	"unicode/utf8"

	"github.com/go-json-experiment/json/jsontext"
)

var bom = []byte("\xef\xbb\xbf")

// TrimBOM removes byte order marks: a file that is saved with one prints it
// each time it is included.
func TrimBOM(text []byte) (rest []byte, had bool) {
	for bytes.HasPrefix(text, bom) {
		text, had = text[len(bom):], true
	}
	return text, had
}

// Noise is what PHP printed beside the JSON.
type Noise struct {
	// JSON is the text between the messages, whether it is JSON or not.
	JSON []byte
	// Messages is how many warnings, notices and the like there were.
	Messages int
	// Fatal: one of them says that the script broke off, so that the JSON, even
	// if it is whole, is not what the script was going to say.
	Fatal bool
}

// PHP writes messages in two ways (html_errors on and off):
//
//	<br />\n<b>Warning</b>:  message in <b>file</b> on line <b>3</b><br />\n
//	\nWarning: message in file on line 3\n
var (
	mild   = `(Warning|Notice|Deprecated|Strict Standards|Unknown error)`
	fatal  = `(Fatal error|Parse error|Recoverable fatal error|Catchable fatal error)`
	either = `(?:` + mild + `|` + fatal + `)`
	block  = regexp.MustCompile(`(?s)\A\s*(?:` +
		`(?:<br />\s*)?<b>` + either + `</b>:\s+.*?(?: in <b>[^<\n]*</b> on line <b>\d+</b>)<br />` +
		`|(?:PHP )?` + either + `:\s+.*?(?: in [^\n]*? on line \d+)(?:\n|\z))`)
)

// maxMessages bounds how many messages are taken off, and maxMessage where one
// of them has to end.
const (
	maxMessages = 1000
	maxMessage  = 64 << 10
)

// Separate tells JSON from the messages before and after it. Without a message
// the text comes back as it is.
func Separate(text []byte) Noise {
	n := Noise{JSON: text}
	n.JSON = n.leading(text)
	if end, ok := valueEnd(n.JSON); ok {
		if rest := n.JSON[end:]; len(bytes.TrimSpace(rest)) > 0 {
			before := n
			if len(bytes.TrimSpace(n.leading(rest))) > 0 { // something else
				n.Messages, n.Fatal = before.Messages, before.Fatal
			} else {
				n.JSON = n.JSON[:end]
			}
		}
	}
	if n.Messages > 0 {
		n.JSON = bytes.TrimSpace(n.JSON)
	}
	return n
}

// leading takes messages off the beginning and counts them.
func (n *Noise) leading(text []byte) []byte {
	for range maxMessages {
		m := block.FindSubmatchIndex(text[:min(len(text), maxMessage)])
		if m == nil {
			break
		}
		n.Messages++
		// The second and fourth group are those that end a script.
		n.Fatal = n.Fatal || m[4] >= 0 || m[8] >= 0
		text = text[m[1]:]
	}
	return text
}

// valueEnd is where the JSON value at the beginning of text ends.
func valueEnd(text []byte) (int, bool) {
	d := jsontext.NewDecoder(bytes.NewBuffer(text), jsontext.AllowDuplicateNames(true), jsontext.AllowInvalidUTF8(true))
	if _, err := d.ReadValue(); err != nil {
		return 0, false
	}
	return int(d.InputOffset()), true
}

// Charset is the character set that a Content-Type names, in lower case, or "".
func Charset(contentType string) string {
	if !strings.Contains(contentType, ";") {
		return ""
	}
	_, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		return ""
	}
	return strings.ToLower(params["charset"])
}

// Known reports whether ToUTF8 knows a character set.
func Known(charset string) bool {
	switch charset {
	case "iso-8859-1", "latin1", "latin-1", "l1", "iso8859-1", "windows-1252", "cp1252", "x-cp1252":
		return true
	}
	return false
}

// ToUTF8 writes text of a known character set as UTF-8. Text that is UTF-8
// already, as ASCII is, comes back as it is, and changed is false: Latin text
// that happens to be valid UTF-8 makes no sense as Latin.
func ToUTF8(text []byte, charset string) (out []byte, changed bool) {
	if !Known(charset) || utf8.Valid(text) {
		return text, false
	}
	out = make([]byte, 0, len(text)+len(text)/8)
	for _, c := range text {
		switch {
		case c < 0x80:
			out = append(out, c)
		case c < 0xa0: // browsers read ISO-8859-1 as windows-1252, too
			out = utf8.AppendRune(out, windows1252[c-0x80])
		default:
			out = utf8.AppendRune(out, rune(c))
		}
	}
	return out, true
}

// windows1252 is what stands at 0x80 to 0x9f (WHATWG Encoding, index
// windows-1252).
var windows1252 = [32]rune{
	'€', 0x81, '‚', 'ƒ', '„', '…', '†', '‡', 'ˆ', '‰', 'Š', '‹', 'Œ', 0x8d, 'Ž', 0x8f,
	0x90, '‘', '’', '“', '”', '•', '–', '—', '˜', '™', 'š', '›', 'œ', 0x9d, 'ž', 'Ÿ',
}
