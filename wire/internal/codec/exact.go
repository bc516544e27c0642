package codec

import (
	"encoding/json"
	"errors"
	"math/big"
	"reflect"
	"strconv"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
)

// numberType is a number as text, which json v2 takes for text in general.
var numberType = reflect.TypeFor[json.Number]()

// readers read what json v2 reads in another way: json.Number, which is a number
// and not text, and numbers in an any, which become json.Number rather than lose
// digits as float64.
var readers = jsonv2.JoinUnmarshalers(
	jsonv2.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *json.Number) error {
		if dec.PeekKind() != '0' {
			if dec.PeekKind() == 'n' {
				*v = ""
				return dec.SkipValue()
			}
			return errors.ErrUnsupported // which refuses it, but for text
		}
		n, err := dec.ReadValue()
		*v = json.Number(n)
		return err
	}),
	jsonv2.UnmarshalFromFunc(func(dec *jsontext.Decoder, v *any) error {
		if dec.PeekKind() != '0' {
			return errors.ErrUnsupported
		}
		n, err := dec.ReadValue()
		if err == nil {
			*v = number(string(n))
		}
		return err
	}),
)

var writers = jsonv2.MarshalToFunc(func(enc *jsontext.Encoder, v json.Number) error {
	if v == "" {
		return enc.WriteToken(jsontext.Int(0))
	}
	return enc.WriteValue(jsontext.Value(v))
})

// number is a number as float64 when that writes the same number again, and
// otherwise as it stands.
func number(text string) any {
	f, err := strconv.ParseFloat(text, 64)
	if err != nil {
		return json.Number(text) // too great
	}
	if len(text) <= 15 { // as many digits as float64 always keeps
		if f != 0 || len(text) <= 2 {
			return f
		}
	}
	const least, most = 1e-300, 1e300
	if f == 0 || f < 0 && -f < least || f > 0 && f < least || f > most || f < -most {
		if f == 0 && isZero(text) {
			return f
		}
		return json.Number(text)
	}
	written, _ := new(big.Rat).SetString(strconv.FormatFloat(f, 'g', -1, 64))
	if exact, ok := new(big.Rat).SetString(text); ok && exact.Cmp(written) == 0 {
		return f
	}
	return json.Number(text)
}

// isZero reports whether a number has no digit but 0 before its exponent.
func isZero(text string) bool {
	for _, c := range text {
		switch {
		case c == 'e' || c == 'E':
			return true
		case c >= '1' && c <= '9':
			return false
		}
	}
	return true
}
