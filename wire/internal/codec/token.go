package codec

import (
	"bytes"
	"encoding/binary"
	"math/bits"
	"unicode/utf8"
)

// byteAt returns the byte at an index, or 0 behind the end, which nothing
// begins with.
func byteAt(data []byte, i int) byte {
	if uint(i) < uint(len(data)) {
		return data[i]
	}
	return 0
}

// space returns the index of the first byte from i on that is not white space.
func space(data []byte, i int) int {
	for i < len(data) && data[i] <= ' ' {
		switch data[i] {
		case ' ', '\n', '\t', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

func literal(data []byte, i int, s string) int {
	if string(data[i:min(i+len(s), len(data))]) != s {
		return failed
	}
	return i + len(s)
}

const ones, tops = 0x0101010101010101, 0x8080808080808080

// special marks, in the top bit of each byte, what is not plain text within a
// JSON string: quotes, backslashes, control characters and all beyond ASCII.
// Marks above the lowest may be wrong.
func special(x uint64) uint64 {
	quote, slash := x^ones*'"', x^ones*'\\'
	return ((quote-ones)&^quote | (slash-ones)&^slash | (x-ones*0x20)&^x | x) & tops
}

// plain returns the index after a string that needs no decoding.
func plain(data []byte, i int) int {
	if byteAt(data, i) != '"' {
		return failed
	}
	for i++; i+8 <= len(data); i += 8 {
		if m := special(binary.LittleEndian.Uint64(data[i:])); m != 0 {
			i += bits.TrailingZeros64(m) >> 3
			break
		}
	}
	for ; i < len(data); i++ {
		switch c := data[i]; {
		case c == '"':
			return i + 1
		case c >= utf8.RuneSelf:
			return wide(data, i)
		case c < ' ' || c == '\\':
			return failed
		}
	}
	return failed
}

// wide is plain for a string that holds, from i on, more than ASCII.
func wide(data []byte, i int) int {
	n := bytes.IndexByte(data[i:], '"')
	if n < 0 || !plainBytes(data[i:i+n]) {
		return failed
	}
	return i + n + 1
}

// plainText reports whether a string is written as it is.
func plainText(s []byte) bool {
	if len(s) < 8 {
		return plainBytes(s)
	}
	for i := 0; i+8 < len(s); i += 8 {
		if special(binary.LittleEndian.Uint64(s[i:])) != 0 {
			return plainBytes(s[i:])
		}
	}
	last := s[len(s)-8:] // some of it again
	return special(binary.LittleEndian.Uint64(last)) == 0 || plainBytes(last)
}

func plainBytes(s []byte) bool {
	wide := false
	for _, c := range s {
		if c < ' ' || c == '"' || c == '\\' {
			return false
		}
		wide = wide || c >= utf8.RuneSelf
	}
	return !wide || utf8.Valid(s)
}

// skip returns the index after a value. The value is not known to be valid: it
// ends there if it is.
func skip(data []byte, i int) int {
	depth := 0
	for i < len(data) {
		switch data[i] {
		case '"':
			if i = skipText(data, i); depth == 0 {
				return i
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			if depth--; depth < 0 {
				return i
			} else if depth == 0 {
				return i + 1
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
		i++
	}
	return i
}

func skipText(data []byte, i int) int {
	for i++; i < len(data); i++ {
		switch data[i] {
		case '\\':
			i++
		case '"':
			return i + 1
		}
	}
	return len(data)
}
