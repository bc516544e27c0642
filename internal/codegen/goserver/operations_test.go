package goserver_test

import (
	_ "embed"
	"fmt"
	"os"
	"path"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
)

//go:embed testdata/operations/serve.go.txt
var serving []byte

// TestOperations runs a case for each thing that operations can say: an archive
// with a contract in api/svc/openapi.yaml, and use_test.go, which is compiled
// into the generated package and talks to its server over HTTP, through its own
// port or as any client. "serve" starts one. Adding a case is adding a file.
func TestOperations(t *testing.T) {
	names, err := filepath.Glob("testdata/operations/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatalf("no cases (%v)", err)
	}
	module := map[string][]byte{}
	for _, name := range names {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		archive := txtar.Parse(data)
		id := "o" + strings.ReplaceAll(strings.TrimSuffix(filepath.Base(name), ".txtar"), "-", "")
		ws := load(t, archive, "example.com/cases/"+id)
		files, list := goserver.Target{}.Generate(ws, ws.Targets[0], codegen.Unwatched)
		var findings strings.Builder
		for _, d := range list {
			fmt.Fprintf(&findings, "%s: %s: %s (%s)\n", d.Pos, d.Severity, d.Message, d.Rule)
		}
		expect(t, name, archive, "findings", findings.String())
		for _, f := range files {
			module[path.Join(id, "gen", f.Path)] = f.Data
		}
		for _, f := range archive.Files {
			if strings.HasSuffix(f.Name, "_test.go") {
				module[path.Join(id, "gen/svc", f.Name)] = f.Data
			}
		}
		module[path.Join(id, "gen/svc/serve_test.go")] = serving
	}
	compile(t, module)
}
