package schema_test

import (
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/schema"
)

// TestViolations runs testdata/violations. An archive has a document
// (openapi.json) whose schema at /components/schemas/Root is compiled, and for
// each case a body (NAME.json, NAME.request.json or NAME.answer.json) followed
// by what is said about it (NAME.txt): "keyword limit | schema | message" for
// each violation, or the body with its defaults. UPDATE=1 writes these anew.
func TestViolations(t *testing.T) {
	t.Parallel()
	files, _ := filepath.Glob("testdata/violations/*.txtar")
	if len(files) == 0 {
		t.Fatal("no cases")
	}
	for _, file := range files {
		t.Run(strings.TrimSuffix(filepath.Base(file), ".txtar"), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			s := compileArchive(t, archive)
			changed := false
			for i, f := range archive.Files {
				if !strings.HasSuffix(f.Name, ".json") || f.Name == "openapi.json" {
					continue
				}
				got := describe(s, f)
				if i+1 == len(archive.Files) || !strings.HasSuffix(archive.Files[i+1].Name, ".txt") {
					t.Fatalf("%s has no .txt after it", f.Name)
				}
				if want := string(archive.Files[i+1].Data); got != want {
					t.Errorf("%s:\n%s\nwant:\n%s", f.Name, got, want)
					archive.Files[i+1].Data, changed = []byte(got), true
				}
			}
			if changed && os.Getenv("UPDATE") != "" {
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func compileArchive(t *testing.T, a *txtar.Archive) *schema.Schema {
	t.Helper()
	for _, f := range a.Files {
		if f.Name == "openapi.json" {
			doc, err := schema.Load(f.Data, schema.Options{})
			if err != nil {
				t.Fatal(err)
			}
			s, err := doc.Compile("/components/schemas/Root")
			if err != nil {
				t.Fatal(err)
			}
			return s
		}
	}
	t.Fatal("no openapi.json")
	return nil
}

func describe(s *schema.Schema, f txtar.File) string {
	mode := schema.Plain
	switch {
	case strings.HasSuffix(f.Name, ".request.json"):
		mode = schema.Request
	case strings.HasSuffix(f.Name, ".answer.json"):
		mode = schema.Answer
	}
	body := []byte(strings.TrimSuffix(string(f.Data), "\n"))
	out, v := s.WithDefaults(nil, body, mode)
	if v == nil {
		return string(out) + "\n"
	}
	var b strings.Builder
	for _, one := range v {
		b.WriteString(strings.TrimSpace(one.Keyword+" "+one.Limit) + " | " + one.Schema + " | " + one.String() + "\n")
	}
	return b.String()
}
