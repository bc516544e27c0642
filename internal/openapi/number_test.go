package openapi

import "testing"

func TestRational(t *testing.T) {
	t.Parallel()
	for text, want := range map[Number]string{
		"": "none", "0": "0", "-1.50": "-3/2", "2e2": "200", "2E+2": "200", "5e-1": "1/2", "9007199254740993": "9007199254740993",
		"1e-999999": "none", "1e999999": "none", "1e99999999999999999999": "none", "-1e-401": "none", "x": "none",
	} {
		got := "none"
		if r := Rational(text); r != nil {
			got = r.RatString()
		}
		if got != want {
			t.Errorf("%q: got %s, want %s", text, got, want)
		}
	}
	if Rational("1e-400") == nil || Rational("1e400") == nil {
		t.Error("the bound itself is out")
	}
}
