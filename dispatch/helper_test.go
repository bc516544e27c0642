package dispatch_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync"
	"testing"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/rollout"
	"github.com/labstack/echo/v4"
)

// backend is a legacy side made of a function.
type backend struct {
	handles func(op *catalog.Operation) bool
	serve   func(w http.ResponseWriter, r *http.Request, op *catalog.Operation) error
}

func (b backend) Handles(op *catalog.Operation) bool { return b.handles == nil || b.handles(op) }

func (b backend) Serve(w http.ResponseWriter, r *http.Request, op *catalog.Operation) error {
	if b.serve != nil {
		return b.serve(w, r, op)
	}
	key := "outside"
	if op != nil {
		key = op.Key
	}
	_, err := fmt.Fprintf(w, "php %s %s", r.Method, key)
	return err
}

// journal collects what is logged.
type journal struct {
	mu  sync.Mutex
	buf bytes.Buffer
}

func (j *journal) Write(p []byte) (int, error) {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.Write(p)
}

func (j *journal) String() string {
	j.mu.Lock()
	defer j.mu.Unlock()
	return j.buf.String()
}

// planner is a plan that tests swap.
type planner struct {
	mu   sync.Mutex
	plan *rollout.Plan
}

func (p *planner) Plan() *rollout.Plan {
	p.mu.Lock()
	defer p.mu.Unlock()
	return p.plan
}

// set takes a plan; without a text it is that of a workspace without a file.
func (p *planner) set(t testing.TB, yaml string) {
	t.Helper()
	plan := rollout.Unplanned()
	if yaml != "" {
		var faults config.Faults
		if plan, faults = rollout.Parse("rollout.yaml", []byte(yaml)); faults != nil {
			t.Fatal(faults)
		}
	}
	p.mu.Lock()
	defer p.mu.Unlock()
	p.plan = plan
}

// setup is one server under test, with one service "s".
type setup struct {
	operations []catalog.Operation
	handlers   map[string]echo.HandlerFunc
	legacy     dispatch.Backend
	plan       string
	unmatched  catalog.Unmatched
	limit      int64              // of bodies outside the contracts
	before     func(e *echo.Echo) // registers middleware
}

type server struct {
	t      *testing.T
	url    string
	d      *dispatch.Dispatcher
	plan   *planner
	log    *journal
	events chan *dispatch.Event
}

func (s setup) build(t testing.TB) (*echo.Echo, *dispatch.Dispatcher, *server, error) {
	t.Helper()
	service := &catalog.Service{Name: "s", Operations: s.operations}
	for i := range service.Operations {
		op := &service.Operations[i]
		op.ID = strings.TrimPrefix(op.Key, "s.")
		if op.Source == "" {
			op.Source = fmt.Sprintf("api/s/openapi.yaml:%d:5", i+1)
		}
	}
	srv := &server{plan: &planner{}, log: &journal{}, events: make(chan *dispatch.Event, 100)}
	srv.plan.set(t, s.plan)
	log := slog.New(slog.NewJSONHandler(srv.log, nil))
	srv.d = dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{Services: []*catalog.Service{service}, Unmatched: s.unmatched, UnmatchedBodyLimit: s.limit},
		Legacy:    s.legacy, Rollout: srv.plan, Log: log,
		Observe: dispatch.Observers(dispatch.LogObserver(log), func(e *dispatch.Event) { srv.events <- e }),
	})
	e := echo.New()
	e.HideBanner = true
	if s.before != nil {
		s.before(e)
	}
	return e, srv.d, srv, srv.d.Handle(e, service, s.handlers)
}

func (s setup) start(t *testing.T) *server {
	t.Helper()
	e, d, srv, err := s.build(t)
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(e); err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(e)
	t.Cleanup(ts.Close)
	srv.t, srv.url = t, ts.URL
	return srv
}

type answer struct {
	*http.Response
	body string
}

func (s *server) send(r *http.Request) answer {
	s.t.Helper()
	res, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.t.Fatal(err)
	}
	defer res.Body.Close()
	body, err := io.ReadAll(res.Body)
	if err != nil {
		s.t.Fatal(err)
	}
	return answer{res, string(body)}
}

func (s *server) request(method, path string, body io.Reader) *http.Request {
	s.t.Helper()
	r, err := http.NewRequestWithContext(s.t.Context(), method, s.url+path, body)
	if err != nil {
		s.t.Fatal(err)
	}
	return r
}

func (s *server) get(path string) answer {
	s.t.Helper()
	return s.send(s.request(http.MethodGet, path, nil))
}

func (s *server) event() *dispatch.Event {
	s.t.Helper()
	select {
	case e := <-s.events:
		return e
	case <-time.After(5 * time.Second):
		s.t.Fatal("no event within 5 s")
		return nil
	}
}

// noMore fails if there is another event: there is one per request.
func (s *server) noMore() {
	s.t.Helper()
	select {
	case e := <-s.events:
		s.t.Errorf("an event too many: %+v", e)
	default:
	}
}

// problem reads a problem document, which must be one.
func (a answer) problem(t *testing.T) problem.Error {
	t.Helper()
	var p problem.Error
	if a.Header.Get("Content-Type") != problem.ContentType {
		t.Fatalf("%d %s: %s", a.StatusCode, a.Header.Get("Content-Type"), a.body)
	}
	if err := json.Unmarshal([]byte(a.body), &p); err != nil {
		t.Fatalf("%v in %s", err, a.body)
	}
	if p.Status != a.StatusCode {
		t.Errorf("the document says %d, the answer %d", p.Status, a.StatusCode)
	}
	return p
}

func text(s string) echo.HandlerFunc {
	return func(c echo.Context) error { return c.String(http.StatusOK, s) }
}

func op(key, method, path string) catalog.Operation {
	return catalog.Operation{Key: key, Method: method, Path: path, BodyLimit: 1 << 20}
}
