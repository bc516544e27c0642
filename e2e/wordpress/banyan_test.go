package wordpress

import (
	"log/slog"
	"net/http/httptest"
	"os"
	"path/filepath"
	"testing"

	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/rollout"
	"github.com/labstack/echo/v4"
)

func banyan(t *testing.T, s *site) string {
	dir := filepath.Join("..", "..", "examples", "wordpress")
	ws, list := contract.LoadWorkspace(dir)
	if list.Errors() > 0 {
		t.Fatal(list)
	}
	t.Setenv("WP_PHP", "http://"+s.addr)
	cat := ws.Catalog()
	adapter, err := legacyproxy.Load(os.DirFS(dir), cat, legacyproxy.Options{})
	if err != nil {
		t.Fatal(err)
	}
	plan, _ := rollout.Parse("", nil)
	d := dispatch.New(dispatch.Options{Workspace: cat, Legacy: adapter, Rollout: rollout.Fixed(plan), Log: slog.Default()})
	e := echo.New()
	if err := d.Handle(e, cat.Services[0], nil); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(e); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}
