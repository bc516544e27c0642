package codec_test

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

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
				if !codec.Compile(typ).SetScalar(got.UnsafePointer(), text, quoted) {
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
	if codec.Compile(reflect.TypeOf(into)).SetScalar(unsafe.Pointer(&into), "after", true) || held != "before" {
		t.Error("a value that is there is not left to json v2")
	}
}

func TestSetListIsUnmarshal(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		into   any
		texts  []string
		quoted bool
		raw    string
		set    bool
	}{
		{[]string(nil), []string{"a", `b"`}, true, `["a","b\""]`, true},
		{[]string(nil), nil, true, `[]`, true},
		{[]color(nil), []string{"red"}, true, `["red"]`, true},
		{[]int32(nil), []string{"1", "-2"}, false, `[1,-2]`, true},
		{[]*int64(nil), []string{"1", "2"}, false, `[1,2]`, true},
		{[]time.Time(nil), []string{"2026-12-01T09:30:00Z"}, true, `["2026-12-01T09:30:00Z"]`, true},
		{[]bool(nil), []string{"true", "false"}, false, `[true,false]`, true},
		{[]int8(nil), []string{"1", "128"}, false, `[1,128]`, false},
		{[]day(nil), []string{"2026-12-01T09:30:00Z"}, true, `["2026-12-01T09:30:00Z"]`, false},
		{new([]string), []string{"a"}, true, `["a"]`, false},
		{map[string]string(nil), []string{"a"}, true, `["a"]`, false},
		{"", []string{"a"}, true, `["a"]`, false},
	} {
		typ := reflect.TypeOf(c.into)
		want, got := reflect.New(typ), reflect.New(typ)
		wrong := codec.Unmarshal([]byte(c.raw), want.Interface(), codec.Strict)
		switch set := codec.Compile(typ).SetList(got.UnsafePointer(), c.texts, c.quoted); {
		case set != c.set:
			t.Errorf("%s into %v: set %v", c.raw, typ, set)
		case !set && !got.Elem().IsZero():
			t.Errorf("%s into %v: %v is left", c.raw, typ, got.Elem())
		case set && (wrong != nil || !reflect.DeepEqual(got.Interface(), want.Interface())):
			t.Errorf("%s into %v: %v, want %v", c.raw, typ, got.Elem(), want.Elem())
		}
	}
}
