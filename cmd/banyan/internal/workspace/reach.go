package workspace

import (
	"os"
	"path/filepath"
	"strings"

	"github.com/banyan-go/banyan/internal/contract"
)

// Reach is the folder below which a document in dir may refer to files: its git
// work tree, its workspace, or the current folder, whichever is the widest that
// holds it; its own folder otherwise. A document from somewhere else must not make
// a command read any file of the machine. The path must be absolute and without
// symbolic links.
func Reach(dir string) string {
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
