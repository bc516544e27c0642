package scaffold

import (
	"bytes"
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"sync"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// Own is a contract of the user's that a workspace starts with.
type Own struct {
	// File is the contract's name in the folder of its service.
	File string
	// Parts are the contract and the files that it refers to, as paths below that
	// folder and as they are.
	Parts []File
	// Operation is the id of one of its operations, and Try the path of one that a
	// browser could ask for; empty where it has none.
	Operation, Try string
	// Unsupported are the rules about what the contract has and banyan does not do.
	Unsupported []Listing
	// Handler shows what a handler looks like; nil where there is none to show.
	Handler *Handler
}

// Listing is a rule that banyan.yaml lists as not supported, and what it is about: a
// place, or how many and the first of them.
type Listing struct{ Rule, Where string }

// Handler is the form of one operation's handler: a field of the generated
// Handlers, and the types that its function takes and returns.
type Handler struct{ Field, Request, Response string }

// Named reports whether banyan.yaml has to name the contract, which does not lie
// where it would be looked for.
func (o *Own) Named() bool {
	for _, name := range contract.DefaultFiles() {
		if slices.ContainsFunc(o.Parts, func(f File) bool { return f.Path == name }) {
			return name != o.File
		}
	}
	return true
}

// files are those of the contract, as paths below the workspace.
func (o *Own) files(n Names) (out []File) {
	if o == nil {
		return nil
	}
	for _, f := range o.Parts {
		out = append(out, File{Path: path.Join("api", n.Service, f.Path), Data: f.Data})
	}
	return out
}

// Missing leaves out of the files of a workspace in dir those of the contract
// that lie where they belong already, as they are. What else is there is in the
// way.
func (o *Own) Missing(dir string, n Names, files []File) []File {
	ours := map[string]bool{}
	for _, f := range o.files(n) {
		ours[f.Path] = true
	}
	return slices.DeleteFunc(files, func(f File) bool {
		if !ours[f.Path] {
			return false
		}
		name := filepath.Join(dir, filepath.FromSlash(f.Path))
		info, err := os.Lstat(name)
		if err != nil || !info.Mode().IsRegular() {
			return false
		}
		data, err := os.ReadFile(name)
		return err == nil && bytes.Equal(data, f.Data)
	})
}

// ReadOwn reads a contract and the files that it refers to, which have to be in
// its folder or below. The list is what is wrong with it, as places below that
// folder, dir; Own is nil when it cannot be brought. The error is one of the disk.
func ReadOwn(name string) (own *Own, dir string, list diag.List, err error) {
	at, err := contractFile(name)
	if err != nil {
		return nil, "", nil, err
	}
	root, err := os.OpenRoot(filepath.Dir(at))
	if err != nil {
		return nil, "", nil, err
	}
	defer root.Close()
	own = &Own{File: filepath.Base(at)}
	files := &reading{FS: root.FS(), read: map[string]bool{}}
	ws, list := contract.LoadFS(workspace.Single{Files: files, Contract: own.File}, "")
	for i := range list {
		inFolder(&list[i], name)
	}
	if dir = filepath.Dir(name); ws == nil || contract.Broken(list) {
		return nil, dir, list, nil
	}
	for _, part := range files.names() {
		data, err := root.ReadFile(filepath.FromSlash(part))
		if err != nil {
			return nil, dir, nil, err
		}
		own.Parts = append(own.Parts, File{Path: part, Data: data})
	}
	for _, op := range ws.Services[0].Operations {
		own.Operation = cmp.Or(own.Operation, op.ID)
		if op.Method == "GET" && !strings.Contains(op.Path, "{") && !slices.ContainsFunc(op.Parameters, func(p contract.Parameter) bool { return p.Required }) {
			own.Try = cmp.Or(own.Try, op.Path)
		}
	}
	return own, dir, list, nil
}

// contractFile is where a contract really lies. What cannot be one is an error.
func contractFile(name string) (string, error) {
	if err := workspace.NotURL(name); err != nil {
		return "", err
	}
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return "", fmt.Errorf("there is no file %s", name)
	case err != nil:
		return "", err
	case info.IsDir():
		return "", fmt.Errorf("%s is a folder; name the contract in it", name)
	case !info.Mode().IsRegular():
		return "", fmt.Errorf("%s is not a regular file; save the contract to one first", name)
	}
	at, err := filepath.EvalSymlinks(name)
	if err != nil {
		return "", err
	}
	return filepath.Abs(at)
}

// inFolder says of a finding what to do about it where there is no workspace yet.
func inFolder(d *diag.Diagnostic, name string) {
	switch {
	case d.Rule == "ref-outside":
		d.Message = strings.Replace(d.Message, "out of the workspace", "out of the contract's folder", 1)
		d.Hint = "only that folder, with those in it, becomes part of the workspace: move the file there, or bundle the contract into one file"
	case d.Rule == "ref-remote":
		d.Hint = "copy the file into the contract's folder, or bundle the contract into one file"
	case strings.HasPrefix(d.Hint, "convert it: "):
		d.Hint = fmt.Sprintf("convert it first: banyan import swagger2 %s -o openapi.yaml, and start with openapi.yaml", filepath.ToSlash(name))
	}
}

// reading is a file system that notes which files are read.
type reading struct {
	fs.FS
	mu   sync.Mutex
	read map[string]bool
}

func (r *reading) Open(name string) (fs.File, error) {
	f, err := r.FS.Open(name)
	if err != nil {
		return nil, err
	}
	return readingFile{f, func() {
		r.mu.Lock()
		defer r.mu.Unlock()
		r.read[path.Clean(name)] = true
	}}, nil
}

func (r *reading) Stat(name string) (fs.FileInfo, error)  { return fs.Stat(r.FS, name) }
func (r *reading) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(r.FS, name) }
func (r *reading) ReadLink(name string) (string, error)   { return fs.ReadLink(r.FS, name) }

func (r *reading) names() (out []string) {
	for name := range r.read {
		out = append(out, name)
	}
	slices.Sort(out)
	return out
}

type readingFile struct {
	fs.File
	note func()
}

func (f readingFile) Read(p []byte) (int, error) {
	f.note()
	return f.File.Read(p)
}
