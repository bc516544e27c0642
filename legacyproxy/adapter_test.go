package legacyproxy_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/problem"
)

var (
	outOfStock   = problem.Kind{Code: "out-of-stock", Status: 409, Title: "Out of stock"}
	userNotFound = problem.Kind{Code: "user-not-found", Status: 404, Title: "No such user"}
	quota        = problem.Kind{Code: "quota-exceeded", Status: 429, Title: "Quota exceeded"}
)

// service is a contract with one operation "op" at path.
func service(method, path string) *catalog.Service {
	return &catalog.Service{
		Name:       "shop",
		LegacyFile: "api/shop/legacy.yaml",
		Operations: []catalog.Operation{{Key: "shop.op", ID: "op", Method: method, Path: path, BodyLimit: 1 << 20}},
		Problems:   []problem.Kind{outOfStock, quota, userNotFound},
	}
}

// load returns an adapter for one service in front of upstream.
func load(t testing.TB, s *catalog.Service, upstream, yaml string) *legacyproxy.Adapter {
	t.Helper()
	ws := &catalog.Workspace{Services: []*catalog.Service{s}, Upstream: upstream, Unmatched: catalog.Legacy}
	fsys := fstest.MapFS{s.LegacyFile: {Data: []byte(yaml)}}
	a, err := legacyproxy.Load(fsys, ws, legacyproxy.Options{Log: slog.New(slog.NewTextHandler(io.Discard, nil))})
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(a.Close)
	return a
}

// serve puts an adapter behind a server, as dispatch does; op may be nil.
func serve(t testing.TB, a *legacyproxy.Adapter, op *catalog.Operation) *httptest.Server {
	t.Helper()
	s := httptest.NewUnstartedServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		if err := a.Serve(w, r, op); err != nil {
			problem.Write(w, r, err)
		}
	}))
	s.Config.ErrorLog = slog.NewLogLogger(slog.NewTextHandler(io.Discard, nil), slog.LevelError)
	s.Start()
	t.Cleanup(s.Close)
	return s
}

func TestUnwrapsEnvelope(t *testing.T) {
	t.Parallel()
	php := httptest.NewServer(http.HandlerFunc(func(w http.ResponseWriter, r *http.Request) {
		w.Header().Set("Content-Type", "text/html; charset=UTF-8")
		w.Header().Set("Set-Cookie", "PHPSESSID=1")
		io.WriteString(w, "\xef\xbb\xbf"+`{"code":"0","msg":"ok","data":{"total":10.50,"id":12345678901234567890}}`)
	}))
	t.Cleanup(php.Close)
	s := service("GET", "/orders/{orderId}")
	a := load(t, s, php.URL, "version: 1\nenvelope: {code: /code, message: /msg, data: /data, success: [0]}\n")
	front := serve(t, a, &s.Operations[0])
	res, err := http.Get(front.URL + "/orders/7")
	if err != nil {
		t.Fatal(err)
	}
	defer res.Body.Close()
	body, _ := io.ReadAll(res.Body)
	if want := `{"total":10.50,"id":12345678901234567890}`; string(body) != want || res.StatusCode != 200 {
		t.Fatalf("%d %s, want 200 %s", res.StatusCode, body, want)
	}
	if res.Header.Get("Content-Type") != "application/json" || res.Header.Get("Set-Cookie") == "" || res.ContentLength != int64(len(body)) {
		t.Fatalf("%v", res.Header)
	}
}
