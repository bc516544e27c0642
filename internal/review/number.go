package review

import (
	"math/big"

	"github.com/banyan-go/banyan/internal/openapi"
)

// limit is a lower or upper bound.
type limit struct {
	at     *big.Rat // nil: unbounded
	text   string
	strict bool // the bound itself is out
}

func newLimit(inclusive, strict openapi.Number, better func(a, b limit) bool) limit {
	in := limit{at: openapi.Rational(inclusive), text: inclusive.String()}
	out := limit{at: openapi.Rational(strict), text: strict.String(), strict: true}
	switch {
	case in.at == nil:
		return out
	case out.at == nil || better(in, out):
		return in
	}
	return out
}

// higher reports whether a, as a lower bound, lets less through than b.
func higher(a, b limit) bool {
	switch {
	case a.at == nil:
		return false
	case b.at == nil:
		return true
	}
	c := a.at.Cmp(b.at)
	return c > 0 || c == 0 && a.strict && !b.strict
}

// lower reports whether a, as an upper bound, lets less through than b.
func lower(a, b limit) bool {
	switch {
	case a.at == nil:
		return false
	case b.at == nil:
		return true
	}
	c := a.at.Cmp(b.at)
	return c < 0 || c == 0 && a.strict && !b.strict
}

// whole is a bound of whole numbers: inclusive, and whole itself.
func (l limit) whole(next func(*big.Rat, bool) *big.Int) limit {
	if l.at == nil || !l.strict && l.at.IsInt() {
		return l
	}
	n := next(l.at, l.strict)
	return limit{at: new(big.Rat).SetInt(n), text: n.String()}
}

// higherWhole is the lowest whole number that a lower bound lets through.
func higherWhole(at *big.Rat, strict bool) *big.Int {
	n := new(big.Int).Div(at.Num(), at.Denom()) // rounds down
	if strict || !at.IsInt() {
		n.Add(n, big.NewInt(1))
	}
	return n
}

// lowerWhole is the highest whole number that an upper bound lets through.
func lowerWhole(at *big.Rat, strict bool) *big.Int {
	n := new(big.Int).Div(at.Num(), at.Denom())
	if strict && at.IsInt() {
		n.Sub(n, big.NewInt(1))
	}
	return n
}

func (l limit) String() string {
	switch {
	case l.at == nil:
		return "none"
	case l.strict:
		return "exclusive " + l.text
	}
	return l.text
}

// wholeFormats are the formats of whole numbers, with their bits; those of numbers
// without a sign have one more.
var wholeFormats = map[string]struct {
	bits   uint
	signed bool
}{"int8": {7, true}, "int16": {15, true}, "int32": {31, true}, "int64": {63, true}, "uint8": {8, false}, "uint16": {16, false}, "uint32": {32, false}, "uint64": {64, false}}

// fits reports whether all values of a schema are of a format, which may be none:
// whole numbers whose bounds are within its range.
func (f *flat) fits(format string) bool {
	if format == "" {
		return true
	}
	of, has := wholeFormats[format]
	if !has || f.types&^nullType != integerType || f.min.at == nil || f.max.at == nil {
		return false
	}
	highest := new(big.Int).Lsh(big.NewInt(1), of.bits) // excluded
	lowest := new(big.Int)
	if of.signed {
		lowest.Neg(highest)
	}
	return f.min.at.Cmp(new(big.Rat).SetInt(lowest)) >= 0 && f.max.at.Cmp(new(big.Rat).SetInt(highest)) < 0
}
