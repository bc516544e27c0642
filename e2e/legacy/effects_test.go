//go:build unix

package legacy

import (
	"context"
	"database/sql"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"maps"
	"math/rand/v2"
	"net/http"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"sync"
	"sync/atomic"
	"syscall"
	"testing"
	"time"

	_ "modernc.org/sqlite"

	"github.com/banyan-go/banyan/e2e/phpfpm"
)

// What the test sends, and into what.
const (
	requests = 2000
	clients  = 16
	kills    = 4 // of the server, and restarts of php-fpm
)

// kind is a kind of request.
type kind struct {
	path, method string
	class        string
	body         bool
}

var kinds = []kind{
	{"/fpm/search", "POST", "R", true},
	{"/fpm/write", "POST", "W", true},
	{"/fpm/visit", "GET", "W", false},
	{"/fpm/put", "PUT", "I", true},
	{"/fpm/keyed", "POST", "I keyed", true},
	{"/fpm/pay", "POST", "X", true},
	{"/http/search", "POST", "R", true},
	{"/http/write", "POST", "W", true},
	{"/http/keyed", "POST", "I keyed", true},
	{"/http/pay", "POST", "X", true},
	{"/outside", "GET", "U", false},
	{"/outside", "POST", "U", true},
}

// repeatable kinds may be executed more than once; keyed ones have one effect.
func (k kind) repeatable() bool { return k.class == "R" || k.class == "I keyed" }

// TestNothingIsExecutedTwice counts in PHP's database what PHP did, while the
// network to PHP fails in every way, php-fpm restarts and the server is killed.
func TestNothingIsExecutedTwice(t *testing.T) {
	dir, err := filepath.Abs("testdata/effects")
	if err != nil {
		t.Fatal(err)
	}
	db, file := effectsDB(t)
	router := filepath.Join(dir, "index.php")
	fpm := startFPM(t, 8, "EFFECTS_DB="+file)
	cli := startCLI(t, router, "EFFECTS_DB="+file)
	networks := []*badNetwork{startNetwork(t, fpm.Addr), startNetwork(t, fpm.Addr), startNetwork(t, cli), startNetwork(t, cli)}
	s := serveWorkspace(t, buildBanyan(t), dir, "ROOT="+dir,
		"FPM=fastcgi://"+networks[0].listen, "SPARE=fastcgi://"+networks[1].listen,
		"HTTP=http://"+networks[2].listen, "OUTSIDE=http://"+networks[3].listen)

	ctx, cancel := context.WithCancel(t.Context())
	var wg sync.WaitGroup
	var faults atomic.Int64
	for _, n := range networks {
		wg.Go(func() { faults.Add(int64(n.fail(ctx, t))) })
	}
	var mu sync.Mutex
	sent := map[string]kind{}
	fine := map[string]bool{}
	statuses := map[string]map[int]int{}
	next := make(chan int)
	var senders sync.WaitGroup
	for range clients {
		senders.Go(func() {
			client := &http.Client{Timeout: 20 * time.Second, Transport: &http.Transport{DisableKeepAlives: true}} // which never sends twice
			for i := range next {
				k := kinds[i%len(kinds)]
				token := fmt.Sprintf("%04d%s", i, strings.ReplaceAll(k.path, "/", "-"))
				status, err := one(client, s.listen, k, token)
				mu.Lock()
				sent[token] = k
				if statuses[k.class] == nil {
					statuses[k.class] = map[int]int{}
				}
				statuses[k.class][status]++
				fine[token] = status == http.StatusOK
				mu.Unlock()
				if err != nil {
					t.Error(err)
				}
			}
		})
	}
	var unsent, ruled, again, hedges float64
	killed, restarted := 0, 0
	var beside sync.WaitGroup // the restart, while requests come in
	for i := range requests {
		next <- i
		switch step := requests / (2 * kills); i % (2 * step) {
		case 2*step - 1:
			killed++
			beside.Wait()
			unsent += s.metric("banyan_legacy_retries_total", `cause="unsent"`)
			ruled += s.metric("banyan_legacy_retries_total", `cause="rule"`)
			again += s.metric("banyan_legacy_retries_total", "")
			hedges += s.metric("banyan_legacy_hedges_total", "")
			s.kill()
			s.start()
		case step - 1:
			restarted++
			beside.Go(func() { fpm = restart(t, fpm, file, networks[:2]) })
		}
	}
	close(next)
	senders.Wait()
	cancel()
	wg.Wait()
	s.kill()
	time.Sleep(200 * time.Millisecond) // PHP may still be at work for those that gave up

	runs, effects, torn := count(t, db)
	twice, repeated := 0, 0
	for token, k := range sent {
		switch n := runs[token]; {
		case n > 1 && !k.repeatable():
			twice++
			t.Errorf("%s of class %s was executed %d times", token, k.class, n)
		case n > 1:
			repeated++
		case n == 0 && fine[token]:
			t.Errorf("%s was answered and never executed", token)
		}
		if k.class == "I keyed" && effects[token] > 1 {
			t.Errorf("%s has %d effects", token, effects[token])
		}
	}
	for token := range runs {
		if _, ok := sent[token]; !ok {
			t.Errorf("nobody has sent %s", token)
		}
	}
	// What has to have happened, or nothing is tested: faults in as many
	// connections as are told to fail, all that may be sent again sent again, and
	// each kill while requests were under way.
	failed, cut := 0, 0
	for class, by := range statuses {
		if by[http.StatusOK] == 0 {
			t.Errorf("no request of class %s succeeds: %v", class, by)
		}
		for status, n := range by {
			if status != http.StatusOK {
				failed += n
			}
		}
		cut += by[0]
	}
	if len(sent) != requests || killed != kills || restarted != kills {
		t.Errorf("%d requests, %d kills, %d restarts; want %d, %d, %d", len(sent), killed, restarted, requests, kills, kills)
	}
	if float64(failed) < requests*faultShare/4 || cut == 0 || faults.Load() < 2*int64(len(networks)) {
		t.Errorf("hardly anything fails: %d requests, %d of them cut off by kills, %d faults", failed, cut, faults.Load())
	}
	if again == 0 || unsent == 0 || ruled == 0 || hedges == 0 || repeated == 0 {
		t.Errorf("nothing is sent again: %v retries, %v of them unsent, %v by a rule, %v hedges, %d executed again", again, unsent, ruled, hedges, repeated)
	}
	t.Logf("%d faults, %d restarts of php-fpm, %d kills of the server; %d requests failed, %d of them cut off by kills", faults.Load(), restarted, killed, failed, cut)
	t.Logf("%d requests; %d not repeatable ones executed twice; %d repeatable ones executed more than once; %d bodies came torn", len(sent), twice, repeated, torn)
	t.Logf("before kills: %v retries, %v of them unsent, %v by a rule, %v hedges", again, unsent, ruled, hedges)
	for _, class := range slices.Sorted(maps.Keys(statuses)) {
		t.Logf("%-8s answers by status (0: none): %v", class, statuses[class])
	}
}

// one sends one request and checks that the answer is its own. The error is
// about the answer, not about there being none.
func one(client *http.Client, addr string, k kind, token string) (status int, err error) {
	for {
		var body io.Reader
		length := 0
		if k.body {
			length = []int{20, 2000, 40_000, 300_000}[rand.IntN(4)]
			body = strings.NewReader(strings.Repeat("x", length))
		}
		r, err := http.NewRequest(k.method, "http://"+addr+k.path, body)
		if err != nil {
			return 0, err
		}
		r.Header.Set("X-Token", token)
		r.Header.Set("X-Length", fmt.Sprint(length))
		r.Header.Set("Content-Type", "text/plain")
		if k.class == "I keyed" {
			r.Header.Set("Idempotency-Key", token)
		}
		res, err := client.Do(r)
		if errors.Is(err, syscall.ECONNREFUSED) { // the server is not there
			time.Sleep(10 * time.Millisecond)
			continue
		}
		if err != nil {
			return 0, nil
		}
		defer res.Body.Close()
		text, err := io.ReadAll(res.Body)
		if err != nil {
			return 0, nil
		}
		var answer struct{ Token string }
		if res.StatusCode == http.StatusOK && (json.Unmarshal(text, &answer) != nil || answer.Token != token) {
			return res.StatusCode, fmt.Errorf("%s got the answer %s", token, text)
		}
		return res.StatusCode, nil
	}
}

// restart replaces php-fpm under way. Nobody listens meanwhile.
func restart(t *testing.T, old *phpfpm.Server, file string, networks []*badNetwork) *phpfpm.Server {
	for _, n := range networks {
		n.close()
	}
	old.Stop()
	fpm := startFPM(t, 8, "EFFECTS_DB="+file)
	for _, n := range networks {
		if err := n.lead(fpm.Addr); err != nil {
			t.Error(err)
		}
	}
	return fpm
}

func effectsDB(t *testing.T) (*sql.DB, string) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "effects.sqlite")
	if err := os.Chmod(filepath.Dir(file), 0o777); err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", file)
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	for _, statement := range []string{
		"PRAGMA journal_mode = WAL",
		"CREATE TABLE runs (token TEXT, whole INT)",
		"CREATE TABLE effects (token TEXT)",
		"CREATE TABLE keyed (token TEXT PRIMARY KEY)",
	} {
		if _, err := db.Exec(statement); err != nil {
			t.Fatal(err)
		}
	}
	return db, file
}

// count reads how often each request was executed, the effects of those with a
// key, and how many bodies were not whole.
func count(t *testing.T, db *sql.DB) (runs, effects map[string]int, torn int) {
	t.Helper()
	read := func(query string) map[string]int {
		rows, err := db.Query(query)
		if err != nil {
			t.Fatal(err)
		}
		defer rows.Close()
		out := map[string]int{}
		for rows.Next() {
			var token string
			var n int
			if err := rows.Scan(&token, &n); err != nil {
				t.Fatal(err)
			}
			out[token] = n
		}
		if err := rows.Err(); err != nil {
			t.Fatal(err)
		}
		return out
	}
	if err := db.QueryRow("SELECT count(*) FROM runs WHERE whole = 0").Scan(&torn); err != nil {
		t.Fatal(err)
	}
	return read("SELECT token, count(*) FROM runs GROUP BY token"), read("SELECT token, count(*) FROM keyed GROUP BY token"), torn
}
