package swagger2

import (
	"bytes"
	"flag"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/internal/diag"
)

var update = flag.Bool("update", false, "rewrite what testdata/files expects")

// A case is an archive whose first file is the document. Its last, "want", has what is
// found and the new document.
func TestFiles(t *testing.T) {
	t.Parallel()
	cases, err := filepath.Glob("testdata/files/*.txtar")
	if err != nil || len(cases) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, file := range cases {
		t.Run(filepath.Base(file), func(t *testing.T) {
			t.Parallel()
			archive, err := txtar.ParseFile(file)
			if err != nil {
				t.Fatal(err)
			}
			first, want := archive.Files[0], &archive.Files[len(archive.Files)-1]
			doc, list := Upgrade(first.Name, first.Data, func(name string) ([]byte, error) {
				for _, f := range archive.Files {
					if f.Name == path.Join(path.Dir(first.Name), name) {
						return f.Data, nil
					}
				}
				return nil, fs.ErrNotExist
			})
			var got bytes.Buffer
			if err := diag.Print(&got, diag.Text, list, diag.Style{}); err != nil {
				t.Fatal(err)
			}
			if doc != nil {
				got.WriteString("\n" + string(doc.YAML))
			}
			if *update {
				want.Data = got.Bytes()
				if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			if diff := cmp.Diff(string(want.Data), got.String()); diff != "" {
				t.Errorf("-want +got\n%s", diff)
			}
		})
	}
}
