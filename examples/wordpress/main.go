//go:build unix

// Command wordpress runs the example: Debian's WordPress on loopback and a
// Banyan server in front of it. Ctrl-C stops both.
//
//	go run ./examples/wordpress [-listen 127.0.0.1:8080] [-admin 127.0.0.1:8090]
//
// With WP_PHP and WP_DSN set, to the URL and the database of a WordPress that
// runs already, it is the server alone. README.md says more.
package main

import (
	"context"
	"database/sql"
	"flag"
	"fmt"
	"log/slog"
	"net"
	"os"
	"os/signal"
	"path/filepath"
	"syscall"
	"time"

	"github.com/banyan-go/banyan/admin"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/examples/wordpress/gen"
	api "github.com/banyan-go/banyan/examples/wordpress/gen/wordpress"
	"github.com/banyan-go/banyan/examples/wordpress/handlers/wordpress"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/rollout"
	_ "github.com/go-sql-driver/mysql" // the driver "mysql"
	"github.com/labstack/echo/v4"
)

type options struct {
	listen, admin, workspace string
	grace                    time.Duration
}

func main() {
	var o options
	flag.StringVar(&o.listen, "listen", "127.0.0.1:8080", "address to serve on")
	flag.StringVar(&o.admin, "admin", "127.0.0.1:8090", "address of health and metrics; keep it private")
	flag.StringVar(&o.workspace, "workspace", "examples/wordpress", "folder with this example")
	flag.DurationVar(&o.grace, "grace", 10*time.Second, "how long requests under way may take at the end")
	flag.Parse()
	if flag.NArg() > 0 {
		fmt.Fprintf(os.Stderr, "wordpress: unexpected argument %q\n", flag.Arg(0))
		flag.Usage()
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), syscall.SIGINT, syscall.SIGTERM, syscall.SIGHUP)
	context.AfterFunc(ctx, stop) // a second signal ends the process at once

	if err := run(ctx, o); err != nil {
		fmt.Fprintln(os.Stderr, "wordpress:", err)
		os.Exit(1)
	}
}

func run(ctx context.Context, o options) error {
	log := slog.New(slog.NewTextHandler(os.Stderr, nil))

	// The addresses first: nothing else is worth doing when one is taken.
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

	site, err := findSite(ctx, o.workspace)
	if err != nil {
		return err
	}
	defer site.stop()
	db, err := sql.Open("mysql", site.dsn)
	if err != nil {
		return fmt.Errorf("WP_DSN: %w", err)
	}
	defer db.Close()
	// WordPress's own connections count, too, and MariaDB closes idle ones.
	db.SetMaxOpenConns(8)
	db.SetConnMaxIdleTime(time.Minute)

	// The two sides of every operation, and the plan that chooses between them.
	php, err := legacyproxy.Load(os.DirFS(o.workspace), gen.Workspace, legacyproxy.Options{Getenv: site.getenv, Log: log})
	if err != nil {
		return err
	}
	defer php.Close()
	plan, err := rollout.Watch(ctx, filepath.Join(o.workspace, gen.Workspace.RolloutFile), nil, log)
	if err != nil {
		return err
	}
	health := admin.New(admin.Options{Workspace: gen.Workspace, Rollout: plan, Legacy: php})
	d := dispatch.New(dispatch.Options{
		Workspace: gen.Workspace, Legacy: php, Rollout: plan, Log: log,
		Observe: dispatch.Observers(dispatch.LogObserver(log), health.Observe),
		Checked: dispatch.Observers(dispatch.LogChecks(log), health.Checked),
	})

	e := echo.New()
	if err := api.Register(e, d, wordpress.New(db)); err != nil {
		return err
	}
	if err := d.Start(e); err != nil {
		return err
	}
	welcome(d.Table(), public.Addr(), private.Addr())
	health.Ready()
	context.AfterFunc(ctx, health.Drain)
	return admin.Run(ctx,
		admin.Server{Listener: public, Handler: health.InFlight(e), Grace: o.grace, Log: log},
		admin.Server{Listener: private, Handler: health, Log: log},
	)
}

// welcome says what runs where. Of 218 operations it names those that the plan
// does not simply leave to PHP.
func welcome(table []dispatch.Row, public, private net.Addr) {
	others := 0
	for _, row := range table {
		if row.Target == rollout.Legacy.String() {
			continue
		}
		others++
		fmt.Printf("%s %s (%s): %s\n", row.Operation.Method, row.Operation.Path, row.Operation.Key, row.Stage)
	}
	fmt.Printf("%d operations, %d of them with PHP alone\n", len(table), len(table)-others)
	fmt.Printf(`
Try it:

  curl http://%[1]s/wp-json/wp/v2/posts/10                      # answered by PHP
  curl -H 'x-env: canary' http://%[1]s/wp-json/wp/v2/posts/10   # answered by Go
  curl http://%[1]s/                                            # the blog, which no contract knows

serving on http://%[1]s, health and metrics on http://%[2]s/-/readyz, /-/metrics
`, public, private)
}
