package decimal

import (
	"fmt"
	"math/big"
	"strings"
	"testing"
	"time"

	"pgregory.net/rapid"
)

var literals = rapid.Custom(func(t *rapid.T) string {
	s := rapid.SampledFrom([]string{"", "-"}).Draw(t, "sign")
	s += rapid.SampledFrom([]string{"0", "1", "9", "10", "19", "120", "9007199254740993", "18446744073709551616", "123456789012345678901234567890"}).Draw(t, "whole")
	if rapid.Bool().Draw(t, "fraction") {
		s += "." + rapid.SampledFrom([]string{"0", "5", "99", "010", "000", "333333333333333333333"}).Draw(t, "digits")
	}
	if rapid.Bool().Draw(t, "exponent") {
		s += fmt.Sprintf("e%d", rapid.IntRange(-30, 30).Draw(t, "e"))
	}
	return s
})

func TestAgreesWithRationals(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		x, y := literals.Draw(t, "x"), literals.Draw(t, "y")
		a, b := Of(x), Of(y)
		ra, _ := new(big.Rat).SetString(x)
		rb, _ := new(big.Rat).SetString(y)
		if got, want := Compare(a, b), ra.Cmp(rb); got != want {
			t.Fatalf("Compare(%s, %s) = %d, want %d", x, y, got, want)
		}
		if got := string(a.Append(nil)) == string(b.Append(nil)); got != (ra.Cmp(rb) == 0) {
			t.Fatalf("canonical forms of %s and %s: equal = %v", x, y, got)
		}
		if got := a.Whole(); got != ra.IsInt() {
			t.Fatalf("Whole(%s) = %v", x, got)
		}
		v, ok := a.Int64()
		if want := ra.IsInt() && ra.Num().IsInt64(); ok != want || ok && v != ra.Num().Int64() {
			t.Fatalf("Int64(%s) = %d, %v, want %v", x, v, ok, want)
		}
		if rb.Sign() > 0 {
			d := NewDivisor(b)
			if got, want := d.Divides(a), new(big.Rat).Quo(ra, rb).IsInt(); got != want {
				t.Fatalf("%s divides %s: %v, want %v", y, x, got, want)
			}
		}
	})
}

func TestExponentBombsCostNothing(t *testing.T) {
	t.Parallel()
	start := time.Now()
	d := NewDivisor(Of("0.01"))
	for _, s := range []string{"1e999999999", "1e99999999999999999999999999", "-1e-999999999"} {
		n := Of(s)
		d.Divides(n)
		Compare(n, Of("1e999999998"))
	}
	d.Divides(Of(strings.Repeat("7", 1<<20)))
	if took := time.Since(start); took > 5*time.Second {
		t.Errorf("took %v", took)
	}
}
