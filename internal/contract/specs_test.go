package contract

import (
	"bytes"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"
)

// specsDir holds public OpenAPI documents, one folder each, when present.
func specsDir(t *testing.T) string {
	dir := os.Getenv("BANYAN_SPECS")
	if dir == "" {
		dir = filepath.Join("..", "..", "..", "shared", "cases", "specs")
	}
	if _, err := os.Stat(dir); err != nil {
		if os.Getenv("CI") == "true" {
			t.Fatalf("no public specifications to read: %v", err)
		}
		t.Skipf("no public specifications to read (set BANYAN_SPECS): %v", err)
	}
	return dir
}

// overlay puts banyan.yaml into a folder that has none.
type overlay struct {
	fs.FS
	extra fstest.MapFS
}

func (o overlay) Open(name string) (fs.File, error) {
	if _, ok := o.extra[name]; ok {
		return o.extra.Open(name)
	}
	return o.FS.Open(name)
}

func TestPublicSpecifications(t *testing.T) {
	if testing.Short() {
		t.Skip("reads megabytes of contracts")
	}
	dir := specsDir(t)
	entries, err := os.ReadDir(dir)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		t.Run(e.Name(), func(t *testing.T) {
			root := filepath.Join(dir, e.Name())
			found, _ := filepath.Glob(filepath.Join(root, "*.yaml"))
			more, _ := filepath.Glob(filepath.Join(root, "*.json"))
			found = append(found, more...)
			if len(found) == 0 {
				t.Skip("no document at the top of the folder")
			}
			config := "version: 1\nservices:\n  it: {contract: " + filepath.Base(found[0]) + "}\n"
			fsys := overlay{os.DirFS(root), fstest.MapFS{WorkspaceFile: {Data: []byte(config)}}}
			began := time.Now()
			w, findings := LoadFS(fsys, "")
			took := time.Since(began)
			c := w.Services[0]
			t.Logf("%d operations, %d errors, %d findings in %v", len(c.Operations), findings.Errors(), len(findings), took.Round(time.Millisecond))
			seen := map[string]int{}
			for _, d := range findings {
				if d.Pos.Line == 0 || d.Pos.Col == 0 {
					t.Errorf("no position: %+v", d)
				}
				key := d.Severity.String() + " " + d.Rule
				if seen[key]++; seen[key] <= 3 {
					t.Logf("%s: %s: %s (%s)", d.Pos, d.Severity, d.Message, d.Rule)
				}
			}
			t.Log(seen)
			if findings.Errors() > 0 {
				return
			}
			doc, err := c.Document()
			if err != nil {
				t.Fatal(err)
			}
			if got, want := doc.Paths.Len() > 0, len(c.Operations) > 0; got != want {
				t.Errorf("document has paths: %v, model has operations: %v", got, want)
			}
			for path, item := range doc.Paths.Map() {
				for method, op := range item.Operations() {
					if p := Pos(op.Origin); p.Line == 0 || strings.HasPrefix(p.File, "/") {
						t.Fatalf("%s %s has no origin: %v", method, path, p)
					}
				}
			}
			first, err := c.Bundle()
			if err != nil {
				t.Fatal(err)
			}
			w, _ = LoadFS(fsys, "")
			second, _ := w.Services[0].Bundle()
			if !bytes.Equal(first, second) {
				t.Error("loading twice gives different bundles")
			}
		})
	}
}
