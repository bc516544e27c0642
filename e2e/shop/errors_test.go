//go:build unix

package shop

import (
	"bytes"
	"net"
	"strings"
	"testing"
	"time"
)

// TestErrorsOfPHP sees each way in which PHP says that something is wrong
// become a problem of the contract.
func TestErrorsOfPHP(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allLegacy})
	for _, c := range []struct {
		name, line, body string
		status           int
		code             string
		legacyCode       string
		detail           string
	}{
		{name: "status 400", line: "POST /v1/orders/calculate", body: `{"items":[{"sku":"CACTUS","quantity":1}],"country":"DE"}`, status: 400, code: "order-invalid"},
		{name: "status 503", line: "POST /v1/orders/calculate", body: `{"items":[{"sku":"POT-L","quantity":1}],"country":"NO"}`, status: 503, code: "calculation-unavailable"},
		{name: "status 404 of the service", line: "GET /v1/users/99", status: 404, code: "user-not-found"},
		{name: "one status, two operations (sign in)", line: "POST /v1/session", body: `{"email":"a@b.c","postcode":"1"}`, status: 401, code: "sign-in-failed"},
		{name: "one status, two operations (session)", line: "GET /v1/session", status: 401, code: "not-signed-in"},
		{name: "envelope code, message hidden", line: "GET /v1/orders/404", status: 404, code: "order-not-found", legacyCode: "40401"},
		{name: "envelope code, message passed", line: "POST /v1/orders/1/cancel", status: 409, code: "order-not-cancellable", legacyCode: "40901", detail: "the order is already shipped"},
		{name: "header", line: "GET /v1/feed?cursor=zz", status: 400, code: "feed-cursor-invalid"},
		{name: "fatal error", line: "GET /v1/orders/5/invoice", status: 502, code: "legacy-error"},
	} {
		t.Run(c.name, func(t *testing.T) {
			a := s.send(c.line, c.body)
			p := wantProblem(t, a, c.status, c.code)
			if p.LegacyCode != c.legacyCode {
				t.Errorf("legacyCode %q, want %q", p.LegacyCode, c.legacyCode)
			}
			if c.detail != "" && p.Detail != c.detail {
				t.Errorf("detail %q, want %q", p.Detail, c.detail)
			}
			for _, secret := range []string{"unknown article", "tax rates are", "does not exist", "Fatal", ".php"} {
				if bytes.Contains(a.body, []byte(secret)) {
					t.Errorf("the answer shows %q of PHP's: %s", secret, a.body)
				}
			}
		})
	}
}

func TestTimeout(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allLegacy})
	begin := time.Now()
	a := s.send("GET /v1/reports/sales?days=366", "") // takes PHP 7 s, the mapping allows 2
	wantProblem(t, a, 504, "legacy-timeout")
	if d := time.Since(begin); d < 1900*time.Millisecond || d > 5*time.Second {
		t.Errorf("the answer took %s", d)
	}
}

// TestPHPDown kills PHP under a running server: what Go serves goes on, what
// PHP serves says so, and an order fails cleanly because its price is PHP's.
func TestPHPDown(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allGo})
	wantStatus(t, s.send("GET /v1/orders", ""), 200)
	s.php.Stop()

	wantProblem(t, s.send("GET /v1/orders", ""), 502, "legacy-unavailable")
	wantStatus(t, s.send("GET /v1/users/1", ""), 200)
	wantStatus(t, s.send("GET /v1/orders/1", ""), 200)
	a := s.send("POST /v1/orders", `{"user_id":2,"items":[{"sku":"POT-L","quantity":2}],"country":"DE"}`)
	wantProblem(t, a, 503, "calculation-unavailable")
	if after := a.header.Get("Retry-After"); after != "5" {
		t.Errorf("Retry-After %q", after)
	}
	wantProblem(t, s.send("GET /v1/orders/6", ""), 404, "order-not-found") // nothing was placed
}

// TestGarbageFromPHP puts something else in PHP's place.
func TestGarbageFromPHP(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ name, says, code string }{
		{"not HTTP", "220 mail.example.com ESMTP\r\n", "legacy-invalid-answer"},
		{"nothing", "", "legacy-reset"},
		{"a broken envelope", "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: 9\r\n\r\n{\"code\":0", "legacy-invalid-answer"},
	} {
		t.Run(c.name, func(t *testing.T) {
			s := start(t, setup{plan: allLegacy, upstream: "http://" + speaker(t, c.says)})
			wantProblem(t, s.send("GET /v1/orders/1", ""), 502, c.code)
		})
	}
}

// speaker says one thing on every connection once it was spoken to, and hangs
// up.
func speaker(t *testing.T, says string) string {
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
			buf := make([]byte, 4096)
			_, _ = c.Read(buf)
			_, _ = c.Write([]byte(says))
			c.Close()
		}
	}()
	return l.Addr().String()
}

func TestRequestsOutsideTheContract(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allLegacy})
	for _, line := range []string{"GET /", "GET /v2/users", "GET /user.php", "GET /v1/users/1/orders", "GET /v1/orders/", "OPTIONS /nothing"} {
		wantProblem(t, s.send(line, ""), 404, "not-found")
	}
	a := s.send("DELETE /v1/users/1", "")
	wantProblem(t, a, 405, "method-not-allowed")
	allow := strings.Join(a.header.Values("Allow"), ", ")
	for _, method := range []string{"GET", "PATCH"} {
		if !strings.Contains(allow, method) {
			t.Errorf("Allow is %q, without %s", allow, method)
		}
	}
	if strings.Contains(allow, "DELETE") || strings.Contains(allow, "POST") {
		t.Errorf("Allow is %q", allow)
	}
}

func TestBodyTooLarge(t *testing.T) {
	t.Parallel()
	body := `{"items":[],"country":"` + strings.Repeat("D", 300<<10) + `"}` // banyan.yaml allows 256 KiB
	for _, plan := range []string{allLegacy, allGo} {
		s := start(t, setup{plan: plan})
		wantProblem(t, s.send("POST /v1/orders/calculate", body), 413, "body-too-large")
		wantProblem(t, s.send("POST /v1/orders", body), 413, "body-too-large")
	}
}
