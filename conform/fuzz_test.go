package conform_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
	api "github.com/banyan-go/banyan/internal/codegen/goserver/testdata/golden/gen/everything"
)

// FuzzMessages: whatever is sent or answered, checking it ends, panics never,
// and says for everything wrong where it is and what it is.
func FuzzMessages(f *testing.F) {
	f.Add(0, "/v1/bodies?a=1", "application/json", "*/*", `{"x":1}`)
	f.Add(0, "/v1/bodies", "multipart/form-data; boundary=b", "text/plain;q=0, */*", "--b\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\nx\r\n--b--\r\n")
	f.Add(0, "/v1/bodies", "application/x-www-form-urlencoded", "", "tags[]=1&at[x]=2&=&&%")
	f.Add(1, "/v1/things", "Application/JSON;charset=utf-8", "application/*;q=0.1", `{"id":1e9,"list":[],"shape":{"kind":"circle"}}`)
	f.Add(3, "/v1/path/a/1,2/.x/;matrix=y/;x=1/n.gz", "", "json", "")
	f.Add(4, "/v1/query?text=a&filter[at][x]=1&json=%7B&ids=1&ids[]=2&p&flat=from,a", "", "a/b, ;q", "")
	c, err := conform.Compile(api.Service, (&catalog.Workspace{}).ValidationOf(api.Service))
	if err != nil {
		f.Fatal(err)
	}
	f.Fuzz(func(t *testing.T, which int, target, contentType, accept, body string) {
		op := api.Service.Operations[uint(which)%uint(len(api.Service.Operations))]
		u, err := url.ParseRequestURI(target)
		if err != nil || !strings.HasPrefix(target, "/") {
			return
		}
		r := httptest.NewRequest(op.Method, "/", strings.NewReader(body))
		r.URL = u
		r.Header = http.Header{"Content-Type": {contentType}, "Accept": {accept}, "X-Text": {body}, "Cookie": {body}}
		found, err := c.Operation(op.ID).Request(r, conform.Fill)
		defer found.Release()
		if err != nil {
			t.Fatal(err) // the body can be read
		}
		p := found.Problem()
		if p == nil != (len(found.Violations) == 0) || p != nil && (p.Status < 400 || p.Status > 499) {
			t.Fatalf("%v: %v", p, found.Violations)
		}
		for _, v := range found.Violations {
			if v.Keyword == "" || v.Message == "" || v.Pointer != "" && v.Pointer[0] != '/' {
				t.Errorf("%+v", v)
			}
		}
		if p == nil {
			if _, err := io.Copy(io.Discard, r.Body); err != nil {
				t.Fatal(err)
			}
		}
		expected := c.Operation(op.ID).Answer(op.Method, 200+len(accept)%400, http.Header{"Content-Type": {contentType}, "X-List": {accept}})
		expected.Check([]byte(body))
	})
}
