package large

import (
	"bytes"
	"compress/gzip"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"path"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/contract"
)

// Pairs is the folder of the real contracts that Edited is made of, from the root
// of the repository.
const Pairs = "internal/review/testdata/pairs"

// Edited returns a document of 13 MB made of real contracts, and one in which an
// operation is gone, a query parameter is required, a text is limited and an enum
// lost a value: what reviews are measured with.
func Edited(pairs fs.FS) (base, head []byte, err error) {
	var bundles [][]byte
	for _, name := range []string{"kratos-1.3.8-25.4.0.base.json.gz", "qdrant-1.17-1.18.base.json.gz", "influx-orgid-not-required.base.yaml.gz"} {
		bundle, err := bundled(pairs, name)
		if err != nil {
			return nil, nil, fmt.Errorf("%s: %w", name, err)
		}
		bundles = append(bundles, bundle)
	}
	if base, err = Build(bundles, Goal{Operations: 1200, Bytes: 13_000_000}); err != nil {
		return nil, nil, err
	}
	head, err = fourEdits(base)
	return base, head, err
}

// bundled reads a contract and returns it as one document.
func bundled(pairs fs.FS, name string) ([]byte, error) {
	packed, err := fs.ReadFile(pairs, name)
	if err != nil {
		return nil, err
	}
	z, err := gzip.NewReader(bytes.NewReader(packed))
	if err != nil {
		return nil, err
	}
	data, err := io.ReadAll(z)
	if err != nil {
		return nil, err
	}
	file := "it" + path.Ext(strings.TrimSuffix(name, ".gz"))
	ws, list := contract.LoadFS(fstest.MapFS{contract.WorkspaceFile: {Data: []byte("version: 1\nservices:\n  it: {contract: " + file + "}\n")}, file: {Data: data}}, "")
	if list.Errors() > 0 {
		return nil, errors.New("the contract has errors")
	}
	return ws.Services[0].Bundle()
}

func fourEdits(base []byte) ([]byte, error) {
	var doc map[string]any
	if err := json.Unmarshal(base, &doc); err != nil {
		return nil, err
	}
	paths, _ := doc["paths"].(map[string]any)
	names := slices.Sorted(maps.Keys(paths))
	delete(paths, names[len(names)-1])
	first, _ := paths[names[0]].(map[string]any)
	op, _ := first[slices.Sorted(maps.Keys(first))[0]].(map[string]any)
	params, _ := op["parameters"].([]any)
	op["parameters"] = append(params, map[string]any{"name": "tenant", "in": "query", "required": true, "schema": map[string]any{"type": "string"}})
	components, _ := doc["components"].(map[string]any)
	schemas, _ := components["schemas"].(map[string]any)
	limited, shorter := false, false
	for _, name := range slices.Sorted(maps.Keys(schemas)) {
		s, _ := schemas[name].(map[string]any)
		if values, ok := s["enum"].([]any); ok && len(values) > 1 && !shorter {
			s["enum"], shorter = values[1:], true
		}
		props, _ := s["properties"].(map[string]any)
		for _, prop := range slices.Sorted(maps.Keys(props)) {
			if p, ok := props[prop].(map[string]any); ok && p["type"] == "string" && p["enum"] == nil && !limited && !shorter {
				p["maxLength"], limited = 7, true
			}
		}
	}
	if !limited || !shorter {
		return nil, errors.New("there is nothing to edit")
	}
	return json.MarshalIndent(doc, "", "  ")
}
