package main

import (
	"cmp"
	"context"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"sync"
	"sync/atomic"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/e2e/phpfpm"
	"github.com/banyan-go/banyan/legacyproxy"
)

const (
	// What a unix socket has to be better by than nginx as everybody sets it
	// up, which dials php-fpm for each request. For requests that dial as well,
	// because they write, php-fpm sets the bound: it takes half of the time.
	unixGoal    = 1.8
	dialledGoal = 1.2

	// More callers than CPUs, so that these are busy, and a child for each
	// connection that any of the ways may keep, so that none waits for another's.
	callers     = 4
	phpChildren = 4 * callers

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

// fastcgiGoals compares the ways from Go to one php-fpm by the CPU time that a
// request takes of everybody: Go, nginx and php-fpm. Its inverse is the
// throughput of a machine that does nothing else.
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
	web, err := newNginx(dir, root, fpm, callers)
	if err != nil {
		return nil, err
	}
	if err := web.start(); err != nil {
		return nil, err
	}
	defer web.stop()

	settings := catalog.FastCGI{Root: root, Split: catalog.SplitNone}
	keeping := settings
	keeping.KeepAlive = callers
	std := &way{name: "nginx from net/http", upstream: "http://" + web.addr, std: transport()}
	nginx := &way{name: "nginx", upstream: "http://" + web.addr}
	nginxKept := &way{name: "nginx keeping connections", upstream: "http://" + web.kept}
	unix := &way{name: "FastCGI, unix socket", upstream: fpm.URL(), fastcgi: settings}
	dialled := &way{name: "FastCGI, unix socket, writes", upstream: fpm.URL(), fastcgi: settings, class: catalog.Write}
	kept := &way{name: "FastCGI, unix socket, kept connections", upstream: fpm.URL(), fastcgi: keeping}
	ways := []*way{std, nginx, nginxKept, unix, dialled, kept}
	for _, w := range ways {
		if err := w.open(); err != nil {
			return nil, err
		}
		defer w.adapter.Close()
	}
	webCPU, err := below(web.cmd.Process.Pid)
	if err != nil {
		return nil, err
	}
	fpmCPU, err := below(fpm.PID())
	if err != nil {
		return nil, err
	}
	for round := range shortRounds*rounds + 1 {
		for i := range ways {
			w := ways[(i+round)%len(ways)]
			c, err := w.run(webCPU, fpmCPU)
			if err != nil {
				return nil, fmt.Errorf("%s: %w", w.name, err)
			}
			if round > 0 { // the first one warms up
				w.costs = append(w.costs, c)
			}
		}
	}
	lines := []line{
		unix.over(nginx, unixGoal), unix.over(std, 0), dialled.over(nginx, dialledGoal),
		kept.over(nginx, unixGoal), kept.over(nginxKept, 0), kept.over(std, 0),
	}
	direct, err := start("banyan", fpm.URL(), rootEnv+"="+root)
	if err != nil {
		return nil, err
	}
	defer direct.stop()
	through, err := start("banyan", web.addr)
	if err != nil {
		return nil, err
	}
	defer through.stop()
	return appendPHPStream(lines, direct, through)
}

// cost is what one round showed.
type cost struct {
	goCPU, nginxCPU, phpCPU float64 // microseconds of a request
	rate                    float64 // requests per second
}

func (c cost) sum() float64 { return c.goCPU + c.nginxCPU + c.phpCPU }

// over compares a way with another one, round by round. php-fpm's own part
// bounds what any way can reach, and is shown for that.
func (w *way) over(peer *way, goal float64) line {
	var ratios []float64
	for i, c := range w.costs {
		ratios = append(ratios, peer.costs[i].sum()/c.sum())
	}
	l := line{
		name: w.name, ours: w.show(), peer: peer.show() + " " + peer.name,
		ratio: fmt.Sprintf("%.2f (%.2f-%.2f), by rate %.2f", median(ratios), slices.Min(ratios), slices.Max(ratios),
			w.median(func(c cost) float64 { return c.rate })/peer.median(func(c cost) float64 { return c.rate })),
		goal: "-", ok: true,
	}
	if goal > 0 {
		l.goal, l.ok = fmt.Sprintf(">= %.2f", goal), median(ratios) >= goal
	}
	return l
}

func (w *way) show() string {
	return fmt.Sprintf("%.0f us (php-fpm %.0f), %.0f/s", w.median(cost.sum),
		w.median(func(c cost) float64 { return c.phpCPU }), w.median(func(c cost) float64 { return c.rate }))
}

func (w *way) median(of func(cost) float64) float64 {
	var all []float64
	for _, c := range w.costs {
		all = append(all, of(c))
	}
	return median(all)
}

// way is how Go code calls PHP: through an adapter, or as a careful team does
// with the standard library.
type way struct {
	name, upstream string
	fastcgi        catalog.FastCGI
	class          catalog.Class // Safe when empty
	adapter        *legacyproxy.Adapter
	std            http.RoundTripper
	op             *catalog.Operation
	costs          []cost
}

func (w *way) open() (err error) {
	s := &catalog.Service{Name: "bench", LegacyFile: "legacy.yaml",
		Operations: []catalog.Operation{{Key: "bench.answer", ID: "answer", Method: "GET", Path: "/answer", Class: cmp.Or(w.class, catalog.Safe)}}}
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

// run calls for a while and returns what it took.
func (w *way) run(web, fpm processes) (c cost, err error) {
	webBefore, fpmBefore, before := web.cpu(), fpm.cpu(), ownCPU()
	n, rate, err := w.load()
	after, webAfter, fpmAfter := ownCPU(), web.cpu(), fpm.cpu()
	each := func(d time.Duration) float64 { return float64(d.Nanoseconds()) / 1e3 / float64(n) }
	return cost{each(after - before), each(webAfter - webBefore), each(fpmAfter - fpmBefore), rate}, err
}

// load calls for a while and returns how often, and how often in a second.
func (w *way) load() (int64, float64, error) {
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
		return 0, 0, *err
	}
	return calls.Load(), float64(calls.Load()) / time.Since(begin).Seconds(), nil
}

func (w *way) call() error {
	host := "bench.test"
	if w.std != nil {
		host = w.upstream[len("http://"):]
	}
	r, err := http.NewRequest(http.MethodGet, "http://"+host+"/answer", nil)
	if err != nil {
		return err
	}
	var res *http.Response
	if w.std != nil {
		res, err = w.std.RoundTrip(r)
	} else {
		res, err = w.adapter.Call(context.Background(), w.op, r)
	}
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
