package main

import (
	"errors"
	"log"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"path/filepath"

	"github.com/banyan-go/banyan/admin"
	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/rollout"
	"github.com/labstack/echo/v4"
)

// rootEnv is set for the role banyan where its upstream speaks FastCGI.
const rootEnv = "BANYAN_BENCH_ROOT"

// banyan is a whole server in front of PHP: routing, the plan's decision, the
// adapter with its limits and its care for headers, metrics. What it lacks is
// the access log, which the others have none of either.
func banyan(upstream string) http.Handler {
	service := &catalog.Service{
		Name: "bench", LegacyFile: "legacy.yaml",
		Operations: []catalog.Operation{
			{Key: "bench.answer", ID: "answer", Method: "GET", Path: "/answer", BodyLimit: 1 << 20},
			{Key: "bench.stream", ID: "stream", Method: "GET", Path: "/stream", BodyLimit: 1 << 20},
		},
	}
	text := "version: 1\ntimeout: 5s\n"
	if root := os.Getenv(rootEnv); root != "" {
		text += "fastcgi: {root: " + root + ", split: none}\n"
	} else {
		upstream = "http://" + upstream
	}
	ws := &catalog.Workspace{Services: []*catalog.Service{service}, Upstream: upstream}
	quiet := slog.New(slog.DiscardHandler)
	dir, err := os.MkdirTemp("", "bench-")
	if err != nil {
		log.Fatal(err)
	}
	if err := os.WriteFile(filepath.Join(dir, service.LegacyFile), []byte(text), 0o600); err != nil {
		log.Fatal(err)
	}
	adapter, err := legacyproxy.Load(os.DirFS(dir), ws,
		legacyproxy.Options{Log: quiet, TrustedProxies: []netip.Prefix{netip.MustParsePrefix("10.0.0.0/8")}})
	_ = os.RemoveAll(dir) // it was read
	if err != nil {
		log.Fatal(err)
	}
	parsed, faults := rollout.Parse("rollout.yaml", []byte("version: 1\nsticky: {cookie: PHPSESSID}\noperations: {bench.answer: legacy}\n"))
	if err := faults.Err(); err != nil {
		log.Fatal(err)
	}
	metrics := admin.New(admin.Options{Workspace: ws})
	d := dispatch.New(dispatch.Options{
		Workspace: ws, Legacy: adapter, Rollout: plan{parsed}, Log: quiet,
		Observe: dispatch.Observers(metrics.Observe), Checked: dispatch.Observers(metrics.Checked),
	})
	router := echo.New()
	if err := errors.Join(d.Handle(router, service, nil), d.Start(router)); err != nil {
		log.Fatal(err)
	}
	return router
}

// plan never changes.
type plan struct{ p *rollout.Plan }

func (p plan) Plan() *rollout.Plan { return p.p }
