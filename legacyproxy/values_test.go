package legacyproxy

import (
	"bytes"
	"encoding/json"
	"io"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/problem"
)

const valuesContract = `{"openapi":"3.0.3","info":{"title":"t","version":"1"},"paths":{"/o":{
"parameters":[{"name":"tags","in":"query","schema":{"type":"array","items":{"type":"string"}}}],
"get":{"operationId":"search","parameters":[
	{"name":"ids","in":"query","style":"form","explode":false,"schema":{"type":"array","items":{"type":"integer"}}},
	{"name":"pipes","in":"query","style":"pipeDelimited","explode":false,"schema":{"type":"array","items":{"type":"string"}}},
	{"name":"filter","in":"query","style":"deepObject","schema":{"type":"object","properties":{"open":{"type":"boolean"},"since":{"type":"string","format":"date"}}}},
	{"name":"page","in":"query","schema":{"type":"object","properties":{"size":{"type":"integer"},"from":{"type":"string","format":"date-time"}}}},
	{"name":"json","in":"query","content":{"application/json":{"schema":{"type":"object"}}}},
	{"name":"odd[]","in":"query","schema":{"type":"array","items":{"type":"integer"}}},
	{"name":"paid","in":"query","schema":{"type":"boolean"}},
	{"name":"gift","in":"query","schema":{"type":"boolean","default":true}},
	{"name":"at","in":"query","schema":{"type":"string","format":"date-time"}},
	{"name":"q","in":"query","schema":{"type":"string"}}
],"responses":{"200":{"description":"d"}}},
"post":{"operationId":"create","requestBody":{"content":{
	"application/json":{"schema":{"$ref":"#/components/schemas/Order"}},
	"application/x-www-form-urlencoded":{"schema":{"$ref":"#/components/schemas/Order"}}
}},"responses":{"201":{"description":"d"}}}}},
"components":{"schemas":{
"Base":{"type":"object","properties":{"due":{"type":"string","format":"date"},"paid":{"type":"boolean"}}},
"Order":{"allOf":[{"$ref":"#/components/schemas/Base"},{"type":"object","properties":{
	"placed":{"type":"string","format":"date-time"},"note":{"type":"string"},
	"lines":{"type":"array","items":{"type":"object","properties":{"at":{"type":"string","format":"date-time"},"of":{"$ref":"#/components/schemas/Order"}}}}}}]}
}}}`

// TestPHPValues sends requests of a contract and looks at what a real PHP
// finds in its variables.
func TestPHPValues(t *testing.T) {
	t.Parallel()
	url := startPHP(t, strings.Replace(echoScript, "'length'", "'files' => (object)array_map(fn($f) => [$f['name'], $f['type'], file_get_contents($f['tmp_name'])], $_FILES), 'length'", 1))
	const values = "values: {booleans: 1/0, dates: {date-time: 'Y-m-d H:i:s', date: d.m.Y, zone: Europe/Berlin}}"
	var form bytes.Buffer
	w := multipart.NewWriter(&form)
	for name, value := range map[string]string{"note": "h\u00e9llo"} {
		if err := w.WriteField(name, value); err != nil {
			t.Fatal(err)
		}
	}
	part, err := w.CreateFormFile("photo", "a b.png")
	if err == nil {
		_, err = io.WriteString(part, "PNG")
	}
	if err == nil {
		err = w.Close()
	}
	if err != nil {
		t.Fatal(err)
	}
	tests := []struct{ name, op, yaml, query, mediaType, body, want string }{
		{"every style of a query", "search", values,
			"tags=a&tags=b&ids=1,2&pipes=x|y&filter[open]=true&filter[since]=2026-11-22&size=5&from=2026-07-01T10:00:00Z&json=%7B%22k%22:%5B1,null%5D%7D&paid=false&at=2026-11-22T23:30:00%2B02:00&q=true&more=%zz", "", "",
			`{"get":{"tags":["a","b"],"ids":["1","2"],"pipes":["x","y"],"filter":{"open":"1","since":"22.11.2026"},"page":{"size":"5","from":"2026-07-01 12:00:00"},"json":{"k":["1"]},"paid":"0","at":"2026-11-22 22:30:00","q":"true","more":"%zz"}}`},
		{"and then it is mapped", "search", values + ", query: {rename: {tags: labels, ids: order_id}, set: {action: search}, drop: [paid]}",
			"tags=a&ids=1,2&paid=true", "", "", `{"get":{"labels":["a"],"order_id":["1","2"],"action":"search"}}`},
		{"a list with brackets in its name", "search", values, "odd[]=1&odd[]=2&q=x", "", "", `{"get":{"q":"x","odd":["1","2"]}}`},
		{"a list with brackets in its name, numbered", "search", values, "odd[0]=1&odd[1]=2", "", "", `{"get":{"odd":["1","2"]}}`},
		{"a list with brackets in its name, without", "search", values, "odd=1", "", "", `{"get":{"odd":["1"]}}`},
		{"what breaks the contract stays as it came", "search", values, "ids=x&tags=a&tags=b", "", "", `{"get":{"ids":"x","tags":"b"}}`},
		{"without values nothing changes", "search", "timeout: 9s", "tags=a&tags=b&paid=true", "", "", `{"get":{"tags":"b","paid":"true"}}`},
		{"JSON to a form", "create", values + ", body: urlencoded", "", "application/json",
			`{"placed":"2026-01-02T03:04:05.678Z","due":"2026-02-03","paid":true,"note":"2026-01-02T03:04:05Z","lines":[{"at":"2026-07-01T00:00:00Z","of":{"due":"2026-02-03"}}]}`,
			`{"post":{"placed":"2026-01-02 04:04:05","due":"03.02.2026","paid":"1","note":"2026-01-02T03:04:05Z","lines":[{"at":"2026-07-01 02:00:00","of":{"due":"03.02.2026"}}]}}`},
		{"JSON to JSON", "create", values + ", body: json", "", "application/json", `{"placed":"2026-01-02T03:04:05Z","paid":false,"n":10.50}`,
			`{"body":"{\"placed\":\"2026-01-02 04:04:05\",\"paid\":0,\"n\":10.50}"}`},
		{"a form to a form, by the contract", "create", values + ", body: urlencoded", "", "application/x-www-form-urlencoded", "placed=2026-01-02T03:04:05Z&paid=true&note=x",
			`{"post":{"placed":"2026-01-02 04:04:05","paid":"1","note":"x"}}`},
		{"JSON to multipart", "create", "body: multipart", "", "application/json", `{"note":"\u00e9","lines":[{"at":"1"},{"at":"2"}]}`,
			`{"post":{"note":"é","lines":[{"at":"1"},{"at":"2"}]},"files":{},"body":""}`},
		{"multipart with a file", "create", "body: {as: multipart, rename: {photo: 'picture', note: text}, set: {'meta[source]': banyan}}", "", w.FormDataContentType(), form.String(),
			`{"post":{"text":"héllo","meta":{"source":"banyan"}},"files":{"picture":["a b.png","application/octet-stream","PNG"]}}`},
		{"multipart with a file of a declared type", "create", "body: {as: multipart, parts: {photo: {type: image/png, headers: {X-Sum: 1}}, note: {type: text/plain; charset=utf-8}}}", "", w.FormDataContentType(), form.String(),
			`{"post":{"note":"héllo"},"files":{"photo":["a b.png","image/png","PNG"]}}`},
		{"multipart without files to JSON", "create", "body: {as: json, drop: [photo]}", "", w.FormDataContentType(), form.String(), `{"body":"{\"note\":\"héllo\"}"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			method := map[string]string{"search": "GET", "create": "POST"}[tt.op]
			s := &catalog.Service{Name: "shop", LegacyFile: "legacy.yaml", Contract: []byte(valuesContract),
				Operations: []catalog.Operation{{Key: "shop." + tt.op, ID: tt.op, Method: method, Path: "/v1/o"}}}
			yaml := "version: 1\ntimeout: 10s\nenvelope: {code: /code, data: /data, success: [0]}\noperations: {" + tt.op + ": {" + tt.yaml + "}}\n"
			a, err := Load(fstest.MapFS{"legacy.yaml": {Data: []byte(yaml)}}, &catalog.Workspace{Services: []*catalog.Service{s}, Upstream: url}, Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(a.Close)
			front := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				if err := a.Serve(w, r, &s.Operations[0]); err != nil {
					problem.Write(w, r, err)
				}
			}))
			t.Cleanup(front.Close)
			req, err := http.NewRequest(method, front.URL+"/v1/o?"+tt.query, strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Content-Type", tt.mediaType)
			res, err := http.DefaultClient.Do(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			var got, want map[string]any
			body, err := io.ReadAll(res.Body)
			if err != nil || json.Unmarshal(body, &got) != nil {
				t.Fatalf("%d %s %v", res.StatusCode, body, err)
			}
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			for name := range got {
				if _, compared := want[name]; !compared {
					delete(got, name)
				}
			}
			if diff := cmp.Diff(want, got); diff != "" {
				t.Errorf("(-want +got):\n%s\n%s", diff, body)
			}
		})
	}
}
