package legacyproxy_test

import (
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/catalog"
)

// TestUnaskedSwitch: a backend that switches protocols though nobody asked,
// and then says nothing, must not hold a client or a handler.
func TestUnaskedSwitch(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, upgrade, wanted string }{
		{"nobody asked", "", "websocket"},
		{"for something else", "Connection: Upgrade\r\nUpgrade: websocket\r\n", "other"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			php := startRaw(t, func(c2 net.Conn, _ string) bool {
				_, _ = io.WriteString(c2, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: "+c.wanted+"\r\n\r\n")
				hang(c2)
				return false
			})
			s := service("GET", "/op")
			front := serve(t, load(t, s, php.url, "version: 1\n"), &s.Operations[0])
			begun := time.Now()
			got := sendRaw(t, front.URL, "GET /op HTTP/1.1\r\nHost: x\r\n"+c.upgrade+"\r\n", "}\n")
			if !strings.HasPrefix(got, "HTTP/1.1 502") || !strings.Contains(got, "legacy-invalid-answer") || time.Since(begun) > 2*time.Second {
				t.Errorf("after %v: %q", time.Since(begun), got)
			}
		})
	}
	t.Run("a call from Go", func(t *testing.T) {
		t.Parallel()
		php := startRaw(t, func(c net.Conn, _ string) bool {
			_, _ = io.WriteString(c, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n\r\n")
			hang(c)
			return false
		})
		s := service("GET", "/op")
		a := load(t, s, php.url, "version: 1\n")
		r, _ := http.NewRequestWithContext(t.Context(), "GET", "http://contract.invalid/op", nil)
		ended := make(chan error, 1)
		go func() { _, err := a.Call(t.Context(), &s.Operations[0], r); ended <- err }()
		select {
		case err := <-ended:
			if err == nil || !strings.Contains(err.Error(), "legacy-invalid-answer") {
				t.Error(err)
			}
		case <-time.After(2 * time.Second):
			t.Error("the call hangs")
		}
	})
}

// TestStaysBelowTheBase: an upstream with a path of its own is the part of a
// server that is shown; dots must not lead out of it.
func TestStaysBelowTheBase(t *testing.T) {
	t.Parallel()
	php := startRaw(t, answer(okAnswer))
	a := load(t, service("GET", "/op"), php.url+"/shop", "version: 1\n")
	front := serve(t, a, (*catalog.Operation)(nil))
	for _, path := range []string{"/../admin", "/a/../../admin", "/%2e%2e/admin", "/..%2fadmin", `/..\admin`, "/."} {
		got := sendRaw(t, front.URL, "GET "+path+" HTTP/1.1\r\nHost: x\r\nConnection: close\r\n\r\n", "")
		if !strings.HasPrefix(got, "HTTP/1.1 400") {
			t.Errorf("%s: %q", path, got)
		}
	}
	if got := php.requests(); len(got) > 0 {
		t.Errorf("PHP got %q", got)
	}
}

// TestHostIsNone: a Host that names somebody is the client's mistake.
func TestHostIsNone(t *testing.T) {
	t.Parallel()
	php := startRaw(t, answer(okAnswer))
	s := service("GET", "/op")
	front := serve(t, load(t, s, php.url, "version: 1\n"), &s.Operations[0])
	got := sendRaw(t, front.URL, "GET /op HTTP/1.1\r\nHost: a@b\r\nConnection: close\r\n\r\n", "")
	if !strings.HasPrefix(got, "HTTP/1.1 400") || len(php.requests()) > 0 {
		t.Errorf("%q, PHP got %q", got, php.requests())
	}
}

// TestTrailersAreNoWayRound: what may not reach PHP as a header may not reach
// it as a trailer.
func TestTrailersAreNoWayRound(t *testing.T) {
	t.Parallel()
	php := startRaw(t, answer(okAnswer))
	s := service("POST", "/op")
	front := serve(t, load(t, s, php.url, "version: 1\n"), &s.Operations[0])
	got := sendRaw(t, front.URL, "POST /op HTTP/1.1\r\nHost: x\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n"+
		"Trailer: X-Sum, X-Forwarded-For, X_Under\r\n\r\n2\r\nab\r\n0\r\n"+
		"X-Sum: 7\r\nX-Forwarded-For: 6.6.6.6\r\nX_Under: 1\r\nProxy: evil\r\nX-Undeclared: 1\r\n\r\n", "")
	if !strings.HasPrefix(got, "HTTP/1.1 200") {
		t.Fatal(got)
	}
	request := php.last(t)
	if !strings.Contains(request, "X-Sum: 7\r\n") {
		t.Errorf("the trailer is lost: %q", request)
	}
	for _, bad := range []string{"6.6.6.6", "X_Under", "Proxy", "Undeclared"} {
		if strings.Contains(request, bad) {
			t.Errorf("%s came through: %q", bad, request)
		}
	}
}
