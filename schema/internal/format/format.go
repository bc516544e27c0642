// Package format checks the string formats of JSON Schema and OpenAPI, byte by
// byte and without allocating for what is valid.
package format

import "github.com/banyan-go/banyan/schema/internal/pattern"

// Check reports whether text, which is valid UTF-8, has a format.
type Check func(text []byte) bool

// Format is a string format: its check, and what to call it in a sentence.
type Format struct {
	Check Check
	Noun  string // "a date such as 2026-11-22"
}

var formats = map[string]Format{
	"date":                  {date, "a date such as 2026-11-22"},
	"date-time":             {dateTime, "a date and time such as 2026-11-22T08:30:00Z"},
	"time":                  {fullTime, "a time such as 08:30:00Z"},
	"duration":              {duration, "a duration such as P3DT12H"},
	"email":                 {func(b []byte) bool { return mailbox(b, false) }, "an e-mail address"},
	"idn-email":             {func(b []byte) bool { return mailbox(b, true) }, "an e-mail address"},
	"hostname":              {hostname, "a host name"},
	"idn-hostname":          {idnHostname, "a host name"},
	"ipv4":                  {ipv4, "an IPv4 address"},
	"ipv6":                  {ipv6, "an IPv6 address"},
	"uri":                   {func(b []byte) bool { return uri(b, false, true) }, "an absolute URI"},
	"uri-reference":         {func(b []byte) bool { return uri(b, false, false) }, "a URI or a relative reference"},
	"iri":                   {func(b []byte) bool { return uri(b, true, true) }, "an absolute IRI"},
	"iri-reference":         {func(b []byte) bool { return uri(b, true, false) }, "an IRI or a relative reference"},
	"uuid":                  {uuid, "a UUID"},
	"byte":                  {base64, "base64 text"},
	"regex":                 {func(b []byte) bool { return pattern.Valid(string(b)) == nil }, "a regular expression (ECMA-262)"},
	"json-pointer":          {jsonPointer, "a JSON pointer"},
	"relative-json-pointer": {relativePointer, "a relative JSON pointer"},
}

// Lookup returns the check of a format. Formats without one are unknown, or
// say nothing about the text (binary, password).
func Lookup(name string) (Format, bool) {
	f, ok := formats[name]
	return f, ok
}

// Silent reports whether name is a known format that every string has.
func Silent(name string) bool { return name == "binary" || name == "password" }

func uuid(b []byte) bool {
	if len(b) != 36 || b[8] != '-' || b[13] != '-' || b[18] != '-' || b[23] != '-' {
		return false
	}
	for i, c := range b {
		if !isHex[c] && (i != 8 && i != 13 && i != 18 && i != 23) {
			return false
		}
	}
	return true
}

// base64 is RFC 4648, section 4: the standard alphabet, padded, in one line.
func base64(b []byte) bool {
	if len(b)%4 != 0 {
		return false
	}
	for n := 0; n < 2 && len(b) > 0 && b[len(b)-1] == '='; n++ {
		b = b[:len(b)-1]
	}
	for _, c := range b {
		if !isAlnum[c] && c != '+' && c != '/' {
			return false
		}
	}
	return true
}

// jsonPointer is RFC 6901.
func jsonPointer(b []byte) bool {
	if len(b) > 0 && b[0] != '/' {
		return false
	}
	for i, c := range b {
		if c == '~' && (i+1 == len(b) || b[i+1] != '0' && b[i+1] != '1') {
			return false
		}
	}
	return true
}

func relativePointer(b []byte) bool {
	n := leadingDigits(b)
	if n == 0 || n > 1 && b[0] == '0' {
		return false
	}
	return string(b[n:]) == "#" || jsonPointer(b[n:])
}

func leadingDigits(b []byte) int {
	n := 0
	for n < len(b) && b[n]-'0' < 10 {
		n++
	}
	return n
}

// set is a set of bytes.
type set [256]bool

func setOf(ranges string, more string) (s set) {
	for i := 0; i+1 < len(ranges); i += 2 {
		for c := int(ranges[i]); c <= int(ranges[i+1]); c++ {
			s[c] = true
		}
	}
	for i := range len(more) {
		s[more[i]] = true
	}
	return s
}

var (
	isAlpha = setOf("azAZ", "")
	isAlnum = setOf("azAZ09", "")
	isHex   = setOf("afAF09", "")
)
