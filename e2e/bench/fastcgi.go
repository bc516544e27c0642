package main

import (
	"context"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"syscall"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/e2e/phpfpm"
	"github.com/banyan-go/banyan/legacyproxy"
)

const (
	// fastcgiGoal is the throughput over a unix socket, a connection for each
	// request, over that through nginx.
	fastcgiGoal = 1.8
	phpChildren = 4
	callers     = 2

	// Many short rounds even out what else the machine does.
	shortRound  = roundTime / 5
	shortRounds = 5

	trivialAnswer = `{"ok":true}`
	benchScript   = `<?php
if (parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH) !== '/stream') {
	header('Content-Type: application/json');
	echo '{"ok":true}';
	exit;
}
header('Content-Type: text/event-stream');
for ($i = 0; $i < 5; $i++) {
	[$us, $s] = explode(' ', microtime());
	echo 'data: ', $s, substr($us, 2, 6), "000\n\n"; // nanoseconds
	ob_flush();
	flush();
	usleep(5000);
}
`
)

// fastcgiGoals compares the ways from Go to one php-fpm.
func fastcgiGoals(rounds int) ([]line, error) {
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return nil, err
	}
	defer os.RemoveAll(dir)
	root := filepath.Join(dir, "www")
	if err := os.MkdirAll(root, 0o755); err != nil {
		return nil, err
	}
	if err := os.WriteFile(filepath.Join(root, "index.php"), []byte(benchScript), 0o644); err != nil {
		return nil, err
	}
	fpm, err := phpfpm.Start(phpfpm.Options{Dir: dir, Children: phpChildren})
	if err != nil {
		return nil, err
	}
	defer fpm.Stop()
	nginx, stop, err := startNginx(dir, root, fpm)
	if err != nil {
		return nil, err
	}
	defer stop()

	ways := []*way{
		{name: "nginx", upstream: "http://" + nginx},
		{name: "FastCGI, unix socket", upstream: fpm.URL(), fastcgi: catalog.FastCGI{Root: root, Split: catalog.SplitNone}},
		{name: "FastCGI, unix socket, kept connections", upstream: fpm.URL(), fastcgi: catalog.FastCGI{Root: root, Split: catalog.SplitNone, KeepAlive: phpChildren - 1}},
	}
	for _, w := range ways {
		if err := w.open(); err != nil {
			return nil, err
		}
		defer w.adapter.Close()
	}
	for round := range shortRounds*rounds + 1 {
		for i := range ways {
			w := ways[(i+round)%len(ways)]
			rate, err := w.run()
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			if round > 0 { // the first one warms up
				w.rates = append(w.rates, rate)
			}
		}
	}
	var lines []line
	for i, w := range ways[1:] {
		var ratios []float64
		for k, rate := range w.rates {
			ratios = append(ratios, rate/ways[0].rates[k])
		}
		slices.Sort(ratios)
		ratio := median(ratios)
		l := line{
			name: w.name, ours: fmt.Sprintf("%.0f/s", median(w.rates)), peer: fmt.Sprintf("%.0f/s through nginx", median(ways[0].rates)),
			ratio: fmt.Sprintf("%.2f (%.2f-%.2f)", ratio, ratios[len(ratios)/4], ratios[len(ratios)*3/4]), goal: "-", ok: true,
		}
		if i == 0 {
			l.goal, l.ok = fmt.Sprintf(">= %.2f", fastcgiGoal), ratio >= fastcgiGoal
		}
		lines = append(lines, l)
	}
	direct, err := start("banyan", fpm.URL(), rootEnv+"="+root)
	if err != nil {
		return nil, err
	}
	defer direct.stop()
	through, err := start("banyan", nginx)
	if err != nil {
		return nil, err
	}
	defer through.stop()
	return appendPHPStream(lines, direct, through)
}

// way is how Go code calls PHP through an adapter.
type way struct {
	name, upstream string
	fastcgi        catalog.FastCGI
	adapter        *legacyproxy.Adapter
	op             *catalog.Operation
	rates          []float64
}

func (w *way) open() (err error) {
	s := &catalog.Service{Name: "bench", LegacyFile: "legacy.yaml",
		Operations: []catalog.Operation{{Key: "bench.answer", ID: "answer", Method: "GET", Path: "/answer"}}}
	w.op = &s.Operations[0]
	ws := &catalog.Workspace{Services: []*catalog.Service{s}, Upstream: w.upstream, FastCGI: w.fastcgi, Timeout: 5 * time.Second}
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		return err
	}
	defer os.RemoveAll(dir)
	if err := os.WriteFile(filepath.Join(dir, s.LegacyFile), []byte("version: 1\n"), 0o600); err != nil {
		return err
	}
	w.adapter, err = legacyproxy.Load(os.DirFS(dir), ws, legacyproxy.Options{Log: slog.New(slog.DiscardHandler)})
	return err
}

// run calls for a while and returns the calls per second.
func (w *way) run() (float64, error) {
	var (
		wg      sync.WaitGroup
		calls   atomic.Int64
		failure atomic.Pointer[error]
		begin   = time.Now()
	)
	for range callers {
		wg.Go(func() {
			for time.Since(begin) < shortRound && failure.Load() == nil {
				if err := w.call(); err != nil {
					failure.Store(&err)
				}
				calls.Add(1)
			}
		})
	}
	wg.Wait()
	if err := failure.Load(); err != nil {
		return 0, *err
	}
	return float64(calls.Load()) / time.Since(begin).Seconds(), nil
}

func (w *way) call() error {
	r, err := http.NewRequest(http.MethodGet, "http://bench.test/answer", nil)
	if err != nil {
		return err
	}
	res, err := w.adapter.Call(context.Background(), w.op, r)
	if err != nil {
		return err
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err == nil && string(body) != trivialAnswer {
		err = fmt.Errorf("PHP answers %q", body)
	}
	return err
}

// appendPHPStream measures how long what PHP flushes is on its way.
func appendPHPStream(lines []line, ours, peer *process) ([]line, error) {
	var delays [2][]time.Duration
	for range streams {
		for i, p := range []*process{ours, peer} {
			ds, err := p.delays()
			if err != nil {
				return nil, err
			}
			delays[i] = append(delays[i], ds[0])
		}
	}
	slices.Sort(delays[0])
	slices.Sort(delays[1])
	half, peerHalf := delays[0][streams/2], delays[1][streams/2]
	return append(lines, line{
		name: "first byte of PHP's stream over FastCGI",
		ours: fmt.Sprintf("%.2f ms", half.Seconds()*1e3), peer: fmt.Sprintf("%.2f ms nginx", peerHalf.Seconds()*1e3),
		ratio: "-", goal: fmt.Sprintf("<= %s", streamGoal), ok: half <= streamGoal,
	}), nil
}

// startNginx runs nginx in front of php-fpm and returns its address.
func startNginx(dir, root string, fpm *phpfpm.Server) (addr string, stop func(), err error) {
	binary, err := exec.LookPath("nginx")
	if err != nil {
		return "", nil, fmt.Errorf("nginx is not installed: apt-get install nginx-light: %w", err)
	}
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		return "", nil, err
	}
	addr = l.Addr().String()
	if err := l.Close(); err != nil {
		return "", nil, err
	}
	user := ""
	if os.Geteuid() == 0 {
		user = "user root;"
	}
	config := fmt.Sprintf(`%s
daemon off; pid %[2]s/nginx.pid; error_log %[2]s/nginx.log; worker_processes 1;
events {}
http {
	access_log off; keepalive_requests 1000000;
	client_body_temp_path %[2]s/body; fastcgi_temp_path %[2]s/fastcgi; proxy_temp_path %[2]s/proxy; uwsgi_temp_path %[2]s/uwsgi; scgi_temp_path %[2]s/scgi;
	server {
		listen %[3]s; root %[4]s;
		include /etc/nginx/fastcgi_params;
		fastcgi_param SCRIPT_FILENAME $document_root/index.php;
		location / { fastcgi_pass unix:%[5]s; }
		location = /stream { fastcgi_pass unix:%[5]s; fastcgi_buffering off; }
	}
}`, user, dir, addr, root, fpm.Addr)
	path := filepath.Join(dir, "nginx.conf")
	if err := os.WriteFile(path, []byte(config), 0o600); err != nil {
		return "", nil, err
	}
	cmd := exec.Command(binary, "-c", path, "-e", filepath.Join(dir, "nginx.log"))
	cmd.SysProcAttr = &syscall.SysProcAttr{Setpgid: true}
	if err := cmd.Start(); err != nil {
		return "", nil, err
	}
	stop = func() {
		_ = syscall.Kill(-cmd.Process.Pid, syscall.SIGKILL)
		_ = cmd.Wait() // it ended by the signal
	}
	for range 500 {
		if c, err := net.Dial("tcp", addr); err == nil {
			return addr, stop, c.Close()
		}
		time.Sleep(20 * time.Millisecond)
	}
	stop()
	text, _ := os.ReadFile(filepath.Join(dir, "nginx.log"))
	return "", nil, fmt.Errorf("nginx does not listen: %s", text)
}
