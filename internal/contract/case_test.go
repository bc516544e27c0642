package contract

import (
	"bytes"
	"flag"
	"fmt"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite what testdata expects")

// A case is a workspace and what is expected of it:
//
//	want/findings         every finding, and no other
//	want/model            the workspace as its users see it
//	want/<service>.json   the bundle
//
// Run with -update to rewrite what is there already, and read the difference.
func TestCases(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(strings.TrimSuffix(filepath.Base(name), ".txtar"), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			fsys := workspaceOf(ar)
			w, findings := LoadFS(fsys, "example.org/shop")
			for i, f := range ar.Files {
				got := ""
				switch expected, ok := strings.CutPrefix(f.Name, "want/"); {
				case !ok:
					continue
				case expected == "findings":
					got = show(t, findings)
				case expected == "model":
					got = describeWorkspace(w)
				default:
					c := w.Service(strings.TrimSuffix(expected, ".json"))
					data, err := c.Bundle()
					if err != nil {
						t.Fatal(err)
					}
					got = string(data)
				}
				if *update {
					ar.Files[i].Data = []byte(got)
				} else if diff := cmp.Diff(string(f.Data), got); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			invariants(t, w, findings)
			again, repeated := LoadFS(fsys, "example.org/shop")
			if diff := cmp.Diff(findings, repeated); diff != "" {
				t.Errorf("loading twice gives different findings:\n%s", diff)
			}
			sameBundles(t, w, again)
		})
	}
}

func workspaceOf(ar *txtar.Archive) fstest.MapFS {
	fsys := fstest.MapFS{}
	for _, f := range ar.Files {
		if !strings.HasPrefix(f.Name, "want/") {
			fsys[f.Name] = &fstest.MapFile{Data: f.Data}
		}
	}
	return fsys
}

func show(t *testing.T, list diag.List) string {
	t.Helper()
	var out bytes.Buffer
	if err := diag.Print(&out, diag.Text, list, diag.Style{}); err != nil {
		t.Fatal(err)
	}
	return out.String()
}

// invariants hold for every workspace, however broken.
func invariants(t *testing.T, w *Workspace, findings diag.List) {
	t.Helper()
	for _, d := range findings {
		if _, ok := diag.Lookup(d.Rule); !ok {
			t.Errorf("rule %q is not registered", d.Rule)
		}
		if d.Pos.Line == 0 && d.Rule != ruleWorkspaceMissing && d.Rule != ruleWorkspace {
			t.Errorf("no position: %+v", d)
		}
		if strings.HasPrefix(d.Pos.File, "/") {
			t.Errorf("not relative to the workspace: %s", d.Pos.File)
		}
	}
	if w == nil {
		if findings.Errors() == 0 {
			t.Error("no workspace and no error")
		}
		return
	}
	w.Catalog()
	for _, c := range w.Services {
		doc, err := c.Spec()
		if err != nil {
			if findings.Errors() == 0 {
				t.Errorf("no errors, and yet: %v", err)
			}
			continue
		}
		for path, item := range doc.Paths {
			for method, op := range item.Operations {
				if op.Pos.Line == 0 {
					t.Errorf("%s %s has no position", method, path)
				}
				if c.Operation(op.OperationID) == nil {
					t.Errorf("%s is in the document but not in the model", op.OperationID)
				}
			}
		}
		rereads(t, c, doc)
	}
	repairs(t, findings)
}

// rereads holds the bundle against the document that it is read from again:
// what is printed says all that was read, in words that need no mending.
func rereads(t *testing.T, c *Contract, doc *openapi.Document) {
	t.Helper()
	text, err := c.Bundle()
	if err != nil {
		t.Fatal(err)
	}
	w, findings := LoadFS(fstest.MapFS{
		WorkspaceFile: {Data: []byte("version: 1\nservices: {it: {contract: bundle.json}}\n")},
		"bundle.json": {Data: text},
	}, "")
	if findings.Errors() > 0 {
		t.Errorf("the bundle of %s cannot be read: %s", c.File, show(t, findings))
		return
	}
	again, err := w.Services[0].Spec()
	if err != nil {
		t.Fatal(err)
	}
	delete(again.Extensions, "x-generated")
	if diff := otherwise(doc, again); diff != "" {
		t.Errorf("the bundle of %s reads otherwise: %s", c.File, diff)
	}
}

// repairs looks at the form of the repairs that findings offer.
func repairs(t *testing.T, findings diag.List) {
	t.Helper()
	for _, d := range findings {
		if d.Fix != nil && (d.Fix.Summary == "" || len(d.Fix.Edits) == 0) {
			t.Errorf("an empty repair: %+v", d)
		}
	}
}

func sameBundles(t *testing.T, a, b *Workspace) {
	t.Helper()
	if a == nil || b == nil {
		return
	}
	for i, c := range a.Services {
		one, _ := c.Bundle()
		two, _ := b.Services[i].Bundle()
		if !bytes.Equal(one, two) {
			t.Errorf("%s: loading twice gives different bundles", c.Name)
		}
	}
}

// describeWorkspace shows a workspace the way its users see it.
func describeWorkspace(w *Workspace) string {
	var b strings.Builder
	fmt.Fprintf(&b, "unmatched %s\n", w.Unmatched)
	line := func(name string, value any) {
		if s := fmt.Sprint(value); s != "" && s != "[]" && s != "false" {
			fmt.Fprintf(&b, "%s %s\n", name, s)
		}
	}
	if w.UnmatchedBodyLimit != 0 {
		line("unmatched-body-limit", w.UnmatchedBodyLimit)
	}
	line("trusted-proxies", w.TrustedProxies)
	line("upstream", w.Upstream)
	if w.FastCGI != (catalog.FastCGI{}) {
		line("fastcgi", fmt.Sprintf("%+v", w.FastCGI))
	}
	line("rollout", w.RolloutFile)
	line("remote-refs", w.RemoteRefs)
	for _, t := range w.Targets {
		fmt.Fprintf(&b, "target %s %s %s (%s)\n", t.Name, t.Output, t.Package, t.Pos)
		line("  initialisms", t.Initialisms)
	}
	for _, c := range w.Services {
		fmt.Fprintf(&b, "\nservice %s (%s)\n", c.Name, c.Pos)
		line("  file", c.File)
		line("  legacy", c.LegacyFile)
		line("  title", c.Title)
		line("  version", c.Version)
		line("  base-path", c.BasePath)
		for i, k := range c.Problems {
			fmt.Fprintf(&b, "  problem %s %d %q %s (%s)\n", k.Code, k.Status, k.Title, k.Type, c.ProblemPos[i])
		}
		for _, op := range c.Operations {
			fmt.Fprintf(&b, "  %s: %s %s limit %d class %s (%s)\n", op.Key, op.Method, op.Path, op.BodyLimit, string(op.Class), op.Source)
			line("    idempotency-key", op.IdempotencyKey)
			line("    template", strings.TrimPrefix(op.Template, op.Path))
			line("    summary", op.Summary)
			line("    tags", op.Tags)
			line("    deprecated", op.Deprecated)
			for _, p := range op.Parameters {
				fmt.Fprintf(&b, "    %s %s required=%v (%s)\n", p.In, p.Name, p.Required, p.Pos)
			}
			if op.Body != nil {
				fmt.Fprintf(&b, "    body %v required=%v (%s)\n", op.Body.MediaTypes, op.Body.Required, op.Body.Pos)
			}
			for _, r := range op.Responses {
				fmt.Fprintf(&b, "    %s %v (%s)\n", r.Status, r.MediaTypes, r.Pos)
			}
		}
	}
	return b.String()
}
