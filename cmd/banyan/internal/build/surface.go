package build

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review"
)

// Surfaces compares what the targets of a workspace offer to those who write code
// against it, for two versions of a contract, and returns the names that were given
// out. A target that cannot generate one of them is left out: what keeps it from that
// is a finding of its own.
func Surfaces(ws *contract.Workspace, base, head *contract.Contract) (changes map[string][]review.SurfaceChange, names []string) {
	changes = map[string][]review.SurfaceChange{}
	for _, s := range surfacers(ws) {
		was, err := s.Surface(ws, base)
		if err != nil {
			continue
		}
		is, err := s.Surface(ws, head)
		if err != nil {
			continue
		}
		changes[s.Name()] = compareSurfaces(was.Symbols, is.Symbols)
		names = slices.Concat(names, was.Names, is.Names)
	}
	return changes, names
}

// Stems returns what each name starts with that the targets of a workspace may give
// to a part of a contract; see codegen.Surfacer.
func Stems(ws *contract.Workspace, section, name string, text []byte) (out []string) {
	for _, s := range surfacers(ws) {
		out = append(out, s.Stems(ws, section, name, text)...)
	}
	return out
}

// surfacers are the targets of a workspace that people write code against.
func surfacers(ws *contract.Workspace) (out []codegen.Surfacer) {
	for _, t := range targets {
		s, ok := t.(codegen.Surfacer)
		if ok && slices.ContainsFunc(ws.Targets, func(cfg contract.TargetConfig) bool { return cfg.Name == t.Name() }) {
			out = append(out, s)
		}
	}
	return out
}

func compareSurfaces(was, is map[string]codegen.Symbol) []review.SurfaceChange {
	var out []review.SurfaceChange
	for _, name := range slices.Sorted(maps.Keys(was)) {
		a := was[name]
		b, still := is[name]
		if still && a.Signature == b.Signature {
			continue
		}
		if owner, _, inner := strings.Cut(name, "."); inner && !still && is[owner].Name == "" {
			continue // the type is gone as a whole
		}
		out = append(out, review.SurfaceChange{Symbol: name, Place: a.Place, Pointer: a.Pointer, Breaks: true, Old: a.Signature, New: b.Signature})
	}
	for _, name := range slices.Sorted(maps.Keys(is)) {
		if _, had := was[name]; !had {
			b := is[name]
			out = append(out, review.SurfaceChange{Symbol: name, Place: b.Place, Pointer: b.Pointer, New: b.Signature, ToImplement: b.Implemented})
		}
	}
	return out
}
