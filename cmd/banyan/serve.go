package main

import (
	"context"
	"errors"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"syscall"
	"time"

	"github.com/banyan-go/banyan/cmd/banyan/internal/server"
	"github.com/spf13/cobra"
)

func serveCommand(a *app) *cobra.Command {
	var o server.Options
	cmd := &cobra.Command{
		Use:   "serve",
		Short: "Serve the workspace in front of PHP, without any Go handler",
		Long: `Serve runs the workspace as a server that has no Go handlers: the first day in
front of PHP. Contracts, mappings and the rollout plan are read as your own server
reads them; an edit of rollout.yaml takes effect while it runs.

It refuses to start when an operation has no mapping to PHP, or when rollout.yaml
sends one to Go, and lists all of them. With --ignore-rollout everything goes to
PHP whatever rollout.yaml says.

Health (/-/healthz, /-/readyz), metrics (/-/metrics) and what was seen of PHP
(/-/legacy/observations, see "banyan debt" and "banyan observe report") are on the
admin address.
SIGINT and SIGTERM finish the requests in flight first, a second one does not.`,
		Example: `  banyan serve
  banyan serve --listen :80 --admin 127.0.0.1:9090
  SHOP_PHP=http://10.0.0.7 banyan serve --ignore-rollout`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if o.Grace <= 0 {
				return &usageError{command: cmd.CommandPath(), message: "--grace must be more than 0"}
			}
			return a.serve(cmd.Context(), o)
		},
	}
	cmd.Flags().StringVar(&o.Listen, "listen", "127.0.0.1:8080", "`address` to serve on")
	cmd.Flags().StringVar(&o.Admin, "admin", "127.0.0.1:8090", "`address` of health and metrics; empty for none")
	cmd.Flags().StringVar(&o.State, "state", "", "`file` that keeps what was seen of PHP across restarts; one for each server")
	cmd.Flags().DurationVar(&o.Grace, "grace", 10*time.Second, "`time` that requests in flight get at the end")
	cmd.Flags().BoolVar(&o.IgnoreRollout, "ignore-rollout", false, "send everything to PHP, whatever rollout.yaml says")
	plainFlags(cmd, "listen", "admin", "grace")
	fileFlags(cmd, "state")
	return cmd
}

func (a *app) serve(ctx context.Context, o server.Options) error {
	dir, ws, err := a.openSound()
	if err != nil {
		return err
	}
	a.takeSignals()
	o.Log = slog.New(slog.NewTextHandler(a.stderr, nil))
	ctx, stop := signal.NotifyContext(ctx, os.Interrupt, syscall.SIGTERM)
	defer stop()
	s, err := server.New(ctx, dir, ws.Catalog, o)
	if err != nil {
		var cannot *server.FaultsError
		if errors.As(err, &cannot) {
			return a.cannotServe(dir, cannot)
		}
		return err
	}
	if err := a.serveTable(s); err != nil {
		return err
	}
	// After the first signal the next one must be able to kill.
	context.AfterFunc(ctx, stop)
	return s.Run(ctx)
}

// cannotServe lists why there is no server, one line each.
func (a *app) cannotServe(dir string, faults *server.FaultsError) error {
	here := displayDir(dir)
	for _, f := range faults.Faults {
		if f.Pos.File != "" {
			f.Pos.File = here + f.Pos.File
		}
		fmt.Fprintln(a.stderr, f.Error())
	}
	return errors.New(faults.Summary)
}

func (a *app) serveTable(s *server.Server) error {
	var rows [][]string
	for _, r := range s.Table() {
		rows = append(rows, []string{r.Operation.Method, r.Operation.Path, r.Operation.Key, r.Stage, r.Target, r.Reason, s.Upstream(r.Operation)})
	}
	if err := a.stdout.Table([]string{"METHOD", "PATH", "OPERATION", "STAGE", "TARGET", "REASON", "UPSTREAM"}, rows); err != nil {
		return err
	}
	fmt.Fprintf(a.stdout, "\nserving on http://%s\n", s.Address())
	if admin := s.AdminAddress(); admin != "" {
		fmt.Fprintf(a.stdout, "health and metrics on http://%s/-/healthz, /-/readyz, /-/metrics, /-/legacy/observations\n", admin)
	}
	return nil
}
