package legacyproxy_test

import (
	"bytes"
	"errors"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
)

// loadSending is load with the class and its key in the operation, and a log.
func loadSending(t *testing.T, class catalog.Class, method, yaml string, log io.Writer) (*legacyproxy.Adapter, *catalog.Operation) {
	t.Helper()
	s := service(method, "/a")
	op := &s.Operations[0]
	op.Class, op.IdempotencyKey = class, "Idempotency-Key"
	ws := &catalog.Workspace{Services: []*catalog.Service{s}}
	a, err := legacyproxy.Load(fstest.MapFS{s.LegacyFile: {Data: []byte(yaml)}}, ws, legacyproxy.Options{Log: slog.New(slog.NewTextHandler(log, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a, op
}

// nobody is an address that refuses connections.
func nobody(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return "http://" + l.Addr().String()
}

// TestSendsAgain goes through all of it: legacy.yaml, mapping, sender and
// net/http. The other backend refuses connections; this one fails the first
// request and records what it gets.
func TestSendsAgain(t *testing.T) {
	t.Parallel()
	large := strings.Repeat("x", 300<<10)
	tests := []struct {
		name, method string
		class        catalog.Class
		more         string // in legacy.yaml
		key, body    string
		first        int // status of the first answer; 0: the connection breaks
		want         int
		requests     int
	}{
		{"a search by POST", "POST", "R", "", "", `{"q":1}`, 503, 200, 2},
		{"a broken connection", "GET", "R", "", "", "", 0, 200, 2},
		{"a body that is converted", "POST", "R", "operations: {op: {body: urlencoded}}\n", "", `{"q":1}`, 503, 200, 2},
		{"a body too large to be held", "POST", "R", "", "", large, 503, 503, 1},
		{"a body that is held because the file says so", "POST", "R", "operations: {op: {retry: {buffer: 1MiB}}}\n", "", large, 503, 200, 2},
		{"a body larger than the file says", "POST", "R", "operations: {op: {retry: {buffer: 4B}}}\n", "", "12345", 503, 503, 1},
		{"a body as large as the file says", "POST", "R", "operations: {op: {retry: {buffer: 5B}}}\n", "", "12345", 503, 200, 2},
		{"a key", "POST", "I", "", "k", "x", 0, 200, 2},
		{"a key under another name", "POST", "I", "operations: {op: {headers: {rename: {Idempotency-Key: X-Key}}}}\n", "k", "x", 503, 200, 2},
		{"a key that PHP does not get", "POST", "I", "operations: {op: {headers: {drop: [Idempotency-Key]}}}\n", "k", "x", 503, 503, 1},
		{"a key that is always the same", "POST", "I", "operations: {op: {headers: {set: {Idempotency-Key: '1'}}}}\n", "k", "x", 503, 503, 1},
		{"no key", "PUT", "I", "", "", "x", 503, 503, 1},
		{"a write", "POST", "W", "", "k", "x", 503, 503, 1},
		{"a GET that writes", "GET", "W", "", "", "", 0, 502, 1},
		{"an effect", "POST", "X", "", "k", "x", 503, 503, 1},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			var mu sync.Mutex
			var got []string
			php := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
				body, _ := io.ReadAll(r.Body)
				mu.Lock()
				got = append(got, r.Method+" "+r.URL.Path+" "+string(body)+" "+r.Header.Get("X-Key")+r.Header.Get("Idempotency-Key"))
				n := len(got)
				mu.Unlock()
				if n == 1 && tt.first == 0 {
					panic(http.ErrAbortHandler)
				}
				if n == 1 {
					w.WriteHeader(tt.first)
				}
			}))
			t.Cleanup(php.Close)
			a, op := loadSending(t, tt.class, tt.method, "version: 1\nupstream: "+php.URL+"\ntimeout: 5s\nretry: {attempts: 3, backoff: 1ms, budget: 100%}\n"+tt.more, io.Discard)
			front := serve(t, a, op)
			r, err := http.NewRequest(tt.method, front.URL+"/a", strings.NewReader(tt.body))
			if err != nil {
				t.Fatal(err)
			}
			r.Header.Set("Content-Type", "application/json")
			if tt.key != "" {
				r.Header.Set("Idempotency-Key", tt.key)
			}
			res, err := http.DefaultClient.Do(r)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			mu.Lock()
			defer mu.Unlock()
			if res.StatusCode != tt.want || len(got) != tt.requests {
				t.Errorf("status %d after %d requests, want %d after %d", res.StatusCode, len(got), tt.want, tt.requests)
			}
			for _, g := range got {
				if g != got[0] {
					t.Errorf("a request differs from the first: %.100s, %.100s", g, got[0])
				}
			}
		})
	}
}

// A write whose connection is refused goes to the next upstream, body and all,
// under that one's path and name.
func TestWriteGoesElsewhere(t *testing.T) {
	t.Parallel()
	var got atomic.Value
	php := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		got.Store(r.Host + r.URL.Path + "?" + r.URL.RawQuery + " " + string(body))
	}))
	t.Cleanup(php.Close)
	a, op := loadSending(t, "W", "POST", "version: 1\nhost: upstream\ntimeout: 5s\nretry: {backoff: 1ms}\nupstreams:\n  gone: {url: \""+nobody(t)+"/old\"}\n  here: {url: \""+php.URL+"/new\"}\n", io.Discard)
	front := serve(t, a, op)
	long := strings.Repeat("x", 64<<10)
	for _, tt := range []struct {
		body    string
		chunked bool
	}{{"hello", false}, {"hello", true}, {long, false}, {long, true}, {"hello", true}, {"hello", false}, {long, true}, {long, false}} {
		want := strings.TrimPrefix(php.URL, "http://") + "/new/a?b[]=1 " + tt.body
		body := io.Reader(strings.NewReader(tt.body))
		if tt.chunked {
			body = struct{ io.Reader }{body}
		}
		res, err := http.Post(front.URL+"/a?b[]=1", "text/plain", body)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.StatusCode != 200 || got.Load() != want {
			t.Errorf("%d, PHP got %.100q, want %.100q", res.StatusCode, got.Load(), want)
		}
	}
	s := a.Sending()
	if n := s.Senders[0].Retries[0]; n.Cause != "unsent" || n.Count != 4 || len(s.Upstreams) != 2 || s.Upstreams[1].Sent != 8 {
		t.Errorf("%+v", s)
	}
	if a.Upstream(op) != strings.Fields(a.Upstream(op))[0]+" "+php.URL+"/new" {
		t.Errorf("upstream %q", a.Upstream(op))
	}
}

func TestFullUpstream(t *testing.T) {
	t.Parallel()
	release := make(chan struct{})
	php := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-release }))
	t.Cleanup(php.Close)
	a, op := loadSending(t, "R", "GET", "version: 1\ntimeout: 1m\nupstreams:\n  main: {url: \""+php.URL+"\", limit: 1, queue: {length: 0}}\n", io.Discard)
	front := serve(t, a, op)
	done := make(chan int)
	get := func() (*http.Response, error) {
		res, err := http.Get(front.URL + "/a")
		if err == nil {
			res.Body.Close()
		}
		return res, err
	}
	go func() {
		status := 0
		if res, err := get(); err == nil {
			status = res.StatusCode
		}
		done <- status
	}()
	for a.Sending().Upstreams[0].InFlight == 0 {
		time.Sleep(time.Millisecond)
	}
	res, err := get()
	if err != nil {
		t.Fatal(err)
	}
	if res.StatusCode != 503 || res.Header.Get("Retry-After") != "1" || res.Header.Get("Content-Type") != "application/problem+json" {
		t.Errorf("%d %v", res.StatusCode, res.Header)
	}
	close(release)
	if status := <-done; status != 200 {
		t.Errorf("the one in flight got %d", status)
	}
	for a.Sending().Upstreams[0].InFlight > 0 { // its place is free again
		time.Sleep(time.Millisecond)
	}
	if res, err := get(); err != nil || res.StatusCode != 200 {
		t.Errorf("%v %v", res, err)
	}
}

// What a rule says about an envelope counts, and the breaker says why once.
func TestBreakerByEnvelope(t *testing.T) {
	t.Parallel()
	const envelope = `envelope: {code: /code, data: /data, success: [0]}
errors:
  - {code: 1, problem: out-of-stock}
  - {code: 2, problem: quota-exceeded, class: overload}
breaker: {requests: 3, failures: 100%, open: 1m}
`
	for body, opens := range map[string]bool{`{"code":1}`: false, `{"code":2}`: true, `{"code":3}`: false} {
		var log bytes.Buffer
		var n atomic.Int32
		php := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) { n.Add(1); io.WriteString(w, body) }))
		t.Cleanup(php.Close)
		a, op := loadSending(t, "W", "POST", "version: 1\nupstream: "+php.URL+"\n"+envelope, &log)
		front := serve(t, a, op)
		var last *http.Response
		for range 5 {
			res, err := http.Post(front.URL+"/a", "text/plain", nil)
			if err != nil {
				t.Fatal(err)
			}
			res.Body.Close()
			last = res
		}
		sent, lines := 5, 0
		if opens {
			sent, lines = 3, 1
			if last.StatusCode != 502 || last.Header.Get("Retry-After") == "" {
				t.Errorf("%d %v", last.StatusCode, last.Header)
			}
		}
		if int(n.Load()) != sent || strings.Count(log.String(), "a circuit breaker is open now") != lines {
			t.Errorf("%s: PHP got %d requests\n%s", body, n.Load(), log.String())
		}
		if state := a.Sending().Senders[0].Breakers[0].State; (state == resilience.Open) != opens {
			t.Errorf("%s: %s", body, state)
		}
	}
}

// Go code that calls PHP gets the same.
func TestCallSendsAgain(t *testing.T) {
	t.Parallel()
	var n atomic.Int32
	php := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if n.Add(1) == 1 {
			w.WriteHeader(503)
		}
		io.WriteString(w, "ok")
	}))
	t.Cleanup(php.Close)
	a, op := loadSending(t, "R", "GET", "version: 1\nupstreams: {main: {url: \""+php.URL+"\", limit: 2}}\nretry: {backoff: 1ms}\n", io.Discard)
	r, _ := http.NewRequest("GET", "http://shop/a", nil)
	res, err := a.Call(t.Context(), op, r)
	if err != nil {
		t.Fatal(err)
	}
	if a.Sending().Upstreams[0].InFlight != 1 {
		t.Error("the place is free before the answer is read")
	}
	body, err := io.ReadAll(res.Body)
	res.Body.Close()
	if string(body) != "ok" || err != nil || n.Load() != 2 || a.Sending().Upstreams[0].InFlight != 0 {
		t.Errorf("%s %v after %d; %+v", body, err, n.Load(), a.Sending())
	}
}

func TestHealthOverHTTP(t *testing.T) {
	t.Parallel()
	var ill atomic.Bool
	ill.Store(true)
	sick := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if r.URL.Path == "/base/up.php" && ill.Load() {
			w.WriteHeader(500)
		}
		w.Header().Set("X-Sick", "1")
	}))
	t.Cleanup(sick.Close)
	well := httptest.NewServer(http.NotFoundHandler())
	t.Cleanup(well.Close)
	a, op := loadSending(t, "W", "POST", "version: 1\nupstreams:\n  sick: {url: \""+sick.URL+"/base\", health: {path: /up.php, interval: 100ms, down: 1, up: 1}}\n  well: {url: \""+well.URL+"\"}\n", io.Discard)
	front := serve(t, a, op)
	await := func(healthy bool) {
		t.Helper()
		deadline := time.Now().Add(10 * time.Second)
		for a.Sending().Upstreams[0].Healthy != healthy {
			if res, err := http.Post(front.URL+"/a", "", nil); err == nil {
				res.Body.Close()
			}
			if time.Now().After(deadline) {
				t.Fatal(errors.New("the verdict does not change"))
			}
			time.Sleep(time.Millisecond)
		}
	}
	await(false)
	for range 4 {
		res, err := http.Post(front.URL+"/a", "", nil)
		if err != nil {
			t.Fatal(err)
		}
		res.Body.Close()
		if res.Header.Get("X-Sick") != "" {
			t.Error("an upstream that is out got a request")
		}
	}
	ill.Store(false)
	await(true)
}
