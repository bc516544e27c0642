//go:build unix

package fastcgi_test

import (
	"errors"
	"net"
	"path/filepath"
	"syscall"
	"testing"

	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

// TestBrokenSocket: what goes wrong on a unix socket is told in the terms of
// package net, which is how a broken connection is known from a bad answer.
func TestBrokenSocket(t *testing.T) {
	t.Parallel()
	path := filepath.Join(t.TempDir(), "s")
	l, err := net.Listen("unix", path)
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			var some [8]byte
			_, _ = c.Read(some[:])
			c.Close() // with most of the request unread: that is a reset
		}
	}()
	app := fastcgi.New(fastcgi.Config{Network: "unix", Address: path}).Application(fastcgi.Layout{Root: "/srv"}, 0)
	_, err = app.RoundTrip(request(t, "GET", "/", nil))
	var op *net.OpError
	if !errors.As(err, &op) || op.Op != "read" || !errors.Is(err, syscall.ECONNRESET) || unsent.Proven(err) {
		t.Errorf("reset: %v", err)
	}
	l.Close()
	_, err = app.RoundTrip(request(t, "GET", "/", nil))
	if !errors.As(err, &op) || op.Op != "dial" || !unsent.Proven(err) {
		t.Errorf("nobody listens: %v", err)
	}
}
