package contract

import (
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// seed adds the files of all cases whose name ends so.
func seed(f *testing.F, match func(name string) bool) {
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		f.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		for _, file := range ar.Files {
			if match(file.Name) {
				f.Add(file.Data)
			}
		}
	}
}

// Whatever banyan.yaml says: no panic, every finding registered and placed.
func FuzzWorkspace(f *testing.F) {
	seed(f, func(name string) bool { return name == WorkspaceFile })
	f.Fuzz(func(t *testing.T, data []byte) {
		w, findings := LoadFS(fstest.MapFS{
			WorkspaceFile:           {Data: data},
			"api/shop/openapi.yaml": {Data: []byte("openapi: 3.0.3\ninfo: {title: A, version: '1'}\npaths: {}\n")},
		}, "example.org")
		invariants(t, w, findings)
	})
}

// Whatever a contract says: no panic, every finding placed, and either an error
// or a document that the library reads.
func FuzzContract(f *testing.F) {
	seed(f, func(name string) bool { return filepath.Base(name) == "openapi.yaml" })
	f.Fuzz(func(t *testing.T, data []byte) {
		fsys := fstest.MapFS{
			WorkspaceFile:           {Data: []byte("version: 1\nservices: {shop: {}}\n")},
			"api/shop/openapi.yaml": {Data: data},
			"api/shop/types.yaml":   {Data: []byte("A: {$ref: openapi.yaml#/components/schemas/A}\nB: {type: string}\n")},
		}
		w, findings := LoadFS(fsys, "")
		invariants(t, w, findings)
		again, _ := LoadFS(fsys, "")
		sameBundles(t, w, again)
	})
}

// Whatever a contract says, repairing it makes no error and loses no operation.
func FuzzRepair(f *testing.F) {
	seed(f, func(name string) bool { return filepath.Ext(name) == ".yaml" || filepath.Ext(name) == ".json" })
	f.Fuzz(func(t *testing.T, data []byte) {
		for _, name := range []string{"it.yaml", "it.json"} {
			fsys := fstest.MapFS{
				WorkspaceFile: {Data: []byte("version: 1\nservices: {shop: {contract: " + name + "}}\n")},
				name:          {Data: data},
			}
			before, findings := LoadFS(fsys, "")
			if findings.Errors() > 0 {
				continue
			}
			done, err := findings.Repair(func(name string) ([]byte, error) { return fsys.ReadFile(name) })
			if err != nil {
				t.Fatal(err)
			}
			for name, data := range done.Files {
				fsys[name] = &fstest.MapFile{Data: data}
			}
			after, left := LoadFS(fsys, "")
			if left.Errors() > 0 {
				t.Fatalf("repairing\n%s\nmade of it\n%s\nwith\n%s", show(t, findings), fsys[name].Data, show(t, left))
			}
			same(t, before, after)
		}
	})
}
