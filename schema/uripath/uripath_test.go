package uripath_test

import (
	"testing"

	"github.com/banyan-go/banyan/schema/uripath"
)

func TestNormal(t *testing.T) {
	t.Parallel()
	for sent, want := range map[string]string{
		"": "", "a.b": "a.b", "a%2Eb": "a.b", "a%2eb": "a.b", "a%3ab": "a%3Ab", "a:b": "a:b", "gr%c3%b6%C3%9Fe": "gr%C3%B6%C3%9Fe", "%zz%2": "%ZZ%2", "%41%": "A%",
	} {
		if got := uripath.Normal(sent); got != want {
			t.Errorf("%q became %q, want %q", sent, got, want)
		}
	}
	for literal, want := range map[string]string{":cancel": ":cancel", "größe ": "gr%C3%B6%C3%9Fe%20", "a%b": "a%25b", "green%20color": "green%20color",
		"a%2cb": "a%2Cb", "%2e!": ".!", "größe%2F": "gr%C3%B6%C3%9Fe/"} {
		if got := uripath.Literal(literal); got != want || uripath.Normal(got) != got {
			t.Errorf("%q is sent as %q, want %q", literal, got, want)
		}
	}
}
