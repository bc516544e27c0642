package schema_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/schema"
)

// FuzzText holds the reading of JSON against jsontext's: the same texts are
// JSON, with the same opinion of duplicate names.
func FuzzText(f *testing.F) {
	for _, s := range []string{`{"a":[1,2.5e3,null,true],"b":"\u00e9"}`, `{"a":1,"\u0061":2}`, `[1,]`, ` [ ] `, `"\ud800"`, "\"\xff\"", `1 2`, ``, `{"a":1,"b":2,"c":{"a":1}}`} {
		f.Add([]byte(s))
	}
	s := compile(f, `true`, schema.Options{MaxDepth: 9000})
	named := compile(f, `{"properties":{"a":true,"b":{"type":"object"}},"uniqueItems":true}`, schema.Options{MaxDepth: 9000})
	f.Fuzz(func(t *testing.T, body []byte) {
		v := s.Validate(body, schema.Plain)
		duplicate := len(v) > 0 && v[0].Keyword == schema.KeywordDuplicate
		if len(v) > 0 && (v[0].Keyword == schema.KeywordRange || v[0].Keyword == schema.KeywordDepth) {
			return
		}
		value := jsontext.Value(body)
		if got, want := !v.Malformed(), value.IsValid(jsontext.AllowDuplicateNames(true)); got != want {
			t.Fatalf("%q: JSON %v, jsontext says %v: %v", body, got, want, v)
		}
		if !v.Malformed() && duplicate == value.IsValid() {
			t.Fatalf("%q: duplicate %v, jsontext says otherwise", body, duplicate)
		}
		for _, one := range named.Validate(body, schema.Request) {
			if one.Message == "" || one.Keyword == "" || one.Pointer != "" && one.Pointer[0] != '/' {
				t.Fatalf("%q: %+v", body, one)
			}
		}
	})
}

// FuzzCompile feeds arbitrary documents to the compiler, and what compiles to
// the engine.
func FuzzCompile(f *testing.F) {
	files, _ := filepath.Glob("testdata/violations/*.txtar")
	for _, file := range files {
		data, err := os.ReadFile(file)
		if err != nil {
			f.Fatal(err)
		}
		a := txtar.Parse(data)
		f.Add(a.Files[0].Data, a.Files[1].Data)
	}
	f.Add([]byte(`{"components":{"schemas":{"Root":{"$ref":"#/components/schemas/Root"}}}}`), []byte(`{}`))
	f.Add([]byte(`{"components":{"schemas":{"Root":{"anyOf":[{"$ref":"#/components/schemas/Root"}]}}}}`), []byte(`{}`))
	f.Add([]byte(`{"components":{"schemas":{"Root":{"$id":"a","$ref":"#x","$defs":{"y":{"$anchor":"x","default":{}}}}}}}`), []byte(`{}`))
	f.Fuzz(func(t *testing.T, document, body []byte) {
		doc, err := schema.Load(document, schema.Options{})
		var s *schema.Schema
		if err == nil {
			s, err = doc.Compile("/components/schemas/Root")
		}
		if err != nil {
			var faults schema.Faults
			if !errors.As(err, &faults) || len(faults) == 0 || faults[0].Message == "" {
				t.Fatalf("%q: %#v", document, err)
			}
			return
		}
		doc.Warnings()
		v := s.Validate(body, schema.Request)
		out, again := s.WithDefaults(nil, body, schema.Request)
		if len(v) != len(again) {
			t.Fatalf("%q on %q: %v and %v", document, body, v, again)
		}
		if len(v) == 0 && !jsontext.Value(out).IsValid() {
			t.Fatalf("%q made %q of %q", document, out, body)
		}
	})
}

// FuzzParameters feeds every style with arbitrary text: what is accepted must
// be JSON, and valid.
func FuzzParameters(f *testing.F) {
	var list []string
	var names []parameter
	add := func(name, in, style, explode, schema string) {
		names = append(names, parameter{in: in, name: name})
		list = append(list, `{"name":"`+name+`","in":"`+in+`","style":"`+style+`","explode":`+explode+`,"schema":`+schema+`}`)
	}
	n := 0
	for _, s := range []struct{ in, style string }{
		{"query", "form"}, {"query", "spaceDelimited"}, {"query", "pipeDelimited"}, {"query", "deepObject"}, {"cookie", "form"}, {"header", "simple"},
	} {
		for _, explode := range []string{"true", "false"} {
			for _, schema := range []string{integers, color, `{"oneOf":[{"type":"integer"},{"type":"boolean"},` + texts + `]}`} {
				add(string(rune('a'+n)), s.in, s.style, explode, schema)
				n++
			}
		}
	}
	for i, schema := range []string{`{"type":"string","maxLength":3}`, `{"type":"number","minimum":0.5,"multipleOf":0.25}`, `{"type":"boolean"}`, `{"type":"string","pattern":"^a+$"}`} {
		for k, in := range []string{"query", "cookie", "header"} {
			add(fmt.Sprintf("s%d%d", i, k), in, map[string]string{"query": "form", "cookie": "form", "header": "simple"}[in], "true", schema)
		}
	}
	p := operation(f, "/x", "["+strings.Join(list, ",")+"]", schema.Options{})
	paths := map[string]*schema.Parameters{}
	for _, style := range []string{"simple", "label", "matrix"} {
		for _, schema := range []string{integers, color} {
			param := `[{"name":"p","in":"path","required":true,"explode":true,"style":"` + style + `","schema":` + schema + `}]`
			paths[style+schema] = operation(f, "/x/{p}", param, noOptions)
		}
	}
	f.Add("a=1&a=2&d=1&b[R]=3&R=4&j[R]=1&m[]=3&c=1,2", "1,R=2", "p=1")
	f.Add("s00=ab&s10=1.25&s20=true&s30=aa&a=1&a=2", "s01=abc; s11=2; s21=false", "1")
	f.Add("%5B=&a[=&a]=1&a[b][c]=1&d=%2C&g=1|2&h=a%20b", ";p=1;p=2", ".1.2")
	f.Fuzz(func(t *testing.T, query, header, path string) {
		r := &http.Request{URL: &url.URL{Path: "/x/" + path, RawQuery: query}, Header: http.Header{"Cookie": {header}}}
		for i := range 40 {
			r.Header[strings.ToUpper(string(rune('a'+i%26)))] = []string{header}
		}
		for i := range 4 {
			r.Header[fmt.Sprintf("S%d2", i)] = []string{header}
		}
		var values schema.Values
		check := func(p *schema.Parameters, names ...parameter) {
			decodesAsRead(t, p, &values, r, names)
			out, v := p.Read(nil, r)
			if v == nil && !json.Valid(out) {
				t.Fatalf("%q %q %q: %q", query, header, path, out)
			}
			for _, one := range v {
				if one.Keyword == schema.KeywordSyntax {
					t.Fatalf("%q %q %q: the decoder's own JSON: %v", query, header, path, v)
				}
			}
		}
		check(p, names...)
		for _, p := range paths {
			check(p, parameter{in: "path", name: "p"})
		}
	})
}

// FuzzForm feeds arbitrary urlencoded bodies.
func FuzzForm(f *testing.F) {
	form := form(f, "application/x-www-form-urlencoded", userForm)
	f.Add([]byte("name=a&tags[]=1&items[0][sku]=x&address[lines][]=y&ids=1|2"))
	f.Add([]byte("name=%00&a[b][c][][]=&=&[]=&ids[]=1"))
	f.Fuzz(func(t *testing.T, body []byte) {
		out, v := form.Read(nil, bytes.Clone(body))
		if v == nil && !json.Valid(out) || v.Malformed() {
			t.Fatalf("%q: %q %v", body, out, v)
		}
	})
}

var noOptions schema.Options
