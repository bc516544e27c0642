package review

import (
	"path/filepath"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/rogpeppe/go-internal/txtar"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
)

// generated is a contract with what is generated from it.
type generated struct {
	contract *contract.Contract
	doc      *openapi.Document
	symbols  map[string]codegen.Symbol
}

func generatedFrom(t *testing.T, text string) *generated {
	t.Helper()
	ws, list := contract.LoadFS(fstest.MapFS{
		"banyan.yaml":  {Data: []byte("version: 1\nservices:\n  x: {contract: openapi.yaml}\ntargets:\n  goserver: {output: gen, package: example.org/gen}\n")},
		"openapi.yaml": {Data: []byte(text)},
	}, "")
	if ws == nil || len(ws.Services) != 1 || list.Errors() > 0 {
		return nil
	}
	doc, err := ws.Services[0].Spec()
	if err != nil {
		return nil
	}
	surface, err := goserver.Target{}.Surface(ws, ws.Services[0])
	if err != nil {
		return nil
	}
	return &generated{ws.Services[0], doc, surface.Symbols}
}

// blameFor goes from the changes between two contracts to the names that they are said to break.
func blameFor(base, head *generated) map[string][]string {
	s := &Service{Name: "x", Changes: Compare(base.doc, head.doc, Options{Service: "x"}), Surface: map[string][]SurfaceChange{"goserver": surfaceChanges(base.symbols, head.symbols)}}
	s.renamed(head.contract, judge(s.Changes, s.Surface))
	out := map[string][]string{}
	for _, c := range s.Changes {
		name := c.Rule + " " + c.Place + pointerText(c.Pointer) + " " + c.Old + " > " + c.New
		out[name] = append(out[name], c.Symbols...)
		out[name] = append(out[name], c.Shared...)
	}
	return out
}

// TestBlameIsOfTheCause makes two edits of one contract at once: each is to be blamed for the
// names that it breaks by itself, and for no others.
func TestBlameIsOfTheCause(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/edits/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	type edit struct {
		name        string
		from, until int // lines of the base that it replaces
		by          []string
		alone       map[string][]string
	}
	bases, edits := map[string]*generated{}, map[string][]edit{}
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base, head := string(ar.Files[0].Data), string(ar.Files[1].Data)
		if bases[base] == nil {
			bases[base] = generatedFrom(t, base)
		}
		is := generatedFrom(t, head)
		if bases[base] == nil || is == nil {
			continue
		}
		old, now := strings.SplitAfter(base, "\n"), strings.SplitAfter(head, "\n")
		e := edit{name: strings.TrimSuffix(filepath.Base(name), ".txtar"), alone: blameFor(bases[base], is)}
		for e.from < min(len(old), len(now)) && old[e.from] == now[e.from] {
			e.from++
		}
		end := 0
		for end < min(len(old), len(now))-e.from && old[len(old)-1-end] == now[len(now)-1-end] {
			end++
		}
		e.until, e.by = len(old)-end, now[e.from:len(now)-end]
		edits[base] = append(edits[base], e)
	}
	tried := 0
	for base, list := range edits {
		lines := strings.SplitAfter(base, "\n")
		for i, a := range list {
			for _, b := range list[i+1:] {
				if a.from > b.from {
					a, b = b, a
				}
				if a.until >= b.from {
					continue
				}
				both := generatedFrom(t, strings.Join(slices.Concat(lines[:a.from], a.by, lines[a.until:b.from], b.by, lines[b.until:]), ""))
				if both == nil {
					continue
				}
				tried++
				for change, symbols := range blameFor(bases[base], both) {
					for _, mine := range []struct{ edit, other edit }{{a, b}, {b, a}} {
						if _, of := mine.edit.alone[change]; !of || strings.HasPrefix(change, "security-") {
							continue // which schemes are asked for, all operations say together
						}
						for _, symbol := range symbols {
							if !breaks(mine.edit.alone, symbol) && breaks(mine.other.alone, symbol) {
								t.Errorf("%s with %s: %s is blamed for %s", a.name, b.name, change, symbol)
							}
						}
					}
				}
			}
		}
	}
	if tried < 100 {
		t.Errorf("only %d pairs of edits", tried)
	}
}

// breaks reports whether an edit breaks a symbol, by any of its changes.
func breaks(changes map[string][]string, symbol string) bool {
	for _, symbols := range changes {
		if slices.Contains(symbols, symbol) {
			return true
		}
	}
	return false
}
