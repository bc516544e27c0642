package contract

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/internal/contract/contracttest"
)

// spec is an OpenAPI document to read: a file in a folder.
type spec struct{ name, root, file string }

// specs are the contracts of this repository, and those in the folder that
// BANYAN_SPECS names: public documents, one folder each.
func specs(t *testing.T) []spec {
	t.Helper()
	root := filepath.Join("..", "..")
	list := []spec{
		{"users", root, "api/users/openapi.yaml"},
		{"orders", root, "api/orders/openapi.yaml"},
		{"feed", root, "api/feed/openapi.yaml"},
		{"wordpress", root, "examples/wordpress/api/wordpress/openapi.json"},
	}
	more := os.Getenv("BANYAN_SPECS")
	if more == "" {
		return list
	}
	entries, err := os.ReadDir(more)
	if err != nil {
		t.Fatal(err)
	}
	for _, e := range entries {
		dir := filepath.Join(more, e.Name())
		yaml, _ := filepath.Glob(filepath.Join(dir, "*.yaml"))
		json, _ := filepath.Glob(filepath.Join(dir, "*.json"))
		if found := append(yaml, json...); len(found) > 0 {
			list = append(list, spec{e.Name(), dir, filepath.Base(found[0])})
		}
	}
	return list
}

func TestPublicSpecifications(t *testing.T) {
	if testing.Short() && os.Getenv("CI") != "true" {
		t.Skip("reads megabytes of contracts")
	}
	for _, it := range specs(t) {
		t.Run(it.name, func(t *testing.T) {
			config := "version: 1\nservices:\n  it: {contract: " + it.file + "}\n"
			fsys := contracttest.Workspace(os.DirFS(it.root), config)
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
			doc, err := c.Spec()
			if err != nil {
				t.Fatal(err)
			}
			operations := 0
			for path, item := range doc.Paths {
				for method, op := range item.Operations {
					operations++
					if op.Pos.Line == 0 || strings.HasPrefix(op.Pos.File, "/") {
						t.Fatalf("%s %s has no position: %v", method, path, op.Pos)
					}
				}
			}
			if operations != len(c.Operations) {
				t.Errorf("the document has %d operations, the model %d", operations, len(c.Operations))
			}
			rereads(t, c, doc)
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
