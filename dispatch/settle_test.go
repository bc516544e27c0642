package dispatch_test

import (
	"bufio"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
)

// startChecked serves an operation of the accounts contract by a legacy side
// and checks every answer. settle waits for one request and its check.
func startChecked(t *testing.T, log io.Writer, serve func(http.ResponseWriter), checked func(*dispatch.Check)) (url string, settle func()) {
	t.Helper()
	service := &catalog.Service{Name: "s", Contract: []byte(accounts), Operations: []catalog.Operation{
		{Key: "s.create", ID: "create", Method: "POST", Path: "/accounts", BodyLimit: 1 << 20},
	}}
	d := dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{Services: []*catalog.Service{service},
			Validation: catalog.Validation{Answers: catalog.AnswerChecks{Go: catalog.All, Legacy: catalog.All}}},
		Legacy: backend{serve: func(w http.ResponseWriter, _ *http.Request, _ *catalog.Operation) error {
			serve(w)
			return nil
		}},
		Log: slog.New(slog.NewJSONHandler(log, nil)), Checked: checked,
	})
	e := echo.New()
	if err := d.Handle(e, service, nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(e); err != nil {
		t.Fatal(err)
	}
	over := make(chan bool, 1)
	server := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		e.ServeHTTP(w, r)
		over <- true
	}))
	t.Cleanup(server.Close)
	return server.URL, func() { <-over; d.Settle() }
}

// TestSwitchedIsNotChecked: what is said after a switch of protocols is no
// answer of the contract.
func TestSwitchedIsNotChecked(t *testing.T) {
	t.Parallel()
	url, settle := startChecked(t, io.Discard, func(w http.ResponseWriter) {
		conn, rw, err := http.NewResponseController(w).Hijack()
		if err != nil {
			t.Error(err)
			return
		}
		defer conn.Close()
		_, _ = io.WriteString(rw, "HTTP/1.1 101 Switching Protocols\r\nConnection: Upgrade\r\nUpgrade: x\r\n\r\nover\n")
		_ = rw.Flush()
	}, func(c *dispatch.Check) { t.Errorf("checked: %+v", c) })
	conn, err := net.Dial("tcp", strings.TrimPrefix(url, "http://"))
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	_, _ = io.WriteString(conn, "POST /accounts HTTP/1.1\r\nHost: x\r\nConnection: Upgrade\r\nUpgrade: x\r\nContent-Length: 0\r\n\r\n")
	if all, err := io.ReadAll(bufio.NewReader(conn)); err != nil || !strings.HasSuffix(string(all), "over\n") {
		t.Errorf("%q, %v", all, err)
	}
	settle()
}

// TestPanickingCheckEndsNothing: checks run where net/http does not catch.
func TestPanickingCheckEndsNothing(t *testing.T) {
	t.Parallel()
	log := &journal{}
	url, settle := startChecked(t, log, func(w http.ResponseWriter) { w.WriteHeader(http.StatusNoContent) },
		func(*dispatch.Check) { panic("of an observer") })
	for range 2 {
		res, err := http.Post(url+"/accounts", "application/json", strings.NewReader(`{"name":"Ada"}`))
		if err != nil {
			t.Fatal(err)
		}
		_ = res.Body.Close()
		if res.StatusCode != http.StatusNoContent {
			t.Errorf("status %d", res.StatusCode)
		}
		settle()
	}
	if got := log.String(); strings.Count(got, "a check panicked") != 2 || !strings.Contains(got, "settle_test.go") {
		t.Errorf("the log says %s", got)
	}
}
