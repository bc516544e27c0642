package legacyproxy

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"maps"
	"net/url"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/problem"
)

// FuzzParse: no file makes the parser panic, every fault has its place and a
// text without line breaks, and the same file always gives the same faults.
func FuzzParse(f *testing.F) {
	files, err := filepath.Glob("testdata/faults/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatal("no seeds", err)
	}
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(archive.Files[0].Data)
	}
	s := &catalog.Service{Name: "shop", Problems: []problem.Kind{{Code: "out-of-stock"}},
		Operations: []catalog.Operation{{ID: "getOrder", Path: "/v1/orders/{orderId}"}, {ID: "listUsers", Path: "/v1/users"}}}
	f.Fuzz(func(t *testing.T, data []byte) {
		m, faults := Parse("legacy.yaml", data)
		checked := m.Check(s)
		for _, fault := range append(slices.Clone(faults), checked...) {
			if fault.Pos.File != "legacy.yaml" || fault.Message == "" || strings.ContainsAny(fault.Message, "\r\n") {
				t.Fatalf("%#v", fault)
			}
		}
		m2, again := Parse("legacy.yaml", data)
		if diff := cmp.Diff(append(faults, checked...), append(again, m2.Check(s)...)); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzQueryMapping: pairs that the mapping does not name keep their bytes and
// their order, nothing that is dropped gets through, and what is set is there
// once, last.
func FuzzQueryMapping(f *testing.F) {
	for _, seed := range []string{"", "&&", "f[a]=1;x=2&bad=%zz&ok=1", "a.b=1&d%65bug[]=2& debug=3&page.size[x]=4&id=5", "debug%00x=1&=&a=b=c&%5Bx"} {
		f.Add(seed, "v&{}")
	}
	m := &queryMapping{
		set:    []querySet{{parseQueryName("id"), &template{parts: []part{{name: "v"}}}}},
		rename: []queryRename{{parseQueryName("page_size"), "limit&"}},
		drop:   []queryName{parseQueryName("debug"), parseQueryName("g[b]")},
	}
	f.Fuzz(func(t *testing.T, raw, value string) {
		got := m.apply(raw, params{{"v", url.PathEscape(value)}})
		pairs := strings.Split(got, "&")
		if want := "id=" + url.QueryEscape(value); pairs[len(pairs)-1] != want {
			t.Fatalf("%q does not end with %q", got, want)
		}
		var want []string
		for pair := range strings.SplitSeq(raw, "&") {
			rawKey, _, _ := strings.Cut(pair, "=")
			switch name := parseQueryName(queryUnescape(rawKey)); {
			case raw == "" || name.root == "id" || name.root == "debug" || name.text == "g[b]":
			case name.root == "page_size" && !name.brackets:
				want = append(want, "limit%26"+pair[len(rawKey):])
			case name.root == "page_size":
				want = append(want, "limit%26"+rawBrackets(rawKey)+pair[len(rawKey):])
			default:
				want = append(want, pair)
			}
		}
		if diff := cmp.Diff(want, pairs[:len(pairs)-1], cmp.Transformer("", func(s []string) string { return strings.Join(s, "&") })); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzPathMapping: parameters are taken out of a path as they stand there, so
// that filling them in again gives the path back.
func FuzzPathMapping(f *testing.F) {
	f.Add("/v1/orders/{orderId}", "/v1/orders/a%2Fb")
	f.Add("/files/{name}.{ext}", "/files/a.b.c")
	f.Add("/users/{id}:cancel", "/users/7%3A:cancel")
	f.Add("/{a}-{b}/{{x}}", "/1-2-3/%7Bx%7D")
	f.Fuzz(func(t *testing.T, path, rawPath string) {
		pattern, err := newPathPattern(path)
		if err != nil {
			return
		}
		ps, ok := pattern.match(rawPath)
		if !ok {
			return
		}
		filled := make([]string, len(pattern))
		names := map[string]bool{}
		for i, parts := range pattern {
			for _, p := range parts {
				if names[p.name] && p.name != "" {
					return // the second of equal names cannot be told apart
				}
				names[p.name] = true
			}
			filled[i] = (&template{parts: append([]part{{}}, parts...)}).expand(ps.raw)
		}
		for i, segment := range strings.Split(rawPath, "/") {
			if segment != filled[i] && unescaped(segment) != filled[i] {
				t.Fatalf("segment %q became %q", segment, filled[i])
			}
		}
		for _, p := range ps {
			if p.raw == "" || strings.Contains(p.raw, "/") {
				t.Fatalf("%q = %q", p.name, p.raw)
			}
		}
	})
}

func jsonFromForm(form []byte) ([]byte, error) {
	t, err := treeFromForm(form)
	if err != nil {
		return nil, err
	}
	return t.appendJSON(nil)
}

func formFromJSON(doc []byte) ([]byte, error) {
	t, err := treeFromJSON(doc)
	if err != nil {
		return nil, err
	}
	pairs, err := (&valueForms{}).pairs(t)
	if err != nil {
		return nil, err
	}
	return appendPairs(nil, pairs), nil
}

// What is nested costs memory though it may hold no value.
func TestNestedBodiesAreBounded(t *testing.T) {
	t.Parallel()
	if _, err := formFromJSON([]byte(`{"a":[` + strings.Repeat("[],", 100_000) + `{}]}`)); !errors.Is(err, errNested) {
		t.Error("JSON:", err)
	}
	var form strings.Builder
	for i := range 1000 {
		fmt.Fprintf(&form, "&a[%d]%s=1", i, strings.Repeat("[]", maxFormDepth-2))
	}
	if _, err := jsonFromForm([]byte(form.String())); !errors.Is(err, errNested) {
		t.Error("a form:", err)
	}
	if _, err := jsonFromForm([]byte(strings.Repeat("&a[][b][]=1", maxFormValues))); err != nil {
		t.Error("as many values as there may be:", err)
	}
}

// FuzzForm: a form made of JSON, read again by PHP's rules, holds the same.
func FuzzForm(f *testing.F) {
	f.Add([]byte(`{"n":1.50,"t":true,"f":false,"z":null,"a":[{"k":"v&w"},2,null,3],"o":{},"s":"é+ =","10":{"0":1,"1":2}}`))
	f.Add([]byte(`{"":1}`))
	f.Add([]byte(`[1]`))
	f.Add(bytes.Repeat([]byte(`{"a":`), 70))
	f.Add([]byte("a[]=1&a[]=2&b[x][y]=%26&c=1&c=2&d.e=+f&g[=1&h[i]j=2&[k]=3& l=4"))
	f.Fuzz(func(t *testing.T, doc []byte) {
		if out, err := jsonFromForm(doc); err == nil && !json.Valid(out) {
			t.Fatalf("%q became %q", doc, out)
		}
		form, err := formFromJSON(doc)
		if err != nil {
			return
		}
		back, err := jsonFromForm(form)
		if err != nil {
			t.Fatalf("%q: %v", form, err)
		}
		var in, out any
		decode := json.NewDecoder(bytes.NewReader(doc))
		decode.UseNumber()
		if err := decode.Decode(&in); err != nil {
			t.Fatalf("%q became a form though it is no JSON: %v", doc, err)
		}
		if err := json.Unmarshal(back, &out); err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(asArray(in), asArray(out)); diff != "" {
			t.Fatalf("%q: %s", form, diff)
		}
	})
}

// asArray writes a value as an array of PHP that holds strings.
func asArray(v any) any {
	children := map[string]any{}
	switch v := v.(type) {
	case map[string]any:
		maps.Copy(children, v)
	case []any:
		for i, c := range v {
			children[strconv.Itoa(i)] = c
		}
	case json.Number:
		return v.String()
	case bool:
		if v {
			return "1"
		}
		return "0"
	default:
		return v
	}
	out := map[string]any{}
	for k, c := range children {
		if c = asArray(c); c != nil && !cmp.Equal(c, map[string]any{}) {
			out[k] = c
		}
	}
	return out
}

// FuzzEnvelope: what is taken out is what encoding/json finds there, byte for
// byte, and no document is taken that is not one JSON value.
func FuzzEnvelope(f *testing.F) {
	for _, seed := range []string{`{"code":0,"msg":"ok","data":{"d":12345678901234567890.50}}`, `{"data": [1, 2] ,"code":"x"} `, `{"code":1,"code":2}`, `[]`, ``, `{"data":1}x`, `{"co\u0064e":5,"data":null}`} {
		f.Add([]byte(seed))
	}
	e := &envelope{code: pointer{"code"}, message: pointer{"msg"}, data: pointer{"data"}}
	f.Fuzz(func(t *testing.T, doc []byte) {
		before := bytes.Clone(doc)
		c, err := e.open(doc)
		if !bytes.Equal(before, doc) {
			t.Fatal("the document was changed")
		}
		if err != nil {
			return
		}
		if !json.Valid(doc) {
			t.Fatalf("%q is no JSON", doc)
		}
		var want map[string]json.RawMessage
		_ = json.Unmarshal(doc, &want) // fails where it is no object: then nothing is there
		if !bytes.Equal(want["data"], c.data) {
			t.Fatalf("data %q, want %q", c.data, want["data"])
		}
		var text string
		if json.Unmarshal(want["code"], &text) != nil {
			if text = string(want["code"]); strings.HasPrefix(text, "{") || strings.HasPrefix(text, "[") {
				text = ""
			}
		}
		if c.code != text && text != "null" {
			t.Fatalf("code %q, want %q", c.code, text)
		}
	})
}
