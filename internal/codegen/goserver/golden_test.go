package goserver_test

import (
	"bytes"
	"flag"
	"os"
	"path/filepath"
	"testing"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
)

var update = flag.Bool("update", false, "write golden files instead of comparing with them")

const goldenDir = "testdata/golden"

// TestGolden compares every byte with what is committed. The committed package
// is compiled with the tests and runs in TestRoundTrip.
func TestGolden(t *testing.T) {
	files := generateGolden(t)
	dir := filepath.Join(goldenDir, "gen")
	if *update {
		changes, err := codegen.Plan(dir, files)
		if err != nil {
			t.Fatal(err)
		}
		if err := changes.Apply(); err != nil {
			t.Fatal(err)
		}
		return
	}
	for _, f := range files {
		want, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Path)))
		if err != nil {
			t.Error(err)
			continue
		}
		if !bytes.Equal(f.Data, want) {
			t.Errorf("%s differs from the committed file; if that is meant, run go test -update", f.Path)
		}
	}
}

// Same contract, same bytes: Go shuffles maps, so that a hundred runs would
// show an order that depends on one.
func TestDeterministic(t *testing.T) {
	t.Parallel()
	first := generateGolden(t)
	for range 20 {
		again := generateGolden(t)
		if len(again) != len(first) {
			t.Fatalf("%d files, then %d", len(first), len(again))
		}
		for i := range first {
			if first[i].Path != again[i].Path || !bytes.Equal(first[i].Data, again[i].Data) {
				t.Fatalf("%s differs from run to run", first[i].Path)
			}
		}
	}
}

func generateGolden(t *testing.T) []codegen.File {
	t.Helper()
	ws, list := contract.LoadWorkspace(goldenDir)
	if list.Errors() > 0 {
		t.Fatal(list)
	}
	files, list := goserver.Target{}.Generate(ws, ws.Targets[0], codegen.Unwatched)
	if list.Errors() > 0 {
		t.Fatal(list)
	}
	return files
}
