package revision

import (
	"archive/tar"
	"archive/zip"
	"compress/gzip"
	"errors"
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

// maxArchive bounds what an archive may unpack to.
const maxArchive = 512 << 20

var archives = []string{".zip", ".tar", ".tar.gz", ".tgz"}

func isArchive(name string) bool {
	for _, ending := range archives {
		if strings.HasSuffix(name, ending) {
			return true
		}
	}
	return false
}

// archive reads a workspace out of an archive, into memory. The workspace may
// stand in a folder of it, as in the archives that code hosts make.
func archive(name string) (*Revision, error) {
	var files fstest.MapFS
	var err error
	if strings.HasSuffix(name, ".zip") {
		files, err = unzip(name)
	} else {
		files, err = untar(name)
	}
	if err != nil {
		return nil, failure("", "cannot read %s: %v", name, plain(err))
	}
	root, depth := ".", -1
	for _, at := range slices.Sorted(maps.Keys(files)) {
		if path.Base(at) == "banyan.yaml" && (depth < 0 || strings.Count(at, "/") < depth) {
			root, depth = path.Dir(at), strings.Count(at, "/")
		}
	}
	inner, err := fs.Sub(files, root)
	if err != nil {
		return nil, err
	}
	return &Revision{Name: filepath.ToSlash(name), FS: inner}, nil
}

var errTooMany = errors.New("it has more than 2,000,000 contracts")

var errTooBig = errors.New("it unpacks to more than 512 MiB")

func unzip(name string) (fstest.MapFS, error) {
	z, err := zip.OpenReader(name)
	if err != nil {
		return nil, err
	}
	defer z.Close()
	out, left := fstest.MapFS{}, int64(maxArchive)
	for _, f := range z.File {
		if !f.Mode().IsRegular() {
			continue
		}
		r, err := f.Open()
		if err != nil {
			return nil, err
		}
		err = keep(out, f.Name, r, &left)
		r.Close()
		if err != nil {
			return nil, err
		}
	}
	return out, nil
}

func untar(name string) (fstest.MapFS, error) {
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
	out, left, t := fstest.MapFS{}, int64(maxArchive), tar.NewReader(r)
	for {
		h, err := t.Next()
		if errors.Is(err, io.EOF) {
			return out, nil
		}
		if err != nil {
			return nil, err
		}
		if h.Typeflag == tar.TypeReg {
			if err := keep(out, h.Name, t, &left); err != nil {
				return nil, err
			}
		}
	}
}

// keep reads one file. What is no contract is not worth its memory.
func keep(out fstest.MapFS, name string, r io.Reader, left *int64) error {
	name = path.Clean(strings.TrimPrefix(filepath.ToSlash(name), "./"))
	switch path.Ext(name) {
	case ".yaml", ".yml", ".json", ".mod":
	default:
		return nil
	}
	if !fs.ValidPath(name) {
		return nil
	}
	if len(out) >= maxEntries {
		return errTooMany
	}
	data, err := io.ReadAll(io.LimitReader(r, *left+1))
	if err != nil {
		return err
	}
	if *left -= int64(len(data)); *left < 0 {
		return errTooBig
	}
	out[name] = &fstest.MapFile{Data: data, Mode: 0o444}
	return nil
}
