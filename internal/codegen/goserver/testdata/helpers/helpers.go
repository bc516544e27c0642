package svc

import (
	"encoding/json"
	"testing"

	"github.com/banyan-go/banyan/wire"
)

// roundTrip reads a document as a T and holds what is written of it against the
// document, or against another one.
func roundTrip[T any](t *testing.T, text string, want ...string) T {
	t.Helper()
	var v T
	if err := wire.Unmarshal([]byte(text), &v); err != nil {
		t.Errorf("%s: %v", text, err)
		return v
	}
	if len(want) > 0 {
		text = want[0]
	}
	if got := encode(t, v); got != text {
		t.Errorf("%s became %s", text, got)
	}
	return v
}

// encode writes a value, with this package and with encoding/json alike.
func encode(t *testing.T, v any) string {
	t.Helper()
	data, err := wire.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	if _, err := json.Marshal(v); err != nil {
		t.Error(err)
	}
	return string(data)
}

func ptr[T any](v T) *T { return &v }

func must[T any](v T, err error) T {
	if err != nil {
		panic(err)
	}
	return v
}

var (
	_ = ptr[int]
	_ = must[int]
)
