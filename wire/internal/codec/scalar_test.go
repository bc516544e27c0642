package codec_test

import (
	"reflect"
	"testing"
	"time"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/wire/internal/codec"
)

type day struct{ time.Time } // has methods of its own

// What SetScalar sets is what the same value is as JSON.
func TestSetScalarIsUnmarshal(t *testing.T) {
	t.Parallel()
	targets := []any{
		"", color(""), false, int8(0), int32(0), int64(0), uint16(0), float32(0), 0.5, time.Time{}, day{}, time.Duration(0), []byte(nil), []string(nil),
		new(string), new(color), new(bool), new(int32), new(uint8), new(float64), new(time.Time), new(day), new(*string), any(nil), struct{ A string }{},
	}
	texts := []string{
		"", "a", `a"b\`, "é", "true", "false", "null", "0", "-0", "7", "-7", "127", "128", "1.5", "1e2", "1.0", "9223372036854775807", "99999999999999999999",
		"2026-12-01T09:30:00Z", "2026-12-01t09:30:60z", "YWJj",
	}
	set := 0
	for _, target := range targets {
		for _, text := range texts {
			for _, quoted := range []bool{true, false} {
				raw := []byte(text)
				if quoted {
					raw, _ = jsontext.AppendQuote(nil, text)
				} else if !jsontext.Value(raw).IsValid() || text == "null" {
					continue // no scalar
				}
				typ := reflect.TypeFor[any]()
				if target != nil {
					typ = reflect.TypeOf(target)
				}
				want, got := reflect.New(typ), reflect.New(typ)
				wrong := codec.Unmarshal(raw, want.Interface(), codec.Strict)
				if !codec.SetScalar(got.Interface(), text, quoted) {
					if !got.Elem().IsZero() {
						t.Errorf("%s into %v: %v is left", raw, typ, got.Elem())
					}
					continue
				}
				set++
				if wrong != nil || !reflect.DeepEqual(got.Interface(), want.Interface()) {
					t.Errorf("%s into %v: %v, want %v, %v", raw, typ, got.Elem(), want.Elem(), wrong)
				}
			}
		}
	}
	if set < 100 {
		t.Errorf("only %d were set", set)
	}
	held := "before"
	into := &held
	if codec.SetScalar(&into, "after", true) || held != "before" {
		t.Error("a value that is there is not left to json v2")
	}
}
