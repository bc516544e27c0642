package main

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path/filepath"
	"strings"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/swagger2"
)

func readSource(stdin io.Reader, name string) (string, []byte, error) {
	in := stdin
	if name == "-" {
		name = "stdin"
	} else if err := workspace.NotURL(name); err != nil {
		return "", nil, err
	} else {
		f, err := os.Open(name)
		if err != nil {
			return "", nil, err
		}
		defer f.Close()
		if info, err := f.Stat(); err == nil && info.IsDir() {
			return "", nil, fmt.Errorf("%s is a folder; name a file", name)
		}
		in = f
	}
	data, err := readBounded(in, name)
	return filepath.ToSlash(name), data, err
}

func readBounded(in io.Reader, name string) ([]byte, error) {
	data, err := io.ReadAll(io.LimitReader(in, maxImport+1))
	if err == nil && len(data) > maxImport {
		err = fmt.Errorf("%s has more than the %d MiB allowed", name, maxImport>>20)
	}
	return data, err
}

// beside reads the files that the source refers to, within its reach; standard input
// has none.
func (i importing) beside() swagger2.Opener {
	if i.source == "-" {
		return nil
	}
	return func(name string) ([]byte, error) {
		at, err := filepath.EvalSymlinks(filepath.Dir(i.source))
		if err == nil {
			at, err = filepath.Abs(at)
		}
		if err != nil {
			return nil, err
		}
		top := workspace.Reach(at)
		rel, err := filepath.Rel(top, filepath.Join(at, filepath.FromSlash(name)))
		if err != nil {
			return nil, err
		}
		if !filepath.IsLocal(rel) {
			return nil, errBeyondReach
		}
		root, err := os.OpenRoot(top)
		if err != nil {
			return nil, err
		}
		defer root.Close()
		info, err := root.Stat(rel)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil, errors.New("there is no such file")
		case err != nil && strings.Contains(err.Error(), "escapes"): // of os.Root, which has no value for it
			return nil, errBeyondReach
		case err == nil && !info.Mode().IsRegular():
			return nil, errors.New("it is no regular file")
		}
		f, err := root.Open(rel)
		if err != nil {
			return nil, err
		}
		defer f.Close()
		return readBounded(f, name)
	}
}

var errBeyondReach = errors.New("it is outside of the folders that the document may refer to: its git work tree, its workspace and the current one")
