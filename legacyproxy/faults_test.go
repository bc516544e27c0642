package legacyproxy_test

import (
	"flag"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/google/go-cmp/cmp"
	"golang.org/x/tools/txtar"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/problem"
)

var update = flag.Bool("update", false, "write what the cases should say now")

// TestFaults loads the legacy.yaml of each case and compares everything that
// is said about it.
func TestFaults(t *testing.T) {
	t.Parallel()
	s := &catalog.Service{
		Name: "shop", LegacyFile: "api/shop/legacy.yaml",
		Operations: []catalog.Operation{
			{Key: "shop.createOrder", ID: "createOrder", Class: "W", Method: "POST", Path: "/v1/orders"},
			{Key: "shop.getOrder", ID: "getOrder", Class: "R", Method: "GET", Path: "/v1/orders/{orderId}"},
			{Key: "shop.listUsers", ID: "listUsers", Class: "R", Method: "GET", Path: "/v1/users"},
			{Key: "shop.ping", ID: "ping", Class: "X", Method: "GET", Path: "/ping"},
			{Key: "shop.searchFiles", ID: "searchFiles", Class: "R", Method: "GET", Path: "/v1/files/{name}.{ext}"},
		},
		Problems: []problem.Kind{outOfStock, userNotFound},
	}
	ws := &catalog.Workspace{Services: []*catalog.Service{s}, Upstream: "http://127.0.0.1:1"}
	env := map[string]string{"GOOD": "http://127.0.0.1:8081", "BAD": "127.0.0.1:8081"}
	files, err := filepath.Glob("testdata/faults/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal("no cases", err)
	}
	for _, file := range files {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			if len(archive.Files) != 2 {
				t.Fatal("want legacy.yaml and want")
			}
			var got strings.Builder
			_, err = legacyproxy.Load(fstest.MapFS{s.LegacyFile: {Data: archive.Files[0].Data}}, ws, legacyproxy.Options{
				Getenv: func(name string) (string, bool) { v, ok := env[name]; return v, ok }})
			if err != nil {
				got.WriteString(strings.ReplaceAll(err.Error(), s.LegacyFile, "legacy.yaml") + "\n")
			}
			if *update {
				archive.Files[1].Data = []byte(got.String())
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if diff := cmp.Diff(string(archive.Files[1].Data), got.String()); diff != "" {
				t.Errorf("(-want +got):\n%s", diff)
			}
		})
	}
}

func TestFaultsOutsideTheFile(t *testing.T) {
	t.Parallel()
	s := service("GET", "/a")
	load := func(fsys fstest.MapFS, ws catalog.Workspace) string {
		ws.Services = []*catalog.Service{s}
		_, err := legacyproxy.Load(fsys, &ws, legacyproxy.Options{Getenv: func(string) (string, bool) { return "", false }})
		if err == nil {
			return ""
		}
		return err.Error()
	}
	file := fstest.MapFS{s.LegacyFile: {}}
	tests := []struct{ got, want string }{
		{load(fstest.MapFS{}, catalog.Workspace{Upstream: "http://x"}),
			"api/shop/legacy.yaml: the legacy mapping of service shop cannot be read: open api/shop/legacy.yaml: file does not exist"},
		{load(file, catalog.Workspace{}),
			"api/shop/legacy.yaml:1:1: no upstream is named; set upstream here or in banyan.yaml"},
		{load(file, catalog.Workspace{Upstream: "${PHP}", Unmatched: catalog.Legacy}),
			"banyan.yaml: upstream: the environment variable PHP is not set; write it like http://127.0.0.1:8081 or ${SHOP_PHP:-http://127.0.0.1:8081}"},
		{load(file, catalog.Workspace{Upstream: "http://x", TrustedProxies: []string{"${EDGE}", "${EDGE:-here}", "::1"}}),
			"banyan.yaml: trusted-proxies: the environment variable EDGE is not set\n" +
				"banyan.yaml: trusted-proxies: \"here\" is neither an address nor a network"},
	}
	for _, tt := range tests {
		if diff := cmp.Diff(tt.want, tt.got); diff != "" {
			t.Errorf("(-want +got):\n%s", diff)
		}
	}
}
