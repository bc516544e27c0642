// Package scaffold makes a new workspace: the files of the template with the
// user's names in them.
package scaffold

import (
	"bytes"
	"embed"
	"fmt"
	"go/token"
	"go/types"
	"io/fs"
	"path"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"text/template"
)

// The template's files carry the suffix .tmpl so that neither the go command
// nor an editor takes them for files of this repository. "SERVICE" in a path
// stands for the service's name.
//
//go:embed all:template
var templates embed.FS

const (
	templateRoot = "template"
	suffix       = ".tmpl"
	// The folders of the template: of every workspace, of one that starts with a
	// sample contract, and of one that starts with the user's own.
	everywhere = "all"
	withSample = "sample"
	withOwn    = "own"
)

// File is one file of the new workspace.
type File struct {
	// Path is relative to the workspace, with forward slashes.
	Path string
	Data []byte
}

// Names are what the user may choose.
type Names struct {
	// Module is the Go module path.
	Module string
	// Service names the first service: its folder, its Go packages, its key in
	// banyan.yaml.
	Service string
}

var (
	servicePattern = regexp.MustCompile(`^[a-z][a-z0-9]{0,39}$`)
	modulePattern  = regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9._~-]*(/[A-Za-z0-9_~][A-Za-z0-9._~-]*)*$`)
)

// Check reports what is wrong with the names. Names that pass can stand in
// every file of the template without being quoted.
func (n Names) Check() error {
	switch {
	case !servicePattern.MatchString(n.Service):
		return fmt.Errorf("service name %q: use lower-case letters and digits, a letter first, 40 at most", n.Service)
	case !usable(n.Service):
		return fmt.Errorf("service name %q has a meaning of its own in Go: choose another", n.Service)
	case len(n.Module) > 200 || !modulePattern.MatchString(n.Module) || strings.Contains(n.Module, ".."):
		return fmt.Errorf("module path %q: use something like example.com/shop", n.Module)
	}
	return nil
}

// usable tells names that can be a Go package, an import path element and an
// identifier at once, and that generated code does not need for itself.
func usable(service string) bool {
	switch service {
	case "internal", "main", "vendor", "testdata", "init", "banyan", "gen", "api",
		"catalog", "context", "dispatch", "echo", "errors", "http", "io", "json", "multipart", "problem", "time", "wire":
		return false
	}
	return !token.IsKeyword(service) && types.Universe.Lookup(service) == nil
}

// Defaults derives names from the workspace's folder.
func Defaults(dir string) Names {
	var b strings.Builder
	for _, r := range strings.ToLower(filepath.Base(dir)) {
		if r >= 'a' && r <= 'z' || b.Len() > 0 && r >= '0' && r <= '9' {
			b.WriteRune(r)
		}
		if b.Len() == 40 {
			break
		}
	}
	name := b.String()
	if !servicePattern.MatchString(name) || !usable(name) {
		name = "shop"
	}
	return Names{Module: "example.com/" + name, Service: name}
}

// Files returns the workspace's own files, sorted by path; go.mod, go.sum and
// what `banyan generate` writes are not among them. With nil for own it starts
// with the sample contract.
func Files(n Names, own *Own) ([]File, error) {
	if err := n.Check(); err != nil {
		return nil, err
	}
	files, kind := own.files(n), withSample
	if own != nil {
		kind = withOwn
	}
	for _, folder := range []string{everywhere, kind} {
		top := path.Join(templateRoot, folder)
		err := fs.WalkDir(templates, top, func(name string, entry fs.DirEntry, err error) error {
			if err != nil || entry.IsDir() {
				return err
			}
			data, err := render(name, n, own)
			if err != nil {
				return err
			}
			rel := strings.TrimSuffix(strings.TrimPrefix(name, top+"/"), suffix)
			files = append(files, File{Path: path.Clean(strings.ReplaceAll(rel, "SERVICE", n.Service)), Data: data})
			return nil
		})
		if err != nil {
			return nil, err
		}
	}
	slices.SortFunc(files, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	return files, nil
}

// render fills in one file. The delimiters are those that none of Go, YAML,
// PHP, make and workflow files use.
func render(name string, n Names, own *Own) ([]byte, error) {
	text, err := templates.ReadFile(name)
	if err != nil {
		return nil, err
	}
	t, err := template.New(name).Delims("<%", "%>").Option("missingkey=error").Parse(string(text))
	if err != nil {
		return nil, err
	}
	var out bytes.Buffer
	err = t.Execute(&out, struct {
		Names
		Title string
		Own   *Own
	}{n, strings.ToUpper(n.Service[:1]) + n.Service[1:], own})
	return out.Bytes(), err
}
