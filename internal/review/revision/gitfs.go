package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"
	"sync"
)

// gitFS is a folder of a commit, or of the index, as a file system. It is safe
// for concurrent use once it is filled.
type gitFS struct {
	entries map[string]entry
	folders map[string]map[string]fs.FileMode
	blobs   *blobs
	below   string // its own place in the repository, empty or ending in "/"

	mu      sync.Mutex
	modules map[string]*submodule
}

// submodule is another repository, opened when a file of it is asked for.
type submodule struct {
	files *gitFS
	err   error
}

func newGitFS(g repository, below string) *gitFS {
	return &gitFS{entries: map[string]entry{}, folders: map[string]map[string]fs.FileMode{".": {}}, blobs: &blobs{repository: g}, below: below, modules: map[string]*submodule{}}
}

func (f *gitFS) add(name string, e entry) error {
	if len(f.entries) >= maxEntries {
		return failure("", "the repository has more than %d files", maxEntries)
	}
	f.entries[name] = e
	mode := fs.FileMode(0o444)
	for name != "." {
		parent := path.Dir(name)
		_, known := f.folders[parent]
		if !known {
			f.folders[parent] = map[string]fs.FileMode{}
		}
		f.folders[parent][path.Base(name)] = mode
		if known {
			break
		}
		name, mode = parent, fs.ModeDir|0o555
	}
	return nil
}

func (f *gitFS) close() error {
	f.mu.Lock()
	defer f.mu.Unlock()
	err := f.blobs.close()
	for _, m := range f.modules {
		if m.files != nil {
			err = errors.Join(err, m.files.close())
		}
	}
	return err
}

const (
	symlinkMode   = "120000"
	submoduleMode = "160000"
)

// Open implements fs.FS.
func (f *gitFS) Open(name string) (fs.File, error) {
	refuse := func(err error) (fs.File, error) { return nil, &fs.PathError{Op: "open", Path: name, Err: err} }
	if !fs.ValidPath(name) {
		return refuse(fs.ErrInvalid)
	}
	in, at, err := f.resolve(name)
	if err != nil {
		return refuse(err)
	}
	if list, ok := in.folders[at]; ok {
		return newFolder(path.Base(name), list), nil
	}
	data, err := in.blobs.read(in.entries[at])
	if err != nil {
		return refuse(err)
	}
	return &openFile{info: info{path.Base(name), 0o444, int64(len(data))}, Reader: bytes.NewReader(data)}, nil
}

// Stat implements fs.StatFS, without reading the file: its size is not known.
func (f *gitFS) Stat(name string) (fs.FileInfo, error) {
	in, at, err := f.resolve(name)
	if err != nil {
		return nil, &fs.PathError{Op: "stat", Path: name, Err: err}
	}
	if _, ok := in.folders[at]; ok {
		return info{path.Base(name), fs.ModeDir | 0o555, 0}, nil
	}
	return info{path.Base(name), 0o444, 0}, nil
}

// resolve follows symbolic links, as long as they stay inside, and goes into
// submodules. It returns the file system that has the file, and its name there.
func (f *gitFS) resolve(name string) (*gitFS, string, error) {
	for range 40 {
		if _, ok := f.folders[name]; ok {
			return f, name, nil
		}
		e, ok := f.entries[name]
		link := name
		for !ok && link != "." { // a link may stand anywhere on the way
			link = path.Dir(link)
			e, ok = f.entries[link]
		}
		rest := strings.TrimPrefix(strings.TrimPrefix(name, link), "/")
		switch {
		case !ok:
			return nil, "", fs.ErrNotExist
		case e.mode == submoduleMode:
			inner, err := f.module(link, e.id)
			if err != nil {
				return nil, "", err
			}
			return inner.resolve(path.Join(".", rest))
		case e.mode != symlinkMode && link == name:
			return f, name, nil
		case e.mode != symlinkMode:
			return nil, "", fs.ErrNotExist
		}
		to, err := f.blobs.read(e)
		if err != nil {
			return nil, "", err
		}
		next := path.Join(path.Dir(link), string(to))
		if path.IsAbs(string(to)) || next == ".." || strings.HasPrefix(next, "../") {
			return nil, "", errors.New("a symbolic link leads out of the workspace: path escapes")
		}
		name = path.Join(next, rest)
	}
	return nil, "", errors.New("too many symbolic links")
}

// module opens the commit of a submodule that this commit records, in the
// repository that is checked out at its place.
func (f *gitFS) module(name, commit string) (*gitFS, error) {
	f.mu.Lock()
	defer f.mu.Unlock()
	m := f.modules[name]
	if m == nil {
		m = &submodule{}
		m.files, m.err = f.openModule(name, commit)
		f.modules[name] = m
	}
	return m.files, m.err
}

func (f *gitFS) openModule(name, commit string) (*gitFS, error) {
	ctx := context.Background()
	at := f.below + name
	g := repository{dir: filepath.Join(f.blobs.dir, filepath.FromSlash(at)), own: true}
	top, err := g.run(ctx, "rev-parse", "--show-prefix")
	if err != nil || top != "" { // a prefix means that the repository around it answered
		return nil, fmt.Errorf("it is in the submodule %s, which is not checked out; run: git submodule update --init %s", at, at)
	}
	if _, err := g.run(ctx, "rev-parse", "--verify", "--quiet", commit+"^{commit}"); err != nil {
		return nil, fmt.Errorf("it is in the submodule %s, which does not have the commit %.12s; run: git -C %s fetch origin %s", at, commit, at, commit)
	}
	return g.tree(ctx, commit, "")
}
