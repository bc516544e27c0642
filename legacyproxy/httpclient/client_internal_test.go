package httpclient

import (
	"net"
	"net/http"
	"testing"
)

// TestSweep: what idles for long is closed, and what does not stays.
func TestSweep(t *testing.T) {
	t.Parallel()
	client := New(Config{})
	client.ticking = true // the test is the clock
	closed := map[string]bool{}
	idle := func(name string) {
		here, there := net.Pipe()
		t.Cleanup(func() { there.Close() })
		client.keep(newConn(noting{here, func() { closed[name] = true }}, origin{"http", "a"}))
	}
	idle("old")
	for range maxIdleTicks {
		client.sweep()
	}
	idle("young")
	if closed["old"] {
		t.Error("closed too early")
	}
	client.sweep()
	if !closed["old"] || closed["young"] {
		t.Errorf("closed: %v", closed)
	}
	if c := client.take(origin{"http", "a"}); c == nil || client.take(origin{"http", "a"}) != nil {
		t.Error("not the one that stays")
	}
}

type noting struct {
	net.Conn
	note func()
}

func (n noting) Close() error { n.note(); return n.Conn.Close() }

// TestMaxIdle: no more are kept than are wanted.
func TestMaxIdle(t *testing.T) {
	t.Parallel()
	client := New(Config{MaxIdle: 2})
	for range 3 {
		here, there := net.Pipe()
		t.Cleanup(func() { there.Close() })
		client.keep(newConn(here, origin{"http", "a"}))
	}
	if n := len(client.idle[origin{"http", "a"}]); n != 2 {
		t.Errorf("%d idle", n)
	}
	client.CloseIdleConnections()
	if len(client.idle) != 0 {
		t.Error("some are left")
	}
	var _ http.RoundTripper = client
}
