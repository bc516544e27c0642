package codec

import (
	"bytes"
	"unicode/utf8"
)

func (d *decoder) space() {
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case ' ', '\n', '\t', '\r':
			d.pos++
		default:
			return
		}
	}
}

// next takes c, with the space around it.
func (d *decoder) next(c byte) bool {
	d.space()
	if d.peek() != c {
		return false
	}
	d.pos++
	d.space()
	return true
}

// peek returns the next byte, or 0 at the end, which no value begins with.
func (d *decoder) peek() byte {
	if d.pos < len(d.data) {
		return d.data[d.pos]
	}
	return 0
}

func (d *decoder) literal(s string) bool {
	if string(d.data[d.pos:min(d.pos+len(s), len(d.data))]) != s {
		return false
	}
	d.pos += len(s)
	return true
}

// quoted reads a string that needs no decoding.
func (d *decoder) quoted() ([]byte, bool) {
	if d.peek() != '"' {
		return nil, false
	}
	rest := d.data[d.pos+1:]
	end := bytes.IndexByte(rest, '"')
	if end < 0 {
		return nil, false
	}
	s := rest[:end]
	if d.mode == Checked {
		if bytes.IndexByte(s, '\\') >= 0 {
			return nil, false
		}
	} else if special, high := scan(s); special || high && !utf8.Valid(s) {
		return nil, false
	}
	d.pos += end + 2
	return s, true
}

// keep copies data[start:end]. Short strings that stand close to each other
// share a copy of the document's part that holds them: an allocation costs more
// than a kilobyte of copying. Who keeps one string keeps that much at most.
func (d *decoder) keep(start, end int) string {
	const window, short = 1024, 256
	if end > d.until {
		if end-start > short {
			return string(d.data[start:end])
		}
		d.from, d.until = start, min(start+window, len(d.data))
		d.window = string(d.data[d.from:d.until])
	}
	return d.window[start-d.from : end-d.from]
}

// integer reads an integer of up to 18 digits that is not above most.
func (d *decoder) integer(most uint64) (u uint64, negative, ok bool) {
	if negative = d.peek() == '-'; negative {
		d.pos++
	}
	start := d.pos
	for d.pos < len(d.data) && d.data[d.pos]-'0' <= 9 {
		u = u*10 + uint64(d.data[d.pos]-'0')
		d.pos++
	}
	digits := d.pos - start
	switch d.peek() {
	case '.', 'e', 'E':
		return 0, false, false
	}
	return u, negative, digits > 0 && digits <= 18 && u <= most && (digits == 1 || d.data[start] != '0')
}

// raw takes the value that d is at the beginning of. It is not known to be
// valid: only where it ends if it is.
func (d *decoder) raw() []byte {
	start, depth := d.pos, 0
	for d.pos < len(d.data) {
		switch d.data[d.pos] {
		case '"':
			d.skipText()
			if depth == 0 {
				return d.data[start:d.pos]
			}
			continue
		case '{', '[':
			depth++
		case '}', ']':
			depth--
			if depth == 0 {
				d.pos++
			}
			if depth <= 0 {
				return d.data[start:d.pos]
			}
		case ',', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return d.data[start:d.pos]
			}
		}
		d.pos++
	}
	return d.data[start:]
}

func (d *decoder) skipText() {
	for d.pos++; d.pos < len(d.data); d.pos++ {
		switch d.data[d.pos] {
		case '\\':
			d.pos++
		case '"':
			d.pos++
			return
		}
	}
	d.pos = len(d.data)
}
