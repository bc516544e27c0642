// Package sides opens the two sides of a review that are named on the command
// line: contracts, folders and archives, in any combination.
package sides

import (
	"errors"
	"fmt"
	"io/fs"
	"path"
	"path/filepath"
	"strings"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/revision"
)

// Side is what one name stands for. Close it.
type Side struct {
	review.Side
	// Path turns the name of a file in FS into what a person in the current
	// folder would call it.
	Path func(file string) string
	// Folder is the workspace's folder; empty for contracts and archives.
	Folder string

	closing func() error
}

// Close lets go of the files.
func (s *Side) Close() error { return s.closing() }

// Open opens two contracts, or two workspaces in folders or archives. A contract
// beside a workspace is compared with the one contract that the workspace has.
func Open(old, now string) (base, head *Side, err error) {
	sides := [2]*Side{}
	defer func() {
		if err != nil {
			for _, s := range sides {
				if s != nil {
					s.Close()
				}
			}
		}
	}()
	for i, name := range []string{old, now} {
		if sides[i], err = open(name); err != nil {
			return nil, nil, err
		}
	}
	for i, s := range sides {
		if other := sides[1-i]; s.isWorkspace() && !other.isWorkspace() {
			if err = s.narrow(other.Name); err != nil {
				return nil, nil, err
			}
		}
	}
	return sides[0], sides[1], nil
}

// isWorkspace is false for single contracts, which have no file banyan.yaml.
func (s *Side) isWorkspace() bool {
	_, single := s.FS.(workspace.Single)
	return !single
}

func open(name string) (*Side, error) {
	c, err := openContract(name)
	if err == nil || !errors.Is(err, errWorkspace) {
		return c, err
	}
	r, err := revision.OpenPath(name)
	if err != nil {
		return nil, err
	}
	s := &Side{Side: review.Side{Name: r.Name, FS: r.FS}, closing: r.Close}
	s.Path = func(file string) string { return path.Join(r.Name, file) }
	if !revision.IsArchive(name) {
		s.Folder = name
		s.Path = func(file string) string { return readable(filepath.Join(name, filepath.FromSlash(file))) }
	}
	return s, nil
}

// narrow leaves one contract of a workspace, to compare it with another one.
func (s *Side) narrow(other string) error {
	ws, list := contract.LoadServices(s.FS, "", func(*contract.Contract) bool { return false })
	if ws == nil || len(ws.Services) == 0 {
		for _, d := range list {
			return fmt.Errorf("%s: %s", s.Path(d.Pos.String()), d.Message)
		}
		return fmt.Errorf("%s has no contract", s.Name)
	}
	if len(ws.Services) > 1 {
		var files []string
		for _, c := range ws.Services {
			files = append(files, s.Path(c.File))
		}
		return fmt.Errorf("%s has %d contracts, and %s is one; compare it with one of them: %s", s.Name, len(files), other, strings.Join(files, ", "))
	}
	s.FS = workspace.Single{Files: s.FS, Contract: ws.Services[0].File}
	return nil
}

// readable is a path as seen from the current folder, absolute when that is
// shorter to understand.
func readable(name string) string {
	here, err := filepath.Abs(".")
	if err != nil {
		return filepath.ToSlash(name)
	}
	if real, err := filepath.EvalSymlinks(here); err == nil {
		here = real
	}
	abs, err := filepath.Abs(name)
	if err != nil {
		return filepath.ToSlash(name)
	}
	rel, err := filepath.Rel(here, abs)
	if err != nil || strings.HasPrefix(rel, filepath.FromSlash("../../../")) {
		return filepath.ToSlash(abs)
	}
	return filepath.ToSlash(rel)
}

var _ fs.FS = workspace.Single{}
