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

// inside are words for the characters that tell names apart anywhere in them,
// such as StartTime< and StartTime>. They are said only where names collide.
var inside = map[rune]string{
	'<': "Lt", '>': "Gt", '=': "Eq", '+': "Plus", '!': "Not", '*': "Star", '%': "Percent", '&': "And", '|': "Or", '#': "Hash",
	'@': "At", '$': "Dollar", '~': "Tilde", '^': "Caret", '?': "Question", '[': "Bracket", '(': "Paren", '{': "Brace",
	'\'': "Quote", '"': "Quote", '`': "Backtick", '\\': "Backslash",
}

// trailing are words for separators that end a name.
var trailing = map[rune]string{'-': "Minus", '_': "Underscore", '.': "Dot", '/': "Slash", ':': "Colon", ' ': "Space", ',': "Comma"}

// goName turns any name of a contract into an exported Go identifier made of
// letters and digits, the way oapi-codegen's users know it: "user_id" is UserId,
// "3d" is N3d, "-1" is Minus1. Letters without case are kept, after an X where
// they come first.
func goName(name string) string { return identifier(name, false) }

// longName is goName with its symbols in words.
func longName(name string) string { return identifier(name, true) }

func identifier(name string, spell bool) string {
	var b strings.Builder
	started := false
	upper := true
	text := strings.TrimSpace(name)
	last := strings.LastIndexFunc(text, func(r rune) bool { return unicode.IsLetter(r) || unicode.IsDigit(r) })
	for i, r := range text {
		switch {
		case unicode.IsLetter(r), unicode.IsDigit(r):
			if !started && unicode.IsDigit(r) && b.Len() == 0 {
				b.WriteByte('N')
			}
			if !started || upper {
				r = unicode.ToUpper(r)
			}
			if b.Len() == 0 && !unicode.IsUpper(r) && !unicode.IsDigit(r) {
				b.WriteByte('X') // a letter that has no upper case
			}
			b.WriteRune(r)
			started, upper = true, !unicode.IsUpper(r) && !unicode.IsLower(r) && !unicode.IsDigit(r)
		default:
			switch {
			case spell && inside[r] != "":
				b.WriteString(inside[r])
			case spell && i > last && last >= 0:
				b.WriteString(trailing[r])
			case !started:
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
	"catalog": true, "conform": true, "context": true, "dispatch": true, "echo": true, "io": true, "http": true, "json": true,
	"multipart": true, "problem": true, "wire": true, "time": true, "main": true, "internal": true, "gen": true,
	"errors": true, "vendor": true, "testdata": true, "init": true,
}
