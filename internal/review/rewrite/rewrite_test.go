package rewrite_test

import (
	"bytes"
	"encoding/json"
	"fmt"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/rewrite"
	"github.com/rogpeppe/go-internal/txtar"
	"go.yaml.in/yaml/v3"
)

func workspace(file string, data []byte) fstest.MapFS {
	return fstest.MapFS{"banyan.yaml": {Data: []byte("version: 1\nservices:\n  x: {contract: " + file + "}\n")}, file: {Data: data}}
}

func document(t *testing.T, file string, data []byte) *openapi.Document {
	t.Helper()
	ws, list := contract.LoadFS(workspace(file, data), "")
	if ws == nil || len(ws.Services) != 1 {
		t.Fatal(list)
	}
	doc, err := ws.Services[0].Spec()
	if err != nil {
		t.Fatalf("%v %v\n%s", err, list, data)
	}
	return doc
}

func changes(t *testing.T, file string, base, head []byte) []*review.Change {
	t.Helper()
	return review.Compare(document(t, file, base), document(t, file, head), review.Options{Service: "x", Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC)})
}

// applied is a file after git applied a patch to it.
func applied(t *testing.T, file string, data []byte, patch string) []byte {
	t.Helper()
	dir := t.TempDir()
	if err := os.WriteFile(filepath.Join(dir, file), data, 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("git", "apply", "-")
	cmd.Dir, cmd.Stdin = dir, strings.NewReader(patch)
	cmd.Env = append(os.Environ(), "GIT_CEILING_DIRECTORIES="+filepath.Dir(dir))
	if out, err := cmd.CombinedOutput(); err != nil {
		t.Fatalf("git apply: %v\n%s\n%s", err, out, patch)
	}
	out, err := os.ReadFile(filepath.Join(dir, file))
	if err != nil {
		t.Fatal(err)
	}
	return out
}

// block writes a YAML document with every key and item on a line of its own.
func block(t *testing.T, data []byte) []byte {
	var n yaml.Node
	if err := yaml.Unmarshal(data, &n); err != nil {
		t.Fatal(err)
	}
	var open func(n *yaml.Node)
	open = func(n *yaml.Node) {
		n.Style &^= yaml.FlowStyle
		for _, c := range n.Content {
			open(c)
		}
	}
	open(&n)
	out, err := yaml.Marshal(&n)
	if err != nil {
		t.Fatal(err)
	}
	return out
}

func asJSON(t *testing.T, data []byte) []byte {
	var v any
	if err := yaml.Unmarshal(data, &v); err != nil {
		t.Fatal(err)
	}
	out, err := json.MarshalIndent(v, "", "  ")
	if err != nil {
		t.Fatal("what it says cannot be said in JSON:", err)
	}
	return out
}

// TestPatches applies the patch of every break of every edit, in three forms of the
// files, and holds that the break is gone and no other has come.
func TestPatches(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("../testdata/edits/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			base, head := ar.Files[0].Data, ar.Files[1].Data
			t.Run("as written", func(t *testing.T) { patches(t, "openapi.yaml", base, head) })
			if bytes.HasPrefix(bytes.TrimSpace(head), []byte("{")) || bytes.Contains(head, []byte("*")) {
				return // JSON already, or with aliases
			}
			t.Run("in blocks", func(t *testing.T) { patches(t, "openapi.yaml", block(t, base), block(t, head)) })
			t.Run("as JSON", func(t *testing.T) { patches(t, "openapi.json", asJSON(t, base), asJSON(t, head)) })
		})
	}
}

func patches(t *testing.T, file string, base, head []byte) {
	before := changes(t, file, base, head)
	known := map[string]bool{}
	for _, c := range before {
		known[c.ID] = true
	}
	r := rewrite.New(workspace(file, base), workspace(file, head), nil)
	for _, c := range before {
		if c.Wire != review.Breaks {
			continue
		}
		patch := r.Patch(c)
		if patch == "" {
			t.Errorf("no patch for %s %s %s", c.Rule, c.Place, c.Pointer)
			continue
		}
		for _, d := range changes(t, file, base, applied(t, file, head, patch)) {
			if d.ID == c.ID {
				t.Errorf("%s %s %s is still there after\n%s", c.Rule, c.Place, c.Pointer, patch)
			}
			if d.Wire == review.Breaks && !known[d.ID] {
				t.Errorf("%s %s %s is new after\n%s", d.Rule, d.Place, d.Pointer, patch)
			}
		}
	}
}

// Whatever two files hold and wherever a change is said to be: no panic, and a
// patch changes lines that are there.
func FuzzPatch(f *testing.F) {
	names, err := filepath.Glob("../testdata/edits/*.txtar")
	if err != nil || len(names) == 0 {
		f.Fatal("no cases", err)
	}
	for i, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(ar.Files[0].Data, ar.Files[1].Data, i, i)
	}
	f.Fuzz(func(t *testing.T, base, head []byte, was, is int) {
		c := &review.Change{Rule: "property-removed", Pointer: "/a", Base: config.Pos{File: "f.yaml", Line: was}, Head: config.Pos{File: "f.yaml", Line: is}}
		patch := rewrite.New(fstest.MapFS{"f.yaml": {Data: base}}, fstest.MapFS{"f.yaml": {Data: head}}, nil).Patch(c)
		for line := range strings.Lines(patch) {
			if strings.HasPrefix(line, "-") && !strings.HasPrefix(line, "--- a/") && !bytes.Contains(head, []byte(strings.TrimSuffix(line[1:], "\n"))) {
				t.Errorf("%q is not in the file", line)
			}
		}
	})
}

// TestPatchesAreBounded asks for the patches of many changes of one long line: they
// end when there is too much of them.
func TestPatchesAreBounded(t *testing.T) {
	t.Parallel()
	const n = 3000
	enum := func(prefix string) []byte {
		var b strings.Builder
		for i := range n {
			fmt.Fprintf(&b, "%s%d, ", prefix, i)
		}
		return []byte("openapi: 3.0.3\ninfo: {title: t, version: '1'}\npaths: {}\ncomponents:\n  schemas:\n    S:\n      type: string\n      enum: [" + b.String() + "]\n")
	}
	base, head := enum("v"), enum("w")
	const file = "openapi.yaml"
	r := rewrite.New(workspace(file, base), workspace(file, head), nil)
	list := changes(t, file, base, head)
	total, none := 0, 0
	for _, c := range list {
		patch := r.Patch(c)
		if total += len(patch); patch == "" {
			none++
		}
	}
	if len(list) != 2*n || none == len(list) || total > 5<<20 {
		t.Errorf("%d changes, %d without a patch, %d bytes of patches", len(list), none, total)
	}
}
