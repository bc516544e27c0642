//go:build unix

package legacy

import (
	"context"
	"fmt"
	"io"
	"net/http"
	"sync"
	"testing"
	"time"
)

// TestSessionLock: requests of one session wait for each other in PHP, which holds
// the session's file while a script runs. Each gets its own answer all the same;
// those whose clients leave while they wait do not keep PHP's workers, and clients
// without a session are served between them.
func TestSessionLock(t *testing.T) {
	t.Parallel()
	binary := buildBanyan(t)
	for _, backend := range []string{"cli", "fpm", "nginx"} {
		t.Run(backend, func(t *testing.T) {
			t.Parallel()
			h := startHostile(t, binary, backend)
			var wg sync.WaitGroup
			for i := range 3 * phpWorkers {
				wg.Go(func() {
					ctx, cancel := context.WithTimeout(t.Context(), 30*time.Second)
					defer cancel()
					leaves := i%3 == 2
					if leaves {
						ctx, cancel = context.WithTimeout(ctx, 60*time.Millisecond)
						defer cancel()
					}
					token := fmt.Sprint("t", i)
					req, err := http.NewRequestWithContext(ctx, "GET", "http://"+h.listen+"/stream/session-slow?token="+token, nil)
					if err != nil {
						t.Error(err)
						return
					}
					req.Header.Set("Cookie", "PHPSESSID=feedfacecafebeef")
					res, err := http.DefaultTransport.RoundTrip(req)
					if err != nil {
						if !leaves {
							t.Error(err)
						}
						return
					}
					defer res.Body.Close()
					body, err := io.ReadAll(res.Body)
					if err == nil && (res.StatusCode != http.StatusOK || res.Header.Get("X-Token") != token || string(body) != `{"id":1}`) {
						t.Errorf("%s: %s %v %s", token, res.Status, res.Header, body)
					}
				})
				wg.Go(func() {
					if err := h.echo(http.DefaultTransport, "/stream/echo"); err != nil {
						t.Error(err)
					}
				})
			}
			wg.Wait()
			h.wantWorkersFree(t)
		})
	}
}
