package dispatch_test

import (
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"sync/atomic"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/rollout"
	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
)

// sides is a service with every combination of sides.
func sides(plan string) setup {
	return setup{
		operations: []catalog.Operation{
			op("s.both", "GET", "/both"), op("s.goOnly", "GET", "/go"), op("s.phpOnly", "GET", "/php/{id}"),
		},
		handlers: map[string]echo.HandlerFunc{"both": text("go"), "goOnly": text("go")},
		legacy:   backend{handles: func(op *catalog.Operation) bool { return op.Key != "s.goOnly" }},
		plan:     plan,
	}
}

func TestDecisions(t *testing.T) {
	t.Parallel()
	const canary = "version: 1\nsticky: {cookie: sid}\nselect: {header: x-env, value: canary}\n"
	tests := []struct {
		name, plan, path, header string
		target                   rollout.Target
		reason                   rollout.Reason
	}{
		{"default", "", "/both", "", rollout.Legacy, rollout.Default},
		{"default without legacy", "", "/go", "", rollout.Go, rollout.NoLegacy},
		{"default go without handler", "version: 1\ndefault: go", "/php/1", "", rollout.Legacy, rollout.NoHandler},
		{"go", "version: 1\noperations: {s.both: go}", "/both", "", rollout.Go, rollout.StageGo},
		{"forced", "version: 1\nforce: legacy\noperations: {s.both: go}", "/both", "", rollout.Legacy, rollout.Forced},
		{"forced without legacy", "version: 1\nforce: legacy", "/go", "", rollout.Go, rollout.NoLegacy},
		{"no subject", canary + "operations: {s.both: canary 100%}", "/both", "", rollout.Legacy, rollout.NoSubject},
		{"cookie", canary + "operations: {s.both: canary 100%}", "/both", "Cookie: a=b; sid=\"7\"; c=d", rollout.Go, rollout.CanaryShare},
		{"selected", canary + "operations: {s.both: canary 0%}", "/both", "X-Env: canary", rollout.Go, rollout.CanarySelected},
		{"out", canary + "operations: {s.both: canary 0%}", "/both", "Cookie: sid=7", rollout.Legacy, rollout.CanaryOut},
	}
	for _, tt := range tests {
		t.Run(tt.name, func(t *testing.T) {
			t.Parallel()
			s := sides(tt.plan).start(t)
			r := s.request("GET", tt.path, nil)
			if name, value, ok := strings.Cut(tt.header, ": "); ok {
				r.Header.Set(name, value)
			}
			a := s.send(r)
			e := s.event()
			if e.Target != tt.target || e.Reason != tt.reason {
				t.Errorf("event says %v %v, want %v %v", e.Target, e.Reason, tt.target, tt.reason)
			}
			if isGo := a.body == "go"; isGo != (tt.target == rollout.Go) {
				t.Errorf("answered by the wrong side: %q", a.body)
			}
			s.noMore()
		})
	}
}

func TestEvent(t *testing.T) {
	t.Parallel()
	s := sides("").start(t)
	r := s.request("GET", "/php/secret-id?token=secret-query", nil)
	r.Header.Set("Traceparent", "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01")
	r.Header.Set("Authorization", "secret-header")
	a := s.send(r)
	e := s.event()
	want := dispatch.Event{
		Operation: "s.phpOnly", Method: "GET", Path: "/php/{id}", Target: rollout.Legacy, Reason: rollout.Default,
		Status: 200, Bytes: int64(len(a.body)), TraceID: "0af7651916cd43dd8448eb211c80319c",
	}
	if e.Duration <= 0 {
		t.Errorf("took %v", e.Duration)
	}
	e.Duration = 0
	if diff := cmp.Diff(want, *e, cmp.FilterPath(func(p cmp.Path) bool { return p.String() == "start" }, cmp.Ignore())); diff != "" {
		t.Error(diff)
	}
	for _, attr := range []string{`"operation":"s.phpOnly"`, `"target":"legacy"`, `"reason":"default"`, `"status":200`, `"bytes":`, `"duration":`, `"trace":"0af7`} {
		if !strings.Contains(s.log.String(), attr) {
			t.Errorf("%s is missing in %s", attr, s.log)
		}
	}
	if strings.Contains(s.log.String(), "secret") || strings.Count(s.log.String(), "\n") != 1 {
		t.Errorf("one line without secrets, got %s", s.log)
	}
}

// A new plan decides the next request, without a restart.
func TestPlanChanges(t *testing.T) {
	t.Parallel()
	s := sides("").start(t)
	for plan, want := range map[string]string{"version: 1\noperations: {s.both: go}": "go", "version: 1": "php GET s.both"} {
		s.plan.set(t, plan)
		for range 2 {
			if got := s.get("/both").body; got != want {
				t.Errorf("%q: got %q, want %q", plan, got, want)
			}
		}
	}
}

func TestParametersAreDecodedOnce(t *testing.T) {
	t.Parallel()
	s := setup{
		operations: []catalog.Operation{op("s.show", "GET", "/items/{item-id}"), op("s.cancel", "POST", "/items/{item-id}:cancel"), op("s.file", "GET", "/café/{name}.{ext}")},
		handlers: map[string]echo.HandlerFunc{
			"show": func(c echo.Context) error {
				if c.Request().URL.RawPath != "" {
					t.Errorf("RawPath is %q: generated code would decode again", c.Request().URL.RawPath)
				}
				return c.String(200, c.Param("item-id"))
			},
			"cancel": func(c echo.Context) error { return c.String(200, "cancelled "+c.Param("item-id")) },
			"file":   func(c echo.Context) error { return c.String(200, c.Param("name")+"|"+c.Param("ext")+"|"+c.Path()) },
		},
	}.start(t)
	for sent, want := range map[string]string{
		"a%2Fb": "a/b", "a%252Fb": "a%2Fb", "a%20b": "a b", "%C3%BC": "ü", "a+b": "a+b", "%25": "%", "a%2fb%20c": "a/b c", "x:y": "x:y", "%2E%2E": "..",
	} {
		if a := s.get("/items/" + sent); a.body != want || a.StatusCode != 200 {
			t.Errorf("%s arrives as %q, want %q", sent, a.body, want)
		}
	}
	if a := s.send(s.request("POST", "/items/a%2Fb:cancel", nil)); a.body != "cancelled a/b" {
		t.Errorf("got %q", a.body)
	}
	if a := s.get("/caf%C3%A9/a.b.c"); a.body != "a.b|c|/café/{name}.{ext}" {
		t.Errorf("got %q", a.body)
	}
	if a := s.get("/items/1/2"); a.StatusCode != 404 {
		t.Errorf("a parameter took a slash: %q", a.body)
	}
}

// The legacy side gets the path as the client wrote it.
func TestLegacyGetsTheRawPath(t *testing.T) {
	t.Parallel()
	s := setup{
		operations: []catalog.Operation{op("s.show", "GET", "/items/{id}")},
		legacy: backend{serve: func(w http.ResponseWriter, r *http.Request, _ *catalog.Operation) error {
			_, err := w.Write([]byte(r.URL.EscapedPath() + "?" + r.URL.RawQuery))
			return err
		}},
	}.start(t)
	for _, path := range []string{"/items/a%2fb?a[]=1;b=%zz", "/items/a%252Fb?", "/items/%C3%BC?x"} {
		if got := s.get(path).body; got != path {
			t.Errorf("%s arrives as %s", path, got)
		}
	}
}

func TestDenied(t *testing.T) {
	t.Parallel()
	s := setup{
		operations: []catalog.Operation{op("s.list", "GET", "/items"), op("s.add", "POST", "/items"), op("s.drop", "DELETE", "/items/{id}")},
		legacy:     backend{},
	}.start(t)
	tests := []struct {
		method, path string
		status       int
		allow        string
	}{
		{"GET", "/nowhere", 404, ""},
		{"GET", "/items/", 404, ""},
		{"DELETE", "/items", 405, "GET, HEAD, OPTIONS, POST"},
		{"PURGE", "/items", 405, "GET, HEAD, OPTIONS, POST"},
		{"GET", "/items/1", 405, "DELETE, OPTIONS"},
		{"HEAD", "/items/1", 405, "DELETE, OPTIONS"},
		{"HEAD", "/nowhere", 404, ""},
		{"OPTIONS", "/items", 204, "GET, HEAD, OPTIONS, POST"},
		{"OPTIONS", "/nowhere", 404, ""},
	}
	for _, tt := range tests {
		a := s.send(s.request(tt.method, tt.path, nil))
		if a.StatusCode != tt.status || a.Header.Get("Allow") != tt.allow {
			t.Errorf("%s %s: %d, Allow %q, want %d, %q", tt.method, tt.path, a.StatusCode, a.Header.Get("Allow"), tt.status, tt.allow)
		}
		if tt.status >= 400 && tt.method != "HEAD" {
			if p := a.problem(t); p.TraceID == "" || p.Code == "" {
				t.Errorf("%s %s: %+v", tt.method, tt.path, p)
			}
		}
		e := s.event()
		if e.Operation != "" || e.Target != rollout.None || e.Reason != dispatch.Unmatched || e.Path != tt.path || e.Status != tt.status {
			t.Errorf("%s %s: event %+v", tt.method, tt.path, e)
		}
	}
	// HEAD is GET without the body.
	a := s.send(s.request("HEAD", "/items", nil))
	if e := s.event(); a.StatusCode != 200 || a.body != "" || e.Operation != "s.list" || e.Method != "HEAD" || e.Bytes != 0 {
		t.Errorf("HEAD: %d %q, event %+v", a.StatusCode, a.body, e)
	}
	s.noMore()
}

func TestUnmatchedLegacy(t *testing.T) {
	t.Parallel()
	s := setup{
		operations: []catalog.Operation{op("s.list", "GET", "/items")},
		handlers:   map[string]echo.HandlerFunc{"list": text("go")},
		legacy:     backend{}, unmatched: catalog.Legacy, plan: "version: 1\noperations: {s.list: go}",
	}.start(t)
	for _, tt := range []struct{ method, path, want string }{
		{"GET", "/items", "go"}, {"GET", "/anything/else", "php GET outside"}, {"POST", "/items", "php POST outside"},
		{"OPTIONS", "/items", "php OPTIONS outside"}, {"PURGE", "/x", "php PURGE outside"}, {"GET", "/", "php GET outside"},
	} {
		if a := s.send(s.request(tt.method, tt.path, nil)); a.body != tt.want {
			t.Errorf("%s %s: %q, want %q", tt.method, tt.path, a.body, tt.want)
		}
		if e := s.event(); tt.want != "go" && (e.Operation != "" || e.Target != rollout.Legacy || e.Reason != dispatch.Unmatched) {
			t.Errorf("%s %s: event %+v", tt.method, tt.path, e)
		}
	}
	a := s.send(s.request("HEAD", "/items", nil)) // PHP may have no such page any more
	if e := s.event(); a.StatusCode != 200 || a.body != "" || e.Operation != "s.list" || e.Target != rollout.Go {
		t.Errorf("HEAD: %d %q, event %+v", a.StatusCode, a.body, e)
	}
	s.send(s.request("HEAD", "/anything/else", nil))
	if e := s.event(); e.Operation != "" || e.Target != rollout.Legacy {
		t.Errorf("HEAD outside: event %+v", e)
	}
}

func TestBeforeStart(t *testing.T) {
	t.Parallel()
	s := sides("")
	s.unmatched = catalog.Legacy
	e, _, srv, err := s.build(t)
	if err != nil {
		t.Fatal(err)
	}
	ts := httptest.NewServer(e)
	defer ts.Close()
	srv.t, srv.url = t, ts.URL
	for _, path := range []string{"/both", "/nowhere"} {
		a := srv.get(path)
		if p := a.problem(t); p.Code != "unavailable" || a.Header.Get("Retry-After") == "" {
			t.Errorf("%s: %+v", path, p)
		}
		if ev := srv.event(); ev.Reason != dispatch.NotStarted || ev.Status != 503 {
			t.Errorf("%s: event %+v", path, ev)
		}
	}
}

func TestTable(t *testing.T) {
	t.Parallel()
	s := sides("version: 1\nsticky: {cookie: sid}\noperations:\n  s.both: canary 12.5%").start(t)
	var got strings.Builder
	for _, r := range s.d.Table() {
		got.WriteString(strings.Join([]string{r.Operation.Key, r.Stage, r.Target, r.Reason, r.Pos.String()}, " ") + "\n")
	}
	want := "s.both canary 12.5% legacy+go canary rollout.yaml:4:11\ns.goOnly legacy go no-legacy \ns.phpOnly legacy legacy default \n"
	if diff := cmp.Diff(want, got.String()); diff != "" {
		t.Error(diff)
	}
}

// watchedBody notes when it is read for the first time.
type watchedBody struct {
	io.ReadCloser
	read *atomic.Bool
}

func (b watchedBody) Read(p []byte) (int, error) {
	b.read.Store(true)
	return b.ReadCloser.Read(p)
}

// countingPlanner notes what is asked of it, and changes its mind each time.
type countingPlanner struct {
	plans []*rollout.Plan
	asked atomic.Int32
	read  *atomic.Bool
	late  atomic.Bool // asked when the body had been touched
}

func (p *countingPlanner) Plan() *rollout.Plan {
	if p.read.Load() {
		p.late.Store(true)
	}
	return p.plans[int(p.asked.Add(1))%len(p.plans)]
}

// TestDecidesOnceBeforeTheBody: one decision per request, with the body
// unread, and a plan that changes meanwhile changes nothing.
func TestDecidesOnceBeforeTheBody(t *testing.T) {
	t.Parallel()
	var read atomic.Bool
	planner := &countingPlanner{read: &read}
	for _, side := range []string{"go", "legacy"} {
		p, faults := rollout.Parse("rollout.yaml", []byte("version: 1\ndefault: "+side))
		if err := faults.Err(); err != nil {
			t.Fatal(err)
		}
		planner.plans = append(planner.plans, p)
	}
	echoed := func(w io.Writer, r *http.Request, side string) error {
		body, err := io.ReadAll(r.Body)
		_, _ = io.WriteString(w, side+" "+string(body))
		return err
	}
	var events []*dispatch.Event
	service := &catalog.Service{Name: "s", Operations: []catalog.Operation{op("s.add", "POST", "/items/{id}")}}
	service.Operations[0].ID = "add"
	d := dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{Services: []*catalog.Service{service}},
		Legacy: backend{serve: func(w http.ResponseWriter, r *http.Request, _ *catalog.Operation) error {
			return echoed(w, r, "legacy")
		}},
		Rollout: planner,
		Observe: func(e *dispatch.Event) { events = append(events, e) },
	})
	e := echo.New()
	err := d.Handle(e, service, map[string]echo.HandlerFunc{"add": func(c echo.Context) error {
		return echoed(c.Response(), c.Request(), "go")
	}})
	if err != nil {
		t.Fatal(err)
	}
	if err := d.Start(e); err != nil {
		t.Fatal(err)
	}
	for i := range 4 {
		read.Store(false)
		before := planner.asked.Load()
		r := httptest.NewRequest("POST", "/items/a%2Fb", strings.NewReader("body"))
		r.Body = watchedBody{r.Body, &read}
		w := httptest.NewRecorder()
		e.ServeHTTP(w, r)
		if n := planner.asked.Load() - before; n != 1 || planner.late.Load() {
			t.Errorf("request %d: the plan was asked %d times; after the body was touched: %v", i, n, planner.late.Load())
		}
		if len(events) != i+1 || w.Body.String() != events[i].Target.String()+" body" || !read.Load() {
			t.Errorf("request %d: %q, %d events", i, w.Body, len(events))
		}
	}
}
