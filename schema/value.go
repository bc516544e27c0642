package schema

import (
	"strconv"
	"unicode/utf8"

	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/internal/scan"
)

// value checks the value at pos against n.
func (s *state) value(n *node) bool {
	if n.compound {
		return s.compound(n)
	}
	return s.plain(n)
}

// plain checks what can be checked in one pass.
func (s *state) plain(n *node) bool {
	if s.pos >= len(s.data) {
		return s.syntax(s.pos, "the text ends where a value is expected")
	}
	switch s.data[s.pos] {
	case '"':
		return s.str(n)
	case '{':
		return s.objectValue(n)
	case '[':
		return s.arrayValue(n)
	case 't', 'f', 'n':
		return s.word(n)
	case '-', '0', '1', '2', '3', '4', '5', '6', '7', '8', '9':
		return s.number(n)
	}
	return s.syntax(s.pos, "a value is expected")
}

// wrongType reports that the value at an offset has none of n's types.
func (s *state) wrongType(n *node, at int, k kinds) bool {
	for i := range n.rules {
		r := &n.rules[i]
		if r.types&k != 0 {
			continue
		}
		if s.sink != loud || r.types == 0 {
			return s.report(at, r.rule)
		}
		text := r.rule.message
		switch {
		case k&kindNumber == 0:
			text += ", not " + k.nouns()
		case r.types&kindInteger != 0:
			text += ", not a number with a fraction or an exponent"
		default:
			text += ", not a number"
		}
		return s.reportText(at, r.rule, text)
	}
	return true
}

// word checks true, false or null.
func (s *state) word(n *node) bool {
	at := s.pos
	size, kind := literalAt(s.data, at)
	if size == 0 {
		return s.syntax(at, "a value is expected")
	}
	s.pos += size
	if n.types&kind == 0 {
		return s.wrongType(n, at, kind)
	}
	for i := range n.enums {
		e := &n.enums[i]
		which := 0
		if kind == kindBoolean {
			which = 6 - size // false is 1, true is 2
		}
		if !e.words[which] && !s.report(at, e.rule) {
			return false
		}
	}
	return true
}

// str checks a string.
func (s *state) str(n *node) bool {
	at := s.pos
	end, shape, fault := scan.String(s.data, at+1)
	if fault != scan.OK {
		return s.syntax(end, fault.String())
	}
	s.pos = end + 1
	if n.types&kindString == 0 {
		if s.sink == mending && s.mendText(n, at, end, shape) {
			return true
		}
		return s.wrongType(n, at, kindString)
	}
	if len(n.strings) == 0 && len(n.enums) == 0 {
		return true
	}
	text := s.data[at+1 : end]
	if shape&scan.Escaped != 0 {
		s.scratch = scan.Unescape(s.scratch[:0], text)
		text = s.scratch
	}
	for i := range n.enums {
		if e := &n.enums[i]; e.strings.Find(text) < 0 && !s.report(at, e.rule) {
			return false
		}
	}
	for i := range n.strings {
		if !s.stringRules(n, &n.strings[i], at, text, shape) {
			return false
		}
	}
	return true
}

func (s *state) stringRules(n *node, r *stringRules, at int, text []byte, shape scan.Shape) bool {
	if r.max >= 0 && len(text) > r.max && (shape == 0 || utf8.RuneCount(text) > r.max) {
		if !s.report(at, r.maxRule) {
			return false
		}
		if len(text) > 4*r.max+maxKept {
			return true // what else may be wrong with it is not worth the time
		}
	}
	if r.min > 0 && (len(text) < r.min || shape != 0 && utf8.RuneCount(text) < r.min) && !s.report(at, r.minRule) {
		return false
	}
	if r.format != nil && !r.format(text) {
		if s.sink == mending && s.mendDate(n, r, at, text) {
			return true
		}
		if !s.report(at, r.formatRule) {
			return false
		}
	}
	if r.pattern == nil {
		return true
	}
	ok, err := r.pattern.Match(text)
	switch {
	case err != nil:
		return s.report(at, r.patternTime)
	case !ok:
		return s.report(at, r.patternRule)
	}
	return true
}

// number checks a number.
func (s *state) number(n *node) bool {
	at := s.pos
	num, fault := scan.Number(s.data, at)
	if fault != scan.OK {
		return s.syntax(num.End, fault.String())
	}
	s.pos = num.End
	if !num.Small || len(n.enums) > 0 {
		return s.exactNumber(n, at, num)
	}
	if n.types&kindInteger == 0 {
		if s.sink == mending && s.mendBit(n, at, num.End) {
			return true
		}
		return s.wrongType(n, at, kindInteger)
	}
	for i := range n.numbers {
		r := &n.numbers[i]
		if num.Int < r.low || num.Int > r.high || r.multiple != nil && (r.step == 0 || num.Int%r.step != 0) {
			return s.exactNumber(n, at, num)
		}
	}
	return true
}

// exactNumber checks a number digit by digit.
func (s *state) exactNumber(n *node, at int, num scan.Num) bool {
	var d decimal.Number
	d, s.digits = decimal.Parse(s.data[at:num.End], s.digits)
	if d.Exp > 308 && outOfRange(d) || d.Exp < -100_000 {
		return s.report(at, tooLarge)
	}
	kind := kindFraction
	if num.Plain || !s.doc.legacy && d.Whole() {
		kind = kindInteger
	}
	if n.types&kind == 0 {
		if s.sink == mending && (s.mendWhole(n, at, num.End, d) || s.mendBit(n, at, num.End)) {
			return true
		}
		return s.wrongType(n, at, kind)
	}
	if !num.Plain && s.fill && s.sink == loud && kind == kindInteger && n.types&kindFraction == 0 {
		s.writePlainly(at, num.End, d)
	}
	for i := range n.numbers {
		r := &n.numbers[i]
		for j := range r.bounds {
			if b := &r.bounds[j]; !b.holds(d) && !s.report(at, b.rule) {
				return false
			}
		}
		if r.multiple != nil && !r.multiple.Divides(d) && !s.report(at, r.multRule) {
			return false
		}
	}
	for i := range n.enums {
		if e := &n.enums[i]; !e.hasNumber(d) && !s.report(at, e.rule) {
			return false
		}
	}
	return true
}

var maxDouble = decimal.Of("1.7976931348623158e308")

func outOfRange(d decimal.Number) bool {
	d.Negative = false
	return decimal.Compare(d, maxDouble) >= 0
}

func (b *bound) holds(d decimal.Number) bool {
	c := decimal.Compare(d, b.value)
	if b.upper {
		c = -c
	}
	return c > 0 || c == 0 && !b.exclusive
}

func (e *enumRules) hasNumber(d decimal.Number) bool {
	if v, ok := d.Int64(); ok {
		for _, i := range e.integers {
			if i == v {
				return true
			}
		}
		return false
	}
	for _, n := range e.numbers {
		if decimal.Compare(n, d) == 0 {
			return true
		}
	}
	return false
}

// writePlainly notes that a whole number is to be written as decoders of
// integers expect it.
func (s *state) writePlainly(at, end int, d decimal.Number) {
	if v, ok := d.Int64(); ok {
		s.patches = append(s.patches, patch{at: at, end: end, text: strconv.AppendInt(nil, v, 10)})
	}
}
