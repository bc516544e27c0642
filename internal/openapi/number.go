package openapi

import (
	"math/big"
	"strconv"
	"strings"
)

// maxExponent bounds the numbers that are computed with: no type holds greater
// ones, and a few characters, 1e-999999, would take megabytes.
const maxExponent = 400

// Rational is a number as the contract writes it, exact; nil when there is none
// or its exponent is beyond all reason.
func Rational(n Number) *big.Rat {
	text := n.String()
	if i := strings.IndexAny(text, "eE"); i >= 0 {
		if exp, err := strconv.Atoi(text[i+1:]); err != nil || exp > maxExponent || exp < -maxExponent {
			return nil
		}
	}
	r, ok := new(big.Rat).SetString(text)
	if !ok {
		return nil
	}
	return r
}
