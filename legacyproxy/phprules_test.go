package legacyproxy_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// rulesContract has a place for each way in which PHP's JSON differs.
const rulesContract = `{"openapi":"3.0.3","info":{"title":"N","version":"1"},"paths":{"/orders/{id}":{"post":{"operationId":"op",
"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
"requestBody":{"content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}},
"responses":{"200":{"description":"ok","content":{"application/json":{"schema":{"$ref":"#/components/schemas/A"}}}},"301":{"description":"moved"}}}}},
"components":{"schemas":{"A":{"type":"object","properties":{
"map":{"type":"object","additionalProperties":{"type":"integer"}},"object":{"type":"object","properties":{"a":{"type":"string"}}},
"list":{"type":"array","items":{"type":"string"}},"set":{"type":"array","items":{"type":"integer"},"uniqueItems":true},
"int":{"type":"integer"},"number":{"type":"number"},"bool":{"type":"boolean"},"text":{"type":"string"},
"nullable":{"type":"string","nullable":true},"word":{"type":"string","minLength":1},
"at":{"type":"string","format":"date-time"},"day":{"type":"string","format":"date"},
"id":{"type":"string","format":"uuid","readOnly":true},"created":{"type":"string","format":"date-time","readOnly":true}}}}}}`

// TestRulesOfPHP goes through what PHP puts on the wire, and what a single
// answer needs of it: what the client gets, and what is counted.
func TestRulesOfPHP(t *testing.T) {
	t.Parallel()
	const (
		asIs     = "as it is"
		dates    = `normalise: {dates: {layout: "Y-m-d H:i:s", zone: Europe/Berlin}}`
		envelope = "normalise: true\nenvelope: {code: /code, message: /msg, data: /data, success: [0]}\nerrors: [{code: 40001, problem: out-of-stock}]"
		warning  = "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/var/www/a.php</b> on line <b>3</b><br />\n"
		fatal    = "<br />\n<b>Fatal error</b>:  Uncaught Exception in <b>/var/www/a.php</b> on line <b>7</b><br />\n"
	)
	for _, c := range []struct {
		rule, name, yaml, php string
		want                  string // body, or status and code of a problem
		counted               string
	}{
		{"N1", "an empty map", "", `{"map":[],"object":[]}`, `{"map":{},"object":{}}`, "coerced /map empty-list, /object empty-list"},
		{"N1", "an empty list stays one", "", `{"list":[]}`, asIs, "conforming"},
		{"N1", "a list that is not empty is no object", "", `{"object":["a"]}`, asIs, "violating /object type"},
		{"N2", "a map with the keys of a list", "", `{"map":[5,6]}`, `{"map":{"0":5,"1":6}}`, "coerced /map list-form"},
		{"N2", "a list with holes, by the order of its keys", "", `{"list":{"2":"c","0":"a"}}`, `{"list":["a","c"]}`, "coerced /list list-form"},
		{"N2", "a map of names is no list", "", `{"list":{"a":"x"}}`, asIs, "violating /list type"},
		{"N3", "texts out of MySQL", "", `{"int":"42","number":"9.90","bool":"1","map":{"a":"7"}}`, `{"int":42,"number":9.90,"bool":true,"map":{"a":7}}`,
			"coerced /bool scalar-text, /int scalar-text, /map/a scalar-text, /number scalar-text"},
		{"N3", "what is not quite a number", "", `{"int":"042","number":"1 "}`, asIs, "violating /int type, /number type"},
		{"N3", "text where text belongs", "", `{"text":"42"}`, asIs, "conforming"},
		{"N4", "a float for an integer", "", `{"int":10.0}`, `{"int":10}`, "coerced /int number-form"},
		{"N4", "floats keep all digits", "", `{"number":1998.9999999999998,"int":-0}`, asIs, "conforming"},
		{"N4", "an exponent", "", `{"number":1.0e+25}`, asIs, "conforming"},
		{"N4", "integers are not read as floats", "", `{"int":"9223372036854775807","number":12345678901234567890.10}`,
			`{"int":9223372036854775807,"number":12345678901234567890.10}`, "coerced /int scalar-text"},
		{"N4", "an integer that no client can hold is reported", "", `{"int":"18446744073709551615"}`, asIs, "violating /int type"},
		{"N4", "an overflow is reported, not guessed", "", `{"int":9.2233720368547758e+18}`, asIs, "violating /int type"},
		{"N5", "null for what is left out", "", `{"text":null,"int":1}`, `{"int":1}`, "coerced /text null-property"},
		{"N5", "null where it is allowed", "", `{"nullable":null}`, asIs, "conforming"},
		{"N5", "nothing stays distinct", "", `{"word":"","nullable":""}`, asIs, "violating /word minLength"},
		{"N5", "unless it is declared", "normalise: {rules: [usual, empty-text]}", `{"word":"","nullable":""}`, `{"nullable":""}`, "coerced /word empty-text"},
		{"N6", "escapes are read and left alone", "", `{"text":"a\/b \u00e9","list":["\u00fc"]}`, asIs, "conforming"},
		{"N6", "also where something else is mended", "", `{"text":"a\/b \u00e9","int":"1"}`, `{"text":"a\/b \u00e9","int":1}`, "coerced /int scalar-text"},
		{"N7", "json_encode failed", "", "", "502 legacy-invalid-answer", "violating  empty"},
		{"N7", "Latin by declaration", "normalise: {charset: iso-8859-1}", "{\"text\":\"caf\xe9\"}", `{"text":"café"}`, "coerced  charset"},
		{"N7", "bytes that are no text", "", "{\"text\":\"caf\xe9\"}", asIs, "violating  syntax"},
		{"N8", "a warning", "", warning + `{"int":1}`, "502 legacy-invalid-answer", "violating  messages"},
		{"N8", "a warning that may be stripped", "normalise: {strip-warnings: true}", warning + `{"int":1}`, `{"int":1}`, "coerced  php-warnings"},
		{"N8", "a fatal error", "normalise: {strip-warnings: true}", `{"int":1}` + fatal, "502 legacy-invalid-answer", "violating  messages"},
		{"N9", "a byte order mark", "", "\xef\xbb\xbf" + `{"int":1}`, `{"int":1}`, "coerced  byte-order-mark"},
		{"N10", "data out of the envelope, then the rules", envelope, `{"code":0,"msg":"","data":{"map":[]}}`, `{"map":{}}`, "coerced /map empty-list"},
		{"N10", "no data at all", envelope, `{"code":0,"msg":"","data":[]}`, `{}`, "coerced  empty-list"},
		{"N10", "a code", envelope, `{"code":40001,"msg":"gone","data":[]}`, "409 out-of-stock", ""},
		{"N10", "a code that is text", envelope, `{"code":"40001","msg":"gone","data":[]}`, "409 out-of-stock", ""},
		{"N11", "date('c')", dates, `{"at":"2026-07-01T12:00:00+02:00"}`, asIs, "conforming"},
		{"N11", "a time without a zone", dates, `{"at":"2026-07-01 12:00:00"}`, `{"at":"2026-07-01T12:00:00+02:00"}`, "coerced /at date-form"},
		{"N11", "a time without a zone that nobody declared", "", `{"at":"2026-07-01 12:00:00"}`, asIs, "violating /at format"},
		{"N11", "no date", dates, `{"at":"0000-00-00 00:00:00","day":"0000-00-00"}`, `{}`, "coerced /at date-form, /day date-form"},
		{"N11", "an object", dates, `{"at":{"date":"2026-07-01 12:00:00.000000","timezone_type":3,"timezone":"Europe/Berlin"}}`,
			`{"at":"2026-07-01T12:00:00+02:00"}`, "coerced /at date-form"},
		{"N17", "an order is nobody's to change", "", `{"list":["b","a"],"set":["3","1","2"]}`, `{"list":["b","a"],"set":[3,1,2]}`, "coerced /set/* scalar-text"},
		{"N17", "what stands twice in a set is reported", "", `{"set":[1,2,1]}`, asIs, "violating /set/* uniqueItems"},
		{"N17", "also when only mending shows it", "", `{"set":["1",1]}`, `{"set":[1,1]}`, "violating /set/* scalar-text; /set/* uniqueItems"},
		{"N18", "what PHP made up is checked, not compared", dates, `{"id":"0b8f5a5e-3a6f-4a8e-9d5f-1f2e3d4c5b6a","created":"2026-07-01 12:00:00"}`,
			`{"id":"0b8f5a5e-3a6f-4a8e-9d5f-1f2e3d4c5b6a","created":"2026-07-01T12:00:00+02:00"}`, "coerced /created date-form"},
		{"N18", "and has to be what it says", "", `{"id":"7","created":"now"}`, asIs, "violating /created format, /id format"},
	} {
		t.Run(c.rule+" "+c.name, func(t *testing.T) {
			t.Parallel()
			php := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				w.Header().Set("Content-Type", "application/json")
				io.WriteString(w, c.php)
			}))
			t.Cleanup(php.Close)
			yaml := c.yaml
			if yaml == "" {
				yaml = "normalise: true"
			}
			s := service("POST", "/orders/{id}")
			s.Contract = []byte(rulesContract)
			a := load(t, s, php.URL, "version: 1\ntimeout: 5s\n"+yaml+"\n")
			res, err := http.Post(serve(t, a, &s.Operations[0]).URL+"/orders/7", "application/json", strings.NewReader("{}"))
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			got, err := io.ReadAll(res.Body)
			if err != nil {
				t.Fatal(err)
			}
			if status, code, ok := strings.Cut(c.want, " "); ok && len(status) == 3 {
				if !strings.HasPrefix(res.Status, status) || !strings.Contains(string(got), `"code":"`+code+`"`) || strings.Contains(string(got), "/var/www") {
					t.Errorf("%s %s, want %s", res.Status, got, c.want)
				}
			} else if want := strings.Replace(c.want, asIs, c.php, 1); string(got) != want || res.StatusCode != 200 {
				t.Errorf("%s %s\nwant %s", res.Status, got, want)
			}
			if c.counted == "" {
				return
			}
			if diff := cmp.Diff(c.counted, verdictOf(seen(t, a))); diff != "" {
				t.Errorf("counted (-want +got)\n%s", diff)
			}
		})
	}
}

// TestRulesOfPHPInRequests: clients that are PHP write as PHP does (N1), and PHP
// has its own idea of paths (N16).
func TestRulesOfPHPInRequests(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		rule, name, yaml, sent string
		redirect               string // status and Location that PHP answers with
		want                   string // what PHP gets: path and body
	}{
		{"N1", "an empty map", "normalise: {requests: true}", `{"map":[],"int":"1"}`, "", `/orders/7 {"map":{},"int":1}`},
		{"N1", "only where it is declared", "normalise: true", `{"map":[]}`, "", `/orders/7 {"map":[]}`},
		{"N16", "a slash at the end", "operations: {op: {path: '/Orders/{id}/'}}", `{}`, "", `/Orders/7/ {}`},
		{"N16", "a script with a path behind it", "operations: {op: {path: '/index.php/orders/{id}'}}", `{}`, "", `/index.php/orders/7 {}`},
		{"N16", "a redirect to the same with a slash is not followed", "timeout: 5s", `{}`, "301 /orders/7/", `/orders/7 {}`},
		{"N16", "nor one that changes the method", "timeout: 5s", `{}`, "302 /login", `/orders/7 {}`},
		{"N16", "nor one with the body", "normalise: true", `{}`, "307 /index.php/orders/7", `/orders/7 {}`},
	} {
		t.Run(c.rule+" "+c.name, func(t *testing.T) {
			t.Parallel()
			var got []string
			php := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				got = append(got, r.URL.Path+" "+string(body))
				w.Header().Set("Content-Type", "application/json")
				if status, location, ok := strings.Cut(c.redirect, " "); ok {
					w.Header().Set("Location", location)
					w.WriteHeader(map[string]int{"301": 301, "302": 302, "307": 307}[status])
				}
				io.WriteString(w, "{}")
			}))
			t.Cleanup(php.Close)
			s := service("POST", "/orders/{id}")
			s.Contract = []byte(rulesContract)
			front := serve(t, load(t, s, php.URL, "version: 1\n"+c.yaml+"\n"), &s.Operations[0])
			r, err := http.NewRequest("POST", front.URL+"/orders/7", strings.NewReader(c.sent))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			res, err := http.DefaultTransport.RoundTrip(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			php.Close() // got is nobody else's from here on
			if diff := cmp.Diff([]string{c.want}, got); diff != "" {
				t.Errorf("PHP got (-want +got)\n%s", diff)
			}
			if status, location, ok := strings.Cut(c.redirect, " "); ok && (!strings.HasPrefix(res.Status, status) || res.Header.Get("Location") != location) {
				t.Errorf("the client got %s to %q", res.Status, res.Header.Get("Location"))
			}
		})
	}
}
