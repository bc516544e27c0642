package scaffold

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"syscall"

	"github.com/banyan-go/banyan/internal/interrupt"
)

// Conflicts lists, sorted, what already exists in dir and stands in the way of
// the files: the same path, or a file where a folder is needed.
func Conflicts(dir string, files []File) ([]string, error) {
	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return []string{"."}, nil
	}
	var found []string
	for _, f := range files {
		taken, err := obstacle(dir, f.Path)
		if err != nil {
			return nil, err
		}
		if taken != "" {
			found = append(found, taken)
		}
	}
	slices.Sort(found)
	return slices.Compact(found), nil
}

func obstacle(dir, file string) (string, error) {
	for parent := path.Dir(file); parent != "."; parent = path.Dir(parent) {
		info, err := os.Stat(filepath.Join(dir, filepath.FromSlash(parent)))
		if err == nil && !info.IsDir() {
			return parent, nil
		}
	}
	// Lstat, for a dangling symbolic link is in the way as well.
	_, err := os.Lstat(filepath.Join(dir, filepath.FromSlash(file)))
	switch {
	case err == nil:
		return file, nil
	case errors.Is(err, fs.ErrNotExist), errors.Is(err, syscall.ENOTDIR):
		return "", nil
	}
	return "", err
}

// Write is Create where people look: a signal takes effect before it or after it.
func Write(dir string, files []File) error {
	return interrupt.Change(func() error { return Create(dir, files) })
}

// Create creates the files below dir, and dir itself. It never replaces a file;
// when one cannot be created, those that were are removed again.
func Create(dir string, files []File) (err error) {
	var made []string
	defer func() {
		if err != nil {
			for _, name := range slices.Backward(made) {
				_ = os.Remove(name) // folders that others filled meanwhile stay
			}
		}
	}()
	for _, f := range files {
		name := filepath.Join(dir, filepath.FromSlash(f.Path))
		created, err := makeFolders(filepath.Dir(name))
		made = append(made, created...)
		if err != nil {
			return err
		}
		if err := create(name, f.Data); err != nil {
			return err
		}
		made = append(made, name)
	}
	return nil
}

// makeFolders is MkdirAll that tells what it made, outermost first.
func makeFolders(dir string) ([]string, error) {
	var missing []string
	for at := dir; ; at = filepath.Dir(at) {
		if _, err := os.Stat(at); err == nil || at == filepath.Dir(at) {
			break
		}
		missing = append(missing, at)
	}
	slices.Reverse(missing)
	return missing, os.MkdirAll(dir, 0o755)
}

func create(name string, data []byte) error {
	f, err := os.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o644)
	if err != nil {
		return err
	}
	_, err = f.Write(data)
	if err = errors.Join(err, f.Close()); err != nil {
		_ = os.Remove(name)
	}
	return err
}
