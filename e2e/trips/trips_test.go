//go:build unix

// Package trips has generated servers tried out by somebody who knows nothing but
// the contract: requests that it allows must reach the handler with equal values,
// straight and through the generated port; what the handler answers must arrive;
// and whatever breaks a constraint must be refused with the place of the fault.
//
// The documents are some of this repository, or those in the folder that
// BANYAN_CORPUS names: a folder each, with the contract that its banyan.yaml names
// or with one file.
package trips

import (
	"compress/gzip"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/contract/contracttest"
)

// own are the documents that are tried out where nobody names others.
var own = []string{
	"../corpus/testdata/petstore-codegen.yaml.gz",
	"../corpus/testdata/tinkoff-invest.json.gz",
	"testdata/styles.yaml",
}

func TestTrips(t *testing.T) {
	if testing.Short() && os.Getenv("CI") != "true" {
		t.Skip("builds servers")
	}
	if folder := os.Getenv("BANYAN_CORPUS"); folder != "" {
		entries, err := os.ReadDir(folder)
		if err != nil {
			t.Fatal(err)
		}
		for _, e := range entries {
			t.Run(e.Name(), func(t *testing.T) { travel(t, workspaceOf(t, filepath.Join(folder, e.Name()))) })
		}
		return
	}
	for _, file := range own {
		name, _, _ := strings.Cut(filepath.Base(file), ".")
		t.Run(name, func(t *testing.T) {
			travel(t, fstest.MapFS{"api.yaml": {Data: unpacked(t, file)}, contract.WorkspaceFile: {Data: []byte(workspaceFor("api.yaml"))}})
		})
	}
}

func travel(t *testing.T, workspace fs.FS) {
	ws, found := contract.LoadFS(workspace, module)
	if found.Errors() > 0 {
		t.Fatal(found)
	}
	p := newPlan(t, ws.Services[0])
	p.server = start(t, ws)
	p.run()
	t.Logf("%d operations: %d requests of %d values arrived, %d answers, %d faults refused; %d requests and %d answers of a kind that is not made here; %d failures",
		p.operations, p.arrived, p.values, p.answered, p.refused, p.unmadeRequests, p.unmadeAnswers, p.failures)
}

func workspaceFor(file string) string {
	return "version: 1\nservices: {it: {contract: " + file + "}}\ntargets: {goserver: {output: gen}}\n"
}

// workspaceOf is a folder with a banyan.yaml, or with one that names its document.
func workspaceOf(t *testing.T, dir string) fs.FS {
	t.Helper()
	if _, err := os.Stat(filepath.Join(dir, contract.WorkspaceFile)); err == nil {
		return os.DirFS(dir)
	}
	for _, pattern := range []string{"*.yaml", "*.yml", "*.json"} {
		if files, _ := filepath.Glob(filepath.Join(dir, pattern)); len(files) > 0 {
			return contracttest.Workspace(os.DirFS(dir), workspaceFor(filepath.Base(files[0])))
		}
	}
	t.Fatalf("there is no document in %s", dir)
	return nil
}

func unpacked(t *testing.T, file string) []byte {
	t.Helper()
	f, err := os.Open(file)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	var r io.Reader = f
	if filepath.Ext(file) == ".gz" {
		if r, err = gzip.NewReader(f); err != nil {
			t.Fatal(err)
		}
	}
	data, err := io.ReadAll(r)
	if err != nil {
		t.Fatal(err)
	}
	return data
}
