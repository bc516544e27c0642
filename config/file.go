package config

import (
	"errors"
	"io"
	"io/fs"
)

// ReadFile reads a file that Decode is to read: a regular one, and no more of
// it than what Decode needs to refuse it for its size. A named pipe or a device
// is an error at once and not a wait without end. Errors of the file system are
// returned as they are.
func ReadFile(fsys fs.FS, name string) ([]byte, error) {
	if err := Regular(fsys, name); err != nil {
		return nil, err
	}
	f, err := fsys.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	return io.ReadAll(io.LimitReader(f, maxBytes+1))
}

// Regular is nil when opening the file cannot block: when it is a regular one.
func Regular(fsys fs.FS, name string) error {
	switch info, err := fs.Stat(fsys, name); {
	case err != nil:
		return err
	case info.IsDir():
		return &fs.PathError{Op: "read", Path: name, Err: errors.New("it is a folder")}
	case !info.Mode().IsRegular():
		return &fs.PathError{Op: "read", Path: name, Err: errors.New("it is not a regular file")}
	}
	return nil
}
