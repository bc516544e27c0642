package schema_test

import (
	"encoding/json"
	"fmt"
	"net/http"
	"net/url"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/schema"
)

// Schemas of parameters, plain ones and others, and texts that some of them
// accept.
var (
	parameterSchemas = []string{
		`{"type":"string"}`, `{"type":"string","minLength":2,"maxLength":3}`, `{"type":"string","pattern":"^[a-z]+$"}`,
		`{"type":"string","pattern":"^(?=a)."}`, `{"type":"string","format":"uuid"}`, `{"type":"string","format":"date-time"}`,
		`{"type":"string","enum":["a","é","1"]}`, `{"type":"string","default":"a\"\u00e9"}`, `{"type":"string","nullable":true}`,
		`{"type":"string","format":"password","maxLength":2}`, `{"type":"string","readOnly":true}`, `{"type":"string","minLength":2,"default":"a"}`,
		`{"enum":["a",1,true,null]}`, `{"enum":["a","b"]}`, `{"allOf":[{"type":"string"},{"maxLength":2}]}`, `{"not":{"enum":["a"]},"type":"string"}`,
		`{"type":"integer"}`, `{"type":"integer","format":"int32"}`, `{"type":"integer","format":"int64"}`, `{"type":"integer","minimum":1,"maximum":20,"default":7}`,
		`{"type":"integer","multipleOf":3}`, `{"type":"integer","enum":[1,2,-0]}`, `{"type":"integer","nullable":true}`, `{"type":"integer","exclusiveMinimum":true,"minimum":1}`,
		`{"type":"integer","default":1.0}`, `{"type":"integer","default":"x"}`, `{"type":"integer","multipleOf":0.5}`,
		`{"type":"number"}`, `{"type":"number","format":"float"}`, `{"type":"number","maximum":1.5,"multipleOf":0.01,"default":0.25}`, `{"type":"number","enum":[1.5,2]}`,
		`{"minimum":3}`, `{}`, `{"type":"boolean"}`, `{"type":"boolean","enum":[true],"default":true}`, `{"type":"boolean","nullable":true}`,
		`{"type":"array","items":{"type":"integer","maximum":7}}`, `{"type":"array","minItems":1,"maxItems":2,"items":{"type":"string","maxLength":3}}`,
		`{"type":"array","items":{"type":"boolean","nullable":true},"nullable":true}`, `{"type":"array","items":{"type":"number","nullable":true}}`,
		`{"type":"array","items":{"type":"string"}}`, `{"type":"array","items":{"type":"string","enum":["a","b","1"]}}`, `{"type":"array","items":{"type":"boolean"}}`,
		`{"type":"array","maxItems":3,"items":{"type":"number"}}`, `{"type":"array","items":{"type":"integer","minimum":2}}`,
		`{"type":"array","uniqueItems":true,"items":{"type":"string"}}`, `{"type":"array","items":{}}`, `{"type":"array","items":{"type":"string"},"default":["x"]}`,
		`{"type":"array","enum":[["a"],["a","b"]],"items":{"type":"string"}}`, `{"type":"array","items":{"type":"array","items":{"type":"string"}}}`,
		`{"type":"object","properties":{"a":{"type":"string"},"b":{"type":"integer","default":3}}}`,
		`{"oneOf":[{"type":"integer"},{"type":"string","minLength":2}]}`,
	}
	parameterTexts = []string{
		"", "a", "ab", "abc", "abcd", "%61", "%C3%A9", "é", "%ff", "%zz", "a+b", "a%20b", "%22", "%00", "null", "true", "false", "TRUE", "%74rue",
		"0", "-0", "1", "01", "+1", "-1", "3", "7", "21", "1.0", "1.5", "0.25", "1.255", "1e2", "1e999", "1.", ".5", "0x1", "2147483648", "9223372036854775808",
		"123456789012345678901234567890", strings.Repeat("9", 150) + ".5", "1,2", "a,b", "a,,ab", "1%2C2", "1|2", "1%207", "true,false", "1,2,3,", ",", "6f1c2a52-0d5e-4c43-9a55-2f2c3b8f9e10", "2026-12-01T09:30:00Z", "2026-12-01t09:30:60z",
	}
)

// fitting are texts that a schema may well accept.
func fitting(schema string) []string {
	for kind, texts := range map[string][]string{
		`{"type":"string"`: {"a", "ab", "abc", "%61b"}, `{"type":"integer"`: {"1", "3", "6"}, `{"type":"number"`: {"0.25", "1.5", "1", "-1.25"},
		`{"type":"boolean"`: {"true", "false"}, `{"enum"`: {"a", "1"}, `{"type":"array"`: {"1", "a", "a,b", "1,2", "1|2", "true", "true,false", ""},
	} {
		if strings.HasPrefix(schema, kind) {
			return texts
		}
	}
	return []string{"a", "1"}
}

// parameter is one that is drawn.
type parameter struct{ in, name, more, schema string }

// What Decode says of a request is what Read says of it, in another form.
func TestDecodeIsRead(top *testing.T) {
	top.Parallel()
	var used schema.Values // again and again
	plain := 0
	rapid.Check(top, func(t *rapid.T) {
		var list []parameter
		var written []string
		path := "/x"
		for i := range rapid.IntRange(1, 3).Draw(t, "parameters") {
			p := parameter{name: fmt.Sprintf("P%d", i)}
			p.in = rapid.SampledFrom([]string{"path", "query", "query", "header", "cookie"}).Draw(t, "in")
			p.schema = rapid.SampledFrom(parameterSchemas).Draw(t, "schema")
			if p.in == "path" {
				path += "/{" + p.name + "}"
				p.more = rapid.SampledFrom([]string{`"required":true`, `"required":true,"style":"label"`, `"required":true,"style":"matrix"`}).Draw(t, "style")
			} else {
				more := []string{`"required":true`, `"required":false`, `"allowEmptyValue":true`}
				if p.in == "query" {
					more = append(more, `"explode":false`, `"explode":false`, `"style":"pipeDelimited"`, `"style":"spaceDelimited"`, `"style":"pipeDelimited","explode":true`,
						`"style":"deepObject"`)
				}
				p.more = rapid.SampledFrom(more).Draw(t, "more")
			}
			list = append(list, p)
			written = append(written, fmt.Sprintf(`{"name":%q,"in":%q,%s,"schema":%s}`, p.name, p.in, p.more, p.schema))
		}
		options := schema.Options{UnknownQuery: rapid.SampledFrom([]schema.Policy{schema.Ignore, schema.Refuse}).Draw(t, "unknown")}
		compiled := operation(top, path, "["+strings.Join(written, ",")+"]", options)

		for range 15 {
			plain += sameAsRead(t, list, compiled, &used)
		}
	})
	if plain == 0 {
		top.Error("nothing was decoded without JSON")
	}
}

// sameAsRead draws a request and decodes it.
func sameAsRead(t *rapid.T, list []parameter, compiled *schema.Parameters, used *schema.Values) (plain int) {
	text := func(schema string) string {
		if rapid.IntRange(0, 4).Draw(t, "odd") > 0 {
			return rapid.SampledFrom(fitting(schema)).Draw(t, "fitting")
		}
		return rapid.SampledFrom(parameterTexts).Draw(t, "text")
	}
	r := &http.Request{Method: "GET", Header: http.Header{}, URL: &url.URL{}}
	var query, cookies []string
	target := "/v1/x"
	for _, p := range list {
		for range rapid.SampledFrom([]int{1, 1, 1, 1, 0, 2}).Draw(t, "times") {
			switch p.in {
			case "query":
				brackets := rapid.SampledFrom([]string{"", "", "", "", "", "[]", "[0]"}).Draw(t, "brackets")
				query = append(query, p.name+brackets+"="+text(p.schema))
			case "header":
				r.Header.Add(p.name, rapid.SampledFrom([]string{"", " ", "\t"}).Draw(t, "space")+text(p.schema))
			case "cookie":
				cookies = append(cookies, p.name+"="+text(p.schema))
			}
		}
		if p.in == "path" {
			target += "/" + text(p.schema)
		}
	}
	if rapid.IntRange(0, 9).Draw(t, "other") == 0 {
		query = append(query, "other=1")
	}
	if r.URL.Path, r.URL.RawPath = target, target; strings.Contains(target, "%") {
		if plainPath, err := url.PathUnescape(target); err == nil {
			r.URL.Path = plainPath
		}
	}
	r.URL.RawQuery = strings.Join(query, "&")
	if len(cookies) > 0 {
		r.Header["Cookie"] = []string{strings.Join(cookies, "; ")}
	}

	return decodesAsRead(t, compiled, used, r, list)
}

// decodesAsRead compares Read and Decode, and counts what needed no JSON.
func decodesAsRead(t interface{ Fatalf(string, ...any) }, compiled *schema.Parameters, used *schema.Values, r *http.Request, list []parameter) (plain int) {
	doc, want := compiled.Read(nil, r)
	got := compiled.Decode(used, r)
	if diff := cmp.Diff(want, got); diff != "" {
		t.Fatalf("%v, %s %v: violations (-Read +Decode):\n%s", list, r.URL, r.Header, diff)
	}
	if want != nil {
		return 0
	}
	all, rest := members(t, doc), members(t, used.Document)
	for _, p := range list {
		at := p.in + "/" + p.name
		value, present := all[at]
		switch text, kind := used.Scalar(p.in, p.name); kind {
		case schema.Unknown:
			if again, known := rest[at]; known != present || again != value {
				t.Fatalf("%v: Read has %s, Decode %s in its document", list, value, again)
			}
			continue
		case schema.Absent:
			if present {
				t.Fatalf("%v: Read has %s, Decode nothing", list, value)
			}
		case schema.String:
			var s string
			if err := json.Unmarshal([]byte(value), &s); err != nil || s != text {
				t.Fatalf("%v: Read has %s, Decode the string %q", list, value, text)
			}
		case schema.List:
			if got := arrayOf(used.Items(p.in, p.name)); got != value {
				t.Fatalf("%v: Read has %s, Decode %s", list, value, got)
			}
		default:
			if value != text {
				t.Fatalf("%v: Read has %s, Decode %s", list, value, text)
			}
		}
		plain++
		if _, twice := rest[at]; twice {
			t.Fatalf("%v: it is in the document, too", list)
		}
	}
	return plain
}

// arrayOf writes the items of a list as the decoder writes JSON.
func arrayOf(items []string, kind schema.Kind) string {
	out := "["
	for i, item := range items {
		if i > 0 {
			out += ","
		}
		if kind == schema.String {
			item = `"` + strings.NewReplacer(`"`, `\"`, `\`, `\\`, "\x00", `\u0000`).Replace(item) + `"`
		}
		out += item
	}
	return out + "]"
}

// members are the parameters of a document, by place and name.
func members(t interface{ Fatalf(string, ...any) }, doc []byte) map[string]string {
	out := map[string]string{}
	if len(doc) == 0 {
		return out
	}
	var places map[string]map[string]json.RawMessage
	if err := json.Unmarshal(doc, &places); err != nil {
		t.Fatalf("%s: %v", doc, err)
	}
	for place, names := range places {
		for name, value := range names {
			out[place+"/"+name] = string(value)
		}
	}
	return out
}

// Requests as they come are decoded without writing JSON.
func TestDecodeWritesNoScalars(t *testing.T) {
	t.Parallel()
	p := operation(t, "/items/{id}", `[
		{"name":"id","in":"path","required":true,"schema":{"type":"string","format":"uuid"}},
		{"name":"limit","in":"query","schema":{"type":"integer","format":"int32","minimum":1,"maximum":100,"default":20}},
		{"name":"all","in":"query","schema":{"type":"boolean"}},
		{"name":"price","in":"query","schema":{"type":"number","minimum":0.5}},
		{"name":"q","in":"query","schema":{"type":"string"}},
		{"name":"fields","in":"query","explode":false,"schema":{"type":"array","items":{"type":"string"}}},
		{"name":"ids","in":"query","schema":{"type":"array","items":{"type":"integer"}}},
		{"name":"x-tenant","in":"header","schema":{"type":"string","enum":["acme"]}},
		{"name":"sid","in":"cookie","schema":{"type":"string","maxLength":3}}]`, schema.Options{})
	var v schema.Values
	r := request(t, "/items/6f1c2a52-0d5e-4c43-9a55-2f2c3b8f9e10?all=true&price=0.75&q=a+b&fields=a,b%2Cc&ids=1&ids=2", http.Header{"X-Tenant": {"acme"}})
	if found := p.Decode(&v, r); found != nil || len(v.Document) > 0 {
		t.Fatalf("%v %s", found, v.Document)
	}
	var got []string
	for _, at := range []string{"path/id", "query/limit", "query/all", "query/price", "query/q", "header/x-tenant", "cookie/sid", "query/other"} {
		place, name, _ := strings.Cut(at, "/")
		text, kind := v.Scalar(place, name)
		got = append(got, fmt.Sprintf("%s %q %q", at, text, kind))
	}
	want := []string{
		`path/id "6f1c2a52-0d5e-4c43-9a55-2f2c3b8f9e10" '"'`, `query/limit "20" '0'`, `query/all "true" 't'`, `query/price "0.75" '0'`,
		`query/q "a b" '"'`, `header/x-tenant "acme" '"'`, `cookie/sid "" 'n'`, `query/other "" '\x00'`,
		`fields ["a" "b,c"] '"'`, `ids ["1" "2"] '0'`, `all [] '\x00'`,
	}
	for _, name := range []string{"fields", "ids", "all"} {
		items, kind := v.Items("query", name)
		got = append(got, fmt.Sprintf("%s %q %q", name, items, kind))
	}
	if !slices.Equal(got, want) {
		t.Error(cmp.Diff(want, got))
	}
}
