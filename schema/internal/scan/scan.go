// Package scan reads the tokens of JSON text (RFC 8259) in place: nothing is
// copied, nothing is allocated, and every function takes and returns indexes.
package scan

import (
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// Fault says why text is not JSON. The zero Fault means that it is.
type Fault uint8

// The faults of a token.
const (
	OK Fault = iota
	Unterminated
	ControlCharacter
	BadEscape
	LoneSurrogate
	InvalidUTF8
	BadNumber
	BadLiteral
)

var faultText = [...]string{
	OK:               "",
	Unterminated:     "the string is not closed",
	ControlCharacter: "a control character in a string must be escaped",
	BadEscape:        "the string has an invalid escape sequence",
	LoneSurrogate:    "the string has half of a surrogate pair",
	InvalidUTF8:      "the string is not valid UTF-8",
	BadNumber:        "the number is malformed",
	BadLiteral:       "a value is expected",
}

// String says what is wrong, as part of a sentence.
func (f Fault) String() string { return faultText[f] }

// Shape tells what a string holds beside plain ASCII.
type Shape uint8

// The bits of a Shape.
const (
	Escaped Shape = 1 << iota // it has escape sequences
	Wide                      // it has characters beyond ASCII, unescaped
)

const (
	ones  = 0x0101010101010101
	highs = 0x8080808080808080
)

// special marks, in the high bit of each byte, the bytes that end a run of
// plain string text. Marks above the lowest one may be wrong.
func special(w uint64) uint64 {
	quote := w ^ ones*'"'
	slash := w ^ ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (w-ones*0x20)&^w | w) & highs
}

// String scans the string whose opening quote is before b[i] and returns the
// index of its closing quote. When the fault is not OK, the index is where it is.
func String(b []byte, i int) (int, Shape, Fault) {
	var shape Shape
	for {
		for i+8 <= len(b) {
			if m := special(binary.LittleEndian.Uint64(b[i:])); m != 0 {
				i += bits.TrailingZeros64(m) >> 3
				break
			}
			i += 8
		}
		if i >= len(b) {
			return i, shape, Unterminated
		}
		c := b[i]
		switch {
		case c == '"':
			return i, shape, OK
		case c == '\\':
			shape |= Escaped
			n, fault := escape(b, i)
			if fault != OK {
				return i, shape, fault
			}
			i += n
		case c < 0x20:
			return i, shape, ControlCharacter
		case c < 0x80: // the last bytes, which the wide loop does not reach
			i++
		default:
			shape |= Wide
			for i < len(b) && b[i] >= 0x80 {
				r, n := utf8.DecodeRune(b[i:])
				if r == utf8.RuneError && n == 1 {
					return i, shape, InvalidUTF8
				}
				i += n
			}
		}
	}
}

// escape returns the length of the escape sequence at b[i], a surrogate pair
// being one sequence.
func escape(b []byte, i int) (int, Fault) {
	if i+1 >= len(b) {
		return 0, Unterminated
	}
	switch b[i+1] {
	case '"', '\\', '/', 'b', 'f', 'n', 'r', 't':
		return 2, OK
	case 'u':
		r, ok := hex4(b, i+2)
		if !ok {
			return 0, BadEscape
		}
		if r < 0xd800 || r > 0xdfff {
			return 6, OK
		}
		if r > 0xdbff || i+7 >= len(b) || b[i+6] != '\\' || b[i+7] != 'u' {
			return 0, LoneSurrogate
		}
		if low, ok := hex4(b, i+8); !ok || low < 0xdc00 || low > 0xdfff {
			return 0, LoneSurrogate
		}
		return 12, OK
	}
	return 0, BadEscape
}

func hex4(b []byte, i int) (rune, bool) {
	if i+4 > len(b) {
		return 0, false
	}
	var r rune
	for _, c := range b[i : i+4] {
		switch {
		case c >= '0' && c <= '9':
			c -= '0'
		case c >= 'a' && c <= 'f':
			c -= 'a' - 10
		case c >= 'A' && c <= 'F':
			c -= 'A' - 10
		default:
			return 0, false
		}
		r = r<<4 | rune(c)
	}
	return r, true
}

// Unescape appends the text of a scanned string, without its quotes, to dst.
func Unescape(dst, text []byte) []byte {
	for i := 0; i < len(text); {
		c := text[i]
		if c != '\\' {
			dst = append(dst, c)
			i++
			continue
		}
		c = text[i+1]
		i += 2
		switch c {
		case 'b':
			c = '\b'
		case 'f':
			c = '\f'
		case 'n':
			c = '\n'
		case 'r':
			c = '\r'
		case 't':
			c = '\t'
		case 'u':
			r, _ := hex4(text, i)
			i += 4
			if r >= 0xd800 && r <= 0xdfff {
				low, _ := hex4(text, i+2)
				r = (r-0xd800)<<10 | (low - 0xdc00) + 0x10000
				i += 6
			}
			dst = utf8.AppendRune(dst, r)
			continue
		}
		dst = append(dst, c)
	}
	return dst
}
