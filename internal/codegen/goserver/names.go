package goserver

import (
	"fmt"
	"go/token"
	"strconv"
	"strings"
	"unicode"
)

// symbols are the characters that carry a meaning at the start of a name, such
// as the + and - of a reaction count.
var symbols = map[rune]string{
	'-': "Minus", '+': "Plus", '&': "And", '|': "Or", '~': "Tilde", '=': "Equal", '>': "GreaterThan",
	'<': "LessThan", '#': "Hash", '.': "Dot", '*': "Asterisk", '^': "Caret", '%': "Percent", '_': "Underscore",
}

// goName turns any name of a contract into an exported Go identifier made of
// cased letters and digits, the way oapi-codegen's users know it: "user_id" is
// UserId, "3d" is N3d, "-1" is Minus1. Letters without case are written by
// their code point.
func goName(name string) string {
	var b strings.Builder
	started := false
	upper := true
	for _, r := range strings.TrimSpace(name) {
		switch {
		case unicode.IsUpper(r), unicode.IsDigit(r), unicode.IsLower(r):
			if !started && unicode.IsDigit(r) && b.Len() == 0 {
				b.WriteByte('N')
			}
			if !started || upper {
				r = unicode.ToUpper(r)
			}
			if b.Len() == 0 && !unicode.IsUpper(r) && !unicode.IsDigit(r) {
				b.WriteByte('X') // a lower case letter that has no upper case
			}
			b.WriteRune(r)
			started, upper = true, false
		case unicode.IsLetter(r):
			fmt.Fprintf(&b, "U%X", r)
			started, upper = true, true
		default:
			if !started {
				b.WriteString(symbols[r])
			}
			upper = true
		}
	}
	switch {
	case b.Len() > 0:
		return b.String()
	case name == "":
		return "Empty"
	case strings.TrimSpace(name) == "":
		return "Space"
	}
	for _, r := range name {
		fmt.Fprintf(&b, "U%X", r)
	}
	return b.String()
}

// scope hands out names that are unique within one Go scope.
type scope map[string]bool

func newScope(reserved ...string) scope {
	s := scope{}
	for _, name := range reserved {
		s[name] = true
	}
	return s
}

// take returns name, or name with the lowest number from 2 that is free.
func (s scope) take(name string) string {
	out := name
	for i := 2; s[out]; i++ {
		out = name + strconv.Itoa(i)
	}
	s[out] = true
	return out
}

// validIdentifier reports whether a name that a contract asks for can be used
// as it stands: exported, and made of what goName makes names of.
func validIdentifier(name string) bool {
	return token.IsIdentifier(name) && token.IsExported(name) && goName(name) == name
}

// packageName turns a service's name into a package name.
func packageName(service string) string {
	var b strings.Builder
	for _, r := range strings.ToLower(service) {
		if r >= 'a' && r <= 'z' || r >= '0' && r <= '9' && b.Len() > 0 {
			b.WriteRune(r)
		}
	}
	name := b.String()
	if name == "" || token.IsKeyword(name) || importedNames[name] {
		return "svc" + name
	}
	return name
}

// importedNames are the packages that generated code refers to, and words that
// no package can be imported as: a service may have the name, its package may
// not.
var importedNames = map[string]bool{
	"catalog": true, "context": true, "dispatch": true, "echo": true, "io": true, "http": true, "json": true,
	"multipart": true, "problem": true, "wire": true, "time": true, "main": true, "internal": true, "gen": true,
	"errors": true, "vendor": true, "testdata": true, "init": true,
}
