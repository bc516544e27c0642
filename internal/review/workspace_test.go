package review

import (
	"fmt"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
)

// goDecoders are those of the Go target, where a workspace has it.
func goDecoders(ws *contract.Workspace, c *contract.Contract, doc *openapi.Document) map[string]Decode {
	if len(ws.Targets) == 0 {
		return nil
	}
	decode, err := goserver.Target{}.Decoder(ws, c, doc)
	if err != nil {
		return nil
	}
	return map[string]Decode{"goserver": Decode(decode)}
}

// goSurfaces are the names of the Go target that are gone or another thing.
func goSurfaces(ws *contract.Workspace, base, head *contract.Contract) (map[string][]SurfaceChange, []string) {
	was, err := goserver.Target{}.Surface(ws, base)
	if err != nil {
		return nil, nil
	}
	is, err := goserver.Target{}.Surface(ws, head)
	if err != nil {
		return nil, nil
	}
	return map[string][]SurfaceChange{"goserver": surfaceChanges(was.Symbols, is.Symbols)}, slices.Concat(was.Names, is.Names)
}

func surfaceChanges(was, is map[string]codegen.Symbol) (out []SurfaceChange) {
	for _, name := range slices.Sorted(maps.Keys(was)) {
		if a, b := was[name], is[name]; a.Signature != b.Signature {
			out = append(out, SurfaceChange{Symbol: name, Place: a.Place, Pointer: a.Pointer, Breaks: true, Old: a.Signature, New: b.Signature})
		}
	}
	return out
}

// TestWorkspaces reviews the workspaces base and head of each case: what two
// contracts by themselves do not tell. The file want is as in TestEdits, with the
// problems below the changes. The cases called source compare the generated code,
// the others run the old decoders.
func TestWorkspaces(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/workspaces/*.txtar")
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
			sides, want := map[string]fstest.MapFS{"base": {}, "head": {}}, ""
			for _, f := range ar.Files {
				side, file, below := strings.Cut(f.Name, "/")
				switch {
				case below:
					sides[side][file] = &fstest.MapFile{Data: f.Data}
				case f.Name == "want":
					want = string(f.Data)
				}
			}
			settings := Settings{Now: time.Date(2026, 11, 1, 0, 0, 0, 0, time.UTC), Decoders: goDecoders}
			if strings.HasPrefix(filepath.Base(name), "source-") {
				settings = Settings{Now: settings.Now, Surfaces: goSurfaces, Stems: goserver.Target{}.Stems}
			}
			r, err := Workspaces(Side{Name: "base", FS: sides["base"]}, Side{Name: "head", FS: sides["head"]}, settings)
			if err != nil {
				t.Fatal(err)
			}
			var got strings.Builder
			writeChanges(&got, r.All())
			for _, c := range r.All() {
				if c.worstSource() != OK {
					fmt.Fprintf(&got, "    source %s %s %s%s: %s\n", c.worstSource(), c.Rule, c.Place, pointerText(c.Pointer), strings.Join(c.Symbols, ", "))
					if len(c.Shared) > 0 {
						fmt.Fprintf(&got, "        with others: %s\n", strings.Join(c.Shared, ", "))
					}
				}
				if settings.Decoders == nil {
					continue
				}
				if c.Decode != OK || strings.Contains(string(sides["base"]["banyan.yaml"].Data), "targets:") {
					fmt.Fprintf(&got, "    decode %s %s %s%s\n", c.Decode, c.Rule, c.Place, pointerText(c.Pointer))
				}
			}
			for _, p := range r.Problems {
				fmt.Fprintf(&got, "problem %s %s\n", p.Rule, p.Pos)
			}
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
			if diff := cmp.Diff(want, got.String()); diff != "" {
				t.Errorf("want -, got +:\n%s", diff)
			}
		})
	}
}
