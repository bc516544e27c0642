package review

import (
	"path/filepath"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/rogpeppe/go-internal/txtar"
)

// disagreements are the findings of oasdiff that our comparison does not share,
// by case, each with the reason.
var disagreements = map[string]string{
	"nullable-beside-all-of.txtar": "it merges allOf with what stands beside it and loses the properties; they are as they were",
}

// TestSecondOpinion holds our comparison against oasdiff's in all cases: what it
// takes to be breaking, one of our changes says.
func TestSecondOpinion(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/edits/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	for _, name := range names {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			was, is := loaded(t, ar, "base.yaml"), loaded(t, ar, "head.yaml")
			a, err := was.Spec()
			if err != nil {
				t.Fatal(err)
			}
			b, err := is.Spec()
			if err != nil {
				t.Fatal(err)
			}
			changes := Compare(a, b, editOptions(t, ar))
			extra, err := secondOpinion(changes, was, is)
			if err != nil {
				t.Fatal(err)
			}
			for _, c := range extra {
				if disagreements[filepath.Base(name)] == "" {
					t.Errorf("nothing of ours says what %s", c.Message)
				}
			}
		})
	}
}

func loaded(t *testing.T, ar *txtar.Archive, name string) *contract.Contract {
	t.Helper()
	for _, f := range ar.Files {
		if f.Name == name {
			ws, list := contract.LoadFS(fstest.MapFS{
				"banyan.yaml":  {Data: []byte("version: 1\nservices:\n  x: {contract: openapi.yaml}\n")},
				"openapi.yaml": {Data: f.Data},
			}, "")
			if ws == nil || len(ws.Services) != 1 {
				t.Fatal(list)
			}
			return ws.Services[0]
		}
	}
	t.Fatalf("no file %s", name)
	return nil
}
