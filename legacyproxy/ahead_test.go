package legacyproxy_test

import (
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
)

// breaking is a backend whose first answers break off in the middle of their
// bodies. It returns its address, and how many requests came.
func breaking(t *testing.T, breaks int32, body string) (addr string, requests *atomic.Int32) {
	t.Helper()
	requests = &atomic.Int32{}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	server := &http.Server{Handler: http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		_, _ = io.Copy(io.Discard, r.Body)
		w.Header().Set("Content-Type", "application/json")
		w.Header().Set("Content-Length", fmt.Sprint(len(body)))
		if requests.Add(1) > breaks {
			_, _ = io.WriteString(w, body)
			return
		}
		_, _ = io.WriteString(w, body[:len(body)/2])
		_ = http.NewResponseController(w).Flush()
		panic(http.ErrAbortHandler)
	}), ErrorLog: slog.NewLogLogger(slog.DiscardHandler, slog.LevelError)}
	go func() { _ = server.Serve(l) }()
	t.Cleanup(func() { server.Close() })
	return "http://" + l.Addr().String(), requests
}

// TestBreaksOffUnseen: an answer that is read before any of it goes to the client
// may be asked for again when it breaks off, if the class permits that.
func TestBreaksOffUnseen(t *testing.T) {
	t.Parallel()
	const envelope = "envelope: {code: /code, data: /data, success: [0]}\n"
	const answer = `{"code":0,"data":{"id":1,"name":"` + "a long name, so that it can be cut" + `"}}`
	for _, tt := range []struct {
		name     string
		class    catalog.Class
		yaml     string
		breaks   int32
		want     string // what the answer holds; empty: it breaks off
		status   int
		requests int32
	}{
		{"an envelope", "R", envelope, 2, `{"id":1`, 200, 3},
		{"an envelope, always", "R", envelope, 9, "legacy-reset", 502, 3},
		{"an envelope of a write", "W", envelope, 1, "legacy-reset", 502, 1},
		{"an envelope, but reset is not listed", "R", envelope + "operations: {op: {retry: {on: [503]}}}\n", 1, "legacy-reset", 502, 1},
		{"a rule about bodies", "R", "errors: [{status: 200, body: nothing, problem: out-of-stock}]\n", 1, `{"code":0`, 200, 2},
		{"normalised", "R", "normalise: true\n", 1, `{"code":0`, 200, 2},
		{"normalised, always", "R", "normalise: true\n", 9, "legacy-reset", 502, 3},
		{"links in bodies", "R", "rewrite-location: all\nhost: upstream\n", 1, `{"code":0`, 200, 2},
		{"nothing is mapped", "R", "", 1, "", 200, 1},
	} {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			php, requests := breaking(t, tt.breaks, answer)
			s := itemService()
			op := &s.Operations[0]
			op.Class = tt.class
			yaml := "version: 1\ntimeout: 10s\nupstream: " + php + "\nretry: {attempts: 3, backoff: 1ms, budget: 100%}\n" + tt.yaml
			a, err := legacyproxy.Load(fstest.MapFS{s.LegacyFile: {Data: []byte(yaml)}}, &catalog.Workspace{Services: []*catalog.Service{s}},
				legacyproxy.Options{Log: slog.New(slog.DiscardHandler)})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(a.Close)
			res, err := http.Post(serve(t, a, op).URL+"/a", "application/json", strings.NewReader(`{"id":1}`))
			if err != nil && tt.want == "" && requests.Load() == tt.requests {
				return // it broke off before its head was read
			}
			if err != nil {
				t.Fatal(err)
			}
			defer res.Body.Close()
			body, err := io.ReadAll(res.Body)
			if (err != nil) != (tt.want == "") || res.StatusCode != tt.status || !strings.Contains(string(body), tt.want) || requests.Load() != tt.requests {
				t.Errorf("%d %q, %v, after %d requests; want %d %q after %d", res.StatusCode, body, err, requests.Load(), tt.status, tt.want, tt.requests)
			}
		})
	}
}

// TestTriesThatTakeTooLong: when each attempt takes longer than it may, the
// answer is that of a timeout.
func TestTriesThatTakeTooLong(t *testing.T) {
	t.Parallel()
	for _, more := range []string{"", "breaker: {requests: 1, failures: 100%, open: 1m}\n"} {
		l, err := net.Listen("tcp", "127.0.0.1:0") // and nobody accepts
		if err != nil {
			t.Fatal(err)
		}
		t.Cleanup(func() { l.Close() })
		a, op := loadSending(t, "R", "GET", "version: 1\nupstream: http://"+l.Addr().String()+
			"\ntimeout: 10s\nretry: {attempts: 2, backoff: 1ms, try-timeout: 20ms, budget: 100%}\n"+more, io.Discard)
		res, err := http.Get(serve(t, a, op).URL + "/a")
		if err != nil {
			t.Fatal(err)
		}
		body, _ := io.ReadAll(res.Body)
		res.Body.Close()
		if res.StatusCode != http.StatusGatewayTimeout || !strings.Contains(string(body), "legacy-timeout") {
			t.Errorf("%q: %d %s", more, res.StatusCode, body)
		}
	}
}
