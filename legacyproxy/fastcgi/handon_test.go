//go:build unix

package fastcgi_test

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/banyan-go/banyan/e2e/phpfpm"
	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

const aLongTime = time.Hour

// keeper is a FastCGI server that answers with the number of the connection
// and of the request on it, and leaves a connection open when asked to, as
// php-fpm does.
type keeper struct {
	addr        string
	connections atomic.Int32
	requests    atomic.Int32 // read to their end
	asked       atomic.Int32 // of these, with the flag to leave the connection open
	// end ends a connection with the nth request on it, from 0 on, in its own
	// way, or answers nothing and returns false.
	end func(c *net.UnixConn, nth int) bool
}

func startKeeper(t *testing.T, end func(*net.UnixConn, int) bool) *keeper {
	t.Helper()
	dir, err := os.MkdirTemp("", "keep-")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	l, err := net.Listen("unix", filepath.Join(dir, "s"))
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	k := &keeper{addr: l.Addr().String(), end: end}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go k.serve(c.(*net.UnixConn), k.connections.Add(1))
		}
	}()
	return k
}

func (k *keeper) serve(c *net.UnixConn, number int32) {
	defer c.Close()
	for nth := 0; ; nth++ {
		if k.end != nil && k.end(c, nth) {
			return
		}
		begin := make([]byte, 16)
		if _, err := io.ReadFull(c, begin); err != nil || readRequest(c) != nil {
			return
		}
		k.requests.Add(1)
		keep := begin[10]&1 == 1
		if keep {
			k.asked.Add(1)
		}
		said := rec(stdout, fmt.Sprintf("\n%d %d", number, nth), 3) + end(0)
		if _, err := io.WriteString(c, said); err != nil || !keep {
			return
		}
	}
}

func (k *keeper) client(t *testing.T) *fastcgi.Client {
	c := fastcgi.New(fastcgi.Config{Network: "unix", Address: k.addr, Log: slog.New(slog.DiscardHandler)})
	t.Cleanup(c.CloseIdleConnections)
	return c
}

// TestHandsOn: one connection serves requests that come fast and may be
// repeated; all others have connections of their own.
func TestHandsOn(t *testing.T) {
	t.Parallel()
	single := func(r *http.Request) *http.Request { unsent.Single(r); return r }
	for name, tt := range map[string]struct {
		idle, age time.Duration
		request   func() *http.Request
		want      [2]string // the answers to two
	}{
		"fast":                 {aLongTime, aLongTime, func() *http.Request { return request(t, "GET", "/", nil) }, [2]string{"1 0", "1 1"}},
		"HEAD and the like":    {aLongTime, aLongTime, func() *http.Request { return request(t, "OPTIONS", "/", nil) }, [2]string{"1 0", "1 1"}},
		"slow":                 {time.Nanosecond, aLongTime, func() *http.Request { return request(t, "GET", "/", nil) }, [2]string{"1 0", "2 0"}},
		"long in use":          {aLongTime, 0, func() *http.Request { return request(t, "GET", "/", nil) }, [2]string{"1 0", "2 0"}},
		"a write":              {aLongTime, aLongTime, func() *http.Request { return request(t, "POST", "/", nil) }, [2]string{"1 0", "2 0"}},
		"a body":               {aLongTime, aLongTime, func() *http.Request { return request(t, "GET", "/", strings.NewReader("x")) }, [2]string{"1 0", "2 0"}},
		"a GET that may not":   {aLongTime, aLongTime, func() *http.Request { return single(request(t, "GET", "/", nil)) }, [2]string{"1 0", "2 0"}},
		"an idempotent method": {aLongTime, aLongTime, func() *http.Request { return request(t, "DELETE", "/", nil) }, [2]string{"1 0", "2 0"}},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := startKeeper(t, nil)
			app := k.client(t).HandOn(tt.idle, tt.age).Application(fastcgi.Layout{Root: "/srv"}, 0)
			for i, want := range tt.want {
				if _, body := do(t, app, tt.request()); body != want {
					t.Errorf("request %d: %q, want %q", i, body, want)
				}
			}
			if tt.idle == time.Nanosecond && k.asked.Load() != 0 {
				t.Error("the server was asked to leave a connection open")
			}
		})
	}
}

// TestStale: a request that may be repeated is, once, when the connection that
// it was given turns out to have ended; not when an answer has begun, and not
// on a connection of its own.
func TestStale(t *testing.T) {
	t.Parallel()
	second := func(end func(c *net.UnixConn)) func(*net.UnixConn, int) bool {
		return func(c *net.UnixConn, nth int) bool {
			if nth == 1 {
				end(c)
			}
			return nth == 1
		}
	}
	for name, tt := range map[string]struct {
		end  func(*net.UnixConn, int) bool
		want string // empty: an error
		runs int32  // requests read on all connections
	}{
		"closed at once":        {second(func(c *net.UnixConn) {}), "2 0", 2},
		"closed unread":         {second(func(c *net.UnixConn) { _, _ = c.Read(make([]byte, 1)) }), "2 0", 2},
		"closed when read":      {second(func(c *net.UnixConn) { _ = readRequest(c) }), "2 0", 2},
		"as php-fpm does":       {second(func(c *net.UnixConn) { _ = c.CloseWrite(); _, _ = io.Copy(io.Discard, c) }), "2 0", 2},
		"half a record":         {second(func(c *net.UnixConn) { _ = readRequest(c); _, _ = c.Write([]byte{1, stdout, 0}) }), "", 1},
		"refused":               {second(func(c *net.UnixConn) { _ = readRequest(c); _, _ = io.WriteString(c, end(2)) }), "", 1},
		"each, the second time": {func(c *net.UnixConn, nth int) bool { return nth == 1 && readRequest(c) == nil }, "2 0", 2},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			k := startKeeper(t, tt.end)
			app := k.client(t).HandOn(aLongTime, aLongTime).Application(fastcgi.Layout{Root: "/srv"}, 0)
			if _, body := do(t, app, request(t, "GET", "/", nil)); body != "1 0" {
				t.Fatal(body)
			}
			res, err := app.RoundTrip(request(t, "GET", "/", nil))
			got := ""
			if err == nil {
				body, _ := io.ReadAll(res.Body)
				res.Body.Close()
				got = string(body)
			}
			if got != tt.want || (err == nil) != (tt.want != "") || unsent.Proven(err) || k.requests.Load() != tt.runs {
				t.Errorf("%q %v, %d requests", got, err, k.requests.Load())
			}
		})
	}
}

// TestStaleTwice: what goes wrong with the second attempt proves nothing about
// the first, and there is no third.
func TestStaleTwice(t *testing.T) {
	t.Parallel()
	var calls atomic.Int32
	k := startKeeper(t, func(c *net.UnixConn, _ int) bool {
		return calls.Add(1) > 1 && readRequest(c) == nil // and no answer
	})
	app := k.client(t).HandOn(aLongTime, aLongTime).Application(fastcgi.Layout{Root: "/srv"}, 0)
	do(t, app, request(t, "GET", "/", nil))
	if _, err := app.RoundTrip(request(t, "GET", "/", nil)); err == nil || unsent.Proven(err) || k.connections.Load() != 2 {
		t.Errorf("%v, %d connections", err, k.connections.Load())
	}

	nobody := startKeeper(t, func(c *net.UnixConn, nth int) bool {
		return nth == 1 && readRequest(c) == nil && os.Remove(c.LocalAddr().String()) == nil
	})
	app = nobody.client(t).HandOn(aLongTime, aLongTime).Application(fastcgi.Layout{Root: "/srv"}, 0)
	do(t, app, request(t, "GET", "/", nil))
	if _, err := app.RoundTrip(request(t, "GET", "/", nil)); err == nil || unsent.Proven(err) {
		t.Errorf("nobody there the second time: %v", err)
	}

	silent := startKeeper(t, func(c *net.UnixConn, nth int) bool {
		if nth == 1 {
			_, _ = io.Copy(io.Discard, c)
		}
		return nth == 1
	})
	app = silent.client(t).HandOn(aLongTime, aLongTime).Application(fastcgi.Layout{Root: "/srv"}, 0)
	do(t, app, request(t, "GET", "/", nil))
	ctx, cancel := context.WithTimeout(t.Context(), 50*time.Millisecond)
	defer cancel()
	if _, err := app.RoundTrip(request(t, "GET", "/", nil).WithContext(ctx)); err == nil || unsent.Proven(err) || silent.connections.Load() != 1 {
		t.Errorf("given up: %v, %d connections", err, silent.connections.Load())
	}
}

// TestDyingChildren: children of php-fpm that serve few requests each end
// connections all the time, right when the next request comes. Every request
// gets its answer, and what writes runs once.
func TestDyingChildren(t *testing.T) {
	t.Parallel()
	for _, keep := range []int{0, 3} {
		fpm, root := startFPM(t, phpfpm.Options{Children: 4, MaxRequests: 5}, map[string]string{
			"a.php": `<?php if ($_SERVER['REQUEST_METHOD'] === 'POST') { file_put_contents(__DIR__ . '/log', $_GET['n'] . "\n", FILE_APPEND | LOCK_EX); } echo $_GET['n'];`,
		})
		client := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr, KeepAlive: keep})
		if keep == 0 {
			client.HandOn(20*time.Millisecond, aLongTime)
		}
		t.Cleanup(client.CloseIdleConnections)
		app := client.Application(fastcgi.Layout{Root: root}, 0)
		var wg sync.WaitGroup
		const callers, each = 3, 30
		for caller := range callers {
			wg.Go(func() {
				for i := range each {
					n, method := fmt.Sprint(caller*each+i), "GET"
					if i%5 == 0 {
						method = "POST"
					}
					res, err := app.RoundTrip(request(t, method, "/a.php?n="+n, nil))
					if err != nil {
						t.Errorf("%s %s: %v", method, n, err)
						continue
					}
					if body, err := io.ReadAll(res.Body); string(body) != n || err != nil {
						t.Errorf("%s %s: %q %v", method, n, body, err)
					}
					res.Body.Close()
				}
			})
		}
		wg.Wait()
		text, err := os.ReadFile(filepath.Join(root, "log"))
		lines := strings.Fields(string(text))
		seen := map[string]bool{}
		for _, line := range lines {
			seen[line] = true
		}
		if err != nil || len(lines) != callers*each/5 || len(seen) != len(lines) {
			t.Errorf("keeping %d: %d writes, %d different ones: %v", keep, len(lines), len(seen), err)
		}
	}
}

// TestLetsGo: a connection that nobody takes over is closed soon, for it
// occupies the only child.
func TestLetsGo(t *testing.T) {
	t.Parallel()
	fpm, root := startFPM(t, phpfpm.Options{Children: 1}, map[string]string{"a.php": `<?php echo 'ok';`})
	busy := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr}).HandOn(20*time.Millisecond, aLongTime).Application(fastcgi.Layout{Root: root}, 0)
	for range 3 {
		for range 5 {
			do(t, busy, request(t, "GET", "/a.php", nil))
		}
		other := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr}).Application(fastcgi.Layout{Root: root}, 0)
		do(t, other, request(t, "POST", "/a.php", nil))
	}
}
