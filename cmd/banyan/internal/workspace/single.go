package workspace

import (
	"fmt"
	"io/fs"
	"path"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review"
)

// Single is a workspace of one contract that stands by itself: a banyan.yaml or
// approvals that happen to be there do not concern it.
type Single struct {
	Files    fs.FS
	Contract string // its name in Files
}

// Open implements fs.FS.
func (s Single) Open(name string) (fs.File, error) {
	switch name {
	case contract.WorkspaceFile:
		text := fmt.Sprintf("version: 1\nservices:\n  contract: {contract: %q}\n", s.Contract)
		return fstest.MapFS{name: {Data: []byte(text), Mode: 0o444}}.Open(name)
	case review.ApprovalsFile, path.Join(path.Dir(s.Contract), "legacy.yaml"):
		return nil, &fs.PathError{Op: "open", Path: name, Err: fs.ErrNotExist}
	}
	return s.Files.Open(name)
}
