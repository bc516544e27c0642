// Package server runs a workspace without any Go handler: dispatch, the legacy
// adapter and the rollout plan, put together as a server of one's own would.
package server

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"os"
	"path/filepath"
	"syscall"
	"time"

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
	listeners  []listener
	grace      time.Duration
}

type listener struct {
	net.Listener
	server *http.Server
}

// New puts the server together and takes its addresses. The rollout plan is
// followed until ctx is done. The error is a *FaultsError when the workspace is
// what keeps it from starting.
func New(ctx context.Context, dir string, ws *catalog.Workspace, o Options) (*Server, error) {
	adapter, err := legacyproxy.Load(os.DirFS(dir), ws, legacyproxy.Options{Log: o.Log})
	if err != nil {
		return nil, faults("the legacy backend cannot be set up", err)
	}
	options := dispatch.Options{Workspace: ws, Legacy: adapter, Log: o.Log}
	if ws.RolloutFile != "" && !o.IgnoreRollout {
		watcher, err := rollout.Watch(ctx, filepath.Join(dir, filepath.FromSlash(ws.RolloutFile)), nil, o.Log)
		if err != nil {
			return nil, faults("the rollout plan cannot be used", err)
		}
		options.Rollout = watcher
	}
	s := &Server{adapter: adapter, dispatcher: dispatch.New(options), grace: o.Grace}
	router := echo.New()
	for _, service := range ws.Services {
		if err := s.dispatcher.Handle(router, service, nil); err != nil {
			return nil, faults("the workspace cannot be routed", err)
		}
	}
	if err := s.dispatcher.Start(router); err != nil {
		return nil, faults("banyan serve has no Go handlers and cannot serve this workspace", err)
	}
	if err := s.listen(o.Listen, "--listen", router); err != nil {
		return nil, err
	}
	return s, nil
}

func faults(summary string, err error) error {
	var fs config.Faults
	if errors.As(err, &fs) {
		return &FaultsError{Summary: summary, Faults: fs}
	}
	return fmt.Errorf("%s: %w", summary, err)
}

// listen takes an address for a handler.
func (s *Server) listen(address, flag string, handler http.Handler) error {
	l, err := net.Listen("tcp", address)
	if err != nil {
		s.close()
		return listenError(address, flag, err)
	}
	s.listeners = append(s.listeners, listener{l, &http.Server{
		Handler:           handler,
		ReadHeaderTimeout: 10 * time.Second,
		IdleTimeout:       2 * time.Minute,
		// No limit on whole requests and answers: uploads and streams last as
		// long as they last. Bodies are bounded by banyan.yaml.
	}})
	return nil
}

func listenError(address, flag string, err error) error {
	switch {
	case errors.Is(err, syscall.EADDRINUSE):
		return fmt.Errorf("%s is taken by another process; stop it or choose another address with %s", address, flag)
	case errors.Is(err, syscall.EACCES):
		return fmt.Errorf("%s may not be used by this user; choose a port above 1023 with %s", address, flag)
	case errors.Is(err, syscall.EADDRNOTAVAIL):
		return fmt.Errorf("%s is no address of this machine; choose another with %s", address, flag)
	}
	var bad *net.AddrError
	if errors.As(err, &bad) {
		return fmt.Errorf("%s %q: %s; write it like 127.0.0.1:8080", flag, address, bad.Err)
	}
	return fmt.Errorf("%s %q: %w", flag, address, err)
}

// Table returns every operation and where it is served at the moment.
func (s *Server) Table() []dispatch.Row { return s.dispatcher.Table() }

// Upstream is the URL that serves an operation.
func (s *Server) Upstream(op *catalog.Operation) string { return s.adapter.Upstream(op) }

// Address is where it serves.
func (s *Server) Address() string { return s.listeners[0].Addr().String() }

// AdminAddress is where health and metrics are, or empty.
func (s *Server) AdminAddress() string {
	if len(s.listeners) < 2 {
		return ""
	}
	return s.listeners[1].Addr().String()
}

// Run serves until ctx is done, then finishes the requests in flight within
// the grace. What takes longer is broken off, and is an error.
func (s *Server) Run(ctx context.Context) error {
	failed := make(chan error, len(s.listeners))
	for _, l := range s.listeners {
		go func() { failed <- l.server.Serve(l.Listener) }()
	}
	var err error
	select {
	case err = <-failed:
	case <-ctx.Done():
		err = s.drain()
	}
	s.close()
	return err
}

// drain stops taking requests; health stays up until the last one is done.
func (s *Server) drain() error {
	ctx, cancel := context.WithTimeout(context.Background(), s.grace)
	defer cancel()
	if err := s.listeners[0].server.Shutdown(ctx); err != nil {
		return fmt.Errorf("requests were broken off: they took longer than the grace of %s", s.grace)
	}
	return nil
}

func (s *Server) close() {
	for _, l := range s.listeners {
		_ = l.server.Close()
		_ = l.Listener.Close() // one that was never served is not the server's yet
	}
	s.adapter.Close()
}
