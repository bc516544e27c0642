package media

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

func TestParse(t *testing.T) {
	t.Parallel()
	for in, want := range map[string]Type{
		"application/json":                    {Name: "application/json"},
		"Application/JSON; Charset=\"UTF-8\"": {"application/json", map[string]string{"charset": "UTF-8"}},
		"text/plain; =; x":                    {Name: "text/plain"},
		" TEXT/html ;":                        {"text/html", map[string]string{}},
		"":                                    {},
	} {
		if diff := cmp.Diff(want, Parse(in)); diff != "" {
			t.Errorf("%q (-want +got):\n%s", in, diff)
		}
	}
}

// The best of several declarations, and the first of equals.
func TestFit(t *testing.T) {
	t.Parallel()
	versions := []string{"application/json", "application/json;version=1", "application/json;version=2;profile=a"}
	for _, c := range []struct {
		declared    []string
		given, want string
	}{
		{versions, "application/json", "application/json"},
		{versions, "application/json; charset=utf-8", "application/json"},
		{versions, "application/json; Version=1", "application/json;version=1"},
		{versions, "application/json; version=2", "application/json"},
		{versions, "application/json; profile=A; version=2; charset=utf-8", "application/json;version=2;profile=a"},
		{versions, "application/hal+json; version=1", "application/json;version=1"},
		{versions[1:], "application/json; version=3", "application/json;version=1"},
		{versions[1:], "application/json; version=2", "application/json;version=2;profile=a"},
		{[]string{"*/*", "text/*", "text/plain; charset=ascii"}, "text/plain; charset=utf-8", "text/plain; charset=ascii"},
		{[]string{"*/*", "text/*", "text/plain"}, "text/csv", "text/*"},
		{[]string{"*/*", "text/*"}, "image/png", "*/*"},
		{[]string{"text/plain", "application/json"}, "image/png", ""},
		{[]string{"multipart/form-data", "multipart/form-data; boundary=x"}, "multipart/form-data; boundary=y", "multipart/form-data"},
	} {
		best, got := 0, ""
		for _, d := range c.declared {
			if f := Fit(Parse(d), Parse(c.given)); f > best {
				best, got = f, d
			}
		}
		if got != c.want {
			t.Errorf("%q among %q: got %q, want %q", c.given, c.declared, got, c.want)
		}
	}
}

func TestParseAllocatesNothing(t *testing.T) {
	if n := testing.AllocsPerRun(100, func() { Fit(Parse("application/json"), Parse("application/hal+json")) }); n > 0 {
		t.Errorf("%v allocations", n)
	}
}
