package format

import (
	"bytes"
	"unicode"
	"unicode/utf8"
)

// idnHostname is RFC 5890: labels of what RFC 5892 permits, dots of any kind
// between them, each label short enough once it is encoded.
func idnHostname(b []byte) bool {
	total := 0
	for n := 0; ; n++ {
		end, size := labelEnd(b)
		length, ok := idnLabel(b[:end])
		if !ok {
			return false
		}
		if total += length + 1; total > 254 {
			return false
		}
		if end == len(b) {
			return true
		}
		b = b[end+size:]
	}
}

// labelEnd returns where the first label ends and the size of the dot there.
func labelEnd(b []byte) (end, size int) {
	for i := 0; i < len(b); {
		r, n := utf8.DecodeRune(b[i:])
		switch r {
		case '.', '\u3002', '\uff0e', '\uff61':
			return i, n
		}
		i += n
	}
	return len(b), 0
}

// idnLabel checks one label and returns its length in the ASCII form.
func idnLabel(b []byte) (length int, ok bool) {
	ascii := true
	for _, c := range b {
		ascii = ascii && c < 0x80
	}
	if ascii {
		return len(b), hostname(b) && (isEncoded(b) || len(b) < 4 || b[2] != '-' || b[3] != '-')
	}
	if len(b) > 4*63 {
		return 0, false
	}
	label := bytes.Runes(b)
	length = 4 + len(encodePunycode(label))
	return length, length <= 63 && permitted(label)
}

func isEncoded(label []byte) bool {
	return len(label) >= 4 && label[2] == '-' && label[3] == '-' && label[0]|0x20 == 'x' && label[1]|0x20 == 'n'
}

// encodedLabel reports whether a label that begins with xn-- is what a
// permitted label is encoded to.
func encodedLabel(b []byte) bool {
	label, ok := decodePunycode(b[4:])
	if !ok || !permitted(label) {
		return false
	}
	for _, r := range label {
		if r >= 0x80 {
			return bytes.EqualFold(encodePunycode(label), b[4:])
		}
	}
	return false
}

// permitted applies RFC 5891, section 4.2.3, and RFC 5892, except for the rule
// about joining scripts (appendix A.1), which needs a table of its own, and
// the Bidi rule (RFC 5893).
func permitted(label []rune) bool {
	n := len(label)
	if n == 0 || label[0] == '-' || label[n-1] == '-' || n > 3 && label[2] == '-' && label[3] == '-' {
		return false
	}
	if unicode.Is(unicode.M, label[0]) {
		return false
	}
	for i, r := range label {
		if !permittedRune(label, i, r) {
			return false
		}
	}
	return true
}

func permittedRune(label []rune, i int, r rune) bool {
	switch {
	case r == '-' || r >= '0' && r <= '9' || r >= 'a' && r <= 'z' || r >= 'A' && r <= 'Z':
		return true
	case r < 0x80:
		return false
	}
	switch r { // RFC 5892, section 2.6 and appendix A
	case 'ß', 'ς', '\u06fd', '\u06fe', '\u0f0b', '\u3007':
		return true
	case '\u0640', '\u07fa', '\u302e', '\u302f', '\u3031', '\u3032', '\u3033', '\u3034', '\u3035', '\u303b':
		return false
	case '\u00b7':
		return i > 0 && i+1 < len(label) && label[i-1] == 'l' && label[i+1] == 'l'
	case '\u0375':
		return i+1 < len(label) && unicode.Is(unicode.Greek, label[i+1])
	case '\u05f3', '\u05f4':
		return i > 0 && unicode.Is(unicode.Hebrew, label[i-1])
	case '\u30fb':
		return hasAny(label, func(r rune) bool {
			return unicode.In(r, unicode.Hiragana, unicode.Katakana, unicode.Han)
		})
	case '\u200c', '\u200d':
		return i > 0 && virama(label[i-1])
	}
	if r >= 0x660 && r <= 0x669 {
		return !hasAny(label, func(r rune) bool { return r >= 0x6f0 && r <= 0x6f9 })
	}
	if r >= 0x6f0 && r <= 0x6f9 {
		return !hasAny(label, func(r rune) bool { return r >= 0x660 && r <= 0x669 })
	}
	return unicode.In(r, unicode.L, unicode.M, unicode.Nd)
}

func hasAny(label []rune, f func(rune) bool) bool {
	for _, r := range label {
		if f(r) {
			return true
		}
	}
	return false
}

// virama reports whether a joiner may follow r (canonical combining class 9).
func virama(r rune) bool {
	switch r {
	case 0x94d, 0x9cd, 0xa4d, 0xacd, 0xb4d, 0xbcd, 0xc4d, 0xccd, 0xd3b, 0xd3c, 0xd4d, 0xdca, 0xe3a, 0xf84,
		0x1039, 0x103a, 0x1714, 0x1734, 0x17d2, 0x1a60, 0x1b44, 0x1baa, 0x1bab, 0x1bf2, 0x1bf3, 0xa806, 0xa8c4,
		0xa953, 0xa9c0, 0xaaf6, 0xabed:
		return true
	}
	return false
}
