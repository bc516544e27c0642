package format

import (
	"bytes"
	"unicode/utf8"
)

const subDelims = "!$&'()*+,;="

var (
	isScheme   = setOf("azAZ09", "+-.")
	isUserinfo = setOf("azAZ09", "-._~:"+subDelims)
	isRegName  = setOf("azAZ09", "-._~"+subDelims)
	isPchar    = setOf("azAZ09", "-._~:@/"+subDelims)
	isQuery    = setOf("azAZ09", "-._~:@/?"+subDelims)
	isFuture   = setOf("azAZ09", "-._~:"+subDelims)
)

// uri is RFC 3986, or RFC 3987 when wide; absolute: with a scheme.
func uri(b []byte, wide, absolute bool) bool {
	n := 0
	for n < len(b) && isScheme[b[n]] {
		n++
	}
	scheme := n > 0 && n < len(b) && b[n] == ':' && isAlpha[b[0]]
	switch {
	case scheme:
		b = b[n+1:]
	case absolute:
		return false
	}
	if i := bytes.IndexByte(b, '#'); i >= 0 {
		if !characters(b[i+1:], &isQuery, wide, false) {
			return false
		}
		b = b[:i]
	}
	if i := bytes.IndexByte(b, '?'); i >= 0 {
		if !characters(b[i+1:], &isQuery, wide, true) {
			return false
		}
		b = b[:i]
	}
	if bytes.HasPrefix(b, []byte("//")) {
		b = b[2:]
		end := bytes.IndexByte(b, '/')
		if end < 0 {
			end = len(b)
		}
		return authority(b[:end], wide) && characters(b[end:], &isPchar, wide, false)
	}
	if !scheme { // the first segment of a relative path must not look like a scheme
		first, _, _ := bytes.Cut(b, []byte("/"))
		if bytes.IndexByte(first, ':') >= 0 {
			return false
		}
	}
	return characters(b, &isPchar, wide, false)
}

func authority(b []byte, wide bool) bool {
	if at := bytes.LastIndexByte(b, '@'); at >= 0 {
		if !characters(b[:at], &isUserinfo, wide, false) {
			return false
		}
		b = b[at+1:]
	}
	if len(b) > 0 && b[0] == '[' {
		end := bytes.IndexByte(b, ']')
		if end < 0 || !ipLiteral(b[1:end]) {
			return false
		}
		b = b[end+1:]
		return len(b) == 0 || b[0] == ':' && leadingDigits(b[1:]) == len(b)-1
	}
	if colon := bytes.IndexByte(b, ':'); colon >= 0 {
		if leadingDigits(b[colon+1:]) != len(b)-colon-1 {
			return false
		}
		b = b[:colon]
	}
	return characters(b, &isRegName, wide, false)
}

func ipLiteral(b []byte) bool {
	if len(b) < 4 || b[0]|0x20 != 'v' {
		return ipv6(b)
	}
	version, rest, ok := bytes.Cut(b[1:], []byte("."))
	if !ok || len(version) == 0 || len(rest) == 0 {
		return false
	}
	for _, c := range version {
		if !isHex[c] {
			return false
		}
	}
	for _, c := range rest {
		if !isFuture[c] {
			return false
		}
	}
	return true
}

// characters reports whether b consists of the set, of percent-encoded octets
// and, when wide, of RFC 3987's ucschar (and iprivate, where private is).
func characters(b []byte, s *set, wide, private bool) bool {
	for i := 0; i < len(b); i++ {
		c := b[i]
		switch {
		case s[c]:
		case c == '%':
			if i+2 >= len(b) || !isHex[b[i+1]] || !isHex[b[i+2]] {
				return false
			}
			i += 2
		case c >= 0x80 && wide:
			r, n := utf8.DecodeRune(b[i:])
			if !ucschar(r) && (!private || !iprivate(r)) {
				return false
			}
			i += n - 1
		default:
			return false
		}
	}
	return true
}

func ucschar(r rune) bool {
	return r >= 0xa0 && r <= 0xd7ff || r >= 0xf900 && r <= 0xfdcf || r >= 0xfdf0 && r <= 0xffef ||
		r >= 0x10000 && r <= 0xefffd && r&0xffff <= 0xfffd && (r < 0xe0000 || r >= 0xe1000)
}

func iprivate(r rune) bool {
	return r >= 0xe000 && r <= 0xf8ff || r >= 0xf0000 && r <= 0x10fffd && r&0xffff <= 0xfffd
}
