// Package revision reads a workspace as it was: at the merge base with another
// branch, at a tag, in another folder or in an archive. It asks git for objects
// and never touches the work tree.
package revision

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"strings"
)

// Revision is a workspace at some time. Its files are read when they are asked
// for. It is safe for concurrent use. Close it.
type Revision struct {
	// Name is what a person would call it: "main", "v1.2.0", a path.
	Name string
	// Commit is the full id of the commit that is read; empty outside git.
	Commit string
	// Default is set when it is what is compared with where nothing is named.
	Default bool
	// FS has the workspace's folder as its root.
	FS fs.FS

	closing func() error
}

// Close lets go of what reads the files.
func (r *Revision) Close() error {
	if r.closing == nil {
		return nil
	}
	return r.closing()
}

// Error is a reason why a revision cannot be read, with what to do about it.
type Error struct{ Message, Hint string }

func (e *Error) Error() string { return e.Message }

func failure(hint, format string, args ...any) error {
	return &Error{Message: fmt.Sprintf(format, args...), Hint: hint}
}

// Open finds the revision that the workspace in dir is to be compared with.
// Against is a branch, tag or commit, of which the merge base with HEAD is taken;
// or a folder or an archive (.zip, .tar, .tar.gz, .tgz) that holds a workspace.
// When it is empty, the default branch of the remote is meant.
func Open(ctx context.Context, dir, against string) (*Revision, error) {
	if against != "" {
		info, err := os.Stat(against)
		switch {
		case err == nil && (info.IsDir() && !isRef(ctx, dir, against) || !info.IsDir() && IsArchive(against)):
			return OpenPath(against)
		case err == nil && info.Mode().IsRegular() && !isRef(ctx, dir, against):
			return nil, failure("give a branch, a tag, a folder or an archive; to compare two files write: banyan review OLD NEW", "%s is a file", against)
		}
	}
	return atMergeBase(ctx, dir, against)
}

// Staged is the workspace as the next commit will have it.
func Staged(ctx context.Context, dir string) (*Revision, error) {
	g, prefix, err := open(ctx, dir)
	if err != nil {
		return nil, err
	}
	files, err := g.staged(ctx, prefix)
	if err != nil {
		return nil, err
	}
	return &Revision{Name: "what is staged", FS: files, closing: files.close}, nil
}

// OpenPath opens a folder or an archive that holds a workspace.
func OpenPath(name string) (*Revision, error) {
	info, err := os.Stat(name)
	switch {
	case err != nil:
		return nil, failure("", "cannot read %s: %v", name, plain(err))
	case info.IsDir():
		return folder(name)
	case IsArchive(name):
		return archive(name)
	}
	return nil, failure("a workspace is a folder or an archive ("+strings.Join(archives, ", ")+")", "%s is a file", name)
}

// noWorkspace says that what was named to compare with is no workspace.
func noWorkspace(name string) error {
	return failure("name the folder that has it, or compare two contracts: banyan review OLD NEW", "there is no banyan.yaml in %s", filepath.ToSlash(name))
}

func folder(path string) (*Revision, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, failure("", "cannot open %s: %v", path, plain(err))
	}
	if _, err := root.Stat(workspaceFile); err != nil {
		root.Close()
		return nil, noWorkspace(path)
	}
	return &Revision{Name: filepath.ToSlash(path), FS: root.FS(), closing: root.Close}, nil
}

func plain(err error) error {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err
	}
	return err
}

// defaultBranches are tried where the remote does not say which is its own.
var defaultBranches = []string{"origin/main", "origin/master", "origin/trunk", "main", "master", "trunk"}

// atMergeBase is the newest commit that HEAD and another revision share: what
// the other branch did since does not count.
func atMergeBase(ctx context.Context, dir, against string) (*Revision, error) {
	g, prefix, err := open(ctx, dir)
	if err != nil {
		return nil, err
	}
	if err := g.head(ctx); err != nil {
		return nil, err
	}
	usual, err := g.defaultBranch(ctx)
	if against == "" {
		if err != nil {
			return nil, err
		}
		against = usual
	}
	other, err := g.commit(ctx, against)
	if err != nil {
		return nil, err
	}
	base, err := g.run(ctx, "merge-base", other, "HEAD")
	if err != nil || base == "" {
		return nil, g.unrelated(ctx, against)
	}
	files, err := g.tree(ctx, base, prefix)
	if err != nil {
		return nil, err
	}
	return &Revision{Name: against, Default: against == usual, Commit: base, FS: files, closing: files.close}, nil
}

func (g repository) defaultBranch(ctx context.Context) (string, error) {
	if ref, err := g.run(ctx, "symbolic-ref", "--quiet", "--short", "refs/remotes/origin/HEAD"); err == nil && ref != "" {
		return ref, nil
	}
	for _, name := range defaultBranches {
		if _, err := g.run(ctx, "rev-parse", "--verify", "--quiet", name+"^{commit}"); err == nil {
			return name, nil
		}
	}
	return "", failure("say what to compare with: banyan review --against BRANCH", "there is no remote whose default branch could be taken, and no branch main or master")
}

// isRef reports whether a name that also is a file is a revision: git's own
// names win.
func isRef(ctx context.Context, dir, name string) bool {
	if strings.HasPrefix(name, "-") || strings.HasPrefix(name, ".") || strings.HasPrefix(name, "/") {
		return false
	}
	_, err := repository{dir: dir}.run(ctx, "rev-parse", "--verify", "--quiet", name+"^{commit}")
	return err == nil
}
