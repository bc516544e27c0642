// Command server serves the workspace of this repository, the example shop:
// what handlers/ has in Go, and PHP for the rest. It reads from top to bottom.
//
//	SHOP_DB=shop.sqlite SHOP_PHP=http://127.0.0.1:8081 go run ./cmd/server
package main

import (
	"context"
	"errors"
	"flag"
	"fmt"
	"log/slog"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/banyan-go/banyan/admin"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/gen"
	feedapi "github.com/banyan-go/banyan/gen/feed"
	ordersapi "github.com/banyan-go/banyan/gen/orders"
	usersapi "github.com/banyan-go/banyan/gen/users"
	"github.com/banyan-go/banyan/handlers/feed"
	"github.com/banyan-go/banyan/handlers/orders"
	"github.com/banyan-go/banyan/handlers/users"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/rollout"
	"github.com/labstack/echo/v4"
)

type options struct {
	listen, admin, workspace, state string
	grace                           time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to serve on")
	flag.StringVar(&o.admin, "admin", "127.0.0.1:8090", "address of health and metrics; keep it private")
	flag.StringVar(&o.workspace, "workspace", ".", "folder that holds api/")
	flag.StringVar(&o.state, "state", "", "file that keeps what was seen of PHP across restarts; empty for none")
	flag.DurationVar(&o.grace, "grace", 10*time.Second, "how long requests in flight may take after SIGTERM")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "server: unexpected argument %q\n", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}

	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt, syscall.SIGTERM)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once
	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "server:", err)
		os.Exit(1)
	}
}

// run serves until ctx is done, and then finishes the requests in flight.
func run(ctx context.Context, o options) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))

	// The addresses first: when one is taken, nothing else is worth doing.
	public, err := admin.Listen(o.listen, "-listen")
	if err != nil {
		return err
	}
	defer public.Close()
	private, err := admin.Listen(o.admin, "-admin", public)
	if err != nil {
		return err
	}
	defer private.Close()

	// The database that the Go handlers share with PHP.
	db, err := openDB(ctx, os.Getenv("SHOP_DB"))
	if err != nil {
		return err
	}
	defer db.Close()

	// The legacy side of every operation, and the plan that chooses the side.
	php, err := legacyproxy.Load(os.DirFS(o.workspace), gen.Workspace, legacyproxy.Options{Log: log})
	if err != nil {
		return err
	}
	defer php.Close()
	if o.state != "" {
		stop, err := php.Keep(ctx, o.state, time.Minute)
		if err != nil {
			return err
		}
		defer func() {
			if err := stop(); err != nil {
				log.Warn("what was seen of PHP cannot be kept", "error", err)
			}
		}()
	}
	plan, err := rollout.Watch(ctx, filepath.Join(o.workspace, filepath.FromSlash(gen.Workspace.RolloutFile)), nil, log)
	if err != nil {
		return err
	}
	operators := admin.New(admin.Options{Workspace: gen.Workspace, Rollout: plan, Legacy: php})
	d := dispatch.New(dispatch.Options{
		Workspace: gen.Workspace,
		Legacy:    php,
		Rollout:   plan,
		Observe:   dispatch.Observers(dispatch.LogObserver(log), operators.Observe),
		Checked:   dispatch.Observers(dispatch.LogChecks(log), operators.Checked),
		Log:       log,
	})

	// The Go side. What the handlers of a service leave out stays with PHP.
	e := echo.New()
	err = errors.Join(
		usersapi.Register(e, d, users.New(db)),
		ordersapi.Register(e, d, orders.New(db, ordersapi.NewPort(php))), // prices are PHP's still
		feedapi.Register(e, d, feed.New(db)),
	)
	if err != nil {
		return err
	}
	if err := d.Start(e); err != nil {
		return err
	}

	if err := d.Table().Print(os.Stdout); err != nil {
		return err
	}
	log.Info("serving", "listen", public.Addr().String(), "admin", private.Addr().String())
	operators.Ready()
	context.AfterFunc(ctx, operators.Drain)
	return admin.Run(ctx,
		admin.Server{Listener: public, Handler: operators.InFlight(e), Grace: o.grace, Log: log},
		admin.Server{Listener: private, Handler: operators, Grace: time.Second, Log: log},
	)
}
