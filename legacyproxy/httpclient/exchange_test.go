package httpclient_test

import (
	"bufio"
	"bytes"
	"context"
	"crypto/tls"
	"crypto/x509"
	"errors"
	"fmt"
	"io"
	"net"
	"net/http"
	"net/http/httptest"
	"net/http/httptrace"
	"net/textproto"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/legacyproxy/httpclient"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

const okAnswer = "HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok"

// read reads an answer to its end.
func read(t testing.TB, res *http.Response, err error) string {
	t.Helper()
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		t.Fatal(err)
	}
	return string(body)
}

// onlyReader hides what a body's length is.
type onlyReader struct{ io.Reader }

// TestBodies: bodies of all sizes arrive whole, with and without a length.
func TestBodies(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, err := io.ReadAll(r.Body)
		fmt.Fprintf(w, "%d %v %v %v", r.ContentLength, bytes.Equal(body, bytes.Repeat([]byte("x"), len(body))), err, r.Trailer)
	}))
	t.Cleanup(s.Close)
	client := httpclient.New(httpclient.Config{})
	t.Cleanup(client.CloseIdleConnections)
	for _, size := range []int{0, 1, 16 << 10, 16<<10 + 1, 32 << 10, 1 << 20} {
		for _, announced := range []bool{true, false} {
			var body io.Reader = bytes.NewReader(bytes.Repeat([]byte("x"), size))
			want := fmt.Sprintf("%d true <nil> map[]", size)
			if !announced {
				body = onlyReader{body}
				want = "-1 true <nil> map[]"
			}
			r := newRequest(t, "POST", s.Listener.Addr().String(), body)
			if !announced {
				r.ContentLength = -1
			}
			res, err := client.RoundTrip(r)
			if got := read(t, res, err); got != want {
				t.Errorf("%d bytes: %s, want %s", size, got, want)
			}
		}
	}
	r := newRequest(t, "POST", s.Listener.Addr().String(), onlyReader{strings.NewReader("xx")})
	r.Trailer = http.Header{"X-Sum": {"7"}}
	res, err := client.RoundTrip(r)
	if got := read(t, res, err); got != "-1 true <nil> map[X-Sum:[7]]" {
		t.Error(got)
	}
	// A body whose length nobody knows may turn out to be none.
	res, err = client.RoundTrip(newRequest(t, "GET", s.Listener.Addr().String(), onlyReader{strings.NewReader("")}))
	if got := read(t, res, err); got != "0 true <nil> map[]" {
		t.Error(got)
	}
}

// TestRequest: what goes over the wire.
func TestRequest(t *testing.T) {
	t.Parallel()
	s := serveConns(t, func(s *rawServer, c net.Conn) {
		buf := make([]byte, 4096)
		n, _ := c.Read(buf)
		s.note(string(buf[:n]))
		say(c, okAnswer)
	})
	r := newRequest(t, "POST", s.addr, strings.NewReader("hi"))
	r.Host = "shop.example:8080"
	r.URL.Opaque, r.URL.RawQuery = "/a%2Fb;x", "f[a]=1&bad=%zz"
	r.Header = http.Header{"X-B": {"2", ""}, "X-A": {"1"}, "User-Agent": {"x"}, "idempotency-key": {"k"}, "Transfer-Encoding": {"gzip"}, "Content-Length": {"9"}, "X-None": nil}
	res, err := httpclient.New(httpclient.Config{}).RoundTrip(r)
	read(t, res, err)
	want := "POST /a%2Fb;x?f[a]=1&bad=%zz HTTP/1.1\r\nHost: shop.example:8080\r\nUser-Agent: x\r\nContent-Length: 2\r\nX-A: 1\r\nX-B: 2\r\nX-B: \r\nidempotency-key: k\r\n\r\nhi"
	_, requests := s.seen()
	if diff := cmp.Diff([]string{want}, requests); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestRefusedRequests: what would end a line early is not sent.
func TestRefusedRequests(t *testing.T) {
	t.Parallel()
	s := serveRaw(t, func(c net.Conn, _ string) bool { say(c, okAnswer); return true })
	client := httpclient.New(httpclient.Config{})
	t.Cleanup(client.CloseIdleConnections)
	for name, spoil := range map[string]func(r *http.Request){
		"method":           func(r *http.Request) { r.Method = "GET / HTTP/1.1\r\nX: " },
		"path":             func(r *http.Request) { r.URL.Opaque = "/a b" },
		"query":            func(r *http.Request) { r.URL.RawQuery = "a\r\nb" },
		"host":             func(r *http.Request) { r.Host = "a\r\nX-A: 1" },
		"host with a user": func(r *http.Request) { r.Host = "u@a" },
		"header name":      func(r *http.Request) { r.Header["X A"] = []string{"1"} },
		"header value":     func(r *http.Request) { r.Header["X-A"] = []string{"1\r\nX-B: 2"} },
		"trailer name":     func(r *http.Request) { r.ContentLength = -1; r.Trailer = http.Header{"X\r\nA": {"1"}} },
		"a short body":     func(r *http.Request) { r.ContentLength = 9 },
	} {
		r := newRequest(t, "POST", s.addr, strings.NewReader("x"))
		spoil(r)
		res, err := client.RoundTrip(r)
		if err == nil {
			t.Errorf("%s: answered %d", name, res.StatusCode)
		} else if !unsent.Proven(err) {
			t.Errorf("%s: %v is not proven unsent", name, err)
		}
	}
	if _, requests := s.seen(); len(requests) > 0 {
		t.Errorf("the server got %q", requests)
	}
}

// TestStale: a connection that the server closed while it idled is not used
// for a request, and no request is sent twice.
func TestStale(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(net.Conn){
		"closed":             func(c net.Conn) { c.Close() },
		"reset":              reset,
		"something unasked":  func(c net.Conn) { say(c, "HTTP/1.1 408 Timeout\r\n\r\n") },
		"unasked and closed": func(c net.Conn) { say(c, "HTTP/1.1 408 Timeout\r\n\r\n"); c.Close() },
	} {
		t.Run(name, func(t *testing.T) {
			t.Parallel()
			ended := make(chan bool, 10)
			s := serveRaw(t, func(c net.Conn, _ string) bool {
				say(c, okAnswer)
				go func() {
					time.Sleep(20 * time.Millisecond)
					end(c)
					ended <- true
				}()
				return true
			})
			client := httpclient.New(httpclient.Config{})
			t.Cleanup(client.CloseIdleConnections)
			for range 3 {
				res, err := client.RoundTrip(newRequest(t, "POST", s.addr, strings.NewReader("x")))
				read(t, res, err)
				<-ended
				time.Sleep(10 * time.Millisecond) // for it to arrive
			}
			if conns, requests := s.seen(); conns != 3 || len(requests) != 3 {
				t.Errorf("%d connections, %d requests", conns, len(requests))
			}
		})
	}
}

// TestOnce: a connection that ends when it has a request leaves that unanswered
// and unrepeated, even a GET.
func TestOnce(t *testing.T) {
	t.Parallel()
	for name, end := range map[string]func(net.Conn){"closed": func(c net.Conn) { c.Close() }, "reset": reset} {
		for _, method := range []string{"GET", "POST"} {
			t.Run(name+" "+method, func(t *testing.T) {
				t.Parallel()
				s := serveRaw(t, func(c net.Conn, request string) bool {
					if strings.Contains(request, "X-End") {
						end(c)
						return false
					}
					say(c, okAnswer)
					return true
				})
				client := httpclient.New(httpclient.Config{})
				t.Cleanup(client.CloseIdleConnections)
				res, err := client.RoundTrip(newRequest(t, "GET", s.addr, nil))
				read(t, res, err)
				r := newRequest(t, method, s.addr, nil)
				r.Header.Set("X-End", "1")
				if _, err := client.RoundTrip(r); err == nil || unsent.Proven(err) {
					t.Errorf("%v", err)
				}
				if conns, requests := s.seen(); conns != 1 || len(requests) != 2 {
					t.Errorf("%d connections, %d requests", conns, len(requests))
				}
			})
		}
	}
}

// TestNobodyThere: a connection that does not come about proves that nothing
// was sent.
func TestNobodyThere(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	l.Close()
	for _, body := range []io.Reader{nil, strings.NewReader("x"), onlyReader{strings.NewReader("x")}} {
		_, err := httpclient.New(httpclient.Config{}).RoundTrip(newRequest(t, "POST", addr, body))
		var op *net.OpError
		if !unsent.Proven(err) || !errors.As(err, &op) || op.Op != "dial" {
			t.Errorf("%v", err)
		}
	}
}

// TestCancel: the end of the context unblocks, wherever the exchange is.
func TestCancel(t *testing.T) {
	t.Parallel()
	arrived := make(chan bool, 1)
	s := serveConns(t, func(_ *rawServer, c net.Conn) {
		in := bufio.NewReader(c)
		r, err := http.ReadRequest(in)
		if err != nil {
			return
		}
		say(c, r.Header.Get("Say"))
		arrived <- true
		hang(c)
	})
	client := httpclient.New(httpclient.Config{})
	for name, said := range map[string]string{"no head": "", "half a head": "HTTP/1.1 200 OK\r\nX-A: "} {
		ctx, cancel := context.WithCancel(t.Context())
		r := newRequest(t, "GET", s.addr, nil).WithContext(ctx)
		go func() { <-arrived; cancel() }()
		if said == "" {
			_, err := client.RoundTrip(r)
			if !errors.Is(err, context.Canceled) {
				t.Errorf("%s: %v", name, err)
			}
			continue
		}
		r.Header.Set("Say", "HTTP/1.1 200 OK")
		if _, err := client.RoundTrip(r); !errors.Is(err, context.Canceled) {
			t.Errorf("%s: %v", name, err)
		}
	}
	ctx, cancel := context.WithCancel(t.Context())
	body, feed := io.Pipe()
	r := newRequest(t, "POST", s.addr, body).WithContext(ctx)
	r.Header.Set("Say", "HTTP/1.1 200 OK")
	go func() { _, _ = feed.Write([]byte("x")); <-arrived; cancel() }()
	if _, err := client.RoundTrip(r); !errors.Is(err, context.Canceled) {
		t.Errorf("while sending: %v", err)
	}
	feed.Close()

	stream := serveRaw(t, func(c net.Conn, _ string) bool {
		say(c, "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nhalf")
		hang(c)
		return false
	})
	ctx, cancel = context.WithCancel(t.Context())
	res, err := client.RoundTrip(newRequest(t, "GET", stream.addr, nil).WithContext(ctx))
	if err != nil {
		t.Fatal(err)
	}
	buf := make([]byte, 10)
	if n, err := res.Body.Read(buf); n != 4 || err != nil {
		t.Errorf("%d %v", n, err)
	}
	cancel()
	if _, err := res.Body.Read(buf); !errors.Is(err, context.Canceled) {
		t.Errorf("while reading: %v", err)
	}
	res.Body.Close()

	// Close from another goroutine ends a Read as well.
	res, err = client.RoundTrip(newRequest(t, "GET", stream.addr, nil))
	if err != nil {
		t.Fatal(err)
	}
	_, _ = res.Body.Read(buf)
	go res.Body.Close()
	if _, err := res.Body.Read(buf); err == nil {
		t.Error("it reads on after Close")
	}
}

// TestEarlyAnswer: an answer counts though the body was not taken.
func TestEarlyAnswer(t *testing.T) {
	t.Parallel()
	s := serveConns(t, func(s *rawServer, c net.Conn) {
		if _, err := http.ReadRequest(bufio.NewReader(c)); err != nil {
			return
		}
		say(c, "HTTP/1.1 413 Too Large\r\nContent-Length: 3\r\n\r\nbig")
		time.Sleep(50 * time.Millisecond) // closing at once would reset, and lose the answer
	})
	for range 5 {
		endless, feed := io.Pipe()
		go func() {
			for {
				if _, err := feed.Write(make([]byte, 32<<10)); err != nil {
					return
				}
			}
		}()
		res, err := httpclient.New(httpclient.Config{}).RoundTrip(newRequest(t, "POST", s.addr, endless))
		if got := read(t, res, err); got != "big" || res.StatusCode != 413 {
			t.Errorf("%d %q", res.StatusCode, got)
		}
		endless.Close()
	}
}

// TestClientBreaksOff: half a body gets no answer.
func TestClientBreaksOff(t *testing.T) {
	t.Parallel()
	s := serveRaw(t, func(c net.Conn, _ string) bool { say(c, okAnswer); return true })
	broken := errors.New("the client is gone")
	body := io.MultiReader(strings.NewReader(strings.Repeat("x", 100_000)), failing{broken})
	_, err := httpclient.New(httpclient.Config{}).RoundTrip(newRequest(t, "POST", s.addr, body))
	var bodyErr *httpclient.BodyError
	if !errors.Is(err, broken) || !errors.As(err, &bodyErr) {
		t.Errorf("%v", err)
	}
	if _, requests := s.seen(); len(requests) > 0 {
		t.Errorf("the server takes it for whole: %d", len(requests))
	}
}

type failing struct{ err error }

func (f failing) Read([]byte) (int, error) { return 0, f.err }

// TestExpect: the body is sent when the server wants it or says nothing, and
// not when it has answered.
func TestExpect(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct{ name, first, want string }{
		{"wanted", "HTTP/1.1 100 Continue\r\n\r\n", "body"},
		{"silent", "", "body"},
		{"refused", "HTTP/1.1 417 No\r\nContent-Length: 0\r\n\r\n", ""},
	} {
		for _, announced := range []bool{true, false} {
			t.Run(tt.name, func(t *testing.T) {
				t.Parallel()
				got := make(chan string, 1)
				s := serveConns(t, func(_ *rawServer, c net.Conn) {
					in := bufio.NewReader(c)
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					say(c, tt.first)
					body, _ := io.ReadAll(r.Body)
					got <- string(body)
					if tt.want != "" {
						say(c, okAnswer)
					}
				})
				var body io.Reader = strings.NewReader("body")
				if !announced {
					body = onlyReader{body}
				}
				r := newRequest(t, "POST", s.addr, body)
				r.Header.Set("Expect", "100-continue")
				res, err := httpclient.New(httpclient.Config{ExpectTimeout: 50 * time.Millisecond}).RoundTrip(r)
				read(t, res, err)
				if body := <-got; body != tt.want {
					t.Errorf("%d, the server got %q", res.StatusCode, body)
				}
			})
		}
	}
}

func TestInformational(t *testing.T) {
	t.Parallel()
	s := serveRaw(t, func(c net.Conn, _ string) bool {
		say(c, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\nHTTP/1.1 102 Processing\r\n\r\n"+okAnswer)
		return true
	})
	var got []string
	ctx := httptrace.WithClientTrace(t.Context(), &httptrace.ClientTrace{Got1xxResponse: func(code int, h textproto.MIMEHeader) error {
		got = append(got, fmt.Sprint(code, h))
		return nil
	}})
	res, err := httpclient.New(httpclient.Config{}).RoundTrip(newRequest(t, "GET", s.addr, nil).WithContext(ctx))
	if read(t, res, err) != "ok" {
		t.Error("the final answer is lost")
	}
	if diff := cmp.Diff([]string{"103 map[Link:[</a>]]", "102 map[]"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

// TestSwitch: after 101 both sides talk as they like.
func TestSwitch(t *testing.T) {
	t.Parallel()
	s := serveRaw(t, func(c net.Conn, _ string) bool {
		say(c, "HTTP/1.1 101 Switching Protocols\r\nUpgrade: echo\r\nConnection: Upgrade\r\n\r\nfirst")
		_, _ = io.Copy(c, c)
		return false
	})
	r := newRequest(t, "GET", s.addr, nil)
	r.Header = http.Header{"Upgrade": {"echo"}, "Connection": {"Upgrade"}}
	res, err := httpclient.New(httpclient.Config{}).RoundTrip(r)
	if err != nil || res.StatusCode != 101 {
		t.Fatal(res, err)
	}
	rw, ok := res.Body.(io.ReadWriteCloser)
	if !ok {
		t.Fatal("the body cannot be written to")
	}
	if _, err := io.WriteString(rw, ", second"); err != nil {
		t.Fatal(err)
	}
	if err := rw.(interface{ CloseWrite() error }).CloseWrite(); err != nil {
		t.Fatal(err)
	}
	if all, err := io.ReadAll(rw); string(all) != "first, second" || err != nil {
		t.Errorf("%q %v", all, err)
	}
	rw.Close()
}

func TestTLS(t *testing.T) {
	t.Parallel()
	s := httptest.NewTLSServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		fmt.Fprint(w, r.TLS.ServerName, r.Proto)
	}))
	t.Cleanup(s.Close)
	roots := x509.NewCertPool()
	roots.AddCert(s.Certificate())
	client := httpclient.New(httpclient.Config{TLS: &tls.Config{RootCAs: roots}})
	t.Cleanup(client.CloseIdleConnections)
	for range 3 {
		r := newRequest(t, "GET", s.Listener.Addr().String(), nil)
		r.URL.Scheme = "https"
		res, err := client.RoundTrip(r)
		if got := read(t, res, err); got != "HTTP/1.1" { // no server name for an IP address
			t.Error(got)
		}
	}
	r := newRequest(t, "GET", s.Listener.Addr().String(), nil)
	r.URL.Scheme = "https"
	_, err := httpclient.New(httpclient.Config{}).RoundTrip(r)
	var unknown *tls.CertificateVerificationError
	if !errors.As(err, &unknown) || !unsent.Proven(err) {
		t.Errorf("a certificate that nobody knows: %v", err)
	}
}

// TestTLSLeftovers: what follows an answer within one TLS record is no answer
// to the next request.
func TestTLSLeftovers(t *testing.T) {
	t.Parallel()
	body := strings.Repeat("x", 10<<10) // more than is read ahead with the head
	answer := fmt.Sprintf("HTTP/1.1 200 OK\r\nContent-Length: %d\r\n\r\n%s", len(body), body)
	for _, small := range []bool{false, true} { // one record, or many of which several are read at once
		s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
			c, _, err := w.(http.Hijacker).Hijack()
			if err != nil {
				t.Error(err)
				return
			}
			defer c.Close()
			say(c, answer+"HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison")
			hang(c)
		}))
		s.TLS = &tls.Config{DynamicRecordSizingDisabled: !small}
		s.StartTLS()
		roots := x509.NewCertPool()
		roots.AddCert(s.Certificate())
		client := httpclient.New(httpclient.Config{TLS: &tls.Config{RootCAs: roots}})
		for range 2 {
			r := newRequest(t, "GET", s.Listener.Addr().String(), nil)
			r.URL.Scheme = "https"
			res, err := client.RoundTrip(r)
			if got := read(t, res, err); got != body {
				t.Errorf("small records %v: another answer: %.20q", small, got)
			}
		}
		client.CloseIdleConnections()
		s.Close()
	}
}

// TestMany: under load each request gets its own answer, over few connections.
func TestMany(t *testing.T) {
	t.Parallel()
	s := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		body, _ := io.ReadAll(r.Body)
		if r.Header.Get("X-Chunks") != "" {
			_ = http.NewResponseController(w).Flush()
		}
		fmt.Fprintf(w, "%s %s", r.Header.Get("X-Token"), body)
	}))
	t.Cleanup(s.Close)
	client := httpclient.New(httpclient.Config{MaxIdle: 3})
	t.Cleanup(client.CloseIdleConnections)
	var wg sync.WaitGroup
	for worker := range 8 {
		wg.Go(func() {
			for i := range 100 {
				token := fmt.Sprintf("%d-%d", worker, i)
				r := newRequest(t, "POST", s.Listener.Addr().String(), strings.NewReader(strings.Repeat("x", i*300)))
				r.Header.Set("X-Token", token)
				if i%2 == 0 {
					r.Header.Set("X-Chunks", "1")
				}
				res, err := client.RoundTrip(r)
				if err != nil {
					t.Error(err)
					return
				}
				if i%10 == 7 {
					res.Body.Close() // unread
					continue
				}
				body, err := io.ReadAll(res.Body)
				res.Body.Close()
				if err != nil || !strings.HasPrefix(string(body), token+" ") || len(body) != len(token)+1+i*300 {
					t.Errorf("%s: %.40q %v", token, body, err)
				}
			}
		})
	}
	wg.Wait()
}
