package wire_test

import (
	"encoding/json"
	"testing"

	"github.com/banyan-go/banyan/wire"
)

type note struct {
	Text  wire.Nullable[string]   `json:"text,omitzero"`
	List  wire.Nullable[[]int]    `json:"list,omitzero"`
	Count wire.Nullable[int]      `json:"count,omitzero"`
	Any   any                     `json:"any,omitempty"`
	Exact json.Number             `json:"exact,omitempty"`
	Inner wire.Nullable[*note]    `json:"inner,omitzero"`
	Rest  map[string]any          `json:"rest,omitzero"`
	Whole wire.Nullable[struct{}] `json:"whole,omitzero"`
}

// Absent, null and a value are told apart, and numbers keep their digits, with
// this package and with encoding/json.
func TestNullableAndNumbers(t *testing.T) {
	t.Parallel()
	for _, text := range []string{
		`{}`,
		`{"text":null}`,
		`{"text":"","list":[],"count":0}`,
		`{"text":"a","list":null,"count":null}`,
		`{"any":9007199254740993,"exact":0.10}`,
		`{"any":{"a":[1.5,12345678901234567890.5]},"rest":{"x":1e400}}`,
		`{"inner":{"text":null}}`,
		`{"inner":null}`,
	} {
		var v note
		if err := wire.Unmarshal([]byte(text), &v); err != nil {
			t.Errorf("%s: %v", text, err)
			continue
		}
		for name, marshal := range map[string]func(any) ([]byte, error){"wire": wire.Marshal, "encoding/json": json.Marshal} {
			if got, err := marshal(v); err != nil || string(got) != text {
				t.Errorf("%s became %s (%v) with %s", text, got, err, name)
			}
		}
	}
}

func TestUnions(t *testing.T) {
	t.Parallel()
	type cat struct {
		Lives int `json:"lives"`
	}
	type dog struct {
		Bark bool  `json:"bark"`
		Of   *bool `json:"of,omitempty"`
	}
	for text, want := range map[string]any{
		`{"lives":9}`:              cat{9},
		`{"bark":true}`:            dog{Bark: true},
		`{"bark":true,"other":1}`:  dog{Bark: true},
		`{"bark":"loud"}`:          json.RawMessage(`{"bark":"loud"}`),
		`{"lives":1,"bark":false}`: cat{1},
		`"text"`:                   "text",
		`5`:                        json.RawMessage(`5`),
	} {
		got, err := wire.Union(text).Value((*cat)(nil), (*dog)(nil), (*string)(nil))
		if raw, isRaw := got.(json.RawMessage); isRaw {
			if wanted, ok := want.(json.RawMessage); !ok || string(raw) != string(wanted) {
				t.Errorf("%s is %s, want %#v", text, raw, want)
			}
		} else if err != nil || got != want {
			t.Errorf("%s is %#v (%v), want %#v", text, got, err, want)
		}
	}
	if _, err := wire.Union(nil).Value((*cat)(nil)); err == nil {
		t.Error("nothing has a value")
	}
}
