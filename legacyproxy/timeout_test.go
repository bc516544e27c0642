package legacyproxy_test

import (
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
)

// The workspace's timeout counts where legacy.yaml names none, and outside the
// contracts. PHP here answers only when the client has given up.
func TestTimeoutIsInherited(t *testing.T) {
	t.Parallel()
	php := httptest.NewServer(http.HandlerFunc(func(_ http.ResponseWriter, r *http.Request) { <-r.Context().Done() }))
	t.Cleanup(php.Close)
	for _, c := range []struct {
		name, legacy string
		workspace    time.Duration
		op           bool
		timesOut     bool // within the second that the client waits
	}{
		{"the workspace's, for an operation", "version: 1\n", time.Millisecond, true, true},
		{"the workspace's, outside the contracts", "version: 1\n", time.Millisecond, false, true},
		{"the default", "version: 1\n", 0, true, true},
		{"the service's", "version: 1\ntimeout: 1h\n", time.Millisecond, true, false},
		{"the operation's", "version: 1\ntimeout: 1h\noperations: {op: {timeout: 1ms}}\n", time.Hour, true, true},
		{"a long one outside the contracts", "version: 1\ntimeout: 1ms\n", time.Hour, false, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			s := service("GET", "/a")
			ws := &catalog.Workspace{Services: []*catalog.Service{s}, Upstream: php.URL, Unmatched: catalog.Legacy, Timeout: c.workspace}
			a, err := legacyproxy.Load(fstest.MapFS{s.LegacyFile: {Data: []byte(c.legacy)}}, ws, legacyproxy.Options{})
			if err != nil {
				t.Fatal(err)
			}
			t.Cleanup(a.Close)
			var op *catalog.Operation
			if c.op {
				op = &s.Operations[0]
			}
			client := http.Client{Timeout: 2 * time.Second}
			res, err := client.Get(serve(t, a, op).URL + "/a")
			if err == nil {
				res.Body.Close()
			}
			if got := err == nil && res.StatusCode == http.StatusGatewayTimeout; got != c.timesOut {
				t.Errorf("timed out: %v, want %v (%v)", got, c.timesOut, err)
			}
		})
	}
}
