package sides

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
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
	top := workspace.Reach(filepath.Dir(at))
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
