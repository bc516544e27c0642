//go:build unix

package legacy

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/banyan-go/banyan/examples/shop/backend"
)

// Bounds of what a server may need after the load more than before it, both
// times idle and after a warm-up.
const (
	soakClients    = 64
	moreGoroutines = 6
	moreFiles      = 6
	moreMemory     = 24 << 20
)

// TestSoak loads the shop and the application that misbehaves for as long as
// the environment variable SOAK says, over a network that fails, with clients
// that leave. Each answer has to be that of its request, and the servers must
// need no more afterwards.
func TestSoak(t *testing.T) {
	duration, err := time.ParseDuration(cmp.Or(os.Getenv("SOAK"), "10s"))
	if err != nil || duration < time.Second {
		t.Fatalf("SOAK is %q: write it like 5m or 30s", os.Getenv("SOAK"))
	}
	s := startSoak(t)
	s.load(min(max(duration/6, 3*time.Second), 30*time.Second), 0)
	before := s.settle()
	s.tally.reset()
	s.load(duration, min(time.Minute, duration/2))
	after := s.settle()
	for i, p := range s.processes {
		t.Logf("%s idle before: %v", p.name, before[i])
		t.Logf("%s idle after:  %v", p.name, after[i])
		if after[i].goroutines > before[i].goroutines+moreGoroutines || after[i].files > before[i].files+moreFiles ||
			after[i].memory > before[i].memory+moreMemory {
			t.Errorf("%s has grown", p.name)
		}
	}
	for _, name := range []string{"banyan_upstream_in_flight", "banyan_upstream_queued"} {
		if n := s.hostile.metric(name, ""); n != 0 {
			t.Errorf("%s is still %v: places are lost", name, n)
		}
	}
	s.tally.judge(t)
	if !t.Failed() {
		fmt.Fprintf(t.Output(), "verdict: good, after %v with %d clients: %s\n", duration, soakClients, &s.tally)
	} else {
		fmt.Fprintf(t.Output(), "verdict: BAD, after %v with %d clients: %s\n", duration, soakClients, &s.tally)
	}
}

// soak is what is loaded.
type soak struct {
	t         *testing.T
	hostile   *hostile
	shop      string // address
	cases     []*hostileCase
	processes []namedProcess
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
	phpNetwork, network := badNetwork(t, fpm.Addr), badNetwork(t, s.startShopPHP(t))
	env := []string{"PHP=fastcgi://" + phpNetwork.Listen, "RAW=http://" + startRaw(t), "ROOT=" + dir}
	s.hostile = &hostile{serveWorkspace(t, buildBanyan(t), dir, env...), "fpm"}
	shop := s.serveShop(t, "http://"+network.Listen)
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
	ctx, cancel := context.WithCancel(context.Background())
	var wg sync.WaitGroup
	wg.Go(func() { poison(ctx, t, phpNetwork) })
	wg.Go(func() { poison(ctx, t, network) })
	t.Cleanup(func() { cancel(); wg.Wait() })
	return s
}

// startShopPHP starts the shop's PHP and returns its address.
func (s *soak) startShopPHP(t *testing.T) string {
	t.Helper()
	php, err := backend.Start(t.Context(), backend.Options{Dir: "../../examples/shop/php", Addr: freeAddr(t), DB: shopDB(t), Log: io.Discard})
	if err != nil {
		unavailable(t, err)
	}
	t.Cleanup(php.Stop)
	return strings.TrimPrefix(php.URL(), "http://")
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

// load runs all clients for a time and prints a line after each interval.
func (s *soak) load(duration, interval time.Duration) {
	ctx, cancel := context.WithTimeout(s.t.Context(), duration)
	defer cancel()
	var clients sync.WaitGroup
	for range soakClients {
		clients.Go(func() {
			transport := &http.Transport{DisableCompression: true, MaxConnsPerHost: 1}
			defer transport.CloseIdleConnections()
			for ctx.Err() == nil {
				if rand.IntN(4) == 0 {
					s.tally.add(s.askShop(transport))
				} else {
					s.tally.add(s.askHostile(transport))
				}
			}
		})
	}
	begun := time.Now()
	for interval > 0 && ctx.Err() == nil {
		select {
		case <-ctx.Done():
		case <-time.After(interval):
			fmt.Fprintf(s.t.Output(), "%4.0fs %s\n", time.Since(begun).Seconds(), &s.tally)
			for _, p := range s.processes {
				fmt.Fprintf(s.t.Output(), "      %-8s %v\n", p.name, p.usage(s.t))
			}
		}
	}
	clients.Wait()
}

// settle waits until nothing is under way and idle connections are closed.
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
	return last
}

// outcome is what came of a request. An error is about an answer that is not
// that of its request.
type outcome struct {
	kind string // answered, problem, broken, left
	err  error
}

// askHostile sends one of the cases. One in ten clients does not wait for the
// answer.
func (s *soak) askHostile(transport *http.Transport) outcome {
	c := *s.cases[rand.IntN(len(s.cases))]
	token := fmt.Sprintf("%016x", rand.Uint64())
	separator := "?"
	if strings.Contains(c.request.target, "?") {
		separator = "&"
	}
	c.request.target += separator + "token=" + token
	ctx, leaves := s.t.Context(), rand.IntN(10) == 0
	if leaves {
		var cancel context.CancelFunc
		ctx, cancel = context.WithTimeout(ctx, time.Duration(rand.IntN(40))*time.Millisecond)
		defer cancel()
	}
	got := s.hostile.exchange(ctx, s.t, transport, &c)
	wrong := func(what string) outcome {
		return outcome{"wrong", fmt.Errorf("%s, token %s: %s: %s", c.name, token, what, got)}
	}
	problem := got.header.Get("Content-Type") == "application/problem+json"
	switch {
	case got.status == 0 && leaves:
		return outcome{kind: "left"}
	case got.status == 0:
		if c.expects("fpm", "broken") || strings.HasSuffix(fmt.Sprint(got.err), "EOF") {
			return outcome{kind: "broken"}
		}
		return wrong("no answer")
	case got.status == http.StatusRequestHeaderFieldsTooLarge: // said by net/http itself
		return outcome{kind: "problem"}
	case !problem && got.header.Get("X-Token") != token:
		return wrong("this is another one's")
	case problem && got.status >= 502 && got.status <= 504:
		return outcome{kind: "problem"}
	}
	for _, e := range c.expected("fpm") {
		if status, _, _ := strings.Cut(e.text, " "); e.kind == "status" && strconv.Itoa(got.status) != status {
			return wrong("the status is not " + status)
		}
		if leaves || got.err != nil || e.kind == "early" || c.request.take > 0 {
			continue
		}
		if e.kind == "body" && got.body != e.text {
			return wrong("the body is not its own")
		}
	}
	switch {
	case leaves:
		return outcome{kind: "left"}
	case got.err != nil:
		return outcome{kind: "broken"}
	case problem:
		return outcome{kind: "problem"}
	case strings.Contains(c.request.target, "/echo") && !strings.Contains(got.body, token):
		return wrong("the body is another one's")
	}
	return outcome{kind: "answered"}
}

func (c *hostileCase) expects(backend, kind string) bool {
	return slices.ContainsFunc(c.expected(backend), func(e expectation) bool { return e.kind == kind })
}

// askShop asks the shop, some of whose answers come from Go, some from PHP and
// some from Go that asks PHP.
func (s *soak) askShop(transport *http.Transport) outcome {
	n, token := 1+rand.IntN(900), fmt.Sprintf("%016x", rand.Uint64())
	id := 1 + rand.IntN(5)
	method, path, body := "GET", "", ""
	var own func(map[string]any) bool
	number := func(v any, want int) bool { return fmt.Sprint(v) == strconv.Itoa(want) } // PHP's may be texts
	switch rand.IntN(4) {
	case 0:
		method, path, body = "POST", "/v1/orders/calculate", fmt.Sprintf(`{"items":[{"sku":"POT-L","quantity":%d}],"country":"DE"}`, n)
		own = func(a map[string]any) bool {
			items, _ := a["items"].([]any)
			first, _ := append(items, nil)[0].(map[string]any)
			return number(first["quantity"], n)
		}
	case 1:
		method, path, body = "POST", "/v1/orders", fmt.Sprintf(`{"user_id":%d,"items":[{"sku":"POT-L","quantity":1}],"country":"DE","note":"%s"}`, id, token)
		own = func(a map[string]any) bool { return a["note"] == token && number(a["user_id"], id) }
	case 2:
		path = fmt.Sprintf("/v1/users/%d", id)
		own = func(a map[string]any) bool { return number(a["id"], id) }
	case 3:
		path = fmt.Sprintf("/v1/orders/%d", id)
		own = func(a map[string]any) bool { return number(a["id"], id) }
	}
	ctx, cancel := context.WithTimeout(s.t.Context(), 20*time.Second)
	defer cancel()
	r, err := http.NewRequestWithContext(ctx, method, "http://"+s.shop+path, bytes.NewReader([]byte(body)))
	if err != nil {
		return outcome{"wrong", err}
	}
	r.Header.Set("Content-Type", "application/json")
	res, err := transport.RoundTrip(r)
	if err != nil {
		if strings.HasSuffix(err.Error(), "EOF") {
			return outcome{kind: "broken"}
		}
		return outcome{"wrong", fmt.Errorf("%s %s: no answer: %w", method, path, err)}
	}
	defer res.Body.Close()
	text, err := io.ReadAll(res.Body)
	switch {
	case err != nil:
		return outcome{kind: "broken"}
	case res.StatusCode >= 502 && res.StatusCode <= 504, res.StatusCode == http.StatusConflict:
		return outcome{kind: "problem"}
	}
	var answer map[string]any
	if json.Unmarshal(text, &answer) != nil || res.StatusCode > 299 || !own(answer) {
		return outcome{"wrong", fmt.Errorf("%s %s %s: got %d %.300q", method, path, body, res.StatusCode, text)}
	}
	return outcome{kind: "answered"}
}

// tally counts outcomes. It is safe for concurrent use.
type tally struct {
	mu    sync.Mutex
	begun time.Time
	kinds map[string]int
	wrong []error
}

func (c *tally) add(o outcome) {
	c.mu.Lock()
	defer c.mu.Unlock()
	if c.kinds == nil {
		c.begun, c.kinds = time.Now(), map[string]int{}
	}
	c.kinds[o.kind]++
	if o.err != nil && len(c.wrong) < 20 {
		c.wrong = append(c.wrong, o.err)
	}
}

// reset begins anew, but forgets nothing that was wrong.
func (c *tally) reset() {
	c.mu.Lock()
	defer c.mu.Unlock()
	c.kinds = nil
}

func (c *tally) judge(t *testing.T) {
	c.mu.Lock()
	defer c.mu.Unlock()
	for _, err := range c.wrong {
		t.Error(err)
	}
	if c.kinds["answered"] == 0 || c.kinds["problem"] == 0 || c.kinds["left"] == 0 {
		t.Errorf("the test tests nothing: %v", c.kinds)
	}
}

func (c *tally) String() string {
	c.mu.Lock()
	defer c.mu.Unlock()
	all := 0
	var b strings.Builder
	for _, kind := range slices.Sorted(maps.Keys(c.kinds)) {
		if all += c.kinds[kind]; kind != "wrong" {
			fmt.Fprintf(&b, ", %d %s", c.kinds[kind], kind)
		}
	}
	return fmt.Sprintf("%d requests%s, %d lost or mixed up", all, b.String(), c.kinds["wrong"])
}
