// Package admin is the side of a server that its operators see: health,
// readiness and Prometheus metrics on an address of their own, and running
// until told to stop without losing a request.
//
//	a := admin.New(admin.Options{Workspace: gen.Workspace, Rollout: watcher, Legacy: adapter})
//	d := dispatch.New(dispatch.Options{..., Observe: dispatch.Observers(dispatch.LogObserver(log), a.Observe)})
//	... // register services, start the dispatcher
//	a.Ready()
//	context.AfterFunc(ctx, a.Drain)
//	err := admin.Run(ctx,
//		admin.Server{Listener: public, Handler: a.InFlight(e)},
//		admin.Server{Listener: private, Handler: a},
//	)
package admin

import (
	"encoding/json"
	"net/http"
	"sync/atomic"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/rollout"
)

// Rollout tells what became of the last edit of the plan. A *rollout.Watcher
// is one.
type Rollout interface {
	Status() rollout.Status
}

// Options are what an Admin works with.
type Options struct {
	// Workspace names the operations that metrics may be labelled with.
	Workspace *catalog.Workspace
	// Rollout is the plan's status; nil leaves it out.
	Rollout Rollout
	// Legacy is what was seen of PHP; nil leaves it out.
	Legacy Legacy
}

// Admin serves /-/healthz, /-/readyz, /-/metrics and, where there is a legacy
// side, /-/legacy/observations. It is safe for concurrent use.
type Admin struct {
	rollout Rollout
	legacy  Legacy
	state   atomic.Int32
	metrics *metrics
	mux     *http.ServeMux
}

// The states of a server, as /-/readyz calls them.
const (
	starting int32 = iota
	ready
	draining
)

// New returns an Admin whose server is still starting.
func New(o Options) *Admin {
	a := &Admin{rollout: o.Rollout, legacy: o.Legacy, metrics: newMetrics(o), mux: http.NewServeMux()}
	a.mux.HandleFunc("GET /-/healthz", a.healthz)
	a.mux.HandleFunc("GET /-/readyz", a.readyz)
	a.mux.Handle("GET /-/metrics", a.metrics.handler())
	pages := "there are /-/healthz, /-/readyz and /-/metrics"
	if o.Legacy != nil {
		a.metrics.registry.MustRegister(legacyCollector{o.Legacy})
		a.mux.HandleFunc("GET /-/legacy/observations", a.observations)
		pages = "there are /-/healthz, /-/readyz, /-/metrics and /-/legacy/observations"
	}
	a.mux.HandleFunc("/", func(w http.ResponseWriter, r *http.Request) {
		problem.Write(w, r, problem.NotFound.New(pages))
	})
	return a
}

// ServeHTTP implements http.Handler.
func (a *Admin) ServeHTTP(w http.ResponseWriter, r *http.Request) { a.mux.ServeHTTP(w, r) }

// Ready says that the server takes requests: its dispatcher has started.
func (a *Admin) Ready() { a.state.CompareAndSwap(starting, ready) }

// Drain says that the server finishes what it has and takes no more. There is
// no way back.
func (a *Admin) Drain() { a.state.Store(draining) }

// health is the body of /-/healthz and /-/readyz.
type health struct {
	// Status is "ok", "starting", "ready", "degraded" or "draining".
	Status  string         `json:"status"`
	Rollout *rolloutHealth `json:"rollout,omitempty"`
}

type rolloutHealth struct {
	Revision string    `json:"revision,omitempty"`
	LoadedAt time.Time `json:"loadedAt"`
	// Error is why the last edit of the plan is not in force.
	Error string `json:"error,omitempty"`
}

// healthz answers as long as the process can.
func (a *Admin) healthz(w http.ResponseWriter, _ *http.Request) {
	answer(w, http.StatusOK, health{Status: "ok"})
}

// readyz tells whether to send requests here. A refused plan does not make a
// server unready: it serves by the last good one, and taking every server out
// over a typing error would be the greater harm.
func (a *Admin) readyz(w http.ResponseWriter, _ *http.Request) {
	h, status := health{Status: "ready"}, http.StatusOK
	if a.rollout != nil {
		s := a.rollout.Status()
		h.Rollout = &rolloutHealth{Revision: s.Revision, LoadedAt: s.LoadedAt.UTC()}
		if s.Err != nil {
			h.Status, h.Rollout.Error = "degraded", clip(s.Err.Error())
		}
	}
	switch a.state.Load() {
	case starting:
		h.Status, status = "starting", http.StatusServiceUnavailable
	case draining:
		h.Status, status = "draining", http.StatusServiceUnavailable
	}
	answer(w, status, h)
}

func answer(w http.ResponseWriter, status int, h health) {
	w.Header().Set("Content-Type", "application/json")
	w.Header().Set("Cache-Control", "no-store")
	w.WriteHeader(status)
	_ = json.NewEncoder(w).Encode(h) // the prober may be gone
}

// clip bounds what a plan with thousands of faults says.
func clip(s string) string {
	const most = 4000
	if r := []rune(s); len(r) > most {
		return string(r[:most]) + "..."
	}
	return s
}
