package ecma262

import (
	"fmt"
	"strconv"
	"strings"
	"unicode/utf8"
)

// escapes are sequences of other engines: what they are outside a class, and
// inside one, where "" means that there is no such thing.
var escapes = map[byte]struct{ outside, inside string }{
	'A': {outside: `^`},
	'z': {outside: `$`},
	'Z': {outside: `$`},
	'h': {`[\t\p{Zs}]`, `\t\p{Zs}`},
	'H': {`[^\t\p{Zs}]`, ""},
	'R': {`(?:\r\n|[\n-\r\x85\u2028\u2029])`, ""},
	'N': {`[^\n]`, ""},
	'a': {`\x07`, `\x07`},
	'e': {`\x1b`, `\x1b`},
	'E': {"", ""},
}

// escape reads a backslash and what belongs to it.
func (t *translator) escape(inClass bool) {
	rest := t.rest()
	if len(rest) < 2 {
		t.copy(len(rest))
		return
	}
	c := rest[1]
	switch c {
	case 'Q':
		t.quotation(inClass)
		return
	case 'p', 'P':
		t.property(inClass)
		return
	case '0', '1', '2', '3', '4', '5', '6', '7': // an octal number, which \1 is in a class alone
		n := 1
		for n < 4 && n < len(rest) && rest[n]-'0' < 8 {
			n++
		}
		if value, err := strconv.ParseUint(rest[1:n], 8, 8); err == nil && (c == '0' && n > 2 || c != '0' && inClass) {
			t.replace(n, fmt.Sprintf(`\x%02x`, value))
			return
		}
	case 'd', 'w', 'D', 'W':
		if name := map[byte]string{'d': "digit", 'w': "word"}[c|0x20]; t.unicode && (c >= 'a' || !inClass) {
			set := wide[name].in
			switch {
			case c < 'a':
				set = "[^" + set + "]"
			case !inClass:
				set = "[" + set + "]"
			}
			t.replace(2, set)
			return
		}
	case 'x':
		if end := near(rest, '}'); strings.HasPrefix(rest, `\x{`) && end > 3 {
			t.replace(end+1, `\u{`+rest[3:end]+`}`)
			return
		}
	case 'U': // eight digits, as in Python
		if len(rest) >= 10 && strings.Trim(rest[2:10], "0123456789abcdefABCDEF") == "" {
			t.replace(10, `\u{`+strings.TrimLeft(rest[2:9], "0")+rest[9:10]+`}`)
			return
		}
	case 'k', 'g':
		if n, text := backReference(rest); n > 0 && !inClass {
			t.replace(n, text)
			return
		}
	}
	if e, ok := escapes[c]; ok {
		switch {
		case c == 'E':
			t.note(`\Q...\E`)
			t.pos += 2
			return
		case !inClass:
			t.replace(2, e.outside)
			return
		case e.inside != "":
			t.replace(2, e.inside)
			return
		}
	}
	_, size := utf8.DecodeRuneInString(rest[1:])
	t.copy(1 + size)
}

// quotation writes the text between \Q and \E.
func (t *translator) quotation(inClass bool) {
	text, after, _ := strings.Cut(t.rest()[2:], `\E`)
	t.note(`\Q...\E`)
	for _, r := range text {
		if strings.ContainsRune(`\.+*?()|[]{}^$/-`, r) && (inClass || r != '-') {
			t.out = append(t.out, '\\')
		}
		t.out = utf8.AppendRune(t.out, r)
	}
	t.pos = len(t.src) - len(after)
}

// backReference is the length of \k{name}, \k'name', \g{1}, \g1 and the like at
// the start of s, and its spelling in ECMA-262.
func backReference(s string) (size int, text string) {
	if strings.HasPrefix(s, `\k<`) {
		return 0, ""
	}
	name, size := s[2:], 0
	switch {
	case name == "":
		return 0, ""
	case name[0] == '{', name[0] == '\'':
		end := strings.IndexAny(name[1:min(len(name), 64)], "}'")
		if end < 1 {
			return 0, ""
		}
		name, size = name[1:end+1], end+4
	default:
		name = name[:len(name)-len(strings.TrimLeft(name, "0123456789"))]
		size = len(name) + 2
	}
	switch {
	case name == "" || name[0] == '-': // a relative one
		return 0, ""
	case strings.Trim(name, "0123456789") == "":
		if s[1] == 'k' {
			return 0, ""
		}
		return size, `(?:\` + name + `)`
	}
	return size, `\k<` + name + `>`
}
