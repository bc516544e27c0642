package jsonpointer_test

import (
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/schema/jsonpointer"
)

func TestTokens(t *testing.T) {
	t.Parallel()
	for name, token := range map[string]string{"": "", "a": "a", "/v1/{id}": "~1v1~1{id}", "~1": "~01", "m~n": "m~0n", "~0/": "~00~1"} {
		if got := jsonpointer.Escape(name); got != token {
			t.Errorf("%q: got %q, want %q", name, got, token)
		}
	}
	if got := jsonpointer.Unescape("a~2~"); got != "a~2~" {
		t.Errorf("got %q", got)
	}
}

func TestThereAndBack(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		name := rapid.StringMatching(`[~/01a]{0,8}`).Draw(t, "name")
		token := jsonpointer.Escape(name)
		if strings.Contains(token, "/") || jsonpointer.Unescape(token) != name {
			t.Fatalf("%q became %q", name, token)
		}
	})
}
