//go:build unix

package main

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"
)

// FuzzWorkspace feeds whole workspaces to the commands that read one. Whatever
// they hold, the command says so and exits with 0 or 100, never with an internal
// error.
func FuzzWorkspace(f *testing.F) {
	files := []string{"banyan.yaml", "api/shop/openapi.yaml", "api/shop/legacy.yaml", "api/rollout.yaml"}
	scripts, err := filepath.Glob("testdata/script/broken/*.txtar")
	if err != nil || len(scripts) == 0 {
		f.Fatalf("no seeds: %v", err)
	}
	for _, name := range scripts {
		archive, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		seed := make([][]byte, len(files))
		for i, file := range files {
			for _, in := range archive.Files {
				if in.Name == file {
					seed[i] = in.Data
				}
			}
		}
		f.Add(seed[0], seed[1], seed[2], seed[3])
	}
	f.Fuzz(func(t *testing.T, workspace, contract, legacy, plan []byte) {
		dir := t.TempDir()
		for i, data := range [][]byte{workspace, contract, legacy, plan} {
			name := filepath.Join(dir, filepath.FromSlash(files[i]))
			if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
				t.Fatal(err)
			}
			if err := os.WriteFile(name, data, 0o644); err != nil {
				t.Fatal(err)
			}
		}
		if err := os.WriteFile(filepath.Join(dir, "go.mod"), []byte("module example.com/shop\n"), 0o644); err != nil {
			t.Fatal(err)
		}
		for _, args := range [][]string{
			{"check"}, {"check", "--format", "sarif"}, {"routes"}, {"routes", "--format", "json"}, {"generate", "--dry-run"},
		} {
			var out, errs bytes.Buffer
			code := run(append([]string{"-C", dir}, args...), &out, &errs)
			if code != exitOK && code != exitFindings || strings.Contains(errs.String(), "internal error") {
				t.Fatalf("banyan %v: exit code %d\n%s%s", args, code, out.String(), errs.String())
			}
		}
	})
}
