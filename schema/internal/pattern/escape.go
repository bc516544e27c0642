package pattern

import (
	"cmp"
	"strconv"
	"strings"
	"unicode"
	"unicode/utf8"
)

// What ECMA-262 calls white space or a line terminator, as the inside of a class.
const (
	spaces    = `\t-\r\x20\x{a0}\x{1680}\x{2000}-\x{200a}\x{2028}\x{2029}\x{202f}\x{205f}\x{3000}\x{feff}`
	notSpaces = `\x00-\x08\x0e-\x1f\x21-\x{9f}\x{a1}-\x{167f}\x{1681}-\x{1fff}\x{200b}-\x{2027}\x{202a}-\x{202e}` +
		`\x{2030}-\x{205e}\x{2060}-\x{2fff}\x{3001}-\x{fefe}\x{ff00}-\x{10ffff}`
	digits    = `0-9`
	notDigits = `\x00-/:-\x{10ffff}`
	words     = `0-9A-Za-z_`
	notWords  = `\x00-/:-@\[-\^` + "`" + `{-\x{10ffff}`
)

var classEscapes = map[byte]string{
	's': spaces, 'S': notSpaces, 'd': digits, 'D': notDigits, 'w': words, 'W': notWords,
}

// escape reads an escape sequence outside a class.
func (t *translator) escape() (quantifiable bool, err error) {
	if t.pos+1 >= len(t.src) {
		return false, t.errorf("a backslash at the end")
	}
	c := t.src[t.pos+1]
	switch {
	case c == 'b' || c == 'B':
		t.pos += 2
		t.out.WriteString(`\` + string(c))
		return false, nil
	case c >= '1' && c <= '9':
		end := t.pos + 1
		for end < len(t.src) && t.src[end]-'0' < 10 {
			end++
		}
		n, _ := strconv.Atoi(t.src[t.pos+1 : end])
		t.maxRef = max(t.maxRef, n)
		t.backtracks = true
		t.out.WriteString(`(?:\` + t.src[t.pos+1:end] + `)`)
		t.pos = end
		return true, nil
	case c == 'k':
		end := strings.IndexByte(t.src[t.pos:], '>')
		if !strings.HasPrefix(t.src[t.pos:], `\k<`) || end < 0 || !t.named[t.src[t.pos+3:t.pos+end]] {
			return false, t.errorf("a reference to a group that the pattern does not have before it")
		}
		t.backtracks = true
		t.out.WriteString(t.src[t.pos : t.pos+end+1])
		t.pos += end + 1
		return true, nil
	case c == 'p' || c == 'P':
		inside, err := t.property()
		t.out.WriteString("[" + cmp.Or(inside, nothing) + "]")
		return true, err
	case classEscapes[c] != "":
		t.pos += 2
		t.out.WriteString("[" + classEscapes[c] + "]")
		return true, nil
	}
	r, err := t.character()
	t.literal(r)
	return true, err
}

// character reads an escape sequence that stands for one character.
func (t *translator) character() (rune, error) {
	c := t.src[t.pos+1]
	rest := t.src[t.pos+2:]
	size := 2
	var r rune
	switch c {
	case 't':
		r = '\t'
	case 'n':
		r = '\n'
	case 'v':
		r = '\v'
	case 'f':
		r = '\f'
	case 'r':
		r = '\r'
	case '0':
		if rest != "" && rest[0]-'0' < 10 {
			return 0, t.errorf("an octal escape is not allowed")
		}
	case 'c':
		if rest == "" || !asciiLetter(rest[0]) {
			return 0, t.errorf(`a letter must follow \c`)
		}
		r, size = rune(rest[0]&0x1f), 3
	case 'x':
		v, ok := hex(rest, 2)
		if !ok {
			return 0, t.errorf(`two hexadecimal digits must follow \x`)
		}
		r, size = v, 4
	case 'u':
		v, n, ok := unicodeEscape(rest)
		if !ok {
			return 0, t.errorf(`four hexadecimal digits must follow \u`)
		}
		r, size = v, 2+n
	default:
		if asciiLetter(c) {
			return 0, t.errorf(`the escape sequence \%c does not exist in ECMA-262`, c)
		}
		r, size = utf8.DecodeRuneInString(t.src[t.pos+1:])
		size++
	}
	t.pos += size
	return r, nil
}

// unicodeEscape reads what follows \u: four digits, a pair of surrogates, or {digits}.
func unicodeEscape(s string) (r rune, size int, ok bool) {
	if strings.HasPrefix(s, "{") {
		end := strings.IndexByte(s, '}')
		if end < 2 || end > 9 {
			return 0, 0, false
		}
		v, ok := hex(s[1:], end-1)
		return v, end + 1, ok && v <= unicode.MaxRune
	}
	high, ok := hex(s, 4)
	if !ok || high < 0xd800 || high > 0xdfff {
		return high, 4, ok
	}
	if len(s) >= 10 && high < 0xdc00 && s[4:6] == `\u` {
		if low, ok := hex(s[6:], 4); ok && low >= 0xdc00 && low <= 0xdfff {
			return (high-0xd800)<<10 | (low - 0xdc00) + 0x10000, 10, true
		}
	}
	return high, 4, true // half a pair, which no text has
}

func hex(s string, n int) (rune, bool) {
	if len(s) < n {
		return 0, false
	}
	v, err := strconv.ParseUint(s[:n], 16, 32)
	return rune(v), err == nil
}

func asciiLetter(c byte) bool { return c|0x20 >= 'a' && c|0x20 <= 'z' }
