//go:build unix

package legacy

import (
	"cmp"
	"context"
	"fmt"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"testing"
	"time"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/e2e/phpfpm"
)

// Bounds of what a server may need after the load more than before it, both
// times idle and after a warm-up.
const (
	soakClients    = 64
	moreGoroutines = 6
	moreFiles      = 6
	moreDatabase   = 24       // SQLite closes none while another of its connections has a lock
	moreMemory     = 24 << 20 // resident: the collector gives back late
	moreHeap       = 4 << 20  // that is in use
)

// throughputFloor is the share of the answers per second of the window without
// faults that each window with faults has to reach, where others did not slow
// the test down more than then. A fifth of the connections
// fails, half of those hang, and what hangs occupies one of php-fpm's children:
// 40% and more are usual.
const throughputFloor = 0.25

// TestSoak loads the shop and the application that misbehaves for as long as
// the environment variable SOAK says, with clients that leave: a while over a
// network that works, then over one that fails. Each answer has to be that of
// its request, as many have to come as the faults let through, and the servers
// must need no more afterwards.
func TestSoak(t *testing.T) {
	duration, err := time.ParseDuration(cmp.Or(os.Getenv("SOAK"), "10s"))
	if err != nil || duration < time.Second {
		t.Fatalf("SOAK is %q: write it like 5m or 30s", os.Getenv("SOAK"))
	}
	s := startSoak(t)
	short := min(max(duration/10, 5*time.Second), 30*time.Second)
	s.load(short, short) // a warm-up
	quiet := s.load(short, short)[0]
	fmt.Fprintf(t.Output(), "quiet %v\n", &quiet)
	before := s.settle()

	stop := s.spoil()
	windows := s.load(duration, short)
	stop()
	after := s.settle()
	for i, p := range s.processes {
		t.Logf("%s idle before: %v", p.name, before[i])
		t.Logf("%s idle after:  %v", p.name, after[i])
		if after[i].goroutines > before[i].goroutines+moreGoroutines || after[i].files > before[i].files+moreFiles ||
			after[i].database > before[i].database+moreDatabase ||
			after[i].memory > before[i].memory+moreMemory || after[i].live > before[i].live+moreHeap {
			t.Errorf("%s has grown", p.name)
		}
	}
	for _, name := range []string{"banyan_upstream_in_flight", "banyan_upstream_queued"} {
		if n := s.hostile.metric(name, ""); n != 0 {
			t.Errorf("%s is still %v: places are lost", name, n)
		}
	}
	all := s.judge(&quiet, windows)
	verdict := "good"
	if t.Failed() {
		verdict = "BAD"
	}
	fmt.Fprintf(t.Output(), "verdict: %s, after %v with %d clients: %s\n", verdict, duration, soakClients, all)
}

// judge says what is wrong with the answers, of which it returns the sum.
func (s *soak) judge(quiet *window, windows []window) outcomes {
	t := s.t
	s.tally.judge(t)
	all := outcomes{}
	lowest := 1.0
	for i := range windows {
		w := &windows[i]
		all.add(w.outcomes)
		share := w.rate() / quiet.rate() * max(1, w.demand.slowdown()/quiet.demand.slowdown())
		if lowest = min(lowest, share); share < throughputFloor {
			t.Errorf("window %d: %.1f answers/s, which is %.0f%% of what comes without faults; want %.0f%%", i+1, w.rate(), 100*share, 100*throughputFloor)
		}
	}
	fmt.Fprintf(t.Output(), "lowest share of the quiet window's answers/s: %.0f%% in %d windows\n", 100*lowest, len(windows))
	if failed := float64(all["failed"]) / float64(max(1, all["failed"]+all["answered"])); failed < faultShare/4 || s.faulty.Load() == 0 ||
		len(windows) == 0 || all["left"] == 0 || all["broken"] == 0 || all["problem"] == 0 {
		t.Errorf("the test tests nothing: %d faults, %.0f%% of the requests failed by them: %v", s.faulty.Load(), 100*failed, all)
	}
	return all
}

// soak is what is loaded.
type soak struct {
	t         *testing.T
	hostile   *hostile
	shop      string // address
	cases     []*hostileCase
	processes []namedProcess
	networks  []*badNetwork
	order     atomic.Pointer[owned] // one that a client made last
	user      atomic.Pointer[owned]
	faults    atomic.Bool  // the networks fail, or did a moment ago
	faulty    atomic.Int64 // how many faults there were
	tally     tally
}

type namedProcess struct {
	name string
	process
}

func startSoak(t *testing.T) *soak {
	s := &soak{t: t}
	dir, err := filepath.Abs("testdata/hostile")
	if err != nil {
		t.Fatal(err)
	}
	fpm := startFPM(t, 2*phpWorkers)
	s.networks = []*badNetwork{startNetwork(t, fpm.Addr), startNetwork(t, s.startShopPHP(t))}
	env := []string{"PHP=fastcgi://" + s.networks[0].listen, "RAW=http://" + startRaw(t), "ROOT=" + dir}
	s.hostile = &hostile{serveWorkspace(t, buildBanyan(t), dir, env...), "fpm"}
	shop := s.serveShop(t, "http://"+s.networks[1].listen)
	s.shop = shop.listen
	s.processes = []namedProcess{{"hostile", s.hostile.process()}, {"shop", shop.process()}}
	for _, c := range readCases(t, "testdata/hostile/cases.txt") {
		switch {
		case c.only != nil && !slices.Contains(c.only, "fpm"):
		case c.request.pause > 0: // these spoil the next answer when it is asked for at once
		case strings.Contains(c.request.target, "/killed"): // php-fpm takes its time to start others
		case strings.HasSuffix(c.request.target, "/drip-head"): // its head has no place for a token
		default:
			s.cases = append(s.cases, c)
		}
	}
	return s
}

// spoil makes the networks fail until the function that it returns is called.
func (s *soak) spoil() (stop func()) {
	s.faults.Store(true)
	ctx, cancel := context.WithCancel(s.t.Context())
	var wg sync.WaitGroup
	for _, n := range s.networks {
		wg.Go(func() { s.faulty.Add(int64(n.fail(ctx, s.t))) })
	}
	return func() { cancel(); wg.Wait() }
}

// startShopPHP starts the shop's PHP behind nginx and returns nginx's address.
// PHP's own server would not do: it sends neither lengths nor chunks, so that
// nobody can tell an answer that a fault cuts off from one that is whole.
func (s *soak) startShopPHP(t *testing.T) string {
	t.Helper()
	root, err := filepath.Abs("../../examples/shop/php/public")
	if err != nil {
		t.Fatal(err)
	}
	fpm, err := phpfpm.Start(phpfpm.Options{Dir: shortDir(t), Children: phpWorkers, Env: []string{"SHOP_DB=" + shopDB(t)}})
	if err != nil {
		needs.Unavailable(t, err)
	}
	t.Cleanup(fpm.Stop)
	echo, err := filepath.Abs("testdata/token.php")
	if err != nil {
		t.Fatal(err)
	}
	addr := startNginx(t, fpm, root, fmt.Sprintf("fastcgi_param PHP_VALUE %q;", "auto_prepend_file="+echo))
	res, err := http.Get("http://" + addr + "/user.php?limit=1") // which makes the database
	if err != nil {
		t.Fatal(err)
	}
	if res.Body.Close(); res.StatusCode != http.StatusOK {
		t.Fatalf("the shop's PHP: %s", res.Status)
	}
	return addr
}

func shopDB(t *testing.T) string {
	return filepath.Join(os.TempDir(), fmt.Sprintf("soak-%d.sqlite", os.Getpid()))
}

// serveShop starts the reference server of this repository.
func (s *soak) serveShop(t *testing.T, upstream string) *server {
	t.Helper()
	binary := filepath.Join(t.TempDir(), "server")
	if out, err := exec.Command("go", "build", "-o", binary, "../../cmd/server").CombinedOutput(); err != nil {
		t.Fatalf("build cmd/server: %v\n%s", err, out)
	}
	t.Cleanup(func() {
		for _, suffix := range []string{"", "-wal", "-shm"} {
			os.Remove(shopDB(t) + suffix)
		}
	})
	shop := &server{t: t, binary: binary, env: []string{"SHOP_PHP=" + upstream, "SHOP_DB=" + shopDB(t)}, listen: freeAddr(t), admin: freeAddr(t)}
	shop.run("-workspace", "../..", "-listen", shop.listen, "-admin", shop.admin)
	return shop
}

// window is what came of the requests of a part of the load.
type window struct {
	outcomes
	took   time.Duration
	demand demand
}

// rate is how many answers came in a second.
func (w *window) rate() float64 { return float64(w.outcomes["answered"]) / w.took.Seconds() }

func (w *window) String() string {
	return fmt.Sprintf("%.1f answers/s: %v; CPUs: %v", w.rate(), w.outcomes, w.demand)
}

// load runs all clients for a time, in windows of a length.
func (s *soak) load(duration, length time.Duration) (windows []window) {
	ctx, cancel := context.WithTimeout(s.t.Context(), duration)
	defer cancel()
	s.tally.take()
	var clients sync.WaitGroup
	for range soakClients {
		clients.Go(func() {
			transport := &http.Transport{DisableCompression: true, MaxConnsPerHost: 1}
			defer transport.CloseIdleConnections()
			for ctx.Err() == nil {
				ask := s.askHostile
				if rand.IntN(4) == 0 {
					ask = s.askShop
				}
				o := ask(transport)
				if s.tally.add(o); o.kind == "failed" { // PHP may be away: as people do
					time.Sleep(time.Duration(rand.IntN(20)) * time.Millisecond)
				}
			}
		})
	}
	for begun := time.Now(); len(windows) < int(duration/length); {
		from, before := time.Now(), readThreads(s.t)
		time.Sleep(length)
		took := time.Since(from)
		w := window{s.tally.take(), took, readThreads(s.t).since(before, took)}
		windows = append(windows, w)
		fmt.Fprintf(s.t.Output(), "%4.0fs %v\n", time.Since(begun).Seconds(), &w)
		for _, p := range s.processes {
			fmt.Fprintf(s.t.Output(), "      %-8s %v\n", p.name, p.usage(s.t))
		}
	}
	clients.Wait()
	return windows
}

// settle waits until nothing is under way, idle connections are closed and what
// is not in use any more is collected.
func (s *soak) settle() []usage {
	http.DefaultTransport.(*http.Transport).CloseIdleConnections()
	last := make([]usage, len(s.processes))
	for same, end := 0, time.Now().Add(20*time.Second); same < 10 && time.Now().Before(end); same++ {
		time.Sleep(500 * time.Millisecond)
		for i, p := range s.processes {
			u := p.usage(s.t)
			if u.goroutines != last[i].goroutines || u.files != last[i].files {
				same = 0
			}
			last[i] = u
		}
	}
	for i, p := range s.processes {
		last[i] = p.collected(s.t)
	}
	return last
}
