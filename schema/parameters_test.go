package schema_test

import (
	"fmt"
	"net/http"
	"net/url"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/schema"
)

// operation compiles the parameters of GET path in a document of their own.
func operation(t testing.TB, path, parameters string, o schema.Options) *schema.Parameters {
	t.Helper()
	pointer := "/paths/" + strings.ReplaceAll(path, "/", "~1") + "/get"
	doc, err := schema.Load([]byte(fmt.Sprintf(`{"openapi":"3.0.3","paths":{%q:{"get":{"parameters":%s}}}}`, path, parameters)), o)
	if err != nil {
		t.Fatal(err)
	}
	p, err := doc.Parameters(pointer)
	if err != nil {
		t.Fatalf("%s: %v", parameters, err)
	}
	return p
}

func request(t testing.TB, target string, header http.Header) *http.Request {
	t.Helper()
	u, err := url.ParseRequestURI(target)
	if err != nil {
		t.Fatal(err)
	}
	return &http.Request{Method: "GET", URL: u, Header: header}
}

const (
	integers = `{"type":"array","items":{"type":"integer"}}`
	grid     = `{"type":"array","items":{"type":"array","items":{"type":"integer"}}}`
	texts    = `{"type":"array","items":{"type":"string"}}`
	color    = `{"type":"object","properties":{"R":{"type":"integer"},"G":{"type":"integer"},"name":{"type":"string"}}}`
)

// Each case is a parameter of each place's style, what is sent, and what comes
// of it: JSON, or violations.
func TestParameterStyles(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ param, sent, want string }{
		// Scalars of the query.
		{`{"schema":{"type":"integer"}}`, "p=42", `42`},
		{`{"schema":{"type":"integer"}}`, "p=-7", `-7`},
		{`{"schema":{"type":"integer"}}`, "p=042", `/query/p must be an integer, not a string`},
		{`{"schema":{"type":"integer"}}`, "p=x", `/query/p must be an integer, not a string`},
		{`{"schema":{"type":"integer"}}`, "p=", `/query/p must be an integer, not a string`},
		{`{"schema":{"type":"integer"}}`, "p=1&p=2", `/query/p must be given once`},
		{`{"schema":{"type":"integer","maximum":100}}`, "p=101", `/query/p must be at most 100, not 101`},
		{`{"schema":{"type":"number"}}`, "p=1.50", `1.50`},
		{`{"schema":{"type":"boolean"}}`, "p=true", `true`},
		{`{"schema":{"type":"boolean"}}`, "p=1", `/query/p must be a boolean, not a string`},
		{`{"schema":{"type":"string"}}`, "p=42", `"42"`},
		{`{"schema":{"type":"string"}}`, "p=a+b%20c%2B", `"a b c+"`},
		{`{"schema":{"type":"string"}}`, "p=%22%5C%0A", `"\"\\\u000a"`},
		{`{"schema":{"type":"string"}}`, "p=%zz", `"%zz"`},
		{`{"schema":{"type":"string"}}`, "p=%ff", `/query/p must be valid UTF-8`},
		{`{"schema":{"type":"string","minLength":1}}`, "p=", `/query/p must not be empty`},
		{`{"schema":{"type":"integer","nullable":true}}`, "p=", `null`},
		{`{"schema":{"enum":[1,2]}}`, "p=2", `2`},
		{`{"schema":{"minimum":3}}`, "p=2", `/query/p must be at least 3, not 2`},
		{`{"schema":{}}`, "p=2", `"2"`},
		{`{"schema":{"oneOf":[{"type":"integer","maximum":9},{"type":"string","minLength":2}]}}`, "p=7", `7`},
		{`{"schema":{"oneOf":[{"type":"integer","maximum":9},{"type":"string","minLength":2}]}}`, "p=77", `"77"`},
		{`{"schema":{"type":"integer","default":20}}`, "", `20`},
		{`{"schema":{"type":"integer"},"required":true}`, "", `/query/p is required`},
		{`{"schema":{"type":"boolean"},"allowEmptyValue":true}`, "p", `true`},
		{`{"schema":{"type":"integer"},"allowEmptyValue":true}`, "p=", ``},

		// form
		{`{"schema":` + integers + `}`, "p=1&p=2", `[1,2]`},
		{`{"schema":` + integers + `}`, "p=1", `[1]`},
		{`{"schema":` + integers + `}`, "p=1,2", `/query/p/0 must be an integer, not a string`},
		{`{"schema":` + integers + `}`, "p[]=1&p[]=2", `[1,2]`},
		{`{"schema":` + integers + `}`, "p[0]=1&p%5B1%5D=2", `[1,2]`},
		{`{"schema":` + integers + `,"explode":false}`, "p=1,2,3", `[1,2,3]`},
		{`{"schema":` + integers + `,"explode":false}`, "p=1%2C2", `[1,2]`},
		{`{"schema":` + integers + `,"explode":false}`, "p=", `[]`},
		{`{"schema":` + integers + `,"explode":false}`, "p=1&p=2", `/query/p must be given once, with all its items`},
		{`{"schema":` + integers + `,"explode":false}`, "p[]=1&p[]=2", `[1,2]`},
		{`{"schema":` + texts + `,"explode":false}`, "p=a%2Cb,c", `["a,b","c"]`},
		{`{"schema":` + texts + `,"explode":false}`, "p=a,,b", `["a","","b"]`},
		{`{"schema":` + texts + `}`, "p=a%2Cb&p=", `["a,b",""]`},
		{`{"schema":{"type":"array","maxItems":2,"items":{"type":"string"}}}`, "p=a&p=b&p=c", `/query/p must have at most 2 items`},
		{`{"schema":` + color + `}`, "R=100&name=x", `{"R":100,"name":"x"}`},
		{`{"schema":` + color + `}`, "p[R]=100", `{"R":100}`},
		{`{"schema":` + color + `,"explode":false}`, "p=R,100,name,5", `{"R":100,"name":"5"}`},
		{`{"schema":` + color + `,"explode":false}`, "p=R,100,name", `/query/p must be names and values in turn`},
		{`{"schema":{"type":"object","additionalProperties":{"type":"integer"}}}`, "x=1&y=2", `{"x":1,"y":2}`},

		// spaceDelimited and pipeDelimited
		{`{"schema":` + integers + `,"style":"spaceDelimited","explode":false}`, "p=1%202+3", `[1,2,3]`},
		{`{"schema":` + integers + `,"style":"pipeDelimited"}`, "p=1|2%7C3", `[1,2,3]`},
		{`{"schema":` + integers + `,"style":"pipeDelimited","explode":true}`, "p=1&p=2", `[1,2]`},
		{`{"schema":` + color + `,"style":"pipeDelimited"}`, "p=R|1|G|2", `{"R":1,"G":2}`},

		// What a style has no text for is text.
		{`{"schema":` + grid + `,"explode":false}`, "p=1|2,3|x", `["1|2","3|x"]`},
		{`{"schema":` + grid + `,"style":"pipeDelimited"}`, "p=1,2%7C3", `["1,2","3"]`},
		{`{"schema":` + grid + `,"explode":false}`, "p=1&p=2", `/query/p must be given once, with all its items`},
		{`{"schema":{"type":"array","minItems":1,"maxItems":2,"items":` + integers + `},"explode":false}`, "p=a,b,c", `/query/p must have at most 2 items`},
		{`{"schema":{"type":"array","items":{"type":"object","required":["a"]}},"explode":false}`, "p=a", `["a"]`},
		{`{"schema":{"type":"array","items":{"oneOf":[` + integers + `,{"type":"object"}]}},"explode":false}`, "p=a,b", `["a","b"]`},
		{`{"schema":{"type":"array","items":{"oneOf":[` + integers + `,{"type":"integer"}]}},"explode":false}`, "p=1,2", `[1,2]`},
		{`{"schema":{"type":"object","properties":{"a":` + integers + `}},"explode":false}`, "p=a,1,b", `"a,1,b"`},
		{`{"schema":{"properties":{"a":{"properties":{"b":{"type":"string"}}}}},"explode":false}`, "p=a,b", `"a,b"`},
		{`{"schema":{"type":"object","additionalProperties":` + integers + `},"explode":false}`, "p=a%2C1", `"a,1"`},
		{`{"schema":` + grid + `,"explode":false,"required":true}`, "", `/query/p is required`},
		{`{"schema":{"type":"array","items":` + integers + `,"default":[[1]]},"explode":false}`, "", ``},
		{`{"schema":` + grid + `}`, "p[0][]=1&p[0][]=2&p[1][]=3", `[[1,2],[3]]`},

		// deepObject
		{`{"schema":{"type":"array","items":` + color + `},"style":"deepObject"}`, "p[0][R]=1&p[1][name]=x&p[1][G]=2", `[{"R":1},{"name":"x","G":2}]`},
		{`{"schema":{"type":"array","items":` + color + `},"style":"deepObject"}`, "p[0][R]=x", `/query/p/0/R must be an integer, not a string`},
		{`{"schema":{"type":"array","items":` + color + `},"style":"deepObject"}`, "p=1&p[0][R]=2", `/query/p is given both as one value and with brackets`},
		{`{"schema":` + grid + `,"style":"deepObject"}`, "p[0][]=1&p[0][]=2&p[1][0]=3", `[[1,2],[3]]`},
		{`{"schema":{"anyOf":[{"type":"integer"},` + color + `]},"style":"deepObject"}`, "p=5", `5`},
		{`{"schema":{"anyOf":[{"type":"integer"},` + color + `]},"style":"deepObject"}`, "p[G]=5", `{"G":5}`},
		{`{"schema":{"type":"object"},"style":"deepObject"}`, "p" + strings.Repeat("[a]", 33) + "=1", `/query/p has brackets that do not match`},
		{`{"schema":` + color + `,"style":"deepObject"}`, "p[R]=100&p%5Bname%5D=7", `{"R":100,"name":"7"}`},
		{`{"schema":` + color + `,"style":"deepObject"}`, "p[R]=1&p[R]=2", `/query/p/R must be given once`},
		{`{"schema":` + color + `,"style":"deepObject"}`, "p[R=1", `/query/p has brackets that do not match`},
		{`{"schema":` + color + `,"style":"deepObject"}`, "p[R]=1&p[R][x]=2", `/query/p/R is given both as one value and with brackets`},
		{`{"schema":{"type":"object","properties":{"a":{"type":"object","properties":{"b":` + integers + `}}}},"style":"deepObject"}`, "p[a][b][]=1&p[a][b][]=2", `{"a":{"b":[1,2]}}`},
		{`{"schema":{"type":"object","additionalProperties":false,"properties":{"a":{"type":"string"}}},"style":"deepObject"}`, "p[z]=1", `/query/p/z is not a property that the contract knows here`},

		// content
		{`{"content":{"application/json":{"schema":` + color + `}}}`, `p=%7B%22R%22:1%7D`, `{"R":1}`},
		{`{"content":{"application/json":{"schema":` + color + `}}}`, `p=%7B%22R%22:%22x%22%7D`, `/query/p/R must be an integer, not a string`},
		{`{"content":{"application/json":{"schema":` + color + `}}}`, `p=%7B`, `/query/p must be JSON: it is not valid JSON: a name in quotes is expected (line 1, column 2)`},

		// path
		{`{"in":"path","schema":{"type":"string"}}`, "/a%2Fb+c", `"a/b+c"`},
		{`{"in":"path","schema":{"type":"integer"}}`, "/x", `/path/p must be an integer, not a string`},
		{`{"in":"path","schema":` + integers + `}`, "/3,4,5", `[3,4,5]`},
		{`{"in":"path","schema":` + color + `}`, "/R,100,G,200", `{"R":100,"G":200}`},
		{`{"in":"path","explode":true,"schema":` + color + `}`, "/R=100,G=200", `{"R":100,"G":200}`},
		{`{"in":"path","explode":true,"schema":` + color + `}`, "/R=100,G", `/path/p must be name=value pairs`},
		{`{"in":"path","style":"label","schema":{"type":"integer"}}`, "/.5", `5`},
		{`{"in":"path","style":"label","schema":` + integers + `}`, "/.3,4", `[3,4]`},
		{`{"in":"path","style":"label","schema":` + integers + `}`, "/.3.4", `[3,4]`},
		{`{"in":"path","style":"label","explode":true,"schema":` + integers + `}`, "/.3.4", `[3,4]`},
		{`{"in":"path","style":"label","explode":true,"schema":` + color + `}`, "/.R=1.G=2", `{"R":1,"G":2}`},
		{`{"in":"path","style":"label","schema":` + integers + `}`, "/3", `/path/p must begin with a full stop`},
		{`{"in":"path","style":"matrix","schema":{"type":"integer"}}`, "/;p=5", `5`},
		{`{"in":"path","style":"matrix","schema":` + integers + `}`, "/;p=3,4", `[3,4]`},
		{`{"in":"path","style":"matrix","explode":true,"schema":` + integers + `}`, "/;p=3;p=4", `[3,4]`},
		{`{"in":"path","style":"matrix","schema":` + color + `}`, "/;p=R,1,G,2", `{"R":1,"G":2}`},
		{`{"in":"path","style":"matrix","explode":true,"schema":` + color + `}`, "/;R=1;G=2", `{"R":1,"G":2}`},

		// header
		{`{"in":"header","schema":{"type":"integer"}}`, "P: 5", `5`},
		{`{"in":"header","schema":` + integers + `}`, "P: 1, 2", `[1,2]`},
		{`{"in":"header","schema":` + color + `}`, "P: R,1", `{"R":1}`},
		{`{"in":"header","explode":true,"schema":` + color + `}`, "P: R=1, G=2", `{"R":1,"G":2}`},
		{`{"in":"header","required":true,"schema":{"type":"string"}}`, "", `/header/p is required`},
		{`{"in":"header","schema":{"type":"string"}}`, "P: 100%25", `"100%25"`},

		// cookie
		{`{"in":"cookie","schema":{"type":"integer"}}`, "Cookie: a=1; p=5", `5`},
		{`{"in":"cookie","schema":` + integers + `,"explode":false}`, "Cookie: p=5,6", `[5,6]`},
		{`{"in":"cookie","schema":{"type":"string"}}`, `Cookie: p="a%20b"`, `"a b"`},
	} {
		in := "query"
		for _, place := range []string{"path", "header", "cookie"} {
			if strings.Contains(c.param, `"in":"`+place+`"`) {
				in = place
			}
		}
		param := strings.Replace(c.param, "{", `{"name":"p",`, 1)
		path, target, header := "/x", "/v1/x", http.Header{}
		switch in {
		case "query":
			param = strings.Replace(param, "{", `{"in":"query",`, 1)
			target += "?" + c.sent
		case "path":
			param = strings.Replace(param, "{", `{"required":true,`, 1)
			path, target = "/x/{p}", "/v1/x"+c.sent
		default:
			if name, value, ok := strings.Cut(c.sent, ": "); ok {
				header.Set(name, value)
			}
		}
		p := operation(t, path, "["+param+"]", schema.Options{})
		out, v := p.Read(nil, request(t, target, header))
		got := v.Error()
		if v == nil {
			got = strings.TrimSuffix(strings.TrimPrefix(string(out), `{"`+in+`":{"p":`), "}}")
			if string(out) == `{"`+in+`":{}}` {
				got = ""
			}
		}
		if got != c.want {
			t.Errorf("%s sent %s:\n got %s\nwant %s", c.param, c.sent, got, c.want)
		}
	}
}

func TestParametersTogether(t *testing.T) {
	t.Parallel()
	const list = `[
		{"name":"id","in":"path","required":true,"schema":{"type":"integer"}},
		{"name":"ext","in":"path","required":true,"schema":{"type":"string","enum":["json","xml"]}},
		{"name":"limit","in":"query","schema":{"type":"integer","maximum":100,"default":20}},
		{"name":"tags[]","in":"query","schema":{"type":"array","items":{"type":"string"}}},
		{"name":"filter","in":"query","schema":{"type":"object","properties":{"state":{"type":"string"}}}},
		{"name":"x-tenant","in":"header","required":true,"schema":{"type":"string"}},
		{"name":"Accept","in":"header","required":true,"schema":{"type":"string"}},
		{"name":"sid","in":"cookie","schema":{"type":"string"}}
	]`
	p := operation(t, "/items/{id}.{ext}:copy", list, schema.Options{UnknownQuery: schema.Refuse})
	header := http.Header{"X-Tenant": {"acme"}, "Cookie": {"sid=1; other=2"}}
	out, v := p.Read([]byte("> "), request(t, "/base/items/7.json:copy?tags[]=a&tags[]=b&state=open", header))
	const want = `> {"path":{"id":7,"ext":"json"},"query":{"tags[]":["a","b"],"filter":{"state":"open"},"limit":20},"header":{"x-tenant":"acme"},"cookie":{"sid":"1"}}`
	if v != nil || string(out) != want {
		t.Errorf("got %s %v\nwant %s", out, v, want)
	}
	_, v = p.Read(nil, request(t, "/items/x.yml:copy?limit=200&unknown=1&a/b=2", http.Header{}))
	const wantFaults = `/query/unknown is not a query parameter that the contract knows here; ` +
		`/query/a~1b is not a query parameter that the contract knows here; ` +
		`/path/id must be an integer, not a string; /path/ext must be "json" or "xml", not "yml"; ` +
		`/query/limit must be at most 100, not 200; /header/x-tenant is required`
	if v.Error() != wantFaults {
		t.Errorf("got %v\nwant %s", v, wantFaults)
	}
}

func TestParameterFaults(t *testing.T) {
	t.Parallel()
	for parameters, want := range map[string]string{
		`[{"in":"query"}]`:                                                                      "#/paths/~1x/get/parameters/0: a parameter needs a name and a place (in)",
		`[{"name":"a","in":"body","schema":{}}]`:                                                `#/paths/~1x/get/parameters/0/in: "body" is not one of path, query, header and cookie`,
		`[{"name":"a","in":"query"}]`:                                                           "#/paths/~1x/get/parameters/0: the parameter has neither schema nor content",
		`[{"name":"a","in":"query","schema":{},"style":"matrix"}]`:                              `#/paths/~1x/get/parameters/0/style: "matrix" is not a style of query parameters`,
		`[{"$ref":"#/components/parameters/None"}]`:                                             `#/paths/~1x/get/parameters/0/$ref: the reference "#/components/parameters/None" leads nowhere`,
		`[{"name":"a","in":"query","schema":{"type":"int"}}]`:                                   `#/paths/~1x/get/parameters/0/schema/type: "int" is not a type; types are array, boolean, integer, number, object and string`,
		`[{"name":"a","in":"query","content":{"application/json":{"schema":{"pattern":"("}}}}]`: `#/paths/~1x/get/parameters/0/content/application~1json/schema/pattern: "(" is not a regular expression of ECMA-262: a group is not closed (at character 2)`,
	} {
		doc, err := schema.Load([]byte(`{"openapi":"3.0.3","paths":{"/x":{"get":{"parameters":`+parameters+`}}}}`), schema.Options{})
		if err != nil {
			t.Fatal(err)
		}
		if _, err := doc.Parameters("/paths/~1x/get"); err == nil || err.Error() != want {
			t.Errorf("%s:\n got %v\nwant %s", parameters, err, want)
		}
	}
}

func TestParametersDoNotAllocate(t *testing.T) {
	p := operation(t, "/items/{id}", `[
		{"name":"id","in":"path","required":true,"schema":{"type":"string","format":"uuid"}},
		{"name":"limit","in":"query","schema":{"type":"integer","default":20}},
		{"name":"fields","in":"query","explode":false,"schema":{"type":"array","items":{"type":"string"}}},
		{"name":"x-tenant","in":"header","schema":{"type":"string"}}]`, schema.Options{})
	r := request(t, "/items/6f1c2a52-0d5e-4c43-9a55-2f2c3b8f9e10?fields=name,sku", http.Header{"X-Tenant": {"acme"}})
	var dst []byte
	allocs := testing.AllocsPerRun(200, func() {
		var v schema.Violations
		if dst, v = p.Read(dst[:0], r); v != nil {
			t.Fatal(v)
		}
	})
	if allocs > 0 && !raced {
		t.Errorf("%v allocations", allocs)
	}
}

// A list whose name ends with brackets is what PHP clients mean by all ways to write
// it, unless another parameter has the better right to a name.
func TestListsWithBracketsInTheirNames(t *testing.T) {
	t.Parallel()
	list := func(name string) string { return fmt.Sprintf(`{"name":%q,"in":"query","schema":%s}`, name, texts) }
	scalar := `{"name":"ids","in":"query","schema":{"type":"string"}}`
	filter := `{"name":"filter","in":"query","style":"deepObject","schema":{"type":"object","properties":{"tags":` + texts + `,"a":{"type":"string"}}}}`
	spread := `{"name":"o","in":"query","schema":{"type":"object","properties":{"ids[]":` + texts + `,"b":{"type":"string"}}}}`
	for _, c := range []struct{ parameters, query, want string }{
		{list("ids[]"), "ids[]=1&ids[]=2", `{"ids[]":["1","2"]}`},
		{list("ids[]"), "ids[0]=5", `{"ids[]":["5"]}`},
		{list("ids[]"), "ids%5B4%5D=5&ids%5B2%5D=6", `{"ids[]":["5","6"]}`},
		{list("ids[]"), "ids=1", `{"ids[]":["1"]}`},
		{list("ids[]"), "ids=1&ids=2", `{"ids[]":["1","2"]}`},
		{list("ids[]"), "ids[]=1&ids[0]=2", `/query/ids[] is given both as one value and with brackets`},
		{list("ids[]"), "ids[a]=1", `/query/ids[] must be an array, not an object`},
		{list("ids[]"), "ids[0", `/query/ids[] has brackets that do not match`},
		{list("ids[]"), "idsx=1", `/query/idsx is not a query parameter that the contract knows here`},
		{list("ids[]"), "idsx[0]=1", `/query/idsx[0] is not a query parameter that the contract knows here`},
		{list("ids[]") + "," + list("ids"), "ids[]=1&ids[0]=2&ids[1]=3", `{"ids[]":["1"],"ids":["2","3"]}`},
		{list("ids[]") + "," + scalar, "ids[]=1&ids=2", `{"ids[]":["1"],"ids":"2"}`},
		{list("ids[]") + "," + scalar, "ids[0]=1", `/query/ids[0] is not a query parameter that the contract knows here`},
		{list("filter[tags][]") + "," + filter, "filter[tags][0]=1&filter[a]=2", `{"filter[tags][]":["1"],"filter":{"a":"2"}}`},
		{list("filter[tags][]") + "," + filter, "filter[tags]=1", `{"filter[tags][]":["1"]}`},
		{spread, "ids[]=1&b=2", `{"o":{"ids[]":["1"],"b":"2"}}`},
		{spread, "ids[0]=1&ids[1]=2", `{"o":{"ids[]":["1","2"]}}`},
		{spread, "ids=1", `{"o":{"ids[]":["1"]}}`},
		{`{"name":"ids[]","in":"query","explode":false,"schema":` + texts + `}`, "ids=1,2", `{"ids[]":["1","2"]}`},
		{`{"name":"ids[]","in":"query","schema":{"type":"string"}}`, "ids=1", `/query/ids is not a query parameter that the contract knows here`},
		{list("[]"), "[]=1", `{"[]":["1"]}`},
	} {
		p := operation(t, "/x", "["+c.parameters+"]", schema.Options{UnknownQuery: schema.Refuse})
		out, v := p.Read(nil, request(t, "/x?"+c.query, nil))
		got := v.Error()
		if v == nil {
			got = strings.TrimSuffix(strings.TrimPrefix(string(out), `{"query":`), "}")
		}
		if got != c.want {
			t.Errorf("%s ?%s\n got %s\nwant %s", c.parameters, c.query, got, c.want)
		}
	}
}
