//go:build unix

package shop

import (
	"errors"
	"fmt"
	"net"
	"net/http"
	"os"
	"os/exec"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"
)

// TestTermLosesNothing stops the server while slow requests are under way:
// each must get its whole answer, and the server must then end by itself.
func TestTermLosesNothing(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allGo, reportTimeout: "15s"})
	type result struct {
		answer
		err error
	}
	const requests = 3
	results := make(chan result, requests)
	for i := range requests {
		go func() {
			line := "GET /v1/reports/sales?days=30&until=2026-03-31" // takes PHP 0.6 s
			if i == 0 {
				line = "GET /v1/feed/stream?after=7&wait=1"
			}
			a, err := send(s.url, line, "")
			results <- result{a, err}
		}()
	}
	time.Sleep(300 * time.Millisecond)
	s.signal(syscall.SIGTERM)
	for range requests {
		r := <-results
		if r.err != nil {
			t.Errorf("a request was lost: %v", r.err)
			continue
		}
		wantStatus(t, r.answer, 200)
		if body := string(r.body); !strings.HasSuffix(body, "}") && !strings.HasSuffix(body, "\n\n") {
			t.Errorf("half an answer: %s", body)
		}
	}
	if code := s.waitForExit(5 * time.Second); code != 0 {
		t.Errorf("exit code %d", code)
	}
	if _, err := send(s.url, "GET /v1/users/1", ""); !errors.Is(err, syscall.ECONNREFUSED) {
		t.Errorf("after the end: %v", err)
	}
}

// TestGraceEnds: a request that takes longer than -grace cannot keep the
// server from ending, and the exit code says that something was cut off.
func TestGraceEnds(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allGo, args: []string{"-grace", "500ms"}})
	started := make(chan struct{})
	go func() {
		res, err := http.Get(s.url + "/v1/feed/stream?wait=30")
		close(started)
		if err == nil {
			defer res.Body.Close()
			<-s.exited
		}
	}()
	<-started
	s.signal(syscall.SIGTERM)
	if code := s.waitForExit(5 * time.Second); code != 1 {
		t.Errorf("exit code %d", code)
	}
	if !strings.Contains(s.log.String(), "cut off") {
		t.Errorf("the log does not say why requests were cut off:\n%s", s.log)
	}
}

// TestServerFailsClearly starts the server where it cannot run.
func TestServerFailsClearly(t *testing.T) {
	t.Parallel()
	_, db := startPHP(t)
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	taken := l.Addr().String()
	for _, c := range []struct {
		name, db string
		args     []string
		want     []string
	}{
		{"port taken", db, []string{"-workspace", root, "-listen", taken, "-admin", "127.0.0.1:0"}, []string{taken, "-listen"}},
		{"admin port taken", db, []string{"-workspace", root, "-listen", "127.0.0.1:0", "-admin", taken}, []string{taken, "-admin"}},
		{"no database", db + ".none", []string{"-workspace", root, "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0"}, []string{"SHOP_DB", db + ".none"}},
		{"no workspace", db, []string{"-workspace", t.TempDir(), "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0"}, []string{"api/"}},
		{"stray argument", db, []string{"now"}, []string{"now"}},
	} {
		t.Run(c.name, func(t *testing.T) {
			out, code := runServer(t, c.db, c.args...)
			if code != 1 && code != 2 {
				t.Errorf("exit code %d", code)
			}
			for _, want := range c.want {
				if !strings.Contains(out, want) {
					t.Errorf("%q is missing from:\n%s", want, out)
				}
			}
			if strings.Contains(out, "goroutine ") {
				t.Errorf("a stack trace:\n%s", out)
			}
		})
	}
}

// runServer runs a server that is expected to end.
func runServer(t *testing.T, db string, args ...string) (out string, code int) {
	t.Helper()
	cmd := exec.Command(serverBinary, args...)
	cmd.Env = append(os.Environ(), "SHOP_DB="+db, "SHOP_PHP=http://127.0.0.1:9")
	log := &logBuffer{}
	cmd.Stdout, cmd.Stderr = log, log
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	kill := time.AfterFunc(10*time.Second, func() { _ = cmd.Process.Kill() })
	defer kill.Stop()
	_ = cmd.Wait() // the exit code says it all
	return log.String(), cmd.ProcessState.ExitCode()
}

// TestOperatorsSide asks what operators ask: is it alive, does it take requests,
// what has it served.
func TestOperatorsSide(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: allGo})
	wantStatus(t, s.send("GET /v1/users/1", ""), 200)
	wantStatus(t, s.send("GET /v1/users/99", ""), 404)
	wantStatus(t, s.send("GET /v1/orders", ""), 200)
	ask := func(path string) answer {
		a, err := send(s.admin, "GET "+path, "")
		if err != nil {
			t.Fatal(err)
		}
		return a
	}
	wantStatus(t, ask("/-/healthz"), 200)
	wantStatus(t, ask("/-/readyz"), 200)
	metrics := string(ask("/-/metrics").body)
	for _, want := range []string{
		`banyan_requests_total{operation="users.getUser",reason="stage-go",status_class="2xx",target="go"} 1`,
		`banyan_requests_total{operation="users.getUser",reason="stage-go",status_class="4xx",target="go"} 1`,
		`banyan_requests_total{operation="orders.listOrders",reason="default",status_class="2xx",target="legacy"} 1`,
	} {
		if !strings.Contains(metrics, want) {
			t.Errorf("%s is missing from the metrics", want)
		}
	}
	wantProblem(t, s.send("GET /-/healthz", ""), 404, "not-found") // not on the public side
}

// TestBothSidesShareTheStock sells the last pots through PHP and through Go at
// the same time: there are 40, so exactly 40 orders may succeed.
func TestBothSidesShareTheStock(t *testing.T) {
	t.Parallel()
	s := start(t, setup{plan: `version: 1
select: {header: x-env, value: canary}
operations:
  orders.createOrder: canary 0%
`})
	const pots, buyers = 40, 60
	var sold, soldOut atomic.Int32
	queue := make(chan int)
	var wg sync.WaitGroup
	for range 4 {
		wg.Go(func() {
			for i := range queue {
				header := fmt.Sprintf("x-env: %s", []string{"canary", "none"}[i%2])
				a, err := send(s.url, "POST /v1/orders", `{"user_id":2,"items":[{"sku":"POT-L","quantity":1}],"country":"DE"}`, header)
				switch {
				case err != nil:
					t.Error(err)
				case a.status == http.StatusCreated:
					sold.Add(1)
				case a.status == http.StatusConflict:
					soldOut.Add(1)
				default:
					t.Errorf("status %d: %s", a.status, a.body)
				}
			}
		})
	}
	for i := range buyers {
		queue <- i
	}
	close(queue)
	wg.Wait()
	if sold.Load() != pots || soldOut.Load() != buyers-pots {
		t.Errorf("%d sold, %d refused; there were %d pots for %d buyers", sold.Load(), soldOut.Load(), pots, buyers)
	}
}
