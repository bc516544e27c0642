package workspace

import (
	"errors"
	"io/fs"
)

// Overlay is a file system in which the files of Above stand in front of those of
// Below.
type Overlay struct{ Above, Below fs.FS }

// Open implements fs.FS.
func (o Overlay) Open(name string) (fs.File, error) {
	if name != "." {
		if f, err := o.Above.Open(name); err == nil || !errors.Is(err, fs.ErrNotExist) {
			return f, err
		}
	}
	return o.Below.Open(name)
}
