package admin

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"net"
	"net/http"
	"sync/atomic"
	"time"
)

// Timeouts of every server. There is none for a whole request or answer: a
// large upload or an event stream may take as long as it likes, as long as it
// moves.
const (
	headerTimeout = 5 * time.Second   // for the head of a request
	bodyPatience  = 30 * time.Second  // for the next bytes of its body
	idleTimeout   = 120 * time.Second // between two requests on a connection
	maxHeader     = 64 << 10
	defaultGrace  = 30 * time.Second
)

// Server is an address and what answers there.
type Server struct {
	// Listener is where connections come in. Run closes it.
	Listener net.Listener
	Handler  http.Handler
	// Grace is how long requests in flight may take once the server stops;
	// 0 means 30 s.
	Grace time.Duration
	// Log gets what net/http has to say about bad connections; nil means
	// slog.Default().
	Log *slog.Logger
}

// Run serves until ctx is done or a server fails. Then it stops the servers
// one after the other in the order given, so that health can still be asked
// while requests drain: a server first takes no more connections, then waits
// for the requests in flight, then cuts off those that outlast its Grace.
//
// The error is nil after an orderly stop in which no request was cut off.
// Connections that were taken over (hijacked) are not waited for.
func Run(ctx context.Context, servers ...Server) error {
	failed := make(chan error, len(servers))
	var all []*running
	for _, s := range servers {
		all = append(all, start(s, failed))
	}
	var errs []error
	select {
	case <-ctx.Done():
	case err := <-failed:
		errs = append(errs, err)
	}
	for _, r := range all {
		errs = append(errs, r.stop())
	}
	return errors.Join(errs...)
}

// running is a Server at work.
type running struct {
	server *http.Server
	grace  time.Duration
	addr   string
	active atomic.Int64
	done   chan struct{}
}

func start(s Server, failed chan<- error) *running {
	if s.Grace <= 0 {
		s.Grace = defaultGrace
	}
	if s.Log == nil {
		s.Log = slog.Default()
	}
	r := &running{grace: s.Grace, addr: s.Listener.Addr().String(), done: make(chan struct{})}
	r.server = &http.Server{
		Handler:           r.count(patient(s.Handler, bodyPatience)),
		ReadHeaderTimeout: headerTimeout,
		IdleTimeout:       idleTimeout,
		MaxHeaderBytes:    maxHeader,
		ErrorLog:          slog.NewLogLogger(s.Log.Handler(), slog.LevelWarn),
	}
	go func() {
		defer close(r.done)
		if err := r.server.Serve(s.Listener); !errors.Is(err, http.ErrServerClosed) {
			failed <- fmt.Errorf("serving on %s: %w", r.addr, err)
		}
	}()
	return r
}

func (r *running) stop() error {
	ctx, cancel := context.WithTimeout(context.Background(), r.grace)
	defer cancel()
	err := r.server.Shutdown(ctx)
	if errors.Is(err, context.DeadlineExceeded) {
		err = fmt.Errorf("serving on %s: %d requests were cut off after %v", r.addr, r.active.Load(), r.grace)
		_ = r.server.Close() // what it could not close, nobody can
	}
	<-r.done
	return err
}

func (r *running) count(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		r.active.Add(1)
		defer r.active.Add(-1)
		next.ServeHTTP(w, req)
	})
}
