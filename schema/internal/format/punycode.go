package format

import "unicode"

// Parameters of RFC 3492, section 5.
const (
	base        = 36
	tmin, tmax  = 1, 26
	skew, damp  = 38, 700
	initialBias = 72
	initialN    = 128
)

func adapt(delta, points int, first bool) int {
	if first {
		delta /= damp
	} else {
		delta /= 2
	}
	delta += delta / points
	k := 0
	for ; delta > (base-tmin)*tmax/2; k += base {
		delta /= base - tmin
	}
	return k + (base-tmin+1)*delta/(delta+skew)
}

func threshold(k, bias int) int { return min(max(k-bias, tmin), tmax) }

// decodePunycode decodes a label without its "xn--".
func decodePunycode(b []byte) ([]rune, bool) {
	if len(b) > 63 {
		return nil, false
	}
	var out []rune
	rest := b
	for i := len(b) - 1; i >= 0; i-- {
		if b[i] == '-' {
			for _, c := range b[:i] {
				out = append(out, rune(c))
			}
			rest = b[i+1:]
			break
		}
	}
	n, at, bias := initialN, 0, initialBias
	for len(rest) > 0 {
		old, weight := at, 1
		for k := base; ; k += base {
			if len(rest) == 0 {
				return nil, false
			}
			value := digitValue(rest[0])
			rest = rest[1:]
			if value < 0 || at > (1<<40) || weight > 1<<40 {
				return nil, false
			}
			at += value * weight
			t := threshold(k, bias)
			if value < t {
				break
			}
			weight *= base - t
		}
		bias = adapt(at-old, len(out)+1, old == 0)
		n += at / (len(out) + 1)
		at %= len(out) + 1
		if n > unicode.MaxRune || n >= 0xd800 && n <= 0xdfff {
			return nil, false
		}
		out = append(out, 0)
		copy(out[at+1:], out[at:])
		out[at] = rune(n)
		at++
	}
	return out, true
}

func digitValue(c byte) int {
	switch {
	case c >= '0' && c <= '9':
		return int(c-'0') + 26
	case isAlpha[c]:
		return int(c|0x20) - 'a'
	}
	return -1
}

// encodePunycode encodes a label, without the "xn--".
func encodePunycode(label []rune) (out []byte) {
	for _, r := range label {
		if r < 0x80 {
			out = append(out, byte(r))
		}
	}
	basic := len(out)
	if basic > 0 {
		out = append(out, '-')
	}
	n, delta, bias := rune(initialN), 0, initialBias
	for handled := basic; handled < len(label); {
		next := rune(unicode.MaxRune)
		for _, r := range label {
			if r >= n && r < next {
				next = r
			}
		}
		delta += int(next-n) * (handled + 1)
		n = next
		for _, r := range label {
			if r < n {
				delta++
			}
			if r != n {
				continue
			}
			q := delta
			for k := base; ; k += base {
				t := threshold(k, bias)
				if q < t {
					break
				}
				out = append(out, digit(t+(q-t)%(base-t)))
				q = (q - t) / (base - t)
			}
			out = append(out, digit(q))
			bias = adapt(delta, handled+1, handled == basic)
			delta = 0
			handled++
		}
		delta++
		n++
	}
	return out
}

func digit(v int) byte {
	if v < 26 {
		return byte('a' + v)
	}
	return byte('0' + v - 26)
}
