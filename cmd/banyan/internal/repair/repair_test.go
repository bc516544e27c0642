package repair

import (
	"os"
	"path/filepath"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

const document = `openapi: 3.0.3
info: {title: Shop, version: "1"}
paths:
  /orders:
    get:
      responses:
        "200": {description: Orders}
`

func workspaceOf(t *testing.T) string {
	t.Helper()
	dir := t.TempDir()
	for name, text := range map[string]string{"banyan.yaml": "version: 1\nservices: {shop: {contract: shop.yaml}}\n", "shop.yaml": document} {
		if err := os.WriteFile(filepath.Join(dir, name), []byte(text), 0o644); err != nil {
			t.Fatal(err)
		}
	}
	return dir
}

// A repair that changes what the contract means, or breaks the file, is found
// out and left; those beside it are made.
func TestHarmfulRepairsAreRefused(t *testing.T) {
	t.Parallel()
	edit := func(message string, e diag.Edit) diag.Diagnostic {
		return diag.Diagnostic{Message: message, Pos: config.Pos{File: "shop.yaml", Line: 1}, Fix: &diag.Fix{Summary: message, Edits: []diag.Edit{e}}}
	}
	dir := workspaceOf(t)
	ws, list := contract.LoadWorkspace(dir)
	plan, err := Make(dir, ws, list, func(_ *contract.Workspace, list diag.List) (diag.List, error) {
		return append(diag.List{
			edit("another path", diag.Edit{File: "shop.yaml", Offset: 59, Length: 6, Text: "wrongs"}),
			edit("broken", diag.Edit{File: "shop.yaml", Offset: 0, Text: "["}),
			edit("outside", diag.Edit{File: "../shop.yaml", Offset: 0, Text: "x"}),
			edit("a file that is not there", diag.Edit{File: "other.yaml", Offset: 0, Text: "x"}),
		}, list...), nil
	})
	if err != nil {
		t.Fatal(err)
	}
	var done, refused []string
	for _, d := range plan.Done {
		done = append(done, d.Fix.Summary)
	}
	for _, d := range plan.Refused {
		refused = append(refused, d.Fix.Summary)
	}
	if diff := cmp.Diff([]string{"add operationId: getOrders"}, done); diff != "" {
		t.Errorf("done (-want +got):\n%s", diff)
	}
	if diff := cmp.Diff([]string{"another path", "broken"}, refused); diff != "" {
		t.Errorf("refused (-want +got):\n%s", diff)
	}
}

// A file that somebody changes while it is being looked at stays theirs.
func TestChangedMeanwhile(t *testing.T) {
	t.Parallel()
	dir := workspaceOf(t)
	ws, list := contract.LoadWorkspace(dir)
	plan, err := Make(dir, ws, list, func(_ *contract.Workspace, list diag.List) (diag.List, error) { return list, nil })
	if err != nil || len(plan.Files) != 1 {
		t.Fatal(plan, err)
	}
	theirs := []byte(document + "# theirs\n")
	if err := os.WriteFile(filepath.Join(dir, "shop.yaml"), theirs, 0o644); err != nil {
		t.Fatal(err)
	}
	if err := plan.Write(dir); err == nil {
		t.Error("it is written over")
	}
	entries, _ := os.ReadDir(dir)
	if got, _ := os.ReadFile(filepath.Join(dir, "shop.yaml")); string(got) != string(theirs) || len(entries) != 2 {
		t.Errorf("%s\n%v", got, entries)
	}
}

func TestSameMeaning(t *testing.T) {
	t.Parallel()
	for _, test := range []struct {
		a, b string
		want bool
	}{
		{`{"a": 1}`, `{"a": 1}`, true},
		{`{"a": 1}`, `{"a": 1.0}`, false},
		{`{"enum": ["a", null]}`, `{"enum": [null, "a"]}`, true},
		{`{"enum": ["a"]}`, `{"enum": ["a", "b"]}`, false},
		{`{"$ref": "#/x"}`, `{"allOf": [{"$ref": "#/x"}], "description": "d"}`, true},
		{`{"$ref": "#/x"}`, `{"allOf": [{"$ref": "#/x"}], "minLength": 1}`, false},
		{`{"$ref": "#/x"}`, `{"allOf": [{"$ref": "#/y"}]}`, false},
		{`{}`, `{`, false},
	} {
		if got := sameMeaning([]byte(test.a), []byte(test.b)); got != test.want {
			t.Errorf("%s and %s: %v", test.a, test.b, got)
		}
	}
}
