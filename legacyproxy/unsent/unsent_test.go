package unsent_test

import (
	"bufio"
	"context"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"sync/atomic"
	"testing"
	"time"

	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

func TestProven(t *testing.T) {
	t.Parallel()
	cause := errors.New("refused")
	err := fmt.Errorf("upstream: %w", unsent.Wrap(cause))
	if !unsent.Proven(err) || !errors.Is(err, cause) || err.Error() != "upstream: refused" {
		t.Errorf("%v", err)
	}
	if unsent.Proven(cause) || unsent.Proven(nil) || unsent.Wrap(nil) != nil {
		t.Error("proven without proof")
	}
}

// server accepts connections and hands each to what the test says.
func server(t *testing.T, serve func(net.Conn)) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go serve(c)
		}
	}()
	return l.Addr().String()
}

func watch(t *testing.T, base *http.Transport) *unsent.Transport {
	w := unsent.Watch(base)
	t.Cleanup(w.CloseIdleConnections)
	return w
}

func post(t *testing.T, ctx context.Context, w *unsent.Transport, url string) error {
	t.Helper()
	r, err := http.NewRequestWithContext(ctx, "POST", url, strings.NewReader("x"))
	if err != nil {
		t.Fatal(err)
	}
	r.GetBody = nil
	res, err := w.RoundTrip(r)
	if err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	return err
}

const answer = "HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"

func TestWatch(t *testing.T) {
	t.Parallel()
	ctx := context.Background()

	t.Run("nobody listens", func(t *testing.T) {
		t.Parallel()
		l, err := net.Listen("tcp", "127.0.0.1:0")
		if err != nil {
			t.Fatal(err)
		}
		l.Close()
		if err := post(t, ctx, watch(t, &http.Transport{}), "http://"+l.Addr().String()); !unsent.Proven(err) {
			t.Errorf("not proven: %v", err)
		}
	})
	t.Run("no such host", func(t *testing.T) {
		t.Parallel()
		if err := post(t, ctx, watch(t, &http.Transport{}), "http://no.such.host.invalid"); !unsent.Proven(err) {
			t.Errorf("not proven: %v", err)
		}
	})
	t.Run("no TLS", func(t *testing.T) {
		t.Parallel()
		addr := server(t, func(c net.Conn) { io.WriteString(c, "HTTP/1.1 400 Bad Request\r\n\r\n"); c.Close() })
		if err := post(t, ctx, watch(t, &http.Transport{}), "https://"+addr); !unsent.Proven(err) {
			t.Errorf("not proven: %v", err)
		}
	})
	t.Run("read and closed", func(t *testing.T) {
		t.Parallel()
		addr := server(t, func(c net.Conn) { _, _ = http.ReadRequest(bufio.NewReader(c)); c.Close() })
		if err := post(t, ctx, watch(t, &http.Transport{}), "http://"+addr); err == nil || unsent.Proven(err) {
			t.Errorf("proven, or no error: %v", err)
		}
	})
	t.Run("no answer in time", func(t *testing.T) {
		t.Parallel()
		addr := server(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
		ctx, cancel := context.WithTimeout(ctx, 30*time.Millisecond)
		defer cancel()
		if err := post(t, ctx, watch(t, &http.Transport{}), "http://"+addr); err == nil || unsent.Proven(err) {
			t.Errorf("proven, or no error: %v", err)
		}
	})
	t.Run("closed while idle", func(t *testing.T) {
		t.Parallel()
		// Whatever net/http calls it: the requests that the server has read are
		// those that were not proven to be unsent.
		var read atomic.Int64
		addr := server(t, func(c net.Conn) {
			in := bufio.NewReader(c)
			for i := range 2 {
				r, err := http.ReadRequest(in)
				if err != nil {
					return
				}
				_, _ = io.Copy(io.Discard, r.Body)
				if i == 0 {
					read.Add(1)
					io.WriteString(c, answer)
					continue
				}
				read.Add(1)
			}
			c.Close()
		})
		w := watch(t, &http.Transport{})
		proven, tries := int64(0), int64(200)
		for range tries {
			if unsent.Proven(post(t, ctx, w, "http://"+addr)) {
				proven++
			}
		}
		if read.Load()+proven != tries {
			t.Errorf("%d requests, %d of them read, %d proven unsent", tries, read.Load(), proven)
		}
	})
}

// closing is a connection whose first write fails as that of a connection
// that the other side has closed does.
type closing struct {
	net.Conn
	writes atomic.Int32
}

func (c *closing) Write(p []byte) (int, error) {
	c.writes.Add(1)
	return 0, net.ErrClosed
}

// A write that failed may have handed something over.
func TestFailedWriteIsNoProof(t *testing.T) {
	t.Parallel()
	addr := server(t, func(c net.Conn) { _, _ = io.Copy(io.Discard, c) })
	base := &http.Transport{DialContext: func(ctx context.Context, network, addr string) (net.Conn, error) {
		c, err := new(net.Dialer).DialContext(ctx, network, addr)
		return &closing{Conn: c}, err
	}}
	if err := post(t, context.Background(), watch(t, base), "http://"+addr); err == nil || unsent.Proven(err) {
		t.Errorf("proven, or no error: %v", err)
	}
}

// net/http sends a GET again on its own when a used connection breaks; Single
// forbids it and changes nothing on the wire.
func TestSingle(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]int64{"plain": 2, "single": 1} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			var second atomic.Int64
			addr := server(t, func(c net.Conn) {
				in := bufio.NewReader(c)
				for {
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					if r.ContentLength != 0 || len(r.TransferEncoding) > 0 {
						t.Errorf("a body arrives: %v %v", r.ContentLength, r.TransferEncoding)
					}
					if r.URL.Path == "/warm" {
						io.WriteString(c, answer)
						continue
					}
					second.Add(1)
					c.Close()
					return
				}
			})
			w := watch(t, &http.Transport{})
			for _, path := range []string{"/warm", "/"} {
				r, err := http.NewRequest("GET", "http://"+addr+path, nil)
				if err != nil {
					t.Fatal(err)
				}
				if name == "single" {
					unsent.Single(r)
				}
				if res, err := w.RoundTrip(r); err == nil {
					res.Body.Close()
				}
			}
			if second.Load() != want {
				t.Errorf("sent %d times, want %d", second.Load(), want)
			}
		})
	}
}
