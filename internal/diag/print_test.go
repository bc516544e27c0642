package diag_test

import (
	"bytes"
	"encoding/json"
	"encoding/xml"
	"errors"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "rewrite the expected outputs in testdata")

var _ = diag.Register(
	diag.Rule{
		ID: "test-colour", Summary: "A colour is misspelt.", Why: "Nobody sees it.",
		Example: "color: gren\n\nagain: gren", Fix: "color: green",
	},
	diag.Rule{ID: "test-bare", Summary: "A rule with a summary only."},
)

// A case holds findings.json, style.json and one file per expected output,
// named by the format.
func TestPrint(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatalf("no cases: %v", err)
	}
	for _, name := range files {
		t.Run(filepath.Base(name), func(t *testing.T) {
			t.Parallel()
			ar, err := txtar.ParseFile(name)
			if err != nil {
				t.Fatal(err)
			}
			var list diag.List
			var style diag.Style
			for i, f := range ar.Files {
				switch f.Name {
				case "findings.json":
					list = findings(t, f.Data)
					continue
				case "style.json":
					if err := json.Unmarshal(f.Data, &style); err != nil {
						t.Fatal(err)
					}
					continue
				}
				format := diag.Format(f.Name)
				var out bytes.Buffer
				if err := diag.Print(&out, format, list, style); err != nil {
					t.Fatal(err)
				}
				got := bytes.ReplaceAll(out.Bytes(), []byte("\x1b"), []byte("<ESC>"))
				if *update {
					ar.Files[i].Data = got
				} else if diff := cmp.Diff(string(f.Data), string(got)); diff != "" {
					t.Errorf("%s (-want +got):\n%s", f.Name, diff)
				}
				wellFormed(t, format, out.Bytes())
			}
			if *update {
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
			}
		})
	}
}

func findings(t *testing.T, data []byte) (list diag.List) {
	t.Helper()
	var raw []struct {
		Rule, Severity, File, Message, Hint string
		Line, Col                           int
	}
	if err := json.Unmarshal(data, &raw); err != nil {
		t.Fatal(err)
	}
	severities := []string{"error", "warning", "note"}
	for _, f := range raw {
		list = append(list, diag.Diagnostic{
			Rule: f.Rule, Severity: diag.Severity(slices.Index(severities, f.Severity)), Message: f.Message, Hint: f.Hint,
			Pos: config.Pos{File: f.File, Line: f.Line, Col: f.Col},
		})
	}
	return list
}

// wellFormed parses what machines will parse.
func wellFormed(t *testing.T, f diag.Format, out []byte) {
	t.Helper()
	var err error
	switch f {
	case diag.JSON, diag.SARIF:
		var v any
		err = json.Unmarshal(out, &v)
	case diag.JUnit:
		var v struct {
			XMLName xml.Name `xml:"testsuites"`
		}
		err = xml.Unmarshal(out, &v)
	case diag.GitHub:
		for line := range strings.Lines(string(out)) {
			if !strings.HasPrefix(line, "::") || !strings.HasSuffix(line, "\n") {
				t.Errorf("not a workflow command: %q", line)
			}
		}
	}
	if err != nil {
		t.Errorf("%s: %v", f, err)
	}
}

func TestUnknownFormat(t *testing.T) {
	t.Parallel()
	if err := diag.Print(&bytes.Buffer{}, "smoke", nil, diag.Style{}); err == nil {
		t.Error("Print knows the format smoke")
	}
}

type fullDisk struct{}

func (fullDisk) Write([]byte) (int, error) { return 0, errors.New("no space left") }

func TestPrintReportsTheWriter(t *testing.T) {
	t.Parallel()
	var list diag.List
	list.Add("test-bare", config.Pos{File: "a", Line: 1, Col: 1}, "x", "")
	for _, f := range diag.Formats() {
		if err := diag.Print(fullDisk{}, f, list, diag.Style{}); err == nil {
			t.Errorf("%s: the writer's error is lost", f)
		}
	}
}

func TestExplain(t *testing.T) {
	t.Parallel()
	r, _ := diag.Lookup("test-colour")
	var out strings.Builder
	if err := diag.Explain(&out, r, diag.Style{}); err != nil {
		t.Fatal(err)
	}
	want := `test-colour

A colour is misspelt.

Why it matters
Nobody sees it.

Example
    color: gren

    again: gren

Use instead
    color: green
`
	if diff := cmp.Diff(want, out.String()); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
}

func TestSorted(t *testing.T) {
	t.Parallel()
	at := func(file string, line, col int) config.Pos { return config.Pos{File: file, Line: line, Col: col} }
	var list diag.List
	list.Add("b", at("b", 1, 1), "x", "")
	list.Add("b", at("a", 2, 9), "x", "")
	list.Warn("a", at("a", 2, 9), "x", "")
	list.Add("b", at("a", 10, 1), "x", "")
	list.Add("b", at("b", 1, 1), "x", "")
	var got []string
	for _, d := range list.Sorted() {
		got = append(got, d.Pos.String()+" "+d.Rule)
	}
	if diff := cmp.Diff([]string{"a:2:9 a", "a:2:9 b", "a:10:1 b", "b:1:1 b"}, got); diff != "" {
		t.Errorf("(-want +got):\n%s", diff)
	}
	if len(list) != 5 || list[0].Pos.File != "b" {
		t.Error("Sorted changed its receiver")
	}
}

func TestRegisterRefusesTwins(t *testing.T) {
	t.Parallel()
	defer func() {
		if recover() == nil {
			t.Error("the same rule could be registered twice")
		}
	}()
	diag.Register(diag.Rule{ID: "test-bare"})
}
