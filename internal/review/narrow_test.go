package review

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"io"
	"math/rand/v2"
	"os"
	"path/filepath"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review/narrow"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

// TestNarrowedIsWhole holds that a review of what differs finds what a review of
// the whole documents finds, to the last place and number: for every edit, and for
// versions of real contracts.
func TestNarrowedIsWhole(t *testing.T) {
	t.Parallel()
	narrowed := 0
	edits, err := filepath.Glob("testdata/edits/*.txtar")
	if err != nil || len(edits) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range edits {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		texts := map[string][]byte{}
		for _, f := range ar.Files {
			texts[f.Name] = f.Data
		}
		if sameReview(t, name, "openapi.yaml", texts["base.yaml"], texts["head.yaml"]) {
			narrowed++
		}
	}
	if narrowed < len(edits)/2 {
		t.Errorf("only %d of %d edits were narrowed", narrowed, len(edits))
	}
	bases, err := filepath.Glob("testdata/pairs/*.base.*.gz")
	if err != nil || len(bases) == 0 {
		t.Fatal("no pairs", err)
	}
	for _, name := range bases {
		base, head := unzipped(t, name), unzipped(t, strings.Replace(name, ".base.", ".revision.", 1))
		file := "openapi" + filepath.Ext(strings.TrimSuffix(name, ".gz"))
		t.Logf("%s: narrowed: %v", name, sameReview(t, name, file, base, head))
	}
}

// TestNarrowedEditsAnywhere is TestNarrowedIsWhole for edits of lines that are
// drawn from real contracts.
func TestNarrowedEditsAnywhere(t *testing.T) {
	t.Parallel()
	swaps := strings.NewReplacer(`: string`, `: integer`, `: integer`, `: string`, `: true`, `: false`, `: "string"`, `: "integer"`, `: "object"`, `: "string"`, `"$ref": "#/components/schemas/`, `"x-ref": "`,
		`minLength`, `maxLength`, `"required"`, `"x-required"`, `    required:`, `    x-required:`, `nullable`, `deprecated`)
	draw := rand.New(rand.NewPCG(6, 7))
	for _, name := range []string{"kratos-1.3.8-25.4.0.base.json.gz", "influx-orgid-not-required.base.yaml.gz"} {
		base := unzipped(t, "testdata/pairs/"+name)
		file := "openapi" + filepath.Ext(strings.TrimSuffix(name, ".gz"))
		for range 2 {
			lines := strings.SplitAfter(string(base), "\n")
			for edits := 0; edits < 6; {
				i := draw.IntN(len(lines))
				if edited := swaps.Replace(lines[i]); edited != lines[i] && !strings.HasPrefix(lines[i], "    \"") {
					lines[i] = edited
					edits++
				}
			}
			sameReview(t, name, file, base, []byte(strings.Join(lines, "")))
		}
	}
}

func unzipped(t *testing.T, name string) []byte {
	t.Helper()
	f, err := os.Open(name)
	if err != nil {
		t.Fatal(err)
	}
	defer f.Close()
	z, err := gzip.NewReader(f)
	if err != nil {
		t.Fatal(err)
	}
	data, err := io.ReadAll(z)
	if err != nil {
		t.Fatal(err)
	}
	return data
}

// sameReview compares two documents in both ways, and reports whether there are
// two.
func sameReview(t *testing.T, name, file string, base, head []byte) bool {
	t.Helper()
	n, ok := narrow.Compare(base, head)
	if !ok {
		return false
	}
	a, b := n.Texts()
	if x, y := bytes.Count(base, []byte("\n")), bytes.Count(a, []byte("\n")); x != y {
		t.Errorf("%s: %d lines of %d are left", name, y, x)
	}
	narrowed, whole := reported(t, file, a, b), reported(t, file, base, head)
	for _, r := range []*Report{narrowed, whole} {
		r.Base, r.Head = "", ""
	}
	if narrowed.Problems.Errors() > 0 {
		return false // the whole is read then
	}
	x, _ := json.MarshalIndent(narrowed.Services, "", " ")
	y, _ := json.MarshalIndent(whole.Services, "", " ")
	if diff := cmp.Diff(string(y), string(x)); diff != "" {
		t.Errorf("%s: whole -, narrowed +:\n%s", name, diff)
	}
	if diff := cmp.Diff(whole.Problems, narrowed.Problems); diff != "" {
		t.Errorf("%s: problems: whole -, narrowed +:\n%s", name, diff)
	}
	return true
}

// reported reviews two texts as they are.
func reported(t *testing.T, file string, base, head []byte) *Report {
	t.Helper()
	side := func(name string, data []byte) Side {
		return Side{Name: name, FS: fstest.MapFS{
			"banyan.yaml": {Data: []byte("version: 1\nservices:\n  x: {contract: " + file + "}\ntargets:\n  goserver: {output: gen, package: example.org/gen}\n")},
			file:          {Data: data},
		}}
	}
	// With a target that does not tell its stems, whole contracts are read.
	r, err := Workspaces(side("base", base), side("head", head), Settings{
		Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC),
		Surfaces: func(*contract.Workspace, *contract.Contract, *contract.Contract) (map[string][]SurfaceChange, []string) {
			return nil, nil
		},
	})
	if err != nil {
		t.Fatal(err)
	}
	return r
}
