package contract

import (
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"
)

// Repairs are applied to every case: what is repaired is found no more, nothing
// new is, no error least of all, and the contract means what it meant.
func TestRepairsOfCases(t *testing.T) {
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
			repaired(t, workspaceOf(ar))
		})
	}
}

// repaired applies the repairs of a workspace until there are none.
func repaired(t *testing.T, fsys fstest.MapFS) fstest.MapFS {
	t.Helper()
	before, findings := LoadFS(fsys, "")
	for round := 0; ; round++ {
		done, err := findings.Repair(func(name string) ([]byte, error) { return fsys.ReadFile(name) })
		if err != nil {
			t.Fatal(err)
		}
		if len(done.Done) == 0 {
			break
		}
		if round == 20 {
			t.Fatalf("repairs go on and on: %s", show(t, done.Done))
		}
		next := fstest.MapFS{}
		for name, f := range fsys {
			next[name] = f
		}
		for name, data := range done.Files {
			next[name] = &fstest.MapFile{Data: data}
		}
		after, left := LoadFS(next, "")
		if len(left) >= len(findings) || left.Errors() > findings.Errors() {
			for name, data := range done.Files {
				t.Logf("%s:\n%s", name, data)
			}
			t.Fatalf("repairing\n%s\nleaves\n%s", show(t, findings), show(t, left))
		}
		if before != nil {
			same(t, before, after)
		}
		fsys, findings = next, left
	}
	return fsys
}

// same holds the operations of repaired contracts against those before.
func same(t *testing.T, before, after *Workspace) {
	t.Helper()
	for i, c := range before.Services {
		ids := func(c *Contract) (out []string) {
			for _, op := range c.Operations {
				out = append(out, op.Method+" "+op.Path+" "+op.ID)
			}
			slices.Sort(out)
			return out
		}
		if a, b := ids(c), ids(after.Services[i]); !slices.Equal(a, b) {
			t.Errorf("%s: operations were %v and are %v", c.Name, a, b)
		}
	}
}

func TestRepairText(t *testing.T) {
	t.Parallel()
	ar, err := txtar.ParseFile("testdata/repairs/all.txtar")
	if err != nil {
		t.Fatal(err)
	}
	got := repaired(t, workspaceOf(ar))
	for i, f := range ar.Files {
		name, ok := strings.CutPrefix(f.Name, "want/")
		if !ok {
			continue
		}
		if *update {
			ar.Files[i].Data = got[name].Data
		} else if string(f.Data) != string(got[name].Data) {
			t.Errorf("%s:\n%s", name, got[name].Data)
		}
	}
	if *update {
		writeFile(t, "testdata/repairs/all.txtar", txtar.Format(ar))
	}
}

func writeFile(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
