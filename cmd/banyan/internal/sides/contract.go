package sides

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
	"testing/fstest"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/revision"
)

var errWorkspace = errors.New("a workspace")

// maxPipe bounds a contract that comes through a pipe, in bytes.
const maxPipe = 256 << 20

// openContract opens one contract with the files around it that it may refer to.
func openContract(name string) (*Side, error) {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return nil, fmt.Errorf("there is no file or folder %s", name)
	case err != nil:
		return nil, err
	case info.IsDir() || info.Mode().IsRegular() && revision.IsArchive(name):
		return nil, errWorkspace
	case !info.Mode().IsRegular():
		return openPipe(name)
	}
	at, err := filepath.EvalSymlinks(name)
	if err != nil {
		return nil, err
	}
	if at, err = filepath.Abs(at); err != nil {
		return nil, err
	}
	top := reach(filepath.Dir(at))
	root, err := os.OpenRoot(top)
	if err != nil {
		return nil, err
	}
	rel, err := filepath.Rel(top, at)
	if err != nil {
		root.Close()
		return nil, err
	}
	return &Side{
		Side: review.Side{Name: filepath.ToSlash(name), FS: workspace.Single{Files: root.FS(), Contract: filepath.ToSlash(rel)}},
		Path: func(file string) string {
			if file == filepath.ToSlash(rel) || file == contract.WorkspaceFile {
				return filepath.ToSlash(name)
			}
			return readable(filepath.Join(top, filepath.FromSlash(file)))
		},
		closing: root.Close,
	}, nil
}

// openPipe reads a contract that is no file, such as bash's <(git show v1:a.yaml).
// Nothing stands around it.
func openPipe(name string) (*Side, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	data, err := io.ReadAll(io.LimitReader(f, maxPipe+1))
	if err != nil {
		return nil, err
	}
	if len(data) > maxPipe {
		return nil, fmt.Errorf("%s has more than %d MiB", name, maxPipe>>20)
	}
	const file = "contract.yaml"
	return &Side{
		Side:    review.Side{Name: name, FS: workspace.Single{Files: fstest.MapFS{file: {Data: data, Mode: 0o444}}, Contract: file}},
		Path:    func(string) string { return name },
		closing: func() error { return nil },
	}, nil
}

// reach is the folder below which a contract in dir may refer to files: its git
// work tree, its workspace, or the current folder, whichever is the widest that
// holds it; its own folder otherwise. A contract from somewhere else must not
// make the review read any file of the machine.
func reach(dir string) string {
	top := dir
	wider := func(candidate string) {
		if len(candidate) < len(top) {
			top = candidate
		}
	}
	if at, ok := above(dir, ".git"); ok {
		wider(at)
	}
	if at, ok := above(dir, contract.WorkspaceFile); ok {
		wider(at)
	}
	if here, err := os.Getwd(); err == nil {
		if here, err = filepath.EvalSymlinks(here); err == nil && strings.HasPrefix(dir, strings.TrimSuffix(here, string(filepath.Separator))+string(filepath.Separator)) {
			wider(here)
		}
	}
	return top
}

// above is the nearest folder, from dir upwards, that holds a name.
func above(dir, name string) (string, bool) {
	for {
		if _, err := os.Lstat(filepath.Join(dir, name)); err == nil {
			return dir, true
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			return "", false
		}
		dir = parent
	}
}
