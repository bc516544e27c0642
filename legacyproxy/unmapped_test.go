package legacyproxy_test

import (
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/legacyproxy"
)

// TestUnmapped: what no rule names is counted by kind, and the samples say
// nothing of what the answers said.
func TestUnmapped(t *testing.T) {
	t.Parallel()
	say := func(status int, header, body string) string {
		return fmt.Sprintf("HTTP/1.1 %d x\r\n%sContent-Length: %d\r\n\r\n%s", status, header, len(body), body)
	}
	answers := map[string]string{
		"/code":    say(200, "", `{"code":50017,"msg":"Bob Miller (bob@shop.example) owes 1234.50","data":{"password":"hunter2","iban":"DE02","users":{"bob@shop.example":[1,2,3,4,5]},"nick":"bobby"}}`),
		"/page":    say(500, "X-Error-Code: E_DB\r\n", "<html><body><h1>Database Miller</h1></body></html>"),
		"/fatal":   say(500, "", "<br />\n<b>Fatal error</b>: Uncaught PDOException: secret in /var/www/db.php:7"),
		"/warning": say(200, "", "<br />\n<b>Warning</b>:  Undefined variable $secret\n{\"code\":0,\"data\":1}"),
		"/empty":   say(200, "", ""),
		"/string":  say(400, "", `"Link abc123 not found"`),
		"/token":   say(403, "X-Error: 9f86d081884c7d659a2feaa0c55ad015\r\n", `{"code":"9f86d081884c7d659a2feaa0c55ad015"}`),
	}
	php := startRaw(t, func(c net.Conn, request string) bool {
		_, err := io.WriteString(c, answers[strings.Fields(request)[1]])
		return err == nil
	})
	s := service("GET", "/{page}")
	s.Contract = []byte(`{"components":{"schemas":{"User":{"properties":{"nick":{"type":"string","x-pii":true},"users":{"type":"object"}}}}}}`)
	a := load(t, s, php.url, "version: 1\nenvelope: {code: /code, data: /data, success: [0]}\nerrors: [{code: 1, problem: out-of-stock}]\n")
	front := serve(t, a, &s.Operations[0])
	for i := range 40 {
		for path := range answers {
			if i > 1 && path != "/code" {
				continue
			}
			res, err := http.Get(front.URL + path)
			if err != nil {
				t.Fatal(err)
			}
			if _, err := io.Copy(io.Discard, res.Body); err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
		}
	}
	got := a.Observations()
	if len(got.Operations) != 1 || got.Operations[0].Operation != "shop.op" {
		t.Fatalf("%+v", got)
	}
	want := &legacyproxy.UnmappedErrors{Count: 52, Kinds: []legacyproxy.UnmappedKind{
		{Count: 40, Status: 200, Code: "50017", Body: "json",
			Sample: `{"code":9,"msg":"a a (a@a.a) a 9.9","data":{"password":"***","iban":"***","users":{"a@a.a":[9,9,9,...]},"nick":"***"}}`},
		{Count: 2, Status: 200, Body: "empty"},
		{Count: 2, Status: 200, Body: "php-warning", Sample: `a : a a $a {"a":9,"a":9}`},
		{Count: 2, Status: 400, Body: "json-string", Sample: `"a a9 a a"`},
		{Count: 2, Status: 403, Header: "X-Error", Body: "json", Sample: `{"code":"9a9a9a9a9a9a9a9a9"}`},
		{Count: 2, Status: 500, Body: "php-fatal", Sample: "a a : a a: a a /a/a/a.a:9"},
		{Count: 2, Status: 500, Header: "X-Error-Code", Value: "E_DB", Body: "html", Sample: "a a"},
	}}
	if diff := cmp.Diff(want, got.Operations[0].Unmapped); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}
