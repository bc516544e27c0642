package legacyproxy_test

import (
	"context"
	"errors"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/problem"
)

var _ catalog.Caller = (*legacyproxy.Adapter)(nil)

func TestCall(t *testing.T) {
	t.Parallel()
	php := startRaw(t, answer("HTTP/1.1 200 OK\r\nContent-Length: 23\r\n\r\n{\"code\":0,\"data\":12.50}"))
	s := service("POST", "/v1/orders/{orderId}")
	a := load(t, s, php.url, `version: 1
envelope: {code: /code, data: /data, success: [0]}
operations: {op: {path: /order.php, query: {set: {id: "{orderId}"}}, body: urlencoded}}
`)
	r, err := http.NewRequest("POST", "http://contract/v1/orders/a%2Fb?x=%zz", strings.NewReader(`{"n":1.0}`))
	if err != nil {
		t.Fatal(err)
	}
	r.Header.Set("Content-Type", "application/json")
	r.Header.Set("Traceparent", "00-1-2-01")
	r.Header.Set("X-Forwarded-For", "9.9.9.9")
	res, err := a.Call(t.Context(), &s.Operations[0], r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if string(body) != "12.50" || res.StatusCode != 200 || res.ContentLength != 5 {
		t.Errorf("%d %s", res.StatusCode, body)
	}
	want := "POST /order.php?x=%zz&id=a%2Fb HTTP/1.1\r\nHost: " + strings.TrimPrefix(php.url, "http://") + "\r\nContent-Length: 5\r\nAccept-Encoding: identity\r\n" +
		"Content-Type: application/x-www-form-urlencoded\r\nTraceparent: 00-1-2-01\r\nX-Forwarded-For: 9.9.9.9\r\n\r\nn=1.0"
	if diff := cmp.Diff(want, php.last(t)); diff != "" {
		t.Errorf("PHP got (-want +got):\n%s", diff)
	}
}

func TestCallErrors(t *testing.T) {
	t.Parallel()
	const mapped = "envelope: {code: /code, message: /msg, data: /data, success: [0]}\nerrors: [{code: 40001, problem: out-of-stock, message: pass}]\n"
	tests := []struct {
		name, yaml string
		do         func(net.Conn)
		code       string
		status     int
		legacy     string
	}{
		{"mapped", mapped, func(c net.Conn) {
			io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n{\"code\":40001,\"msg\":\"none left\"}")
		}, "out-of-stock", 409, "40001"},
		{"unmapped code", mapped, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 200 OK\r\n\r\n{\"code\":5}") }, "legacy-error", 502, "5"},
		{"nothing mapped, 404", "", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 404 Not Found\r\n\r\n<html>") }, "legacy-error", 404, ""},
		{"nothing mapped, 500", "", func(c net.Conn) { io.WriteString(c, "HTTP/1.1 500 x\r\n\r\n<html>") }, "legacy-error", 502, ""},
		{"silent", "timeout: 50ms\n", hang, "legacy-timeout", 504, ""},
		{"reset", "", reset, "legacy-reset", 502, ""},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			php := startRaw(t, func(c net.Conn, _ string) bool { tt.do(c); return false })
			s := service("GET", "/a")
			a := load(t, s, php.url, "version: 1\n"+tt.yaml)
			r, _ := http.NewRequest("GET", "/a", nil)
			res, err := a.Call(t.Context(), &s.Operations[0], r)
			var p *problem.Error
			if res != nil || !errors.As(err, &p) {
				t.Fatalf("%v, %v", res, err)
			}
			if p.Code != tt.code || p.Status != tt.status || p.LegacyCode != tt.legacy {
				t.Errorf("got %s %d %q, want %s %d %q", p.Code, p.Status, p.LegacyCode, tt.code, tt.status, tt.legacy)
			}
		})
	}
}

func TestCallContext(t *testing.T) {
	t.Parallel()
	php := startRaw(t, func(c net.Conn, _ string) bool { hang(c); return false })
	s := service("GET", "/a")
	a := load(t, s, php.url, "version: 1\ntimeout: 10s\n")
	r, _ := http.NewRequest("GET", "/a", nil)

	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	_, err := a.Call(ctx, &s.Operations[0], r)
	if !errors.Is(err, problem.LegacyTimeout) || !errors.Is(err, context.DeadlineExceeded) {
		t.Errorf("deadline: %v", err)
	}
	ctx, cancel = context.WithCancel(t.Context())
	time.AfterFunc(50*time.Millisecond, cancel)
	if _, err := a.Call(ctx, &s.Operations[0], r); !errors.Is(err, context.Canceled) {
		t.Errorf("cancelled: %v", err)
	}
}

// TestCallStreams: a body that is not mapped outlives the timeout for its head.
func TestCallStreams(t *testing.T) {
	t.Parallel()
	php := startRaw(t, func(c net.Conn, _ string) bool {
		io.WriteString(c, "HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\none")
		time.Sleep(150 * time.Millisecond)
		io.WriteString(c, "two")
		return true
	})
	s := service("GET", "/a")
	a := load(t, s, php.url, "version: 1\ntimeout: 50ms\n")
	r, _ := http.NewRequest("GET", "/a", nil)
	res, err := a.Call(t.Context(), &s.Operations[0], r)
	if err != nil {
		t.Fatal(err)
	}
	body, err := io.ReadAll(res.Body)
	if string(body) != "onetwo" || err != nil {
		t.Errorf("%q %v", body, err)
	}
	if err := res.Body.Close(); err != nil {
		t.Error(err)
	}
}
