package contract

import (
	"crypto/sha256"
	"encoding/hex"
	"errors"
	"hash"
	"io"
	"io/fs"
	"os"
	"sync"
)

// Inputs are what a workspace was made from: while they are unchanged, loading
// gives the same workspace and the same findings. It can be kept as JSON.
type Inputs struct {
	// Module is the import path that the folder had.
	Module string `json:"module"`
	// Files goes from names to the SHA-256 of what was read, in hex, or to a
	// word for what was only looked for.
	Files map[string]string `json:"files"`
}

const (
	absent    = "absent"
	present   = "present"
	directory = "directory"
)

// Unchanged reports whether loading the workspace in dir would read the same
// again. It reads the files, but understands none of them.
func (in *Inputs) Unchanged(dir string) bool {
	if in == nil || len(in.Files) == 0 || moduleOf(dir) != in.Module {
		return false
	}
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false
	}
	defer root.Close()
	fsys := root.FS()
	for name, want := range in.Files {
		if got := look(fsys, name); got == want && len(want) < sha256.Size {
			continue
		} else if got != present {
			return false
		}
		data, err := readFile(fsys, name, maxFileBytes)
		if err != nil || digest(data) != want {
			return false
		}
	}
	return true
}

func digest(data []byte) string {
	sum := sha256.Sum256(data)
	return hex.EncodeToString(sum[:])
}

func look(fsys fs.FS, name string) string {
	info, err := fs.Lstat(fsys, name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return absent
	case err == nil && info.IsDir():
		return directory
	}
	return present
}

// recorder is a file system that notes what is read from it and looked for.
type recorder struct {
	fs.FS
	mu    sync.Mutex
	files map[string]string
}

func newRecorder(fsys fs.FS) *recorder { return &recorder{FS: fsys, files: map[string]string{}} }

// note keeps a digest rather than that the file is there.
func (r *recorder) note(name, what string) {
	r.mu.Lock()
	defer r.mu.Unlock()
	if _, known := r.files[name]; !known || len(what) > sha256.Size {
		r.files[name] = what
	}
}

func (r *recorder) Open(name string) (fs.File, error) {
	f, err := r.FS.Open(name)
	if err != nil {
		r.note(name, look(r.FS, name))
		return nil, err
	}
	return &recorded{File: f, sum: sha256.New(), done: func(sum string) { r.note(name, sum) }}, nil
}

func (r *recorder) Lstat(name string) (fs.FileInfo, error) {
	r.note(name, look(r.FS, name))
	return fs.Lstat(r.FS, name)
}

func (r *recorder) Stat(name string) (fs.FileInfo, error) {
	r.note(name, look(r.FS, name))
	return fs.Stat(r.FS, name)
}

func (r *recorder) ReadLink(name string) (string, error) { return fs.ReadLink(r.FS, name) }

func (r *recorder) ReadDir(name string) ([]fs.DirEntry, error) { return fs.ReadDir(r.FS, name) }

// recorded is a file whose contents are summed up as they are read to the end.
type recorded struct {
	fs.File
	sum  hash.Hash
	done func(string)
}

func (f *recorded) Read(p []byte) (int, error) {
	n, err := f.File.Read(p)
	f.sum.Write(p[:n])
	if err == io.EOF {
		f.done(hex.EncodeToString(f.sum.Sum(nil)))
	}
	return n, err
}
