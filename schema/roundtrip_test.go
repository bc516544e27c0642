package schema_test

import (
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/schema"
)

func escaped(list []string, sep string) string {
	out := make([]string, len(list))
	for i, s := range list {
		out[i] = url.PathEscape(s)
		out[i] = strings.NewReplacer(",", "%2C", ";", "%3B", "=", "%3D", ".", "%2E", "&", "%26", "+", "%2B", "|", "%7C", ":", "%3A", "$", "%24", "@", "%40").Replace(out[i])
	}
	return strings.Join(out, sep)
}

func pairsOf(keys, values []string, equals, sep string) string {
	var list []string
	for i := range keys {
		list = append(list, escaped(keys[i:i+1], "")+equals+escaped(values[i:i+1], ""))
	}
	return strings.Join(list, sep)
}

// TestStylesRoundTrip: what is written by a style is read as what it was, with
// all characters that a URL needs to escape, and more.
func TestStylesRoundTrip(t *testing.T) {
	t.Parallel()
	const object = `{"type":"object","additionalProperties":{"type":"string"}}`
	for _, c := range []struct {
		in, style string
		explode   bool
		schema    string
		write     func(keys, values []string) string
		unsafe    string // what the style cannot write in an item
	}{
		{"query", "form", true, texts, func(k, v []string) string {
			return "p=" + strings.Join(each(v, func(s string) string { return url.QueryEscape(s) }), "&p=")
		}, ""},
		{"query", "form", false, texts, func(k, v []string) string { return "p=" + escaped(v, ",") }, ""},
		{"query", "spaceDelimited", false, texts, func(k, v []string) string { return "p=" + escaped(v, "%20") }, " "},
		{"query", "pipeDelimited", false, texts, func(k, v []string) string { return "p=" + escaped(v, "|") }, "|"},
		{"query", "form", true, texts, func(k, v []string) string {
			return "p%5B%5D=" + strings.Join(each(v, func(s string) string { return url.QueryEscape(s) }), "&p[]=")
		}, ""},
		{"query", "form", true, object, func(k, v []string) string { return pairsOf(k, v, "=", "&") }, ""},
		{"query", "form", false, object, func(k, v []string) string { return "p=" + pairsOf(k, v, ",", ",") }, ""},
		{"query", "deepObject", true, object, func(k, v []string) string {
			return "p[" + pairsOf(k, v, "]=", "&p[")
		}, ""},
		{"path", "simple", false, texts, func(k, v []string) string { return escaped(v, ",") }, ""},
		{"path", "simple", false, object, func(k, v []string) string { return pairsOf(k, v, ",", ",") }, ""},
		{"path", "simple", true, object, func(k, v []string) string { return pairsOf(k, v, "=", ",") }, ""},
		{"path", "label", true, texts, func(k, v []string) string { return "." + escaped(v, ".") }, ""},
		{"path", "label", true, object, func(k, v []string) string { return "." + pairsOf(k, v, "=", ".") }, ""},
		{"path", "matrix", false, texts, func(k, v []string) string { return ";p=" + escaped(v, ",") }, ""},
		{"path", "matrix", true, texts, func(k, v []string) string { return ";p=" + escaped(v, ";p=") }, ""},
		{"path", "matrix", true, object, func(k, v []string) string { return ";" + pairsOf(k, v, "=", ";") }, ""},
		{"path", "matrix", false, object, func(k, v []string) string { return ";p=" + pairsOf(k, v, ",", ",") }, ""},
		{"cookie", "form", false, texts, func(k, v []string) string { return "p=" + escaped(v, ",") }, ""},
	} {
		name := fmt.Sprint(c.in, "/", c.style, "/", c.explode, "/", c.schema[9:15])
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			path := "/x"
			if c.in == "path" {
				path = "/x/{p}"
			}
			p := operation(t, path, fmt.Sprintf(`[{"name":"p","in":%q,"required":true,"style":%q,"explode":%v,"schema":%s}]`, c.in, c.style, c.explode, c.schema), schema.Options{})
			rapid.Check(t, func(t *rapid.T) {
				item := rapid.StringOfN(rapid.SampledFrom([]rune(`ab1é,;.=&+ |%"\/?#🐲:`)), 1, 6, -1).Filter(func(s string) bool {
					return c.unsafe == "" || !strings.ContainsAny(s, c.unsafe)
				})
				values := rapid.SliceOfN(item, 2, 4).Draw(t, "values")
				keys := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-o]{1,3}`), len(values), len(values), rapid.ID[string]).Draw(t, "keys")
				sent := c.write(keys, values)
				target, header := "/v1/x", http.Header{}
				switch c.in {
				case "query":
					target += "?" + sent
				case "path":
					target += "/" + sent
				case "cookie":
					header.Set("Cookie", sent)
				}
				u, err := url.ParseRequestURI(target)
				if err != nil {
					t.Fatal(err)
				}
				out, v := p.Read(nil, &http.Request{URL: u, Header: header})
				if v != nil {
					t.Fatalf("%s: %v", sent, v)
				}
				var parts []string
				for i, value := range values {
					text := quoted(value)
					if c.schema == object {
						text = quoted(keys[i]) + ":" + text
					}
					parts = append(parts, text)
				}
				open, end := "[", "]"
				if c.schema == object {
					open, end = "{", "}"
				}
				want := fmt.Sprintf(`{%q:{"p":%s}}`, c.in, open+strings.Join(parts, ",")+end)
				if string(out) != want {
					t.Fatalf("%s:\n got %s\nwant %s", sent, out, want)
				}
			})
		})
	}
}

func quoted(s string) string {
	return `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`).Replace(s) + `"`
}

func each(list []string, f func(string) string) []string {
	out := slices.Clone(list)
	for i := range out {
		out[i] = f(out[i])
	}
	return out
}
