// Package server runs a workspace without any Go handler: dispatch, the legacy
// adapter and the rollout plan, put together as a server of one's own would.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"os"
	"path/filepath"
	"strings"
	"time"

	"github.com/banyan-go/banyan/admin"
	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/rollout"
	"github.com/labstack/echo/v4"
)

// Options are the flags of `banyan serve`.
type Options struct {
	// Listen and Admin are addresses; no Admin means no health and metrics.
	Listen, Admin string
	// State is a file that keeps what was seen of PHP across restarts; empty
	// for none.
	State string
	// Grace is how long requests in flight may take at the end.
	Grace time.Duration
	// IgnoreRollout leaves every operation at PHP.
	IgnoreRollout bool
	Log           *slog.Logger
}

// FaultsError is why a workspace cannot be served.
type FaultsError struct {
	Summary string
	Faults  config.Faults
}

func (e *FaultsError) Error() string { return e.Summary + "\n" + e.Faults.Error() }

// Server is ready to run: its addresses are taken and its workspace is right.
type Server struct {
	adapter    *legacyproxy.Adapter
	dispatcher *dispatch.Dispatcher
	health     *admin.Admin
	router     *echo.Echo
	public     net.Listener
	private    net.Listener // nil without --admin
	keep       func() error // saves what was seen a last time; nil without --state
	options    Options
}

// New puts the server together, takes its addresses and reads its state. The
// rollout plan is followed until ctx is done. The error is a *FaultsError when the
// workspace is what keeps it from starting.
func New(ctx context.Context, dir string, ws *catalog.Workspace, o Options) (*Server, error) {
	adapter, err := legacyproxy.Load(os.DirFS(dir), ws, legacyproxy.Options{Log: o.Log})
	if err != nil {
		return nil, faults("the legacy backend cannot be set up", err)
	}
	options := dispatch.Options{Workspace: ws, Legacy: adapter, Log: o.Log}
	health := admin.Options{Workspace: ws, Legacy: adapter}
	planFile := filepath.Join(dir, filepath.FromSlash(ws.RolloutFile))
	if ws.RolloutFile != "" && !o.IgnoreRollout {
		plan, err := rollout.Watch(ctx, planFile, nil, o.Log)
		if err != nil {
			return nil, faults("the rollout plan cannot be used", err)
		}
		options.Rollout, health.Rollout = plan, plan
	}
	s := &Server{adapter: adapter, health: admin.New(health), router: echo.New(), options: o}
	options.Observe = dispatch.Observers(dispatch.LogObserver(o.Log), s.health.Observe)
	options.Checked = dispatch.Observers(dispatch.LogChecks(o.Log), s.health.Checked)
	s.dispatcher = dispatch.New(options)
	var errs []error
	for _, service := range ws.Services {
		errs = append(errs, s.dispatcher.Handle(s.router, service, nil))
	}
	if err := errors.Join(errs...); err != nil {
		return nil, faults("the workspace cannot be routed", err)
	}
	if err := s.dispatcher.Start(s.router); err != nil {
		return nil, refused(err, planFile, ws)
	}
	if s.public, err = admin.Listen(o.Listen, "--listen"); err != nil {
		return nil, err
	}
	if o.Admin != "" {
		if s.private, err = admin.Listen(o.Admin, "--admin", s.public); err != nil {
			return nil, errors.Join(err, s.public.Close())
		}
	}
	if o.State == "" {
		return s, nil
	}
	// Now and not in Run: who reads "serving on" must be able to believe it.
	if s.keep, err = adapter.Keep(ctx, o.State, time.Minute); err != nil {
		err = errors.Join(fmt.Errorf("--state: %w", err), s.public.Close())
		if s.private != nil {
			err = errors.Join(err, s.private.Close())
		}
		return nil, err
	}
	return s, nil
}

func faults(summary string, err error) error {
	if fs := collect(err); len(fs) > 0 {
		return &FaultsError{Summary: summary, Faults: fs}
	}
	return fmt.Errorf("%s: %w", summary, err)
}

// refused is why the dispatcher does not start. The plan's file gets the name
// that it has in the workspace, as the other places have.
func refused(err error, planFile string, ws *catalog.Workspace) error {
	err = faults("banyan serve has no Go handlers and cannot serve this workspace", err)
	var cannot *FaultsError
	if !errors.As(err, &cannot) {
		return err
	}
	plan := 0
	for i := range cannot.Faults {
		if pos := &cannot.Faults[i].Pos; pos.File == planFile {
			pos.File = ws.RolloutFile
			plan++
		}
	}
	if plan == len(cannot.Faults) {
		cannot.Summary += "; --ignore-rollout sends everything to PHP"
	}
	var unmapped []string
	for _, s := range ws.Services {
		if s.LegacyFile == "" {
			unmapped = append(unmapped, "api/"+s.Name+"/legacy.yaml")
		}
	}
	if len(unmapped) > 0 {
		cannot.Summary += fmt.Sprintf("; to send every operation to PHP as it is, write \"version: 1\" to %s", strings.Join(unmapped, ", "))
	}
	return err
}

// collect returns the faults of joined errors; errors.As finds the first only.
func collect(err error) config.Faults {
	if joined, ok := err.(interface{ Unwrap() []error }); ok {
		var all config.Faults
		for _, e := range joined.Unwrap() {
			all = append(all, collect(e)...)
		}
		return all
	}
	var fs config.Faults
	errors.As(err, &fs)
	return fs
}

// Table returns every operation and where it is served at the moment.
func (s *Server) Table() []dispatch.Row { return s.dispatcher.Table() }

// Upstream is the URL that serves an operation.
func (s *Server) Upstream(op *catalog.Operation) string { return s.adapter.Upstream(op) }

// Address is where it serves.
func (s *Server) Address() string { return s.public.Addr().String() }

// AdminAddress is where health and metrics are, or empty.
func (s *Server) AdminAddress() string {
	if s.private == nil {
		return ""
	}
	return s.private.Addr().String()
}

// Run serves until ctx is done, then finishes the requests in flight within
// the grace. What takes longer is broken off, and is an error.
func (s *Server) Run(ctx context.Context) error {
	defer s.adapter.Close()
	if s.keep != nil {
		defer func() {
			if err := s.keep(); err != nil {
				s.options.Log.Warn("what was seen of PHP cannot be kept", "error", err)
			}
		}()
	}
	servers := []admin.Server{{Listener: s.public, Handler: s.health.InFlight(s.router), Grace: s.options.Grace, Log: s.options.Log}}
	if s.private != nil {
		servers = append(servers, admin.Server{Listener: s.private, Handler: s.health, Grace: time.Second, Log: s.options.Log})
	}
	s.health.Ready()
	defer context.AfterFunc(ctx, s.health.Drain)()
	return admin.Run(ctx, servers...)
}
