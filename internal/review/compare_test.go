package review

import (
	"flag"
	"fmt"
	"io"
	"os"
	"path/filepath"
	"strconv"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what is found into the cases")

// TestEdits compares the contracts base.yaml and head.yaml of each case. The
// file want has a line for each change: verdict on the wire ("same" for
// a refactoring), rule, place and pointer, and the lines in base and head. A file
// deprecation has the days that operations must stay, a line for each level; a file
// affects the operations of the first change.
func TestEdits(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/edits/*.txtar")
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
			file := func(name string) []byte {
				for _, f := range ar.Files {
					if f.Name == name {
						return f.Data
					}
				}
				t.Fatalf("no file %s", name)
				return nil
			}
			list := Compare(document(t, file("base.yaml")), document(t, file("head.yaml")), editOptions(t, ar))
			var got strings.Builder
			writeChanges(&got, list)
			if *update {
				for i := range ar.Files {
					if ar.Files[i].Name == "want" {
						ar.Files[i].Data = []byte(got.String())
					}
				}
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			for _, f := range ar.Files {
				if f.Name == "affects" && strings.Join(list[0].Affects, "\n")+"\n" != string(f.Data) {
					t.Errorf("affects %q, want %q", list[0].Affects, f.Data)
				}
			}
			if diff := cmp.Diff(string(file("want")), got.String()); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}

// writeChanges writes a line for each change, and its reasons.
func writeChanges(w io.Writer, list []*Change) {
	for _, c := range list {
		verdict := c.Wire.String()
		if c.Refactoring {
			verdict = "same"
		}
		fmt.Fprintf(w, "%s %s %s%s %d:%d\n", verdict, c.Rule, c.Place, pointerText(c.Pointer), c.Base.Line, c.Head.Line)
		for _, why := range c.Why {
			fmt.Fprintf(w, "    %s\n", why)
		}
	}
}

// editOptions are the options of a case.
func editOptions(t *testing.T, ar *txtar.Archive) Options {
	o := Options{Service: "x", Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Deprecation: map[string]int{}}
	for _, f := range ar.Files {
		if f.Name != "deprecation" {
			continue
		}
		for line := range strings.Lines(string(f.Data)) {
			level, days, _ := strings.Cut(strings.TrimSpace(line), " ")
			n, err := strconv.Atoi(days)
			if err != nil {
				t.Fatal(err)
			}
			o.Deprecation[level] = n
		}
	}
	return o
}

func pointerText(p string) string {
	if p == "" {
		return ""
	}
	return " " + p
}

func document(t *testing.T, data []byte) *openapi.Document {
	t.Helper()
	return read(t, data)
}

// read is the document of one contract.
func read(t interface{ Fatal(...any) }, data []byte) *openapi.Document {
	name := "openapi.yaml"
	if len(data) > 0 && data[0] == '{' {
		name = "openapi.json" // which is read faster
	}
	ws, list := contract.LoadFS(fstest.MapFS{
		"banyan.yaml": {Data: []byte("version: 1\nservices:\n  x: {contract: " + name + "}\n")},
		name:          {Data: data},
	}, "")
	if ws == nil || len(ws.Services) != 1 {
		t.Fatal(list)
	}
	doc, err := ws.Services[0].Spec()
	if err != nil {
		t.Fatal(err, list)
	}
	return doc
}

// TestRulesHaveCases holds every change that a case finds against the table, and the
// table against the cases: a rule that no case meets is one that nobody has seen.
func TestRulesHaveCases(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*/*.txtar")
	if err != nil {
		t.Fatal(err)
	}
	met := map[string]bool{}
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			if f.Name != "want" {
				continue
			}
			for line := range strings.Lines(string(f.Data)) {
				if fields := strings.Fields(line); len(fields) > 1 && !strings.HasPrefix(line, " ") && fields[0] != "problem" {
					met[fields[1]] = true
					if rules[fields[1]].id == "" {
						t.Errorf("%s: the rule %s is not in the table", name, fields[1])
					}
				}
			}
		}
	}
	for id := range rules {
		if !met[id] {
			t.Errorf("no case for %s: add one to testdata/edits, or to testdata/workspaces where banyan.yaml tells", id)
		}
	}
}

// TestEquivalentRewrites holds that what is written differently and means the same
// is no change: the cases called equivalent have refactorings at most.
func TestEquivalentRewrites(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/edits/equivalent-*.txtar")
	if err != nil || len(names) < 20 {
		t.Fatal("too few cases", len(names), err)
	}
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		for _, f := range ar.Files {
			for line := range strings.Lines(string(f.Data)) {
				if f.Name == "want" && !strings.HasPrefix(line, "same ") {
					t.Errorf("%s: %s", filepath.Base(name), line)
				}
			}
		}
	}
}
