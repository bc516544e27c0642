package contract

import (
	"fmt"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// LoadWorkspace reads banyan.yaml in dir and every contract it names. The list
// holds all findings, sorted; the workspace is nil only when banyan.yaml cannot
// be used at all. Code must not be generated from a workspace with errors.
//
// Nothing outside dir is read but the nearest go.mod, for its module's name,
// and the URLs that remote-refs allows.
func LoadWorkspace(dir string) (*Workspace, diag.List) {
	return LoadWatched(dir, func(string) {})
}

// LoadWatched is LoadWorkspace for those who watch: read is called with the name
// of each service once its contract has been read, one after the other.
func LoadWatched(dir string, read func(service string)) (*Workspace, diag.List) {
	var list diag.List
	root, err := os.OpenRoot(dir)
	if err != nil {
		list.Add(ruleWorkspaceMissing, config.Pos{File: WorkspaceFile}, fmt.Sprintf("cannot open the folder: %v", plain(err)), "")
		return nil, list
	}
	defer root.Close()
	files, module := newRecorder(root.FS()), moduleOf(dir)
	w, list := loadServices(files, module, all, nil, true, read)
	if w != nil {
		w.Dir = dir
		if len(w.RemoteRefs) == 0 { // what a server says may change unseen
			w.Inputs = &Inputs{Module: module, Files: files.files}
		}
	}
	return w, list
}

// LoadFS is LoadWorkspace for a file system, whose root is the workspace's
// folder. Module is that folder's Go import path, or empty.
func LoadFS(fsys fs.FS, module string) (*Workspace, diag.List) {
	return LoadServices(fsys, module, all)
}

func all(*Contract) bool { return true }

// LoadServices is LoadFS for some services. The contracts of the others are not
// read: what is in the Workspace of them is what banyan.yaml says.
func LoadServices(fsys fs.FS, module string, wanted func(*Contract) bool) (*Workspace, diag.List) {
	return loadServices(fsys, module, wanted, nil, true, func(string) {})
}

// LoadToCompare is LoadServices without the checks that only those who serve a
// contract need: whether schemas can be compiled, and examples fit them. A contract
// with errors can be compared where it has Faults. Texts stand in for the contracts'
// files, by service; a service without one is read.
func LoadToCompare(fsys fs.FS, module string, wanted func(*Contract) bool, texts map[string]Text) (*Workspace, diag.List) {
	return loadServices(fsys, module, wanted, texts, false, func(string) {})
}

func loadServices(fsys fs.FS, module string, wanted func(*Contract) bool, texts map[string]Text, toServe bool, read func(service string)) (*Workspace, diag.List) {
	var list diag.List
	data, err := readFile(fsys, WorkspaceFile, maxFileBytes)
	if err != nil {
		list.Add(ruleWorkspaceMissing, config.Pos{File: WorkspaceFile}, "cannot read "+WorkspaceFile+": "+err.Error(),
			"run banyan init to make a workspace, or go to the folder that is one")
		return nil, list
	}
	r := &workspaceReader{fsys: fsys, list: &list, module: module}
	w := r.read(data)
	if len(w.Services) == 0 {
		return nil, list.Sorted()
	}
	remote := newRemote(w.RemoteRefs)
	for _, c := range w.Services {
		if c.File == "" || !wanted(c) {
			continue // without a path it is a finding
		}
		e := r.entries[c.Name]
		sources := newFiles(fsys, remote, &list)
		if text := texts[c.Name]; text.Data != nil {
			sources.given = map[string]Text{c.File: text}
		}
		c.load(sources, &list, e.BasePath.Set(), toServe)
		r.operationLimits(c, e.Operations)
		read(c.Name)
	}
	checkCollisions(w.Services, &list)
	return w, list.Sorted()
}

// moduleOf returns the Go import path of a folder: the module of the nearest
// go.mod and the way from there.
func moduleOf(dir string) string {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return ""
	}
	for at, below := abs, ""; ; {
		if data, err := os.ReadFile(filepath.Join(at, "go.mod")); err == nil {
			if m := modulePath(string(data)); m != "" {
				return path.Join(m, below)
			}
			return ""
		}
		parent := filepath.Dir(at)
		if parent == at {
			return ""
		}
		below = path.Join(filepath.Base(at), below)
		at = parent
	}
}

// modulePath finds the module line of a go.mod.
func modulePath(gomod string) string {
	for line := range strings.Lines(gomod) {
		line, _, _ = strings.Cut(line, "//")
		fields := strings.Fields(line)
		if len(fields) != 2 || fields[0] != "module" {
			continue
		}
		if unquoted, err := strconv.Unquote(fields[1]); err == nil {
			return unquoted
		}
		return fields[1]
	}
	return ""
}
