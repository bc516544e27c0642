package admin_test

import (
	"encoding/json"
	"net/http"
	"net/http/httptest"
	"regexp"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/admin"
	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/rollout"
	"github.com/google/go-cmp/cmp"
)

// plan is a rollout status that tests set.
type plan struct{ now rollout.Status }

func (p *plan) Status() rollout.Status { return p.now }

var workspace = &catalog.Workspace{Services: []*catalog.Service{{Name: "s", Operations: []catalog.Operation{{Key: "s.list", Class: "R"}, {Key: "s.add", Class: "W"}}}}}

func get(h http.Handler, path string) (int, string) {
	w := httptest.NewRecorder()
	h.ServeHTTP(w, httptest.NewRequest(http.MethodGet, path, nil))
	return w.Code, w.Body.String()
}

func TestReadiness(t *testing.T) {
	t.Parallel()
	p := &plan{rollout.Status{Revision: "abc", LoadedAt: time.Date(2026, 11, 22, 12, 0, 0, 0, time.UTC)}}
	bad := config.Faults{{Pos: config.Pos{File: "rollout.yaml", Line: 3, Col: 5}, Message: "wrong"}}
	a := admin.New(admin.Options{Workspace: workspace, Rollout: p})
	const good, refused = `"rollout":{"revision":"abc","loadedAt":"2026-11-22T12:00:00Z"}`, `"rollout":{"revision":"abc","loadedAt":"2026-11-22T12:00:00Z","error":"rollout.yaml:3:5: wrong"}`
	steps := []struct {
		name   string
		do     func()
		status int
		body   string
	}{
		{"starting", func() {}, 503, `{"status":"starting",` + good + `}`},
		{"ready", a.Ready, 200, `{"status":"ready",` + good + `}`},
		{"bad edit", func() { p.now.Err = bad }, 200, `{"status":"degraded",` + refused + `}`},
		{"taken back", func() { p.now.Err = nil }, 200, `{"status":"ready",` + good + `}`},
		{"draining", a.Drain, 503, `{"status":"draining",` + good + `}`},
		{"no way back", a.Ready, 503, `{"status":"draining",` + good + `}`},
	}
	for _, s := range steps {
		s.do()
		code, body := get(a, "/-/readyz")
		if diff := cmp.Diff(s.body+"\n", body); diff != "" || code != s.status {
			t.Errorf("%s: %d, want %d %s", s.name, code, s.status, diff)
		}
		if code, body := get(a, "/-/healthz"); code != 200 || body != "{\"status\":\"ok\"}\n" {
			t.Errorf("%s: healthz %d %s", s.name, code, body)
		}
	}
}

func TestWithoutRollout(t *testing.T) {
	t.Parallel()
	a := admin.New(admin.Options{})
	a.Ready()
	if code, body := get(a, "/-/readyz"); code != 200 || body != "{\"status\":\"ready\"}\n" {
		t.Errorf("%d %s", code, body)
	}
	if _, body := get(a, "/-/metrics"); strings.Contains(body, "banyan_rollout") {
		t.Error("there are metrics of a plan that is not watched")
	}
	if code, body := get(a, "/"); code != 404 || !json.Valid([]byte(body)) {
		t.Errorf("%d %s", code, body)
	}
}

var samples = regexp.MustCompile(`(?m)^banyan_(?:requests|rollout|request_duration_seconds_count).*$`)

func TestMetrics(t *testing.T) {
	t.Parallel()
	p := &plan{rollout.Status{Revision: "abc", LoadedAt: time.Unix(1700000000, 0)}}
	a := admin.New(admin.Options{Workspace: workspace, Rollout: p})
	for _, e := range []dispatch.Event{
		{Operation: "s.list", Target: rollout.Go, Reason: rollout.CanaryShare, Status: 200, Duration: 3 * time.Millisecond},
		{Operation: "s.list", Target: rollout.Go, Reason: rollout.CanaryShare, Status: 204},
		{Operation: "s.list", Target: rollout.Legacy, Reason: rollout.Default, Status: 502},
		{Operation: "", Target: rollout.None, Reason: dispatch.Unmatched, Status: 404, Path: "/a"},
		{Operation: "", Target: rollout.None, Reason: dispatch.Unmatched, Status: 404, Path: "/b"},
		{Operation: "made.up", Target: 9, Reason: "made up", Status: 4711},
	} {
		a.Observe(&e)
	}
	in := a.InFlight(http.HandlerFunc(func(w http.ResponseWriter, _ *http.Request) {
		if _, body := get(a, "/-/metrics"); !strings.Contains(body, "banyan_requests_in_flight 1\n") {
			t.Error("the request is not in flight")
		}
	}))
	get(in, "/")
	_, body := get(a, "/-/metrics")
	want := `banyan_request_duration_seconds_count{operation="s.list",target="go"} 2
banyan_request_duration_seconds_count{operation="s.list",target="legacy"} 1
banyan_request_duration_seconds_count{operation="unmatched",target="none"} 3
banyan_requests_in_flight 0
banyan_requests_total{operation="s.list",reason="canary-share",status_class="2xx",target="go"} 2
banyan_requests_total{operation="s.list",reason="default",status_class="5xx",target="legacy"} 1
banyan_requests_total{operation="unmatched",reason="other",status_class="other",target="none"} 1
banyan_requests_total{operation="unmatched",reason="unmatched",status_class="4xx",target="none"} 2
banyan_rollout_info{revision="abc"} 1
banyan_rollout_loaded_timestamp_seconds 1.7e+09
banyan_rollout_rejected 0`
	if diff := cmp.Diff(want, strings.Join(samples.FindAllString(body, -1), "\n")); diff != "" {
		t.Error(diff)
	}
	p.now.Err = config.Faults{{Message: "wrong"}}
	if _, body := get(a, "/-/metrics"); !strings.Contains(body, "banyan_rollout_rejected 1\n") || !strings.Contains(body, "go_goroutines") {
		t.Error("a refused plan or the process does not show")
	}
}

func BenchmarkObserve(b *testing.B) {
	a := admin.New(admin.Options{Workspace: workspace})
	e := &dispatch.Event{Operation: "s.list", Target: rollout.Go, Reason: rollout.StageGo, Status: 200, Duration: time.Millisecond}
	b.ReportAllocs()
	for b.Loop() {
		a.Observe(e)
	}
}
