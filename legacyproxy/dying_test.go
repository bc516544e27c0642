package legacyproxy_test

import (
	"bufio"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"strings"
	"sync"
	"testing"
	"time"
)

// TestWritesOverDyingConnections: a backend that keeps connections and breaks
// them at every possible moment never gets a write twice, and those that it
// got and answered arrive. What an idle connection's end loses is sent again.
func TestWritesOverDyingConnections(t *testing.T) {
	t.Parallel()
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { l.Close() })
	var mu sync.Mutex
	executed := map[string]int{}
	go func() {
		for {
			c, err := l.Accept()
			if err != nil {
				return
			}
			go func() {
				defer c.Close()
				in := bufio.NewReader(c)
				for {
					if rand.IntN(8) == 0 { // between two requests, at once or while one may be on its way
						if rand.IntN(2) == 0 {
							time.Sleep(time.Duration(rand.IntN(500)) * time.Microsecond)
						}
						if rand.IntN(2) == 0 {
							reset(c)
						}
						return
					}
					r, err := http.ReadRequest(in)
					if err != nil {
						return
					}
					_, err = io.Copy(io.Discard, r.Body)
					if err != nil {
						return
					}
					mu.Lock()
					executed[r.Header.Get("X-Token")]++
					mu.Unlock()
					switch rand.IntN(12) {
					case 0:
						return
					case 1:
						reset(c)
						return
					case 2:
						io.WriteString(c, "HTTP/1.1 200 ")
						return
					}
					io.WriteString(c, okAnswer)
				}
			}()
		}
	}()
	a, op := loadSending(t, "W", "POST", "version: 1\nupstream: http://"+l.Addr().String()+"\ntimeout: 10s\nretry: {attempts: 5, backoff: 1ms, max-backoff: 1ms, budget: 100%}\n", io.Discard)
	front := serve(t, a, op)
	statuses := map[string]int{}
	var clients sync.WaitGroup
	for c := range 8 {
		clients.Go(func() {
			for i := range 100 {
				token := fmt.Sprint(c, "-", i)
				r, err := http.NewRequest("POST", front.URL+"/a", strings.NewReader(strings.Repeat("x", []int{10, 40_000}[i%2])))
				if err != nil {
					t.Error(err)
					return
				}
				r.Header.Set("X-Token", token)
				res, err := http.DefaultClient.Do(r)
				if err != nil {
					t.Error(err)
					return
				}
				res.Body.Close()
				mu.Lock()
				statuses[token] = res.StatusCode
				mu.Unlock()
			}
		})
	}
	clients.Wait()
	mu.Lock()
	defer mu.Unlock()
	lost := 0
	for token, status := range statuses {
		switch n := executed[token]; {
		case n > 1:
			t.Errorf("%s was executed %d times", token, n)
		case n == 0 && status == 200:
			t.Errorf("%s was answered and never executed", token)
		case n == 0:
			lost++
		}
	}
	t.Logf("%d requests, %d never executed; %+v", len(statuses), lost, a.Sending().Senders[0].Retries)
}
