//go:build unix

package fastcgi_test

import (
	"bytes"
	"context"
	"crypto/md5"
	"encoding/hex"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/banyan-go/banyan/e2e/phpfpm"
	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
)

// request is what the adapter would send.
func request(t testing.TB, method, uri string, body io.Reader) *http.Request {
	t.Helper()
	r, err := http.NewRequest(method, "http://shop.example"+uri, body)
	if err != nil {
		t.Fatal(err)
	}
	r.Proto, r.RemoteAddr = "HTTP/1.1", "192.0.2.7:4711"
	return r
}

// do sends a request and reads the whole answer.
func do(t testing.TB, app http.RoundTripper, r *http.Request) (*http.Response, string) {
	t.Helper()
	res, err := app.RoundTrip(r)
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return res, string(body)
}

// logBuffer collects a log.
type logBuffer struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (l *logBuffer) Write(p []byte) (int, error) {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.Write(p)
}

func (l *logBuffer) String() string {
	l.mu.Lock()
	defer l.mu.Unlock()
	return l.buf.String()
}

// eventually waits for something that another process does.
func eventually(t testing.TB, what string, ok func() bool) {
	t.Helper()
	for range 1000 {
		if ok() {
			return
		}
		time.Sleep(10 * time.Millisecond)
	}
	t.Fatalf("never happened: %s", what)
}

// TestPHP runs real scripts, over either kind of socket, with and without
// connections that are kept.
func TestPHP(t *testing.T) {
	t.Parallel()
	scripts := map[string]string{
		"status.php":   `<?php http_response_code((int)$_GET['s']); header('X-A: 1'); setcookie('a', '1'); setcookie('b', '2'); echo 'body';`,
		"redirect.php": `<?php header('Location: /there');`,
		"length.php":   `<?php header('Content-Length: 5'); echo 'hello';`,
		"hash.php":     `<?php $in = file_get_contents('php://input'); echo $_SERVER['CONTENT_LENGTH'], ' ', strlen($in), ' ', md5($in);`,
		"big.php":      `<?php for ($i = 0; $i < 3000; $i++) { echo str_repeat(chr(65 + $i % 26), 1000); }`,
		"ignore.php":   `<?php echo str_repeat('x', 3000000);`, // prints without reading its input
		"fatal.php":    `<?php error_log("first line"); no_such_function();`,
		"after.php":    `<?php header('Content-Length: 2'); echo 'ok and more';`,
		"less.php":     `<?php header('Content-Length: 10'); echo 'less';`,
		"vars.php":     `<?php echo $_SERVER['HTTP_X_LIST'] ?? '', '|', $_SERVER['HTTP_COOKIE'] ?? '', '|', $_SERVER['HTTP_PROXY'] ?? 'none', '|', $_SERVER['HTTP_A_B'] ?? 'none', '|', $_SERVER['HTTPS'] ?? 'off', '|', $_SERVER['SERVER_PORT'], '|', $_SERVER['REMOTE_ADDR'];`,
	}
	for name, o := range map[string]struct {
		fpm  phpfpm.Options
		keep int
	}{
		"unix":            {phpfpm.Options{}, 0},
		"tcp":             {phpfpm.Options{TCP: true}, 0},
		"unix, kept":      {phpfpm.Options{}, 2},
		"tcp, kept":       {phpfpm.Options{TCP: true}, 2},
		"unix, one child": {phpfpm.Options{Children: 1}, 0},
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			fpm, root := startFPM(t, o.fpm, scripts)
			log := &logBuffer{}
			client := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr, KeepAlive: o.keep, Log: slog.New(slog.NewTextHandler(log, nil))})
			t.Cleanup(client.CloseIdleConnections)
			testScripts(t, client.Application(fastcgi.Layout{Root: root}, 0), log)
		})
	}
}

func testScripts(t *testing.T, app http.RoundTripper, log *logBuffer) {
	res, body := do(t, app, request(t, "GET", "/status.php?s=418", nil))
	if res.StatusCode != 418 || body != "body" || res.Header.Get("X-A") != "1" || len(res.Header["Set-Cookie"]) != 2 || res.Header["Status"] != nil || res.ContentLength != -1 {
		t.Errorf("%d %v %q", res.StatusCode, res.Header, body)
	}
	res, body = do(t, app, request(t, "GET", "/redirect.php", nil))
	if res.StatusCode != 302 || res.Header.Get("Location") != "/there" || body != "" {
		t.Errorf("%d %v %q", res.StatusCode, res.Header, body)
	}
	res, body = do(t, app, request(t, "GET", "/length.php", nil))
	if res.ContentLength != 5 || body != "hello" {
		t.Errorf("%d %q", res.ContentLength, body)
	}
	res, body = do(t, app, request(t, "HEAD", "/length.php", nil))
	if res.ContentLength != 5 || body != "" {
		t.Errorf("HEAD: %d %q", res.ContentLength, body)
	}
	res, body = do(t, app, request(t, "GET", "/status.php?s=204", nil))
	if res.StatusCode != 204 || body != "" {
		t.Errorf("%d %q", res.StatusCode, body)
	}
	res, body = do(t, app, request(t, "GET", "/nowhere.php", nil))
	if res.StatusCode != 404 || !strings.Contains(log.String(), "Primary script unknown") {
		t.Errorf("%d %q, log %s", res.StatusCode, body, log)
	}
	for _, size := range []int{0, 1, 16 << 10, 16<<10 + 1, 100_000, 256 << 10, 256<<10 + 1, 3_000_000} {
		for _, announced := range []bool{true, false} {
			payload := bytes.Repeat([]byte("0123456789abcdef"), size/16+1)[:size]
			sum := md5.Sum(payload)
			r := request(t, "POST", "/hash.php", bytes.NewReader(payload))
			r.Header.Set("Content-Type", "application/octet-stream")
			if !announced {
				r.Body, r.ContentLength = io.NopCloser(bytes.NewReader(payload)), -1
			}
			want := fmt.Sprintf("%d %d %s", size, size, hex.EncodeToString(sum[:]))
			if _, body := do(t, app, r); body != want {
				t.Errorf("%d bytes: %s, want %s", size, body, want)
			}
		}
	}
	_, body = do(t, app, request(t, "GET", "/big.php", nil))
	if len(body) != 3_000_000 || body[1000] != 'B' {
		t.Errorf("%d bytes", len(body))
	}
	r := request(t, "POST", "/ignore.php", bytes.NewReader(make([]byte, 5_000_000)))
	r.Header.Set("Content-Type", "application/octet-stream")
	if _, body := do(t, app, r); len(body) != 3_000_000 {
		t.Errorf("%d bytes", len(body))
	}
	res, _ = do(t, app, request(t, "GET", "/fatal.php", nil))
	if res.StatusCode != 500 || !strings.Contains(log.String(), "first line") || !strings.Contains(log.String(), "undefined function no_such_function") {
		t.Errorf("%d, log %s", res.StatusCode, log)
	}
	if _, body = do(t, app, request(t, "GET", "/after.php", nil)); body != "ok" {
		t.Errorf("%q", body)
	}
	res, err := app.RoundTrip(request(t, "GET", "/less.php", nil))
	if err != nil {
		t.Fatal(err)
	}
	if body, err := io.ReadAll(res.Body); err != io.ErrUnexpectedEOF {
		t.Errorf("less than announced: %q %v", body, err)
	}
	r = request(t, "GET", "/vars.php", nil)
	r.Header = http.Header{"X-List": {"1", "2"}, "Cookie": {"a=1", "b=2"}, "Proxy": {"evil"}, "A_B": {"evil"}, "X-Forwarded-Proto": {"https"}}
	if _, body := do(t, app, r); body != "1, 2|a=1; b=2|none|none|on|443|192.0.2.7" {
		t.Errorf("%s", body)
	}
}

// TestStreams sees a script's first piece while the script waits for a sign to
// go on.
func TestStreams(t *testing.T) {
	t.Parallel()
	fpm, root := startFPM(t, phpfpm.Options{}, map[string]string{
		"stream.php": `<?php header('Content-Type: text/event-stream'); echo "data: 1\n\n"; ob_flush(); flush();
			while (!file_exists(__DIR__ . '/go')) { usleep(5000); clearstatcache(); } echo "data: 2\n\n";`,
	})
	app := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr}).Application(fastcgi.Layout{Root: root}, 0)
	res, err := app.RoundTrip(request(t, "GET", "/stream.php", nil))
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	buf := make([]byte, 100)
	n, err := res.Body.Read(buf)
	if string(buf[:n]) != "data: 1\n\n" || err != nil {
		t.Fatalf("%q %v", buf[:n], err)
	}
	if err := os.WriteFile(filepath.Join(root, "go"), nil, 0o644); err != nil {
		t.Fatal(err)
	}
	if rest, err := io.ReadAll(res.Body); string(rest) != "data: 2\n\n" || err != nil {
		t.Fatalf("%q %v", rest, err)
	}
}

// TestAborts: when nobody listens any more, be it that the context ends or
// that the body is closed, PHP notices at its next output.
func TestAborts(t *testing.T) {
	t.Parallel()
	fpm, root := startFPM(t, phpfpm.Options{}, map[string]string{
		"endless.php": `<?php register_shutdown_function(function () { touch(__DIR__ . '/ended-' . $_GET['n']); });
			for ($i = 0; $i < 20000; $i++) { echo str_repeat('x', 100000); ob_flush(); flush(); usleep(1000); }`,
	})
	for _, keep := range []int{0, 2} {
		app := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr, KeepAlive: keep}).Application(fastcgi.Layout{Root: root}, 0)
		for how, leave := range map[string]func(cancel func(), body io.Closer){
			"cancel": func(cancel func(), _ io.Closer) { cancel() },
			"close":  func(_ func(), body io.Closer) { body.Close() },
		} {
			ctx, cancel := context.WithCancel(context.Background())
			name := fmt.Sprintf("%s%d", how, keep)
			res, err := app.RoundTrip(request(t, "GET", "/endless.php?n="+name, nil).WithContext(ctx))
			if err != nil {
				t.Fatal(err)
			}
			leave(cancel, res.Body)
			eventually(t, how+": the script ends", func() bool {
				_, err := os.Stat(filepath.Join(root, "ended-"+name))
				return err == nil
			})
			if _, err := io.ReadAll(res.Body); err == nil {
				t.Errorf("%s: the answer seems whole", how)
			}
			res.Body.Close()
			cancel()
		}
	}
}

// TestKeptConnections: a kept connection serves again, and is let go of soon,
// for it occupies the only child.
func TestKeptConnections(t *testing.T) {
	t.Parallel()
	fpm, root := startFPM(t, phpfpm.Options{Children: 1}, map[string]string{"port.php": `<?php echo getmypid(), ' ', $_GET['n'];`})
	kept := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr, KeepAlive: 1}).Application(fastcgi.Layout{Root: root}, 0)
	for n := range 50 {
		if _, body := do(t, kept, request(t, "GET", fmt.Sprintf("/port.php?n=%d", n), nil)); !strings.HasSuffix(body, fmt.Sprintf(" %d", n)) {
			t.Fatal(body)
		}
	}
	other := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr}).Application(fastcgi.Layout{Root: root}, 0)
	if _, body := do(t, other, request(t, "GET", "/port.php?n=x", nil)); !strings.HasSuffix(body, " x") {
		t.Fatal(body)
	}
}

// TestFullQueue: a unix socket refuses at once when its queue is full; requests
// wait for their turn all the same.
func TestFullQueue(t *testing.T) {
	t.Parallel()
	fpm, root := startFPM(t, phpfpm.Options{Children: 1, Backlog: 1}, map[string]string{"slow.php": `<?php usleep(20000); echo 'ok';`})
	app := fastcgi.New(fastcgi.Config{Network: fpm.Network, Address: fpm.Addr}).Application(fastcgi.Layout{Root: root}, 0)
	var wg sync.WaitGroup
	for range 20 {
		wg.Go(func() {
			res, err := app.RoundTrip(request(t, "GET", "/slow.php", nil))
			if err != nil {
				t.Error(err)
				return
			}
			defer res.Body.Close()
			if body, err := io.ReadAll(res.Body); string(body) != "ok" || err != nil {
				t.Errorf("%q %v", body, err)
			}
		})
	}
	wg.Wait()
}
