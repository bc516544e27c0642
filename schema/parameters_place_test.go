package schema_test

import (
	"testing"

	"github.com/banyan-go/banyan/schema"
)

// A segment with several variables is cut as the router cuts it: values are as
// long as can be from the left.
func TestSeveralVariablesInASegment(t *testing.T) {
	t.Parallel()
	variable := func(name string) string {
		return `{"name":"` + name + `","in":"path","required":true,"schema":{"type":"string"}}`
	}
	for _, c := range []struct{ path, variables, sent, want string }{
		{"/files/{n}.{e}", "ne", "/files/a.b.gz", `{"path":{"n":"a.b","e":"gz"}}`},
		{"/files/{n}.{e}", "ne", "/files/a..gz", `{"path":{"n":"a.","e":"gz"}}`},
		{"/at/{a}-{b}-{c}", "abc", "/at/1-2-3-4", `{"path":{"a":"1-2","b":"3","c":"4"}}`},
		{"/users/{i}:cancel", "i", "/v1/users/7%3A8:cancel", `{"path":{"i":"7:8"}}`},
	} {
		list := ""
		for i, v := range c.variables {
			if i > 0 {
				list += ","
			}
			list += variable(string(v))
		}
		got, violations := operation(t, c.path, "["+list+"]", schema.Options{}).Read(nil, request(t, c.sent, nil))
		if len(violations) > 0 || string(got) != c.want {
			t.Errorf("%s with %s: %s %v, want %s", c.path, c.sent, got, violations, c.want)
		}
	}
}

// Lists of parameters are read the same whatever was compiled before them:
// what stands only in a list has a number of its own beside all schemas.
func TestParametersAfterOtherLists(t *testing.T) {
	t.Parallel()
	list := func(of string) string {
		return `{"parameters":[{"name":"a","in":"query","schema":` + of + `},{"name":"b","in":"header","schema":` + of + `}]}`
	}
	const integers = `{"type":"array","items":{"type":"integer"}}`
	doc, err := schema.Load([]byte(`{"openapi":"3.0.3","paths":{"/a":{"get":`+list(`{"type":"string"}`)+`,"put":`+list(integers)+`,"post":`+list(integers)+`}}}`), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, c := range []struct{ pointer, want string }{
		{"/paths/~1a/get", `{"query":{"a":"1"},"header":{"b":"2"}}`},
		{"/paths/~1a/put", `{"query":{"a":[1]},"header":{"b":[2]}}`},
		{"/paths/~1a/post", `{"query":{"a":[1]},"header":{"b":[2]}}`},
	} {
		p, err := doc.Parameters(c.pointer)
		if err != nil {
			t.Fatal(err)
		}
		got, violations := p.Read(nil, request(t, "/a?a=1", map[string][]string{"B": {"2"}}))
		if len(violations) > 0 || string(got) != c.want {
			t.Errorf("%s: %s %v, want %s", c.pointer, got, violations, c.want)
		}
	}
}

// An operation's own parameter takes the place of its path's. Names of headers
// fold case.
func TestOwnParametersComeFirst(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(`{"openapi":"3.0.3","paths":{"/a":{
		"parameters":[{"name":"X-Page","in":"header","required":true,"schema":{"type":"string"}},{"name":"Page","in":"query","schema":{"type":"string"}}],
		"get":{"parameters":[{"name":"x-page","in":"header","schema":{"type":"integer"}},{"name":"page","in":"query","schema":{"type":"integer"}}]}}}}`), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	p, err := doc.Parameters("/paths/~1a/get")
	if err != nil {
		t.Fatal(err)
	}
	got, violations := p.Read(nil, request(t, "/a?Page=1&page=2", map[string][]string{"X-Page": {"3"}}))
	if want := `{"query":{"page":2,"Page":"1"},"header":{"x-page":3}}`; len(violations) > 0 || string(got) != want {
		t.Errorf("%s %v, want %s", got, violations, want)
	}
	if got, violations := p.Read(nil, request(t, "/a", nil)); len(violations) > 0 {
		t.Errorf("without any: %s %v", got, violations)
	}
}

// Faults are told again for every schema that reaches them, also beside what was
// found to be without.
func TestFaultsAreToldAgain(t *testing.T) {
	t.Parallel()
	doc, err := schema.Load([]byte(`{"openapi":"3.1.0","components":{"schemas":{
		"Sound":{"type":"string"},
		"Bad":{"properties":{"a":{"$ref":"#/components/schemas/Sound"},"b":{"type":"int"}}},
		"Over":{"items":{"$ref":"#/components/schemas/Bad"}}}}}`), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	for _, one := range []struct {
		name  string
		sound bool
	}{{"Sound", true}, {"Bad", false}, {"Bad", false}, {"Sound", true}, {"Over", false}} {
		if _, err := doc.Compile("/components/schemas/" + one.name); (err == nil) != one.sound {
			t.Errorf("%s: %v", one.name, err)
		}
	}
}

// ReadOnly and writeOnly are about members of bodies: a parameter, or a header of
// an answer, whose schema has them is held against the rest of it.
func TestReadOnlySchemasOfParameters(t *testing.T) {
	t.Parallel()
	for _, of := range []string{
		`{"type":"integer","readOnly":true}`,
		`{"type":"integer","writeOnly":true}`,
		`{"$ref":"#/components/schemas/Id"}`,
		`{"allOf":[{"$ref":"#/components/schemas/Id"}]}`,
		`{"oneOf":[{"$ref":"#/components/schemas/Id"},{"type":"string","maxLength":2}]}`,
	} {
		doc, err := schema.Load([]byte(`{"openapi":"3.0.3","components":{"schemas":{"Id":{"type":"integer","readOnly":true}}},"paths":{"/a/{id}":{"get":{"parameters":[
			{"name":"id","in":"path","required":true,"schema":`+of+`},{"name":"q","in":"query","required":true,"schema":`+of+`}]}}}}`), schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := doc.Compile("/components/schemas/Id"); err != nil { // what was compiled before changes nothing
			t.Fatal(err)
		}
		p, err := doc.Parameters("/paths/~1a~1{id}/get")
		if err != nil {
			t.Fatal(err)
		}
		const want = `{"path":{"id":7},"query":{"q":8}}`
		if got, v := p.Read(nil, request(t, "/a/7?q=8", nil)); len(v) > 0 || string(got) != want {
			t.Errorf("%s: %s %v, want %s", of, got, v, want)
		}
		if v := p.Decode(new(schema.Values), request(t, "/a/7?q=8", nil)); len(v) > 0 {
			t.Errorf("%s: decoded: %v", of, v)
		}
		if _, v := p.Read(nil, request(t, "/a/7", nil)); len(v) != 1 || v[0].Pointer != "/query/q" {
			t.Errorf("%s: a parameter that is missing: %v", of, v)
		}
	}
}

// What a client says under Host is a header of the contract's, though net/http has it
// elsewhere.
func TestHostIsAHeader(t *testing.T) {
	t.Parallel()
	const list = `[{"name":"host","in":"header","required":true,"schema":{"type":"string","enum":["example.com"]}}]`
	p := operation(t, "/a", list, schema.Options{})
	for sent, fits := range map[string]bool{"example.com": true, "example.org": false, "": false} {
		r := request(t, "/a", nil)
		r.Host = sent
		if _, v := p.Read(nil, r); (len(v) == 0) != fits {
			t.Errorf("%s: %v", sent, v)
		}
		if v := p.Decode(new(schema.Values), r); (len(v) == 0) != fits {
			t.Errorf("%s: decoded: %v", sent, v)
		}
	}
}
