//go:build unix

package shop

import (
	"errors"
	"net/http"
	"os"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/e2e/phpfpm"
)

// startFPM runs the shop's PHP on php-fpm, with the database of the test, and
// returns its address.
func startFPM(t *testing.T, db string) string {
	t.Helper()
	dir, err := os.MkdirTemp("", "fpm-") // t.TempDir's names are too long for a socket
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { os.RemoveAll(dir) })
	fpm, err := phpfpm.Start(phpfpm.Options{Dir: dir, Env: []string{"SHOP_DB=" + db}})
	switch {
	case errors.Is(err, phpfpm.ErrNotInstalled):
		needs.Unavailable(t, err)
	case err != nil:
		t.Fatal(err)
	}
	t.Cleanup(func() {
		fpm.Stop()
		if t.Failed() {
			t.Logf("php-fpm wrote:\n%s", fpm.Log())
		}
	})
	return fpm.URL()
}

// TestFastCGIAnswersAsHTTP sends the same session to two shops that are all
// PHP, one behind PHP's own server and one behind php-fpm. Nobody must notice.
func TestFastCGIAnswersAsHTTP(t *testing.T) {
	t.Parallel()
	overHTTP := visitor{shop: start(t, setup{plan: allLegacy})}
	overFastCGI := visitor{shop: start(t, setup{plan: allLegacy, fastcgi: true})}
	for _, s := range steps {
		name := s.line + " " + s.body
		one, other := overHTTP.send(s.line, s.body), overFastCGI.send(s.line, s.body)
		if other.status != s.status {
			t.Errorf("%s\nstatus %d, want %d: %s", name, other.status, s.status, other.body)
			continue
		}
		want, err := understand(s.key, one)
		if err != nil {
			t.Fatal(err)
		}
		got, err := understand(s.key, other)
		if err != nil {
			t.Errorf("%s\nbreaks the contract: %v\n%s", name, err, other.body)
			continue
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s\n-HTTP +FastCGI\n%s", name, d)
		}
		if d := cmp.Diff(lasting(one.header), lasting(other.header)); d != "" {
			t.Errorf("%s\nheaders, -HTTP +FastCGI\n%s", name, d)
		}
	}
}

// lasting is a header without what differs from one answer to the next, and
// without what PHP's own server adds or php.ini (expose_php).
func lasting(h http.Header) http.Header {
	h = h.Clone()
	for _, name := range []string{"Date", "Host", "Content-Length", "X-Powered-By"} {
		h.Del(name)
	}
	if h.Get("Set-Cookie") != "" {
		h.Set("Set-Cookie", "some")
	}
	return h
}
