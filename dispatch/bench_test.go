package dispatch_test

import (
	"io"
	"log/slog"
	"net/http"
	"net/url"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/rollout"
	"github.com/labstack/echo/v4"
)

// The goal: under 1.5 us and at most 6 allocations per request above plain
// Echo, with handlers that do nothing.

// nowhere is a response writer that costs nothing.
type nowhere struct{ header http.Header }

func (n nowhere) Header() http.Header         { return n.header }
func (n nowhere) Write(p []byte) (int, error) { return len(p), nil }
func (n nowhere) WriteHeader(int)             {}

func noContent(c echo.Context) error { return c.NoContent(http.StatusNoContent) }

type idleBackend struct{}

func (idleBackend) Handles(*catalog.Operation) bool { return true }
func (idleBackend) Serve(w http.ResponseWriter, _ *http.Request, _ *catalog.Operation) error {
	w.WriteHeader(http.StatusNoContent)
	return nil
}

func benchRequest() *http.Request {
	return &http.Request{
		Method: http.MethodGet,
		URL:    &url.URL{Path: "/v1/orders/42"},
		Header: http.Header{
			"Cookie":      {"theme=dark; sid=0123456789abcdef"},
			"Traceparent": {"00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"},
		},
		Body: http.NoBody,
	}
}

func run(b *testing.B, e *echo.Echo) {
	b.Helper()
	r, w := benchRequest(), nowhere{http.Header{}}
	b.ReportAllocs()
	for b.Loop() {
		e.ServeHTTP(w, r)
	}
}

func BenchmarkPlainEcho(b *testing.B) {
	e := echo.New()
	e.GET("/v1/orders/:orderId", noContent)
	run(b, e)
}

func benchDispatch(b *testing.B, plan string, observe func(*dispatch.Event)) {
	b.Helper()
	p, faults := rollout.Parse("rollout.yaml", []byte(plan))
	if err := faults.Err(); err != nil {
		b.Fatal(err)
	}
	s := &catalog.Service{Name: "orders", Operations: []catalog.Operation{
		{Key: "orders.getOrder", ID: "getOrder", Method: http.MethodGet, Path: "/v1/orders/{orderId}", BodyLimit: 1 << 20},
	}}
	d := dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{Services: []*catalog.Service{s}},
		Legacy:    idleBackend{}, Rollout: rollout.Fixed(p), Observe: observe,
	})
	e := echo.New()
	if err := d.Handle(e, s, map[string]echo.HandlerFunc{"getOrder": noContent}); err != nil {
		b.Fatal(err)
	}
	if err := d.Start(e); err != nil {
		b.Fatal(err)
	}
	run(b, e)
}

func ignore(*dispatch.Event) {}

func BenchmarkDispatchGo(b *testing.B) {
	benchDispatch(b, "version: 1\noperations: {orders.getOrder: go}", ignore)
}

func BenchmarkDispatchLegacy(b *testing.B) {
	benchDispatch(b, "version: 1", ignore)
}

func BenchmarkDispatchCanary(b *testing.B) {
	benchDispatch(b, "version: 1\nsticky: {cookie: sid}\noperations: {orders.getOrder: canary 50%}", ignore)
}

// BenchmarkDispatchGoLogged has the default observer, without the cost of the
// place that the lines go to.
func BenchmarkDispatchGoLogged(b *testing.B) {
	log := slog.New(slog.NewJSONHandler(io.Discard, nil))
	benchDispatch(b, "version: 1\noperations: {orders.getOrder: go}", dispatch.LogObserver(log))
}
