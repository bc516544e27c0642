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
func (s Single) Open(name string) (fs.File, error) { return s.of(name).Open(name) }

// Stat implements fs.StatFS: to open what is no regular file could take for ever.
func (s Single) Stat(name string) (fs.FileInfo, error) { return fs.Stat(s.of(name), name) }

// Lstat and ReadLink implement fs.ReadLinkFS.
func (s Single) Lstat(name string) (fs.FileInfo, error) { return fs.Lstat(s.of(name), name) }
func (s Single) ReadLink(name string) (string, error)   { return fs.ReadLink(s.of(name), name) }

// of is the file system that has a name, or has it not.
func (s Single) of(name string) fs.FS {
	switch name {
	case contract.WorkspaceFile:
		text := fmt.Sprintf("version: 1\nservices:\n  contract: {contract: %q}\n", s.Contract)
		return fstest.MapFS{name: {Data: []byte(text), Mode: 0o444}}
	case review.ApprovalsFile, path.Join(path.Dir(s.Contract), "legacy.yaml"),
		"api/rollout.yaml", "api/rollout.yml", "api/contract/legacy.yaml", "api/contract/legacy.yml":
		return fstest.MapFS{} // of a workspace that happens to be there
	}
	return s.Files
}
