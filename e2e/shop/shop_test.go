//go:build unix

// Package shop tests the example from outside: the real PHP shop, the built
// server in front of it, and nothing but HTTP and signals in between.
package shop

import (
	"bufio"
	"bytes"
	"context"
	"fmt"
	"io"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/examples/shop/backend"
)

const root = "../.."

// serverBinary is cmd/server, built once for all tests.
var serverBinary string

func TestMain(m *testing.M) { os.Exit(runTests(m)) }

func runTests(m *testing.M) int {
	dir, err := os.MkdirTemp("", "banyan-e2e-shop-")
	if err != nil {
		fmt.Fprintln(os.Stderr, err)
		return 1
	}
	defer os.RemoveAll(dir)
	serverBinary = filepath.Join(dir, "server")
	if backend.Check() == nil {
		if out, err := exec.Command("go", "build", "-o", serverBinary, root+"/cmd/server").CombinedOutput(); err != nil {
			fmt.Fprintf(os.Stderr, "build cmd/server: %v\n%s", err, out)
			return 1
		}
	}
	return m.Run()
}

// needPHP skips a test on a machine without PHP, and fails it in a pipeline.
func needPHP(t *testing.T) {
	t.Helper()
	if err := backend.Check(); err != nil {
		needs.Unavailable(t, err)
	}
}

// Plans that tests start with. The first leaves everything to PHP; the second
// gives everything to Go that has a handler.
const (
	allLegacy = "version: 1\ndefault: legacy\n"
	allGo     = `version: 1
operations:
  users.getUser: go
  users.listUsers: go
  orders.createOrder: go
  orders.getOrder: go
  feed.listEvents: go
`
)

// setup is what a test may choose about its shop.
type setup struct {
	// plan is the text of rollout.yaml.
	plan string
	// upstream replaces the PHP shop as the server's legacy backend.
	upstream string
	// fastcgi puts php-fpm in the place of PHP's own server.
	fastcgi bool
	// args are more arguments of the server.
	args []string
	// reportTimeout replaces the sales report's timeout.
	reportTimeout string
}

// shop is a running PHP shop with a Banyan server in front. Both are stopped
// with the test.
type shop struct {
	t          *testing.T
	php        *backend.Backend
	url, admin string
	// dir is the server's workspace: a copy of the repository's.
	dir    string
	server *exec.Cmd
	exited chan struct{}
	log    *logBuffer
}

func start(t *testing.T, s setup) *shop {
	t.Helper()
	php, db := startPHP(t)
	sh := &shop{t: t, php: php, dir: copyWorkspace(t, s), exited: make(chan struct{}), log: &logBuffer{}}
	sh.writePlan(s.plan)
	upstream := s.upstream
	switch {
	case s.fastcgi:
		upstream = startFPM(t, db)
	case upstream == "":
		upstream = php.URL()
	}
	sh.server = exec.Command(serverBinary, append([]string{"-workspace", sh.dir, "-listen", "127.0.0.1:0", "-admin", "127.0.0.1:0"}, s.args...)...)
	sh.server.Env = append(os.Environ(), "SHOP_PHP="+upstream, "SHOP_DB="+db)
	if s.fastcgi {
		public, err := filepath.Abs(root + "/examples/shop/php/public")
		if err != nil {
			t.Fatal(err)
		}
		sh.server.Env = append(sh.server.Env, "SHOP_ROOT="+public)
	}
	sh.server.Stdout, sh.server.Stderr = sh.log, sh.log
	if err := sh.server.Start(); err != nil {
		t.Fatal(err)
	}
	go func() {
		_ = sh.server.Wait() // tests look at ProcessState
		close(sh.exited)
	}()
	t.Cleanup(func() {
		_ = sh.server.Process.Kill()
		<-sh.exited
		if t.Failed() {
			t.Logf("the server wrote last:\n%s", lastLines(sh.log.String()))
		}
	})
	sh.waitUntilServing()
	return sh
}

func startPHP(t *testing.T) (php *backend.Backend, db string) {
	t.Helper()
	needPHP(t)
	db = filepath.Join(t.TempDir(), "shop.sqlite")
	log := &logBuffer{}
	php, err := backend.Start(context.Background(), backend.Options{Dir: root + "/examples/shop/php", Addr: freeAddr(t), DB: db, Log: log})
	if err != nil {
		t.Fatalf("%v\n%s", err, log)
	}
	t.Cleanup(func() {
		php.Stop()
		if t.Failed() {
			t.Logf("PHP wrote:\n%s", withoutNoise(log.String()))
		}
	})
	return php, db
}

var listening = regexp.MustCompile(`msg=serving listen=(\S+) admin=(\S+)`)

// waitUntilServing learns from the server's log where it listens.
func (s *shop) waitUntilServing() {
	s.t.Helper()
	for range 1000 {
		if m := listening.FindStringSubmatch(s.log.String()); m != nil {
			s.url, s.admin = "http://"+m[1], "http://"+m[2]
			return
		}
		select {
		case <-s.exited:
			s.t.Fatalf("the server ended at once:\n%s", s.log)
		case <-time.After(10 * time.Millisecond):
		}
	}
	s.t.Fatalf("the server does not say where it listens:\n%s", s.log)
}

func (s *shop) planFile() string { return filepath.Join(s.dir, "api", "rollout.yaml") }

// writePlan replaces rollout.yaml as an editor does: by renaming.
func (s *shop) writePlan(text string) {
	s.t.Helper()
	tmp := s.planFile() + ".tmp"
	if err := os.WriteFile(tmp, []byte(text), 0o600); err != nil {
		s.t.Fatal(err)
	}
	if err := os.Rename(tmp, s.planFile()); err != nil {
		s.t.Fatal(err)
	}
}

// signal sends a signal to the server.
func (s *shop) signal(sig syscall.Signal) {
	s.t.Helper()
	if err := s.server.Process.Signal(sig); err != nil {
		s.t.Fatal(err)
	}
}

// waitForExit returns the server's exit code.
func (s *shop) waitForExit(within time.Duration) int {
	s.t.Helper()
	select {
	case <-s.exited:
		return s.server.ProcessState.ExitCode()
	case <-time.After(within):
		s.t.Fatalf("the server still runs after %s", within)
		return -1
	}
}

// answer is a response that was read to its end.
type answer struct {
	status int
	header http.Header
	body   []byte
}

// client follows no redirects and keeps no cookies.
var client = &http.Client{
	Timeout:       20 * time.Second,
	CheckRedirect: func(*http.Request, []*http.Request) error { return http.ErrUseLastResponse },
}

// send performs a request that is written as "GET /v1/users", with header
// lines "name: value". A body is sent as JSON.
func (s *shop) send(line, body string, header ...string) answer {
	s.t.Helper()
	a, err := send(s.url, line, body, header...)
	if err != nil {
		s.t.Fatal(err)
	}
	return a
}

func send(base, line, body string, header ...string) (answer, error) {
	method, path, _ := strings.Cut(line, " ")
	var payload io.Reader
	if body != "" {
		payload = strings.NewReader(body)
	}
	r, err := http.NewRequest(method, base+path, payload)
	if err != nil {
		return answer{}, err
	}
	if body != "" {
		r.Header.Set("Content-Type", "application/json")
	}
	for _, h := range header {
		name, value, _ := strings.Cut(h, ": ")
		r.Header.Add(name, value)
	}
	res, err := client.Do(r)
	if err != nil {
		return answer{}, err
	}
	defer res.Body.Close()
	data, err := io.ReadAll(res.Body)
	return answer{res.StatusCode, res.Header, data}, err
}

// copyWorkspace copies what a server reads of the workspace. PHP's built-in
// server may give two requests to one worker and let the second wait, and the
// machine may be busy: only a test of timeouts keeps those of the example.
func copyWorkspace(t *testing.T, s setup) string {
	t.Helper()
	dir := t.TempDir()
	if err := os.CopyFS(filepath.Join(dir, "api"), os.DirFS(root+"/api")); err != nil {
		t.Fatal(err)
	}
	replace := func(file, old, new string) {
		path := filepath.Join(dir, "api", file, "legacy.yaml")
		data, err := os.ReadFile(path)
		if err != nil {
			t.Fatal(err)
		}
		if !bytes.Contains(data, []byte(old)) {
			t.Fatalf("%s does not say %q any more", path, old)
		}
		if err := os.WriteFile(path, bytes.Replace(data, []byte(old), []byte(new), 1), 0o600); err != nil {
			t.Fatal(err)
		}
	}
	for _, service := range []string{"users", "orders", "feed"} {
		replace(service, "version: 1\n", "version: 1\ntimeout: 15s\n")
	}
	if s.reportTimeout != "" {
		replace("orders", "    timeout: 2s\n", "    timeout: "+s.reportTimeout+"\n")
	}
	return dir
}

// freeAddr returns a loopback address that nobody listens on.
func freeAddr(t *testing.T) string {
	t.Helper()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	defer l.Close()
	return l.Addr().String()
}

// withoutNoise leaves out the lines of php -S about connections.
func withoutNoise(log string) string {
	var kept strings.Builder
	for lines := bufio.NewScanner(strings.NewReader(log)); lines.Scan(); {
		if l := lines.Text(); !strings.HasSuffix(l, " Accepted") && !strings.HasSuffix(l, " Closing") {
			kept.WriteString(l + "\n")
		}
	}
	return kept.String()
}

func lastLines(log string) string {
	const most = 30
	lines := strings.Split(log, "\n")
	return strings.Join(lines[max(0, len(lines)-most):], "\n")
}

// logBuffer collects what a process writes.
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
