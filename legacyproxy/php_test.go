package legacyproxy

import (
	"bufio"
	"encoding/json"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"syscall"
	"testing"
	"testing/fstest"
	"time"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/problem"
)

// startPHP runs a script as the router of PHP's own server.
func startPHP(t *testing.T, script string) string {
	t.Helper()
	needs.Program(t, "php", "php-cli")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	router := filepath.Join(t.TempDir(), "router.php")
	if err := os.WriteFile(router, []byte(script), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("php", "-d", "display_errors=0", "-S", addr, router)
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true} // its workers would outlive it
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait()
	})
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return "http://" + addr
		}
	}
	t.Fatal("php does not listen")
	return ""
}

const echoScript = `<?php
header('Content-Type: application/json');
header('X-Method: ' . $_SERVER['REQUEST_METHOD']);
echo json_encode(['code' => 0, 'data' => ['uri' => $_SERVER['REQUEST_URI'], 'get' => (object)$_GET, 'post' => (object)$_POST,
	'body' => file_get_contents('php://input'), 'cookies' => (object)$_COOKIE, 'host' => $_SERVER['HTTP_HOST'],
	'length' => $_SERVER['CONTENT_LENGTH'] ?? null]]);
`

// TestPHP sends contract requests through an adapter to a real PHP and looks
// at what a script finds in its variables.
func TestPHP(t *testing.T) {
	t.Parallel()
	url := startPHP(t, echoScript)
	tests := []struct {
		name, yaml, method, path, mediaType, body string
		want                                      string // the members of data that matter
	}{
		{"a query as it came", "", "GET", "/v1/o/1?f[a]=1;x=2&bad=%zz&ok=1&a=1&a=2", "", "",
			`{"get":{"f":{"a":"1;x=2"},"bad":"%zz","ok":"1","a":"2"}, "uri":"/v1/o/1?f[a]=1;x=2&bad=%zz&ok=1&a=1&a=2"}`},
		{"a mapped query", "path: '/o.php', query: {set: {action: calc, id: '{id}'}, rename: {page_size: limit}, drop: [debug]}",
			"GET", "/v1/o/a%2Fb%20c?page.size=5&debug[]=1&%64ebug=2&keep[x][]=%C3%A9", "", "",
			`{"get":{"limit":"5","keep":{"x":["é"]},"action":"calc","id":"a/b c"}}`},
		{"JSON in $_POST", "body: urlencoded", "POST", "/v1/o/1", "application/json",
			`{"items":[{"sku":"a&b","n":2},{"sku":"é","n":1.50}],"gift":true,"paid":false,"note":null,"tags":[],"a.b":"x"}`,
			`{"post":{"items":[{"sku":"a&b","n":"2"},{"sku":"é","n":"1.50"}],"gift":"1","paid":"0","a_b":"x"}}`},
		{"a form as JSON", "body: json", "POST", "/v1/o/1", "application/x-www-form-urlencoded", "a[]=1&a[]=2&b[x][y]=%26&c=%C3%A9",
			`{"body":"{\"a\":[\"1\",\"2\"],\"b\":{\"x\":{\"y\":\"&\"}},\"c\":\"é\"}", "post":{}}`},
		{"a raw body with its length", "", "PUT", "/v1/o/1", "text/plain", "hello", `{"body":"hello","length":"5"}`},
		{"cookies and host", "", "GET", "/v1/o/1", "", "", `{"cookies":{"b":"2","a":"1"},"host":"shop.example"}`},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := &catalog.Service{Name: "shop", LegacyFile: "legacy.yaml",
				Operations: []catalog.Operation{{Key: "shop.op", ID: "op", Method: tt.method, Path: "/v1/o/{id}"}}}
			yaml := "version: 1\ntimeout: 10s\nenvelope: {code: /code, data: /data, success: [0]}\noperations: {op: {" + tt.yaml + "}}\n"
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
			c, err := net.Dial("tcp", front.Listener.Addr().String())
			if err != nil {
				t.Fatal(err)
			}
			defer c.Close()
			fmt.Fprintf(c, "%s %s HTTP/1.1\r\nHost: shop.example\r\nCookie: b=2; a=1\r\nContent-Type: %s\r\nContent-Length: %d\r\n\r\n%s",
				tt.method, tt.path, tt.mediaType, len(tt.body), tt.body)
			res, err := http.ReadResponse(bufio.NewReader(c), nil)
			if err != nil {
				t.Fatal(err)
			}
			body, err := io.ReadAll(res.Body)
			if err != nil || res.StatusCode != 200 {
				t.Fatalf("%d %s %v", res.StatusCode, body, err)
			}
			var got, want map[string]any
			if err := json.Unmarshal(body, &got); err != nil {
				t.Fatalf("%s: %v", body, err)
			}
			if err := json.Unmarshal([]byte(tt.want), &want); err != nil {
				t.Fatal(err)
			}
			for name, value := range want {
				if diff := cmp.Diff(value, got[name]); diff != "" {
					t.Errorf("%s (-want +got):\n%s", name, diff)
				}
			}
		})
	}
}

// parser is a PHP that reads queries line by line and answers what $_GET
// would hold.
func startParser(t *testing.T) func(query string) map[string]any {
	t.Helper()
	needs.Program(t, "php", "php-cli")
	cmd := exec.Command("php", "-r", `while (($l = fgets(STDIN)) !== false) { $v = []; parse_str(rtrim($l, "\n"), $v); echo json_encode((object)$v, JSON_INVALID_UTF8_SUBSTITUTE), "\n"; }`)
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
	})
	lines := bufio.NewReader(out)
	return func(query string) map[string]any {
		if _, err := io.WriteString(in, query+"\n"); err != nil {
			t.Fatal(err)
		}
		line, err := lines.ReadString('\n')
		if err != nil {
			t.Fatalf("%q: %v", query, err)
		}
		var v map[string]any
		if err := json.Unmarshal([]byte(line), &v); err != nil {
			t.Fatalf("%q: %q: %v", query, line, err)
		}
		return v
	}
}

// randomQuery is a query in which few letters meet often.
func randomQuery(r *rand.Rand, letters []string) string {
	var q strings.Builder
	for range r.IntN(24) {
		q.WriteString(letters[r.IntN(len(letters))])
	}
	return q.String()
}

// TestQueryAsPHPSeesIt: what is dropped is gone from $_GET however it was
// written, what is renamed has moved, and all else is as it was.
func TestQueryAsPHPSeesIt(t *testing.T) {
	t.Parallel()
	parse := startParser(t)
	drop := &queryMapping{drop: []queryName{parseQueryName("a_b")}}
	rename := &queryMapping{rename: []queryRename{{parseQueryName("a_b"), "moved"}}}
	letters := []string{"a_b", "a.b", "a b", "a+b", "%61_b", "a", "b", "c", "[", "]", "[]", "[c]", "%5B", "%5d", "=", "=", "&", "&", ".", " ", "+", "%00", "%", "%2", "_", "1", ";"}
	r := rand.New(rand.NewPCG(1, 2))
	for range 20_000 {
		q := randomQuery(r, letters)
		whole := parse(q)
		moved, has := whole["a_b"]
		delete(whole, "a_b")
		if diff := cmp.Diff(whole, parse(drop.apply(q, nil))); diff != "" {
			t.Fatalf("%q dropped is %q (-want +got):\n%s", q, drop.apply(q, nil), diff)
		}
		if has {
			whole["moved"] = moved
		}
		if diff := cmp.Diff(whole, parse(rename.apply(q, nil))); diff != "" {
			t.Fatalf("%q renamed is %q (-want +got):\n%s", q, rename.apply(q, nil), diff)
		}
	}
}

// TestFormAsPHPSeesIt: JSON made of a form is what json_encode makes of
// $_POST. Dots and spaces in names are left out: those PHP changes.
func TestFormAsPHPSeesIt(t *testing.T) {
	t.Parallel()
	parse := startParser(t)
	letters := []string{"a", "b", "0", "1", "2", "01", "-1", "[", "]", "[]", "[]=", "[a]", "[ ]", "[ a]", "[0]", "[1]=", "%5B", "%5d", "=", "=x", "&", "&", "%", "x"}
	inner := strings.NewReplacer("[ ]", "", "[ a]", "")
	r := rand.New(rand.NewPCG(3, 4))
	for range 20_000 {
		q := randomQuery(r, letters)
		if strings.Contains(inner.Replace(queryUnescape(q)), " ") {
			continue
		}
		doc, err := jsonFromForm([]byte(q))
		if !utf8.ValidString(queryUnescape(q)) {
			continue // it was refused
		} else if err != nil {
			t.Fatalf("%q: %v", q, err)
		}
		var got any
		if err := json.Unmarshal(doc, &got); err != nil {
			t.Fatalf("%q: %q: %v", q, doc, err)
		}
		if diff := cmp.Diff(any(parse(q)), got); diff != "" {
			t.Fatalf("%q became %s (-want +got):\n%s", q, doc, diff)
		}
	}
}
