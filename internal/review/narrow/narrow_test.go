package narrow_test

import (
	"bytes"
	"encoding/json"
	"flag"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/internal/review/narrow"
	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"
)

var update = flag.Bool("update", false, "write what is left into the cases")

// TestPair holds what is left of two documents against the cases: the files base
// and head go in, want-base and want-head come out, or nothing where a case has
// neither.
func TestPair(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/*.txtar")
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
			file := map[string]string{}
			for _, f := range ar.Files {
				file[f.Name] = string(f.Data)
			}
			base, head, ok := pair([]byte(file["base"]), []byte(file["head"]))
			if *update {
				ar.Files = slices.DeleteFunc(ar.Files, func(f txtar.File) bool { return strings.HasPrefix(f.Name, "want-") })
				if ok {
					ar.Files = append(ar.Files, txtar.File{Name: "want-base", Data: []byte(tidy(base))}, txtar.File{Name: "want-head", Data: []byte(tidy(head))})
				}
				if err := os.WriteFile(name, txtar.Format(ar), 0o644); err != nil {
					t.Fatal(err)
				}
				return
			}
			if _, wanted := file["want-base"]; ok != wanted {
				t.Fatalf("narrowed: %v\n%s\n%s", ok, base, head)
			}
			if diff := cmp.Diff(file["want-base"], tidy(base)); diff != "" {
				t.Errorf("base: want -, got +:\n%s", diff)
			}
			if diff := cmp.Diff(file["want-head"], tidy(head)); diff != "" {
				t.Errorf("head: want -, got +:\n%s", diff)
			}
		})
	}
}

// pair is what is left of two documents.
func pair(base, head []byte) (narrowBase, narrowHead []byte, ok bool) {
	n, ok := narrow.Compare(base, head)
	if !ok {
		return nil, nil, false
	}
	narrowBase, narrowHead = n.Texts()
	return narrowBase, narrowHead, true
}

// tidy drops spaces at the ends of lines, which files of cases do not keep.
func tidy(text []byte) string {
	var b strings.Builder
	for line := range strings.Lines(string(text)) {
		b.WriteString(strings.TrimRight(line, " \n") + "\n")
	}
	return b.String()
}

// FuzzPair holds that no document makes it panic, that lines stay where they are,
// and that what was JSON still is.
func FuzzPair(f *testing.F) {
	names, err := filepath.Glob("testdata/*.txtar")
	if err != nil {
		f.Fatal(err)
	}
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			f.Fatal(err)
		}
		f.Add(ar.Files[0].Data, ar.Files[1].Data)
	}
	f.Fuzz(func(t *testing.T, base, head []byte) {
		a, b, ok := pair(base, head)
		if !ok {
			return
		}
		for _, pair := range [][2][]byte{{base, a}, {head, b}} {
			if x, y := bytes.Count(pair[0], []byte("\n")), bytes.Count(pair[1], []byte("\n")); x != y {
				t.Errorf("%d lines became %d", x, y)
			}
			if json.Valid(pair[0]) && !json.Valid(pair[1]) {
				t.Errorf("no JSON any more:\n%s", pair[1])
			}
		}
	})
}
