package main

import (
	"errors"
	"io/fs"
)

// overlay is a file system of which some files stand above the rest.
type overlay struct{ above, below fs.FS }

// Open implements fs.FS.
func (o overlay) Open(name string) (fs.File, error) {
	if name != "." {
		if f, err := o.above.Open(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return o.below.Open(name)
}
