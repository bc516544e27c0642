package schema

import (
	"bytes"

	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/internal/scan"
)

// What follows is called where a check has failed, and only while values are
// being mended. It reports whether the value was changed; a value that the
// schema would refuse even so is left alone.

// mendText mends a string between quotes where none is allowed:
//
//	schema              text                             becomes
//	integer             "42", "-7"                       42, -7
//	number              those, "9.90", "-0.5", "1.0E+25" the same digits
//	boolean             "1", "true"                      true
//	boolean             "0", "false"                     false
//	boolean and number  "1", "0"                         nothing: it is either
//
// Anything else is no number for sure: "042", "1e3" for an integer, "10.0" for
// an integer, " 1", "+1", "1,5", "0x1A", "TRUE", "yes", "".
func (s *state) mendText(n *node, at, end int, shape scan.Shape) bool {
	if !s.mends(ScalarText) || shape != 0 || end == at+1 {
		return false
	}
	text := s.data[at+1 : end]
	number, boolean := n.types&kindNumber != 0, n.types&kindBoolean != 0
	switch {
	case string(text) == "true" || string(text) == "false":
		if !boolean {
			return false
		}
	case len(text) == 1 && (text[0] == '0' || text[0] == '1') && boolean:
		if number {
			return false
		}
		text = boolText[text[0]-'0']
	case !number || !exactNumberText(text, n.types&kindFraction != 0):
		return false
	}
	if !s.fits(n, text) {
		return false
	}
	s.edit(at, end+1, text, ScalarText, at)
	return true
}

var boolText = [2][]byte{[]byte("false"), []byte("true")}

// exactNumberText reports whether text is a number as JSON writes them, and as
// PHP or its database write them: integers as digits alone.
func exactNumberText(text []byte, fraction bool) bool {
	if text[0] != '-' && text[0]-'0' > 9 {
		return false
	}
	num, fault := scan.Number(text, 0)
	return fault == scan.OK && num.End == len(text) && (num.Plain && string(text) != "-0" || fraction && !num.Plain)
}

// mendBit mends 0 and 1 where only a boolean is allowed.
func (s *state) mendBit(n *node, at, end int) bool {
	if !s.mends(ScalarText) || n.types&kindBoolean == 0 || end != at+1 || s.data[at] > '1' {
		return false
	}
	text := boolText[s.data[at]-'0']
	if !s.fits(n, text) {
		return false
	}
	s.edit(at, end, text, ScalarText, at)
	return true
}

// maxExact is the largest integer below which a float has no gaps. Beyond it
// PHP's 9.2233720368547758E+18 is what is left of another number.
var maxExact = decimal.Of("9007199254740992")

// mendWhole mends a whole number that is written with a fraction or an
// exponent where only integers are allowed.
func (s *state) mendWhole(n *node, at, end int, d decimal.Number) bool {
	if !s.mends(NumberForm) || n.types&kindInteger == 0 || !d.Whole() {
		return false
	}
	size := d
	size.Negative = false
	if decimal.Compare(size, maxExact) > 0 {
		return false
	}
	from := len(s.arena)
	s.arena = appendWhole(s.arena, d)
	text := s.arena[from:]
	if !s.fits(n, text) {
		s.arena = s.arena[:from]
		return false
	}
	s.edit(at, end, text, NumberForm, at)
	return true
}

// appendWhole writes a number without a fraction as digits alone.
func appendWhole(dst []byte, d decimal.Number) []byte {
	if len(d.Digits) == 0 {
		return append(dst, '0')
	}
	if d.Negative {
		dst = append(dst, '-')
	}
	dst = append(dst, d.Digits...)
	for range d.Exp - len(d.Digits) {
		dst = append(dst, '0')
	}
	return dst
}

// mendDate mends a string that lacks the format of a date or a date and time.
func (s *state) mendDate(n *node, r *stringRules, at int, text []byte) bool {
	if !s.mends(DateForm) || r.formatRule.warn || len(text) > maxDateText {
		return false
	}
	from := len(s.arena)
	s.arena = append(s.arena, '"')
	out, ok := s.how.date(s.arena, text, r.formatRule.limit)
	if !ok {
		s.arena = s.arena[:from]
		return false
	}
	s.arena = append(out, '"')
	more := len(n.strings) > 1 || len(n.enums) > 0 || r.pattern != nil || r.min > 0 || r.max >= 0
	if more && !s.fits(n, s.arena[from:]) {
		s.arena = s.arena[:from]
		return false
	}
	s.edit(at, scan.Skip(s.data, at), s.arena[from:], DateForm, at)
	return true
}

// noDate reports whether a string between quotes at an offset is MySQL's way
// to say that there is no date: 0000-00-00 with or without a time.
func (s *state) noDate(at int) bool {
	rest := s.data[at:]
	return bytes.HasPrefix(rest, []byte(`"0000-00-00"`)) || bytes.HasPrefix(rest, []byte(`"0000-00-00 00:00:00"`))
}

// fits reports whether text, a value without white space around it, is what n
// says.
func (s *state) fits(n *node, text []byte) bool {
	if !s.spend(len(text)) {
		return false
	}
	sub := newState(s.doc, text, s.mode)
	sub.sink = quiet
	ok := sub.value(n) && !sub.dead && sub.pos == len(text)
	sub.release()
	return ok
}
