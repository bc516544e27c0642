// Package decimal compares and divides JSON numbers exactly as they are
// written, in time linear in their digits whatever their exponent.
package decimal

import (
	"bytes"
	"math/big"
	"math/bits"
)

// Number is 0.Digits times ten to the power of Exp. Digits has neither leading
// nor trailing zeros and is empty for zero; it may alias the literal.
type Number struct {
	Negative bool
	Exp      int
	Digits   []byte
}

// maxExp bounds exponents, so that sums of them cannot overflow.
const maxExp = 1 << 30

// Parse reads a valid JSON number. The digits of a number with a fraction are
// put together in buf, which Parse returns, grown as needed. Exponents beyond
// a thousand million are cut to it.
func Parse(literal, buf []byte) (Number, []byte) {
	var n Number
	if literal[0] == '-' {
		n.Negative = true
		literal = literal[1:]
	}
	exp := 0
	if e := bytes.IndexAny(literal, "eE"); e >= 0 {
		exp = exponent(literal[e+1:])
		literal = literal[:e]
	}
	if dot := bytes.IndexByte(literal, '.'); dot >= 0 {
		buf = append(append(buf[:0], literal[:dot]...), literal[dot+1:]...)
		n.Exp, n.Digits = dot, buf
	} else {
		n.Exp, n.Digits = len(literal), literal
	}
	n.Exp += exp
	for len(n.Digits) > 0 && n.Digits[0] == '0' {
		n.Digits = n.Digits[1:]
		n.Exp--
	}
	for k := len(n.Digits); k > 0 && n.Digits[k-1] == '0'; k-- {
		n.Digits = n.Digits[:k-1]
	}
	if len(n.Digits) == 0 {
		return Number{}, buf
	}
	return n, buf
}

func exponent(text []byte) int {
	negative := text[0] == '-'
	if negative || text[0] == '+' {
		text = text[1:]
	}
	v := 0
	for _, c := range text {
		if v = v*10 + int(c-'0'); v > maxExp {
			v = maxExp
		}
	}
	if negative {
		return -v
	}
	return v
}

// Of returns the number that literal writes, sharing nothing with it.
func Of(literal string) Number {
	n, _ := Parse([]byte(literal), nil)
	return n
}

// Compare returns -1, 0 or 1 as a is less than, equal to or greater than b.
func Compare(a, b Number) int {
	switch {
	case len(a.Digits) == 0 && len(b.Digits) == 0:
		return 0
	case len(a.Digits) == 0:
		return sign(!b.Negative)
	case len(b.Digits) == 0:
		return sign(a.Negative)
	case a.Negative != b.Negative:
		return sign(a.Negative)
	case a.Exp != b.Exp:
		return sign(a.Exp < b.Exp != a.Negative)
	}
	c := bytes.Compare(a.Digits, b.Digits)
	if a.Negative {
		return -c
	}
	return c
}

func sign(less bool) int {
	if less {
		return -1
	}
	return 1
}

// Whole reports whether n has no fraction, however it is written.
func (n Number) Whole() bool { return n.Exp >= len(n.Digits) }

// Int64 returns n as an int64, if it is one.
func (n Number) Int64() (int64, bool) {
	if len(n.Digits) == 0 {
		return 0, true
	}
	if !n.Whole() || n.Exp > 19 {
		return 0, false
	}
	var v uint64
	for i := range n.Exp {
		d := uint64(0)
		if i < len(n.Digits) {
			d = uint64(n.Digits[i] - '0')
		}
		high, low := bits.Mul64(v, 10)
		if low+d < low || high != 0 {
			return 0, false
		}
		v = low + d
	}
	if n.Negative {
		return -int64(v), v <= 1<<63
	}
	return int64(v), v < 1<<63
}

// Divisor is a positive number that others are divided by.
type Divisor struct {
	small uint64   // its digits, when they fit
	large *big.Int // otherwise
	exp   int      // the power of ten of its last digit
}

// NewDivisor prepares n, which must be positive.
func NewDivisor(n Number) Divisor {
	d := Divisor{exp: n.Exp - len(n.Digits)}
	v, _ := new(big.Int).SetString(string(n.Digits), 10)
	if v.IsUint64() {
		d.small = v.Uint64()
	} else {
		d.large = v
	}
	return d
}

// Divides reports whether n is a whole multiple of d.
func (d *Divisor) Divides(n Number) bool {
	if len(n.Digits) == 0 {
		return true
	}
	shift := n.Exp - len(n.Digits) - d.exp
	if shift < 0 {
		return false // the last digit of n is not zero and lies below d's
	}
	if d.large != nil {
		return d.dividesLarge(n, shift)
	}
	var rem uint64
	for _, c := range n.Digits {
		rem = mulMod(rem, 10, d.small)
		rem = addMod(rem, uint64(c-'0')%d.small, d.small)
	}
	return mulMod(rem, powMod(10, shift, d.small), d.small) == 0
}

func (d *Divisor) dividesLarge(n Number, shift int) bool {
	rem, ten, digit := new(big.Int), big.NewInt(10), new(big.Int)
	for _, c := range n.Digits {
		rem.Mul(rem, ten)
		rem.Add(rem, digit.SetUint64(uint64(c-'0')))
		rem.Mod(rem, d.large)
	}
	rem.Mul(rem, new(big.Int).Exp(ten, big.NewInt(int64(shift)), d.large))
	return rem.Mod(rem, d.large).Sign() == 0
}

func mulMod(a, b, m uint64) uint64 {
	high, low := bits.Mul64(a%m, b%m)
	return bits.Rem64(high, low, m)
}

func addMod(a, b, m uint64) uint64 {
	sum, carry := bits.Add64(a, b, 0)
	return bits.Rem64(carry, sum, m)
}

func powMod(base uint64, exp int, m uint64) uint64 {
	result := 1 % m
	for base %= m; exp > 0; exp >>= 1 {
		if exp&1 == 1 {
			result = mulMod(result, base, m)
		}
		base = mulMod(base, base, m)
	}
	return result
}

// Append writes n in a canonical form, the same for equal numbers.
func (n Number) Append(dst []byte) []byte {
	if n.Negative {
		dst = append(dst, '-')
	}
	dst = append(append(dst, n.Digits...), 'e')
	for v := uint64(n.Exp); ; v >>= 8 {
		dst = append(dst, byte(v))
		if v == 0 {
			return dst
		}
	}
}
