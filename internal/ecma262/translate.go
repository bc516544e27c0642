// Package ecma262 writes regular expressions of PCRE (PHP), Java, .NET and
// Python as ECMA-262 reads them under its u flag, which is what JSON Schema and
// OpenAPI mean by a pattern. It changes what ECMA-262 refuses, or could never
// match, and nothing else.
package ecma262

import (
	"slices"
	"strings"
)

// Translate returns an expression as ECMA-262 has it, and what in it was not of
// ECMA-262, in the order of the text and each once: such as `\A`, `[:alpha:]` or
// `the delimiters /.../i`. Without such constructs the text is source itself. It
// says nothing about whether the rest is an expression. The error is about a
// construct that has a meaning elsewhere and none in ECMA-262.
//
// Possessive quantifiers and atomic groups are read as plain ones: a text that
// matches still does.
func Translate(source string) (text string, foreign []string, err error) {
	inner, flags, delimiters := undelimited(source)
	t := translator{src: inner, unicode: strings.Contains(flags, "u") && !strings.ContainsAny(flags, "gydv")}
	if delimiters != "" {
		t.note(delimiters)
	}
	for t.pos < len(t.src) {
		t.step()
	}
	text = string(t.out)
	switch {
	case delimiters != "":
		text, err = modified(text, flags)
	case len(t.foreign) == 0:
		text = source
	}
	return text, t.foreign, err
}

// translator copies the source, and writes anew what is not of ECMA-262.
type translator struct {
	src      string
	pos      int
	out      []byte
	repeated bool // a quantifier has just been written
	unicode  bool // \w and [:alpha:] are more than ASCII, as for PHP under its flag u
	unclosed bool // no intersection of classes that begins here would end
	foreign  []string
}

func (t *translator) note(what string) {
	if !slices.Contains(t.foreign, what) {
		t.foreign = append(t.foreign, what)
	}
}

// replace writes text for the next n bytes, which are not of ECMA-262.
func (t *translator) replace(n int, text string) {
	t.note(t.src[t.pos : t.pos+n])
	t.out = append(t.out, text...)
	t.pos += n
}

func (t *translator) copy(n int) {
	t.out = append(t.out, t.src[t.pos:t.pos+n]...)
	t.pos += n
}

func (t *translator) rest() string { return t.src[t.pos:] }

// near is where a character ends what s begins with, a name or a number, or -1.
// It looks no further than such things are long, so that reading stays linear.
func near(s string, end byte) int { return strings.IndexByte(s[:min(len(s), 64)], end) }

// step reads one character, escape, class, quantifier or opening of a group.
func (t *translator) step() {
	repeated := t.repeated
	t.repeated = false
	switch c := t.src[t.pos]; c {
	case '\\':
		t.escape(false)
	case '[':
		t.class()
	case '(':
		t.group()
	case '*', '?', '+':
		if repeated && c == '+' { // a possessive quantifier
			t.note("possessive quantifiers")
			t.pos++
			return
		}
		t.copy(1)
		t.repeated = !repeated // a ? after a quantifier makes it lazy
	case '{':
		n := quantifier(t.rest())
		switch {
		case n > 0 && t.src[t.pos+1] == ',': // {,3}: at most
			t.replace(n, "{0"+t.src[t.pos+1:t.pos+n])
		default:
			t.copy(max(n, 1))
		}
		t.repeated = n > 0
	default:
		t.copy(1)
	}
}

// quantifier is the length of the {n}, {n,}, {n,m} or {,m} that s begins with, or 0.
func quantifier(s string) int {
	end := near(s, '}')
	if end < 2 {
		return 0
	}
	low, high, comma := strings.Cut(s[1:end], ",")
	number := func(s string) bool { return strings.Trim(s, "0123456789") == "" }
	if !number(low) || !number(high) || low == "" && (!comma || high == "") {
		return 0
	}
	return end + 1
}

// group reads the opening of a group.
func (t *translator) group() {
	rest := t.rest()
	opening := func(prefix string) bool { return strings.HasPrefix(rest, prefix) }
	name := func(from int, to byte) (string, int) { // the name that ends at a character
		n := near(rest[from:], to)
		if n < 1 {
			return "", 0
		}
		return rest[from : from+n], from + n + 1
	}
	switch {
	case opening("(?#"):
		if end := strings.IndexByte(rest, ')'); end > 0 {
			t.note("(?#...)")
			t.pos += end + 1
			return
		}
	case opening("(?>"):
		t.replace(3, "(?:")
		return
	case opening("(?P="):
		if n, size := name(4, ')'); size > 0 {
			t.replace(size, `\k<`+n+`>`)
			return
		}
	case opening("(?P<"), opening("(?'"):
		end, from := byte('>'), 4
		if rest[2] == '\'' {
			end, from = '\'', 3
		}
		if n, size := name(from, end); size > 0 {
			t.replace(size, "(?<"+n+">")
			return
		}
	case opening("(?u)"): // Unicode, as ECMA-262 always is here
		t.replace(4, "")
		return
	}
	t.copy(1)
}
