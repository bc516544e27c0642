package admin

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"strings"
	"testing"
	"time"
)

func listen(t *testing.T) (net.Listener, string) {
	t.Helper()
	l, err := (&net.ListenConfig{}).Listen(t.Context(), "tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	return l, "http://" + l.Addr().String()
}

func fetch(t *testing.T, method, url string, body io.Reader) (string, error) {
	t.Helper()
	r, err := http.NewRequestWithContext(context.Background(), method, url, body)
	if err != nil {
		t.Fatal(err)
	}
	client := http.Client{Transport: &http.Transport{DisableKeepAlives: true}, Timeout: 10 * time.Second}
	res, err := client.Do(r)
	if err != nil {
		return "", err
	}
	defer res.Body.Close()
	b, err := io.ReadAll(res.Body)
	return string(b), err
}

func TestRunLosesNothing(t *testing.T) {
	t.Parallel()
	const requests = 20
	public, publicURL := listen(t)
	private, privateURL := listen(t)
	entered, finish := make(chan bool, requests), make(chan bool)
	slow := http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		entered <- true
		_, _ = io.WriteString(w, "first ")
		_ = http.NewResponseController(w).Flush()
		<-finish
		if err := r.Context().Err(); err != nil {
			t.Errorf("the context of a request in flight ended: %v", err)
		}
		_, _ = io.WriteString(w, "last")
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	a := New(Options{})
	a.Ready()
	context.AfterFunc(ctx, a.Drain)
	go func() {
		ended <- Run(ctx, Server{Listener: public, Handler: slow}, Server{Listener: private, Handler: a})
	}()

	answers := make(chan string, requests)
	for range requests {
		go func() {
			body, err := fetch(t, "GET", publicURL, nil)
			answers <- fmt.Sprint(body, err)
		}()
	}
	for range requests {
		<-entered
	}
	stop()
	for { // no new connections
		conn, err := net.DialTimeout("tcp", public.Addr().String(), time.Second)
		if err != nil {
			break
		}
		_ = conn.Close()
	}
	if body, err := fetch(t, "GET", privateURL+"/-/readyz", nil); err != nil || !strings.Contains(body, "draining") {
		t.Errorf("health cannot be asked while requests drain: %q %v", body, err)
	}
	select {
	case err := <-ended:
		t.Fatalf("stopped with requests in flight: %v", err)
	case <-time.After(50 * time.Millisecond):
	}
	close(finish)
	for range requests {
		if got := <-answers; got != "first last<nil>" {
			t.Errorf("got %q", got)
		}
	}
	if err := <-ended; err != nil {
		t.Error(err)
	}
}

func TestRunCutsOffAfterGrace(t *testing.T) {
	t.Parallel()
	l, url := listen(t)
	entered := make(chan bool)
	endless := http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) {
		entered <- true
		<-r.Context().Done()
	})
	ctx, stop := context.WithCancel(t.Context())
	ended := make(chan error, 1)
	go func() { ended <- Run(ctx, Server{Listener: l, Handler: endless, Grace: 50 * time.Millisecond}) }()
	go func() { _, _ = fetch(t, "GET", url, nil) }()
	<-entered
	stop()
	if err := <-ended; err == nil || !strings.Contains(err.Error(), "1 requests were cut off after 50ms") {
		t.Errorf("got %v", err)
	}
}

// A server that fails stops the others.
func TestRunFails(t *testing.T) {
	t.Parallel()
	good, _ := listen(t)
	bad, _ := listen(t)
	_ = bad.Close()
	err := Run(t.Context(), Server{Listener: good, Handler: http.NotFoundHandler()}, Server{Listener: bad, Handler: http.NotFoundHandler()})
	if err == nil || !strings.Contains(err.Error(), bad.Addr().String()) {
		t.Errorf("got %v", err)
	}
	if conn, err := net.Dial("tcp", good.Addr().String()); err == nil {
		_ = conn.Close()
		t.Error("the other server still runs")
	}
}

// patientServer answers with what became of the body, then waits.
func patientServer(t *testing.T, patience time.Duration, h http.HandlerFunc) string {
	t.Helper()
	l, url := listen(t)
	s := &http.Server{Handler: patient(h, patience), ReadHeaderTimeout: time.Second}
	go func() { _ = s.Serve(l) }()
	t.Cleanup(func() { _ = s.Close() })
	return url
}

// drip gives one byte at a time.
type drip struct {
	left  int
	pause time.Duration
}

func (d *drip) Read(p []byte) (int, error) {
	if d.left == 0 {
		return 0, io.EOF
	}
	d.left--
	time.Sleep(d.pause)
	p[0] = 'x'
	return 1, nil
}

func TestPatience(t *testing.T) {
	t.Parallel()
	const patience = 200 * time.Millisecond
	url := patientServer(t, patience, func(w http.ResponseWriter, r *http.Request) {
		n, err := io.Copy(io.Discard, r.Body)
		if err != nil {
			w.WriteHeader(http.StatusRequestTimeout)
			return
		}
		// Work that takes longer than the patience, body read or not.
		select {
		case <-time.After(2 * patience):
			_, _ = fmt.Fprint(w, n)
		case <-r.Context().Done():
			t.Error("the deadline of the body ended the request")
		}
	})
	if got, err := fetch(t, "POST", url, &drip{left: 20, pause: patience / 10}); got != "20" {
		t.Errorf("a slow upload that moves: %q, %v", got, err)
	}
	if got, err := fetch(t, "GET", url, nil); got != "0" {
		t.Errorf("no body: %q, %v", got, err)
	}

	for _, reads := range []string{"reads", "ignores"} {
		ignoring := patientServer(t, patience, func(http.ResponseWriter, *http.Request) {})
		to := map[string]string{"reads": url, "ignores": ignoring}[reads]
		conn, err := net.Dial("tcp", strings.TrimPrefix(to, "http://"))
		if err != nil {
			t.Fatal(err)
		}
		_, _ = io.WriteString(conn, "POST / HTTP/1.1\r\nHost: x\r\nContent-Length: 100\r\n\r\nabc")
		_ = conn.SetReadDeadline(time.Now().Add(5 * time.Second))
		begun := time.Now()
		if _, err := io.Copy(io.Discard, bufio.NewReader(conn)); err != nil || time.Since(begun) > 3*time.Second {
			t.Errorf("a handler that %s the body: a client that stops sending is not cut off: %v", reads, err)
		}
		_ = conn.Close()
	}
}
