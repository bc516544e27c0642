package main

import (
	"bytes"
	"compress/gzip"
	"fmt"
	"io"
	"net/url"
	"os"
	"path/filepath"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/jsonpointer"
	"go.yaml.in/yaml/v3"
)

// document is a file, or a folder with a file that counts.
type document struct {
	name string
	dir  string // its folder, or empty for a single file
	file string // below dir, or the path
}

// find lists the documents of a folder, sorted.
func find(folder string) ([]document, error) {
	entries, err := os.ReadDir(folder)
	if err != nil {
		return nil, err
	}
	var out []document
	for _, e := range entries {
		path := filepath.Join(folder, e.Name())
		info, err := os.Stat(path)
		if err != nil {
			return nil, err
		}
		if info.IsDir() {
			if file := rootIn(path); file != "" {
				out = append(out, document{e.Name(), path, file})
			}
			continue
		}
		name := strings.TrimSuffix(e.Name(), ".gz")
		if ext := filepath.Ext(name); slices.Contains(extensions, ext) {
			out = append(out, document{strings.TrimSuffix(name, ext), "", path})
		}
	}
	if len(out) == 0 {
		return nil, fmt.Errorf("there are no documents in %s", folder)
	}
	return out, nil
}

var extensions = []string{".yaml", ".yml", ".json"}

// rootIn is the file of a folder that is the document: the one called so, or the
// first that says openapi or swagger.
func rootIn(dir string) string {
	entries, _ := os.ReadDir(dir)
	var names []string
	for _, e := range entries {
		if slices.Contains(extensions, filepath.Ext(e.Name())) && !e.IsDir() {
			names = append(names, e.Name())
		}
	}
	for _, stem := range []string{"openapi", "swagger"} {
		for _, n := range names {
			if strings.TrimSuffix(n, filepath.Ext(n)) == stem {
				return n
			}
		}
	}
	for _, n := range names {
		root, err := parse(filepath.Join(dir, n))
		if err == nil && (member(root, "openapi") != nil || member(root, "swagger") != nil) {
			return n
		}
	}
	return ""
}

func (d document) read() ([]byte, error) {
	data, err := os.ReadFile(filepath.Join(d.dir, d.file))
	if err != nil || filepath.Ext(d.file) != ".gz" {
		return data, err
	}
	r, err := gzip.NewReader(bytes.NewReader(data))
	if err != nil {
		return nil, err
	}
	return io.ReadAll(io.LimitReader(r, 64<<20))
}

// declared counts the operations of a file without any of our code: a second
// opinion on how many there are.
func declared(file string) (int, error) {
	root, err := parse(file)
	if err != nil {
		return 0, err
	}
	n := 0
	paths, in := follow(member(root, "paths"), file)
	for i := 0; paths != nil && i+1 < len(paths.Content); i += 2 {
		item, _ := follow(paths.Content[i+1], in)
		for j := 0; item != nil && j+1 < len(item.Content); j += 2 {
			if slices.Contains(methods, item.Content[j].Value) {
				n++
			}
		}
	}
	return n, nil
}

var methods = []string{"get", "put", "post", "delete", "options", "head", "patch", "trace"}

func parse(file string) (*yaml.Node, error) {
	data, err := os.ReadFile(file)
	if err != nil {
		return nil, err
	}
	if data = bytes.TrimSpace(data); len(data) > 0 && data[0] == '{' { // JSON may hold characters that YAML may not
		data = bytes.Map(func(r rune) rune {
			if r == 0x7f || 0x80 <= r && r <= 0x9f {
				return ' '
			}
			return r
		}, data)
	}
	var doc yaml.Node
	if err := yaml.Unmarshal(data, &doc); err != nil || len(doc.Content) == 0 {
		return nil, fmt.Errorf("%s: %w", file, err)
	}
	return doc.Content[0], nil
}

func member(n *yaml.Node, name string) *yaml.Node {
	if n == nil || n.Kind != yaml.MappingNode {
		return nil
	}
	for i := 0; i+1 < len(n.Content); i += 2 {
		if n.Content[i].Value == name {
			return n.Content[i+1]
		}
	}
	return nil
}

// follow goes where a $ref leads, within files.
func follow(n *yaml.Node, file string) (*yaml.Node, string) {
	for range 10 {
		ref := member(n, "$ref")
		if ref == nil || ref.Kind != yaml.ScalarNode {
			return n, file
		}
		name, fragment, _ := strings.Cut(ref.Value, "#")
		if name != "" {
			file = filepath.Join(filepath.Dir(file), filepath.FromSlash(name))
		}
		root, err := parse(file)
		if err != nil {
			return nil, file
		}
		n = root
		for token := range strings.SplitSeq(strings.TrimPrefix(fragment, "/"), "/") {
			if token == "" {
				continue
			}
			if plain, err := url.PathUnescape(token); err == nil {
				token = plain
			}
			n = member(n, jsonpointer.Unescape(token))
		}
	}
	return n, file
}
