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
		case err == nil && info.IsDir() && !isRef(ctx, dir, against):
			return folder(against)
		case err == nil && isArchive(against):
			return archive(against)
		case err == nil && info.Mode().IsRegular() && !isRef(ctx, dir, against):
			return nil, failure("give a branch, a tag, a folder or an archive; to compare two files write: banyan review OLD NEW", "%s is a file", against)
		}
	}
	return atMergeBase(ctx, dir, against)
}

func folder(path string) (*Revision, error) {
	root, err := os.OpenRoot(path)
	if err != nil {
		return nil, failure("", "cannot open %s: %v", path, plain(err))
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
	g := repository{dir: dir}
	top, err := g.run(ctx, "rev-parse", "--show-toplevel")
	if err != nil {
		if errors.Is(err, errNoGit) {
			return nil, failure("install git, or compare with a folder: banyan review --against FOLDER", "git is not installed")
		}
		return nil, failure("compare with a folder instead: banyan review --against FOLDER", "this is no git repository: %v", err)
	}
	g.dir = top
	prefix, err := repository{dir: dir}.run(ctx, "rev-parse", "--show-prefix")
	if err != nil {
		return nil, failure("", "git cannot tell where the workspace stands: %v", err)
	}
	if _, err := g.run(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err != nil {
		return nil, failure("commit something first", "the repository has no commit yet")
	}
	if against == "" {
		if against, err = g.defaultBranch(ctx); err != nil {
			return nil, err
		}
	}
	other, err := g.commit(ctx, against)
	if err != nil {
		return nil, err
	}
	base, err := g.run(ctx, "merge-base", other, "HEAD")
	if err != nil || base == "" {
		return nil, g.unrelated(ctx, against)
	}
	files, err := g.tree(ctx, base, strings.TrimSuffix(prefix, "/"))
	if err != nil {
		return nil, err
	}
	return &Revision{Name: against, Commit: base, FS: files, closing: files.close}, nil
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

// commit resolves a name, one of the remote's branches included.
func (g repository) commit(ctx context.Context, name string) (string, error) {
	if strings.HasPrefix(name, "-") {
		return "", failure("", "%q is no revision", name)
	}
	for _, try := range []string{name, "origin/" + name} {
		if id, err := g.run(ctx, "rev-parse", "--verify", "--quiet", try+"^{commit}"); err == nil {
			return id, nil
		}
	}
	if g.shallow(ctx) {
		return "", failure("fetch it: git fetch --depth=100 origin "+name, "%s is not in this shallow clone", name)
	}
	return "", failure("git branch -a and git tag list what there is; git fetch brings what is new", "there is no branch, tag or commit %s", name)
}

func (g repository) shallow(ctx context.Context) bool {
	text, err := g.run(ctx, "rev-parse", "--is-shallow-repository")
	return err == nil && text == "true"
}

// unrelated explains why there is no merge base.
func (g repository) unrelated(ctx context.Context, against string) error {
	if !g.shallow(ctx) {
		return failure("", "HEAD and %s have no commit in common", against)
	}
	depth, err := g.run(ctx, "rev-list", "--count", "HEAD")
	if err != nil {
		depth = "few"
	}
	return failure("deepen the clone: git fetch --deepen=200 origin, or check out with the whole history (fetch-depth: 0)",
		"the clone is shallow (%s commits of HEAD): the commit that HEAD and %s have in common is not in it", depth, against)
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
