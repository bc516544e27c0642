// Package contracttest helps tests that hold against each other what real
// contracts say and what is made of them.
package contracttest

import (
	"encoding/json"
	"fmt"
	"io/fs"
	"maps"
	"math/big"
	"slices"
	"testing/fstest"
)

// Workspace is a folder of contracts with a banyan.yaml that it does not have, or
// in the place of its own.
func Workspace(folder fs.FS, config string) fs.FS {
	return workspace{folder, fstest.MapFS{"banyan.yaml": {Data: []byte(config)}}}
}

type workspace struct {
	fs.FS
	own fstest.MapFS
}

func (w workspace) Open(name string) (fs.File, error) {
	if _, ok := w.own[name]; ok {
		return w.own.Open(name)
	}
	return w.FS.Open(name)
}

// Equal reports whether two numbers have the same value.
func Equal(a, b json.Number) bool {
	x, okX := new(big.Rat).SetString(a.String())
	y, okY := new(big.Rat).SetString(b.String())
	return okX && okY && x.Cmp(y) == 0
}

// Difference says where two JSON values differ, both decoded with numbers as
// json.Number, or nothing. at is what the place is called after. equal decides
// about numbers.
func Difference(want, got any, at string, equal func(a, b json.Number) bool) string {
	switch want := want.(type) {
	case map[string]any:
		other, ok := got.(map[string]any)
		if !ok {
			break
		}
		for _, name := range slices.Sorted(maps.Keys(want)) {
			if _, there := other[name]; !there {
				return at + "/" + name + " is lost"
			}
			if diff := Difference(want[name], other[name], at+"/"+name, equal); diff != "" {
				return diff
			}
		}
		for _, name := range slices.Sorted(maps.Keys(other)) {
			if _, there := want[name]; !there {
				return at + "/" + name + " came from nowhere"
			}
		}
		return ""
	case []any:
		other, ok := got.([]any)
		if !ok || len(want) != len(other) {
			break
		}
		for i := range want {
			if diff := Difference(want[i], other[i], fmt.Sprintf("%s/%d", at, i), equal); diff != "" {
				return diff
			}
		}
		return ""
	case json.Number:
		if n, ok := got.(json.Number); ok && equal(want, n) {
			return ""
		}
	default:
		if want == got {
			return ""
		}
	}
	return fmt.Sprintf("%s: %v in place of %v", at, got, want)
}
