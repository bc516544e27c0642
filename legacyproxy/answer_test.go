package legacyproxy_test

import (
	"bytes"
	"compress/gzip"
	"compress/zlib"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"strings"
	"sync"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
)

func gzipped(s string) string {
	var out bytes.Buffer
	w := gzip.NewWriter(&out)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return out.String()
}

func deflated(s string) string {
	var out bytes.Buffer
	w := zlib.NewWriter(&out)
	_, _ = io.WriteString(w, s)
	_ = w.Close()
	return out.String()
}

// TestMappedAnswers maps answers of PHP. In php and want the first line is the
// status, then come headers, an empty line and the body. Of the answer only
// the headers that want names are compared, and those after "!" must be absent.
func TestMappedAnswers(t *testing.T) {
	t.Parallel()
	const wrapped = "envelope: {code: /code, message: /msg, data: /data, success: [0, ok]}\n"
	const rules = wrapped + `errors:
  - {status: 404, problem: user-not-found}
  - {code: 40001, problem: out-of-stock, message: pass}
  - {code: rate, problem: quota-exceeded}
  - {status: 3xx, header: {name: X-Login}, problem: quota-exceeded}
  - {header: {name: X-Error, value: quota}, problem: quota-exceeded}
`
	tests := []struct{ name, method, yaml, php, want string }{
		{"data is unwrapped, numbers exact", "", wrapped,
			"200\n\n" + `{"code":0,"msg":"ok","data":{"id":12345678901234567890,"p":10.50,"e":1.0e+25,"s":"\u00e9\/"}}`,
			"200\nContent-Type: application/json\n\n" + `{"id":12345678901234567890,"p":10.50,"e":1.0e+25,"s":"\u00e9\/"}`},
		{"a pattern as PHP has it, on a header", "", "errors: [{header: {name: X-Error, pattern: '/^E_(\\d+)$/i'}, problem: out-of-stock}]\n",
			"200\nX-Error: e_42\n\n{}", "409\n\n" + `{"title":"Out of stock","status":409,"code":"out-of-stock"}` + "\n"},
		{"a pattern whose $ is before the last line feed, as in PHP", "", "errors: [{status: 200, body: '^false$', problem: user-not-found}]\n",
			"200\n\nfalse\n", "404\n\n" + `{"title":"No such user","status":404,"code":"user-not-found"}` + "\n"},
		{"a code may be text", "", wrapped, "200\n\n" + `{"code":"ok","data":[]}`, "200\n\n[]"},
		{"a number written as text is the same code", "", wrapped, "200\n\n" + `{"code":"0","data":1}`, "200\n\n1"},
		{"byte order mark and spaces", "", wrapped, "200\n\n\xef\xbb\xbf \n{\"code\":0,\"data\": [1, 2] }\n", "200\n\n[1, 2]"},
		{"missing data is null", "", wrapped, "200\n\n" + `{"code":0,"msg":"done"}`, "200\n\nnull"},
		{"the last of equal names", "", wrapped, "200\n\n" + `{"code":1,"data":1,"code":0,"data":2}`, "200\n\n2"},
		{"a deep pointer", "", "envelope: {code: /meta/0/c~1d, data: /result/items}\n",
			"200\n\n" + `{"result":{"n":1,"items":[1,{}]},"meta":[{"c/d":5}]}`, "200\n\n[1,{}]"},
		{"data below data", "", "envelope: {code: /data/code, data: /data, success: [0]}\n", "200\n\n" + `{"data":{"code":0}}`, "200\n\n" + `{"code":0}`},
		{"headers that describe data stay, those of the envelope go", "", wrapped,
			"200\nContent-Type: application/vnd.shop+json; charset=utf-8\nEtag: \"1\"\nSet-Cookie: a=1\nCache-Control: no-cache\nContent-Md5: x\nAccept-Ranges: bytes\n\n" + `{"code":0,"data":1}`,
			"200\nContent-Type: application/vnd.shop+json; charset=utf-8\nEtag: \"1\"\nSet-Cookie: a=1\nCache-Control: no-cache\nContent-Length: 1\n!Content-Md5\n!Accept-Ranges\n\n1"},
		{"the code alone is looked at", "", "envelope: {code: /code, success: [0]}\n", "200\n\n" + `{"code":0,"x":1}`, "200\n\n" + `{"code":0,"x":1}`},
		{"the envelope is for errors alone", "", "envelope: {code: /code, message: /message}\nerrors: [{code: x, problem: quota-exceeded}]\n", "200\nContent-Type: text/csv\n\na,b", "200\nContent-Type: text/csv\n\na,b"},
		{"none for one operation", "", wrapped + "operations: {op: {envelope: none}}\n", "200\n\n" + `{"code":7}`, "200\n\n" + `{"code":7}`},
		{"204 has nothing to unwrap", "", wrapped, "204\n\n", "204\n\n"},
		{"a redirect", "", wrapped, "302\nLocation: /x\n\n", "302\nLocation: /x\n\n"},
		{"HEAD", "HEAD", wrapped, "200\nContent-Length: 30\nEtag: \"1\"\n\n", "200\nEtag: \"1\"\n!Content-Length\n\n"},

		{"by status", "", rules, "404\nContent-Type: text/html\nSet-Cookie: a=1\nX-Debug: secret\n\n<h1>secret", `404
Content-Type: application/problem+json
Set-Cookie: a=1
!X-Debug

{"title":"No such user","status":404,"code":"user-not-found"}
`},
		{"by code in a 200, with its message", "", rules, "200\n\n" + `{"code":40001,"msg":"only 3\nleft","data":[]}`, `409

{"title":"Out of stock","status":409,"detail":"only 3 left","code":"out-of-stock","legacyCode":"40001"}
`},
		{"by code in a 500, message hidden", "", rules, "500\n\n" + `{"code":"rate","msg":"secret"}`, `429

{"title":"Quota exceeded","status":429,"code":"quota-exceeded","legacyCode":"rate"}
`},
		{"by header in a 200", "", rules, "200\nX-Error: quota\nRetry-After: 7\n\n" + `{"code":0,"data":1}`, `429
Retry-After: 7

{"title":"Quota exceeded","status":429,"code":"quota-exceeded","legacyCode":"0"}
`},
		{"by header and class", "", rules, "302\nX-Login: 1\nLocation: /secret\n\n", `429
!Location

{"title":"Quota exceeded","status":429,"code":"quota-exceeded"}
`},
		{"unmapped code in a 200", "", rules, "200\n\n" + `{"code":50000,"msg":"SQL secret"}`, `502

{"title":"The legacy backend reported an error","status":502,"code":"legacy-error","legacyCode":"50000"}
`},
		{"unmapped 403", "", rules, "403\n\nsecret", `403

{"title":"The legacy backend reported an error","status":403,"code":"legacy-error"}
`},
		{"unmapped 500 and a success in its body", "", rules, "500\n\n" + `{"code":0,"data":{"ok":true}}`, `502

{"title":"The legacy backend reported an error","status":502,"code":"legacy-error","legacyCode":"0"}
`},
		{"what does not look like a code is not shown", "", rules, "400\n\n" + `{"code":"secret at /var/www line 3"}`, `400

{"title":"The legacy backend reported an error","status":400,"code":"legacy-error"}
`},
		{"own rules first", "", rules + "operations: {op: {errors: [{status: 4xx, problem: quota-exceeded}]}}\n", "404\n\n", `429

{"title":"Quota exceeded","status":429,"code":"quota-exceeded"}
`},
		{"rules without an envelope leave successes alone", "", "errors: [{status: 404, problem: user-not-found}]\n",
			"200\nContent-Encoding: gzip\n\nxyz", "200\nContent-Encoding: gzip\n\nxyz"},

		{"a status in the envelope counts", "", "envelope: {status: /status, data: /body}\n", "200\n\n" + `{"body":{"id":1},"status":201,"headers":{}}`, "201\nContent-Length: 8\n\n" + `{"id":1}`},
		{"a 404 in a 200", "", "envelope: {status: /status, code: /body/code, message: /body/message, data: /body}\nerrors: [{status: 404, code: rest_no_route, problem: user-not-found, message: pass}]\n",
			"200\n\n" + `{"body":{"code":"rest_no_route","message":"No route"},"status":404}`, `404

{"title":"No such user","status":404,"detail":"No route","code":"user-not-found","legacyCode":"rest_no_route"}
`},
		{"an envelope without the status it should have", "", "envelope: {status: /status, data: /body}\n", "200\n\n" + `{"body":1}`, `502

{"title":"The legacy backend answered something invalid","status":502,"code":"legacy-invalid-answer"}
`},
		{"code ranges and lists", "", wrapped + "errors: [{code: [7, 40000-40999], problem: out-of-stock, retryable: true}]\n", "200\n\n" + `{"code":"40555","msg":"x"}`, `409

{"title":"Out of stock","status":409,"code":"out-of-stock","legacyCode":"40555","retryable":true}
`},
		{"success ranges", "", "envelope: {code: /code, data: /data, success: [200-299]}\n", "200\n\n" + `{"code":204,"data":7}`, "200\n\n7"},
		{"status ranges", "", "errors: [{status: [404, 410-420], problem: user-not-found, detail: Ask somebody else}]\n", "418\n\nteapot", `404

{"title":"No such user","status":404,"detail":"Ask somebody else","code":"user-not-found"}
`},
		{"a header's pattern", "", "errors: [{header: {name: MediaWiki-API-Error, pattern: '^(missing|invalid)title$'}, problem: user-not-found}]\n",
			"200\nMediaWiki-API-Error: missingtitle\n\n" + `{"error":{}}`, `404

{"title":"No such user","status":404,"code":"user-not-found"}
`},
		{"a header's pattern that does not match", "", "errors: [{header: {name: MediaWiki-API-Error, pattern: '^x'}, problem: user-not-found}]\n",
			"200\nMediaWiki-API-Error: missingtitle\n\n{}", "200\n\n{}"},
		{"a body's pattern in a 200", "", "errors: [{status: 200, body: '(?i)fatal error', problem: quota-exceeded}]\n",
			"200\n\n<br />\n<b>Fatal error</b>: Uncaught", `429

{"title":"Quota exceeded","status":429,"code":"quota-exceeded"}
`},
		{"an empty 200", "", `errors: [{status: 200, body: '^\s*$', problem: quota-exceeded}]` + "\n", "200\n\n", `429

{"title":"Quota exceeded","status":429,"code":"quota-exceeded"}
`},
		{"a body that was looked at is all there", "", "errors: [{status: 200, body: 'fatal error', problem: quota-exceeded}]\n",
			"200\nX-A: 1\n\n" + strings.Repeat("0123456789", 20_000), "200\nX-A: 1\nContent-Length: 200000\n\n" + strings.Repeat("0123456789", 20_000)},
		{"a message redacted", "", wrapped + "errors: [{code: 9, problem: out-of-stock, message: redact}]\n",
			"200\n\n" + `{"code":9,"msg":"bob.k@shop.example has 12345678 in /var/www/shop/x.php from 10.1.2.3, token=abc, key 9f86d081884c7d659a2feaa0c55ad015"}`, `409

{"title":"Out of stock","status":409,"detail":"[address] has [number] in [path] from [address], token [redacted] key [redacted]","code":"out-of-stock","legacyCode":"9"}
`},
		{"the faults of fields", "", "envelope: {code: /code, message: /msg, fields: /errors}\nerrors: [{status: 422, problem: out-of-stock, message: pass}]\n",
			"422\n\n" + `{"code":1,"msg":"no","errors":{"user_name":["is empty","is short"],"items.0.sku":"unknown"}}`, `409

{"title":"Out of stock","status":409,"detail":"no","code":"out-of-stock","errors":[{"pointer":"/user_name","message":"is empty"},{"pointer":"/user_name","message":"is short"},{"pointer":"/items/0/sku","message":"unknown"}],"legacyCode":"1"}
`},
		{"the faults of fields in a list, renamed, without their words", "", "envelope: {code: /code, fields: {at: /v, name: /f, message: /m, rename: {user_name: /userName, 'items.*.art': /items/*/sku}}}\nerrors: [{status: 422, problem: out-of-stock}]\n",
			"422\n\n" + `{"code":1,"v":[{"f":"user_name","m":"secret"},{"f":"items[3][art]","m":"x"}]}`, `409

{"title":"Out of stock","status":409,"code":"out-of-stock","errors":[{"pointer":"/userName","message":"is not valid"},{"pointer":"/items/3/sku","message":"is not valid"}],"legacyCode":"1"}
`},
		{"fields that were renamed on the way", "", "envelope: {message: /m, fields: /e}\nerrors: [{status: 422, problem: out-of-stock}]\noperations: {op: {body: {as: json, rename: {userName: user_name}}, query: {rename: {pageSize: limit}}}}\n",
			"422\n\n" + `{"m":"x","e":{"user_name.first":"x","limit":"y"}}`, `409

{"title":"Out of stock","status":409,"code":"out-of-stock","errors":[{"pointer":"/userName/first","message":"is not valid"},{"pointer":"/query/pageSize","message":"is not valid"}]}
`},
		{"a bare string", "", "envelope: {message: ''}\nerrors: [{status: 404, problem: user-not-found, message: pass}]\n", "404\n\n" + `"Link not found"`, `404

{"title":"No such user","status":404,"detail":"Link not found","code":"user-not-found"}
`},
		{"a success has the contract's status", "", "status: {200: 201}\n", "200\nContent-Type: text/plain\n\nx", "201\nContent-Type: text/plain\nContent-Length: 1\n\nx"},
		{"a success without content", "", "status: {200: 204}\n", "200\nContent-Type: text/plain\n\nx", "204\n!Content-Type\n!Content-Length\n\n"},
		{"headers of answers", "", "answer-headers: {rename: {X-Total: X-Total-Count}, drop: [X-Powered-By], set: {Cache-Control: no-store}}\n",
			"200\nX-Total: 7\nX-Powered-By: PHP\nCache-Control: public\n\nx", "200\nX-Total-Count: 7\nCache-Control: no-store\n!X-Powered-By\n!X-Total\n\nx"},
		{"a cookie gets its old name back, on errors too", "", rules + "cookies: {rename: {sid: PHPSESSID}, drop: [dbg]}\n", "404\nSet-Cookie: PHPSESSID=1; Path=/\nSet-Cookie: dbg=1\n\n", `404
Set-Cookie: sid=1; Path=/

{"title":"No such user","status":404,"code":"user-not-found"}
`},
		{"an envelope that is compressed all the same", "", wrapped, "200\nContent-Encoding: gzip\n\n" + gzipped(`{"code":0,"data":[1]}`), "200\nContent-Length: 3\n!Content-Encoding\n\n[1]"},
		{"deflated, and an error", "", rules, "500\nContent-Encoding: deflate\n\n" + deflated(`{"code":"rate"}`), `429

{"title":"Quota exceeded","status":429,"code":"quota-exceeded","legacyCode":"rate"}
`},
		{"a small answer that would be large", "", wrapped + "max-response: 1KiB\n", "200\nContent-Encoding: gzip\n\n" + gzipped(`{"code":0,"data":"`+strings.Repeat("x", 1<<20)+`"}`), `502

{"title":"The legacy backend answered too much","status":502,"code":"legacy-answer-too-large"}
`},
		{"a coding that nobody knows", "", wrapped, "200\nContent-Encoding: br\n\nx", `502

{"title":"The legacy backend answered something invalid","status":502,"code":"legacy-invalid-answer"}
`},
		{"nothing is mapped", "", "", "500\nX-Debug: x\n\ntrace", "500\nX-Debug: x\n\ntrace"},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			status, header, body := splitAnswer(tt.php)
			var raw strings.Builder
			fmt.Fprintf(&raw, "HTTP/1.1 %s x\r\n", status)
			for _, line := range header {
				raw.WriteString(line + "\r\n")
			}
			if tt.method != "HEAD" && status != "204" {
				fmt.Fprintf(&raw, "Content-Length: %d\r\n", len(body))
			}
			raw.WriteString("\r\n" + body)
			php := startRaw(t, answer(raw.String()))
			s := service("GET", "/a")
			front := serve(t, load(t, s, php.url, "version: 1\n"+tt.yaml), &s.Operations[0])
			req, err := http.NewRequest(max(tt.method, "GET"), front.URL+"/a", nil)
			if err != nil {
				t.Fatal(err)
			}
			req.Header.Set("Accept-Encoding", "gzip") // so that the answer stays as it is
			res, err := http.DefaultTransport.RoundTrip(req)
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			got, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			status, header, body = splitAnswer(tt.want)
			if fmt.Sprint(res.StatusCode) != status {
				t.Errorf("status %d, want %s", res.StatusCode, status)
			}
			for _, line := range header {
				if name, absent := strings.CutPrefix(line, "!"); absent {
					if v := res.Header.Values(name); v != nil {
						t.Errorf("%s: %s is there", name, v)
					}
					continue
				}
				name, value, _ := strings.Cut(line, ": ")
				if v := res.Header.Get(name); v != value {
					t.Errorf("%s: %q, want %q", name, v, value)
				}
			}
			if diff := cmp.Diff(body, string(got)); diff != "" {
				t.Errorf("body (-want +got):\n%s", diff)
			}
			if strings.Contains(string(got), "secret") {
				t.Errorf("leaks: %s", got)
			}
		})
	}
}

func splitAnswer(s string) (status string, header []string, body string) {
	head, body, _ := strings.Cut(s, "\n\n")
	lines := strings.Split(head, "\n")
	return lines[0], lines[1:], body
}

// TestUnmappedAreCounted: what no rule names is what is left to map.
func TestUnmappedAreCounted(t *testing.T) {
	t.Parallel()
	php := startRaw(t, answer("HTTP/1.1 500 x\r\nContent-Length: 21\r\n\r\n{\"code\":7,\"m\":\"said\"}"))
	s := service("GET", "/a")
	var log syncBuffer
	ws := &catalog.Workspace{Services: []*catalog.Service{s}, Upstream: php.url}
	a, err := legacyproxy.Load(fstest.MapFS{s.LegacyFile: {Data: []byte("version: 1\nenvelope: {code: /code}\n")}}, ws,
		legacyproxy.Options{Log: slog.New(slog.NewTextHandler(&log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	if n := a.Unmapped(); len(n) != 0 {
		t.Errorf("%v before any request", n)
	}
	front := serve(t, a, &s.Operations[0])
	for range 3 {
		get(t, front.URL+"/a")
	}
	if diff := cmp.Diff(map[string]uint64{"shop.op": 3}, a.Unmapped()); diff != "" {
		t.Error(diff)
	}
	if s := log.String(); !strings.Contains(s, "operation=shop.op status=500 legacyCode=7 body=json count=1") || strings.Contains(s, "said") || strings.Count(s, "\n") != 1 {
		t.Errorf("log %s", s)
	}
}

type syncBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (b *syncBuffer) Write(p []byte) (int, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.Write(p)
}

func (b *syncBuffer) String() string {
	b.mu.Lock()
	defer b.mu.Unlock()
	return b.buf.String()
}
