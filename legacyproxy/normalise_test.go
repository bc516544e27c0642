package legacyproxy_test

import (
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/legacyproxy"
)

// itemContract has one operation that takes and answers JSON.
const itemContract = `{"openapi":"3.0.3","info":{"title":"Shop","version":"1"},"paths":{"/a":{"post":{"operationId":"op",
"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Item"}}}},
"responses":{
"200":{"description":"ok","headers":{"X-Total":{"schema":{"type":"integer"}}},"content":{"application/json":{"schema":{"$ref":"#/components/schemas/Item"}}}},
"404":{"description":"no","content":{"application/json":{"schema":{"type":"object","required":["code"],"properties":{"code":{"type":"integer"}}}}}},
"204":{"description":"none"}}}}},
"components":{"schemas":{"Item":{"type":"object","required":["id"],"properties":{
"id":{"type":"integer"},"name":{"type":"string"},"meta":{"type":"object"},"at":{"type":"string","format":"date-time"},
"by":{"type":"object","additionalProperties":{"type":"integer"}}}}}}}`

func itemService() *catalog.Service {
	s := service("POST", "/a")
	s.Contract = []byte(itemContract)
	return s
}

// seen is what an adapter says about its one operation.
func seen(t *testing.T, a *legacyproxy.Adapter) legacyproxy.Conformance {
	t.Helper()
	o := a.Observations()
	if len(o.Operations) != 1 || o.Operations[0].Conformance == nil {
		t.Fatalf("%+v", o)
	}
	return *o.Operations[0].Conformance
}

func TestNormalisedAnswers(t *testing.T) {
	t.Parallel()
	const warning = "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/var/www/a.php</b> on line <b>3</b><br />\n"
	const fatal = "<br />\n<b>Fatal error</b>:  Uncaught Exception in <b>/var/www/a.php</b> on line <b>7</b><br />\n"
	const invalid = `{"title":"The legacy backend answered something invalid","status":502,"code":"legacy-invalid-answer"}` + "\n"
	for _, c := range []struct{ name, yaml, php, want, verdict string }{
		{"conforming", "normalise: true", "200\nContent-Type: application/json; charset=utf-8\nEtag: x\n\n" + `{"id": 1}`,
			"200\nContent-Type: application/json; charset=utf-8\nEtag: x\nContent-Length: 9\n\n" + `{"id": 1}`, "conforming"},
		{"coerced", "normalise: true", "200\nContent-Type: application/json\nContent-Md5: x\n\n" + `{"id":"1","meta":[],"name":null,"x":"1"}`,
			"200\nContent-Type: application/json\n!Content-Md5\n\n" + `{"id":1,"meta":{},"x":"1"}`,
			"coerced /id scalar-text, /meta empty-list, /name null-property"},
		{"off", "", "200\nContent-Type: application/json\n\n" + `{"id":"1"}`, "200\n\n" + `{"id":"1"}`, ""},
		{"off for one operation", "normalise: true\noperations: {op: {normalise: false}}", "200\nContent-Type: application/json\n\n" + `{"id":"1"}`, "200\n\n" + `{"id":"1"}`, ""},
		{"one rule", "normalise: {rules: [empty-list]}", "200\nContent-Type: application/json\n\n" + `{"id":"1","meta":[]}`, "200\n\n" + `{"id":"1","meta":{}}`,
			"violating /meta empty-list; /id type"},
		{"what no rule mends", "normalise: true", "200\nContent-Type: application/json\n\n" + `{"id":"x","by":{"ann":"1","bob":true}}`,
			"200\n\n" + `{"id":"x","by":{"ann":1,"bob":true}}`, "violating /by/* scalar-text; /by/* type, /id type"},
		{"an error of the contract", "normalise: true", "404\nContent-Type: application/json\n\n" + `{"code":"7"}`, "404\n\n" + `{"code":7}`, "coerced /code scalar-text"},
		{"compressed unasked", "normalise: true", "200\nContent-Type: application/json\nContent-Encoding: gzip\n\n" + gzipped(`{"id":"1"}`),
			"200\nContent-Type: application/json\n!Content-Encoding\n\n" + `{"id":1}`, "coerced /id scalar-text"},
		{"called HTML, as PHP does", "normalise: true", "200\nContent-Type: text/html; charset=UTF-8\n\n" + `{"id":1}`,
			"200\nContent-Type: application/json\n\n" + `{"id":1}`, "coerced  media-type"},
		{"HTML", "normalise: true", "200\nContent-Type: text/html\n\n<p>x</p>", "200\nContent-Type: text/html\n\n<p>x</p>", "violating /header/Content-Type content-type"},
		{"another type", "normalise: true", "200\nContent-Type: text/csv\n\na,b", "200\nContent-Type: text/csv\n\na,b", "violating /header/Content-Type content-type"},
		{"byte order marks", "normalise: true", "200\nContent-Type: application/json\n\n\xef\xbb\xbf\xef\xbb\xbf" + `{"id":1}`, "200\n\n" + `{"id":1}`, "coerced  byte-order-mark"},
		{"empty", "normalise: true", "200\nContent-Type: application/json\n\n \n", "502\n\n" + invalid, "violating  empty"},
		{"latin by header", "normalise: true", "200\nContent-Type: application/json; charset=ISO-8859-1\n\n{\"id\":1,\"name\":\"caf\xe9\"}",
			"200\nContent-Type: application/json\n\n" + `{"id":1,"name":"café"}`, "coerced  charset"},
		{"windows by declaration", "normalise: {charset: windows-1252}", "200\nContent-Type: application/json\n\n{\"id\":1,\"name\":\"\x80\"}",
			"200\nContent-Type: application/json\n\n" + `{"id":1,"name":"€"}`, "coerced  charset"},
		{"not UTF-8", "normalise: true", "200\nContent-Type: application/json\n\n{\"id\":1,\"name\":\"\x80\"}", "200\n\n{\"id\":1,\"name\":\"\x80\"}", "violating  syntax"},
		{"a warning", "normalise: true", "200\nContent-Type: application/json\n\n" + warning + `{"id":1}`, "502\n\n" + invalid, "violating  messages"},
		{"a warning that is taken off", "normalise: {strip-warnings: true}", "200\nContent-Type: text/html; charset=UTF-8\n\n" + warning + `{"id":"1"}` + warning,
			"200\nContent-Type: application/json\n\n" + `{"id":1}`, "coerced  media-type,  php-warnings, /id scalar-text"},
		{"a fatal error after the JSON", "normalise: {strip-warnings: true}", "200\nContent-Type: application/json\n\n" + `{"id":1}` + fatal, "502\n\n" + invalid, "violating  messages"},
		{"behind an envelope", "normalise: true\nenvelope: {code: /code, data: /data, success: [0]}", "200\n\n" + `{"code":0,"data":{"id":"1","meta":[]}}`,
			"200\nContent-Type: application/json\n\n" + `{"id":1,"meta":{}}`, "coerced /id scalar-text, /meta empty-list"},
		{"a date", `normalise: {dates: {layout: "d.m.Y H:i", zone: Europe/Berlin}}`, "200\nContent-Type: application/json\n\n" + `{"id":1,"at":"01.07.2026 12:00"}`,
			"200\n\n" + `{"id":1,"at":"2026-07-01T12:00:00+02:00"}`, "coerced /at date-form"},
		{"a status that is not declared", "normalise: true", "201\nContent-Type: application/json\n\n" + `{"id":"1"}`, "201\n\n" + `{"id":"1"}`, "violating  status"},
		{"a header that is not as declared", "normalise: true", "200\nContent-Type: application/json\nX-Total: many\n\n" + `{"id":"1"}`, "200\n\n" + `{"id":1}`,
			"violating /id scalar-text; /header/X-Total type"},
		{"nothing to look at", "normalise: true", "204\n\n", "204\n\n", "conforming"},
		{"too large", "normalise: true\nmax-response: 8B", "200\nContent-Type: application/json\n\n" + `{"id":"1"}`, "200\n\n" + `{"id":"1"}`, "unchecked large"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			status, header, body := splitAnswer(c.php)
			raw := "HTTP/1.1 " + status + " x\r\n" + strings.Join(append(header, ""), "\r\n")
			if status != "204" {
				raw += "Content-Length: " + strconv.Itoa(len(body)) + "\r\n"
			}
			php := startRaw(t, answer(raw+"\r\n"+body))
			s := itemService()
			a := load(t, s, php.url, "version: 1\n"+c.yaml+"\n")
			front := serve(t, a, &s.Operations[0])
			res, err := http.Post(front.URL+"/a", "application/json", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			got, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			status, header, body = splitAnswer(c.want)
			if diff := cmp.Diff(body, string(got)); diff != "" || strconv.Itoa(res.StatusCode) != status {
				t.Errorf("%d (-want +got)\n%s", res.StatusCode, diff)
			}
			for _, line := range header {
				name, value, _ := strings.Cut(line, ": ")
				if strings.HasPrefix(line, "!") {
					name, value = line[1:], ""
				}
				if v := res.Header.Get(name); v != value {
					t.Errorf("%s: %q, want %q", name, v, value)
				}
			}
			if res.ContentLength >= 0 && res.ContentLength != int64(len(got)) {
				t.Errorf("a length of %d for %d bytes", res.ContentLength, len(got))
			}
			if diff := cmp.Diff(c.verdict, verdictOf(seen(t, a))); diff != "" {
				t.Errorf("verdict (-want +got)\n%s", diff)
			}
		})
	}
}

// verdictOf says in one line what was counted of one answer.
func verdictOf(c legacyproxy.Conformance) string {
	var word string
	switch {
	case c.Conforming == 1:
		word = "conforming"
	case c.Coerced == 1:
		word = "coerced"
	case c.Violating == 1:
		word = "violating"
	}
	for why := range c.Unchecked {
		word = "unchecked " + why
	}
	var coercions, violations []string
	for _, one := range c.Coercions {
		coercions = append(coercions, one.Pointer+" "+one.Rule)
	}
	for _, one := range c.Violations {
		violations = append(violations, one.Pointer+" "+one.Keyword)
	}
	out := strings.Join(coercions, ", ")
	if len(violations) > 0 {
		if out != "" {
			out += "; "
		}
		out += strings.Join(violations, ", ")
	}
	if out != "" {
		word += " " + out
	}
	return word
}

// TestNormaliseAfterAViolation: with auto an answer passes as it is until one
// has been found not to be what the contract says.
func TestNormaliseAfterAViolation(t *testing.T) {
	t.Parallel()
	const body = `{"id":"1"}`
	php := startRaw(t, answer("HTTP/1.1 200 x\r\nContent-Type: application/json\r\nContent-Length: "+fmt.Sprint(len(body))+"\r\n\r\n"+body))
	s := itemService()
	a := load(t, s, php.url, "version: 1\nnormalise: auto\n")
	front := serve(t, a, &s.Operations[0])
	ask := func(want string) {
		t.Helper()
		res, err := http.Post(front.URL+"/a", "application/json", strings.NewReader("{}"))
		if err != nil {
			t.Fatal(err)
		}
		defer res.Body.Close()
		if got, _ := io.ReadAll(res.Body); string(got) != want {
			t.Errorf("%s, want %s", got, want)
		}
	}
	ask(body)
	a.Checked("shop.op", 200, nil, conform.Checkable)
	ask(body)
	a.Checked("shop.op", 200, []conform.Violation{{Pointer: "/by/ann@example.com", Keyword: "type", Schema: "/x"}}, conform.Checkable)
	ask(`{"id":1}`)
	a.Checked("shop.op", 200, nil, conform.Checkable) // judged here by now
	a.Checked("gone.op", 200, nil, conform.Checkable)
	got := seen(t, a)
	if got.Answers != 3 || got.Checked != 3 || got.Conforming != 1 || got.Coerced != 1 || got.Violating != 1 {
		t.Errorf("%+v", got)
	}
	if len(got.Violations) != 1 || got.Violations[0].Pointer != "/by/*" {
		t.Errorf("%+v", got.Violations)
	}
	if diff := cmp.Diff([]string{"204", "404"}, got.Unseen); diff != "" {
		t.Error(diff)
	}
}

// TestNormalisedRequests: clients that are PHP write as PHP does.
func TestNormalisedRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ yaml, sent, want string }{
		{"normalise: {requests: true}", `{"id":"1","meta":[]}`, `{"id":1,"meta":{}}`},
		{"normalise: {requests: true}", `{"id": 1}`, `{"id": 1}`},
		{"normalise: {requests: true}", `no JSON`, `no JSON`},
		{"normalise: true", `{"id":"1"}`, `{"id":"1"}`},
		{"normalise: {requests: true}\noperations: {op: {body: {as: urlencoded}}}", `{"id":"1","name":null}`, `id=1`},
	} {
		got := make(chan string, 1)
		php := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
			body, _ := io.ReadAll(r.Body)
			got <- string(body)
			w.WriteHeader(http.StatusNoContent)
		}))
		t.Cleanup(php.Close)
		s := itemService()
		front := serve(t, load(t, s, php.URL, "version: 1\n"+c.yaml+"\n"), &s.Operations[0])
		res, err := http.Post(front.URL+"/a", "application/json", strings.NewReader(c.sent))
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if diff := cmp.Diff(c.want, <-got); diff != "" {
			t.Errorf("%s: %s (-want +got)\n%s", c.yaml, c.sent, diff)
		}
	}
}

// TestNormaliseNeedsJSON: an operation without JSON has nothing to normalise.
func TestNormaliseNeedsJSON(t *testing.T) {
	t.Parallel()
	s := itemService()
	s.Contract = []byte(strings.ReplaceAll(itemContract, "application/json", "image/png"))
	ws := &catalog.Workspace{Services: []*catalog.Service{s}, Upstream: "http://127.0.0.1:1"}
	try := func(yaml string) string {
		_, err := legacyproxy.Load(fstest.MapFS{s.LegacyFile: {Data: []byte(yaml)}}, ws, legacyproxy.Options{Log: slog.New(slog.DiscardHandler)})
		return fmt.Sprint(err)
	}
	if got := try("version: 1\nnormalise: true\n"); got != "<nil>" {
		t.Error(got)
	}
	want := "api/shop/legacy.yaml:2:30: normalise: the contract of op has no JSON to normalise; remove it"
	if diff := cmp.Diff(want, try("version: 1\noperations: {op: {normalise: true}}\n")); diff != "" {
		t.Error(diff)
	}
}
