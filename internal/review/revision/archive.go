package revision

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"maps"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"
)

const workspaceFile = "banyan.yaml"

// bounds keep an archive from taking all memory or all time.
type bounds struct {
	kept     int64 // bytes of contracts, in memory
	unpacked int64 // bytes that are unpacked to find them
	entries  int   // files
}

var archiveBounds = bounds{kept: 512 << 20, unpacked: 8 << 30, entries: maxEntries}

var archives = []string{".zip", ".tar", ".tar.gz", ".tgz"}

// IsArchive reports whether a file's name is that of an archive that is read.
func IsArchive(name string) bool {
	return slices.ContainsFunc(archives, func(ending string) bool { return strings.HasSuffix(name, ending) })
}

// archive reads a workspace out of an archive, into memory. The workspace may
// stand in a folder of it, as in the archives that code hosts make.
func archive(name string) (*Revision, error) {
	read := untar
	if strings.HasSuffix(name, ".zip") {
		read = unzip
	}
	files, err := read(name, archiveBounds)
	if err != nil {
		return nil, failure("", "cannot read the archive %s: %v", name, plain(err))
	}
	root, depth := ".", -1
	for _, at := range slices.Sorted(maps.Keys(files)) {
		if path.Base(at) == workspaceFile && (depth < 0 || strings.Count(at, "/") < depth) {
			root, depth = path.Dir(at), strings.Count(at, "/")
		}
	}
	if depth < 0 {
		return nil, noWorkspace(name)
	}
	inner, err := fs.Sub(files, root)
	if err != nil {
		return nil, err
	}
	return &Revision{Name: filepath.ToSlash(name), FS: inner}, nil
}

// unpacking collects the contracts of an archive.
type unpacking struct {
	files fstest.MapFS
	left  bounds
}

func newUnpacking(limits bounds) *unpacking {
	return &unpacking{files: fstest.MapFS{}, left: limits}
}

func unzip(name string, limits bounds) (fstest.MapFS, error) {
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	u := newUnpacking(limits)
	for _, f := range z.File {
		at, ok := wanted(strings.ReplaceAll(f.Name, `\`, "/")) // as some tools of Windows write it
		if !ok || !f.Mode().IsRegular() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, fmt.Errorf("%s: %w", at, err)
		}
		err = u.keep(at, r)
		r.Close()
		if err != nil {
			return nil, err
		}
	}
	return u.files, nil
}

func untar(name string, limits bounds) (fstest.MapFS, error) {
	file, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer file.Close()
	var r io.Reader = file
	if !strings.HasSuffix(name, ".tar") {
		if r, err = gzip.NewReader(file); err != nil {
			return nil, err
		}
	}
	u := newUnpacking(limits)
	t := tar.NewReader(&bounded{r, limits.unpacked})
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return u.files, nil
		}
		if err != nil {
			return nil, err
		}
		if at, ok := wanted(h.Name); ok && h.Typeflag == tar.TypeReg {
			if err := u.keep(at, t); err != nil {
				return nil, err
			}
		}
	}
}

// wanted is the name of an archive's file below its root. What is no contract is
// not worth its memory, and what would leave the root is nobody's.
func wanted(name string) (string, bool) {
	name = path.Clean(name)
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json", ".mod":
		return name, fs.ValidPath(name)
	}
	return "", false
}

func (u *unpacking) keep(name string, r io.Reader) error {
	if u.left.entries--; u.left.entries < 0 {
		return errors.New("it has too many contracts")
	}
	data, err := io.ReadAll(io.LimitReader(r, u.left.kept+1))
	if err != nil {
		return fmt.Errorf("%s: %w", name, err)
	}
	if u.left.kept -= int64(len(data)); u.left.kept < 0 {
		return errors.New("its contracts unpack to more than 512 MiB")
	}
	u.files[name] = &fstest.MapFile{Data: data, Mode: 0o444}
	return nil
}

// bounded ends an endless stream with an error.
type bounded struct {
	io.Reader
	left int64
}

func (b *bounded) Read(p []byte) (int, error) {
	if b.left <= 0 {
		return 0, errors.New("it unpacks to more than 8 GiB")
	}
	n, err := b.Reader.Read(p)
	b.left -= int64(n)
	return n, err
}
