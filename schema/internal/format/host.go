package format

import "bytes"

// hostname is RFC 1123: dotted labels of letters, digits and inner hyphens.
// Labels that claim to be encoded (xn--) must be so.
func hostname(b []byte) bool {
	if len(b) == 0 || len(b) > 253 {
		return false
	}
	from := 0
	for i := 0; i <= len(b); i++ {
		if i < len(b) && b[i] != '.' {
			if !isAlnum[b[i]] && b[i] != '-' {
				return false
			}
			continue
		}
		if i == from || i-from > 63 || b[from] == '-' || b[i-1] == '-' {
			return false
		}
		if isEncoded(b[from:i]) && !encodedLabel(b[from:i]) {
			return false
		}
		from = i + 1
	}
	return true
}

func ipv4(b []byte) bool {
	for part := range 4 {
		n := leadingDigits(b)
		if n == 0 || n > 3 || n > 1 && b[0] == '0' {
			return false
		}
		v := 0
		for _, c := range b[:n] {
			v = v*10 + int(c-'0')
		}
		if v > 255 {
			return false
		}
		b = b[n:]
		if part < 3 {
			if len(b) == 0 || b[0] != '.' {
				return false
			}
			b = b[1:]
		}
	}
	return len(b) == 0
}

// ipv6 is RFC 4291, section 2.2, without a zone.
func ipv6(b []byte) bool {
	groups, gap := 0, false
	if bytes.HasPrefix(b, []byte("::")) {
		gap = true
		b = b[2:]
		if len(b) == 0 {
			return true
		}
	}
	for {
		n := 0
		for n < len(b) && isHex[b[n]] {
			n++
		}
		if n < len(b) && b[n] == '.' {
			groups += 2
			return ipv4(b) && (groups == 8 && !gap || groups < 8 && gap)
		}
		if n == 0 || n > 4 {
			return false
		}
		groups++
		b = b[n:]
		if len(b) == 0 {
			return groups == 8 && !gap || groups < 8 && gap
		}
		if b[0] != ':' || groups == 8 {
			return false
		}
		b = b[1:]
		if len(b) > 0 && b[0] == ':' {
			if gap {
				return false
			}
			gap = true
			b = b[1:]
			if len(b) == 0 {
				return groups < 8
			}
		}
	}
}

var isAtom = setOf("azAZ09", "!#$%&'*+-/=?^_`{|}~")

// mailbox is RFC 5321's Mailbox, with RFC 6531's extension when wide.
func mailbox(b []byte, wide bool) bool {
	at := bytes.LastIndexByte(b, '@')
	if at < 1 || at > 64 || len(b) > 254 && !wide {
		return false
	}
	return localPart(b[:at], wide) && mailDomain(b[at+1:], wide)
}

func localPart(b []byte, wide bool) bool {
	if b[0] == '"' {
		return len(b) > 1 && quoted(b[1:], wide)
	}
	dot := true
	for _, c := range b {
		if c == '.' {
			if dot {
				return false
			}
			dot = true
			continue
		}
		if !isAtom[c] && (!wide || c < 0x80) {
			return false
		}
		dot = false
	}
	return !dot
}

// quoted reads a quoted string after its first quote, up to the end.
func quoted(b []byte, wide bool) bool {
	for i := 0; i < len(b); i++ {
		switch c := b[i]; {
		case c == '"':
			return i == len(b)-1
		case c == '\\':
			if i++; i == len(b) || b[i] < ' ' || b[i] > '~' {
				return false
			}
		case c < ' ' || c == 0x7f || c >= 0x80 && !wide:
			return false
		}
	}
	return false
}

func mailDomain(b []byte, wide bool) bool {
	if len(b) > 2 && b[0] == '[' && b[len(b)-1] == ']' {
		literal := b[1 : len(b)-1]
		if len(literal) > 5 && bytes.EqualFold(literal[:5], []byte("IPv6:")) {
			return ipv6(literal[5:])
		}
		return ipv4(literal)
	}
	return hostname(b) || wide && idnHostname(b)
}
