package revision

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"strings"
)

var errNoGit = errors.New("git is not installed")

// repository runs git in a folder.
type repository struct {
	dir string
	// own is set for a repository that is not the one a hook runs in, such as a
	// submodule: what git tells its hooks is not meant for it.
	own bool
}

func (g repository) command(ctx context.Context, args ...string) *exec.Cmd {
	cmd := exec.CommandContext(ctx, "git", args...)
	cmd.Dir = g.dir
	// A review changes nothing: no index refresh, no questions, no fetch of what
	// a partial clone left out unless git does it by itself.
	cmd.Env = append(g.environment(), "GIT_OPTIONAL_LOCKS=0", "GIT_TERMINAL_PROMPT=0", "LC_ALL=C")
	return cmd
}

// environment is what a process has, less what git tells its hooks about the
// folder that they run in: a review runs git in other folders.
func (g repository) environment() []string {
	whole := os.Getenv("GIT_DIR") != "" && os.Getenv("GIT_WORK_TREE") != "" // somebody means it
	var out []string
	for _, variable := range os.Environ() {
		name, value, _ := strings.Cut(variable, "=")
		switch name {
		case "GIT_DIR", "GIT_WORK_TREE", "GIT_INDEX_FILE":
			if g.own || name != "GIT_INDEX_FILE" && !whole || value == "" {
				continue
			}
			if at, err := filepath.Abs(value); err == nil {
				variable = name + "=" + at
			}
		case "GIT_PREFIX":
			continue
		}
		out = append(out, variable)
	}
	return out
}

func (g repository) run(ctx context.Context, args ...string) (string, error) {
	out, err := g.command(ctx, args...).Output()
	if err != nil {
		return "", said(err)
	}
	return strings.TrimRight(string(out), "\n"), nil
}

// said is what git gave as the reason of an error.
func said(err error) error {
	var failed *exec.ExitError
	switch {
	case errors.Is(err, exec.ErrNotFound):
		return errNoGit
	case errors.As(err, &failed) && len(failed.Stderr) > 0:
		reason := ""
		for line := range strings.Lines(strings.TrimSpace(string(failed.Stderr))) {
			fatal, ok := strings.CutPrefix(line, "fatal: ")
			if ok || reason == "" {
				reason = strings.TrimSpace(fatal)
			}
			if ok {
				break
			}
		}
		return errors.New(reason)
	}
	return err
}

// open finds the top of the work tree that holds a folder, and the folder's way
// down from there, empty or ending in "/".
func open(ctx context.Context, dir string) (g repository, prefix string, err error) {
	g = repository{dir: dir}
	// One after the other, for a path may have a line break.
	top, err := g.run(ctx, "rev-parse", "--show-toplevel")
	if err == nil {
		prefix, err = g.run(ctx, "rev-parse", "--show-prefix")
	}
	if err != nil {
		return g, "", g.unusable(err)
	}
	return repository{dir: top}, prefix, nil
}

const withFolder = "compare with a folder instead: banyan review --against FOLDER"

// unusable explains why git refuses to work in a folder.
func (g repository) unusable(err error) error {
	reason := err.Error()
	switch {
	case errors.Is(err, errNoGit):
		return failure("install git, or "+withFolder, "git is not installed, or not in PATH")
	case strings.Contains(reason, "dubious ownership"):
		at := g.dir
		if _, rest, ok := strings.Cut(reason, "'"); ok {
			at = strings.TrimSuffix(rest, "'")
		}
		return failure(fmt.Sprintf("if you trust what is in it: git config --global --add safe.directory %s", at),
			"git refuses the repository %s, because it belongs to another user", at)
	case strings.Contains(reason, "must be run in a work tree"):
		return failure("review in a clone, or add one: git worktree add ../review BRANCH", "this is a bare repository, or the inside of one: there is no work tree to review")
	case strings.Contains(reason, "not a git repository"):
		if at, ok := strings.CutPrefix(reason, "not a git repository: "); ok && !strings.HasPrefix(at, "(") {
			return failure("for a worktree: git worktree repair, in the main one; for a submodule: git submodule update --init; or "+withFolder,
				"the file .git leads to the repository %s, which is not there", at)
		}
		if at := gitAbove(g.dir); at != "" {
			return failure("git fsck may say more; or clone it again", "the repository %s is damaged: git does not recognise it", at)
		}
		return failure(withFolder, "the workspace is in no git repository")
	}
	return failure(withFolder, "git cannot read the repository: %s", reason)
}

// gitAbove is the nearest .git that holds a folder, or empty.
func gitAbove(dir string) string {
	dir, err := filepath.Abs(dir)
	for err == nil {
		at := filepath.Join(dir, ".git")
		if _, err := os.Lstat(at); err == nil {
			return at
		}
		parent := filepath.Dir(dir)
		if parent == dir {
			break
		}
		dir = parent
	}
	return ""
}

const repairHint = "git fsck lists what is wrong; fetch it again, or make a new clone"

// head makes sure that there is a commit to start from.
func (g repository) head(ctx context.Context) error {
	if _, err := g.run(ctx, "rev-parse", "--verify", "--quiet", "HEAD^{commit}"); err == nil {
		return nil
	}
	if id, err := g.run(ctx, "rev-parse", "--verify", "--quiet", "HEAD"); err == nil {
		return failure(repairHint, "the repository is damaged: the commit %.12s, which HEAD names, cannot be read", id)
	}
	return failure("commit something first", "the repository has no commit yet")
}

// maxEntries bounds the files of a tree, maxBlob the bytes of one.
const (
	maxEntries = 2_000_000
	maxBlob    = 256 << 20
)

// entry is one file of a commit.
type entry struct{ mode, id string }

// tree lists the files of a commit below a folder, which is empty or ends in "/".
func (g repository) tree(ctx context.Context, commit, below string) (*gitFS, error) {
	spec := commit + ":" + strings.TrimSuffix(below, "/")
	// Without sizes: for those git fetches every file that a partial clone left out.
	out, err := g.command(ctx, "ls-tree", "-r", "-z", spec).Output()
	if err != nil {
		if _, missing := g.run(ctx, "rev-parse", "--verify", "--quiet", commit+"^{tree}"); missing == nil && below != "" {
			if _, missing = g.run(ctx, "rev-parse", "--verify", "--quiet", spec); missing != nil {
				return nil, failure("the workspace may be new, or have moved: give --against a revision that has it", "the commit %.12s has no folder %s", commit, below)
			}
		}
		return nil, failure(repairHint, "the repository is damaged: the files of the commit %.12s cannot be listed: %v", commit, said(err))
	}
	f := newGitFS(g, below)
	for record := range bytes.SplitSeq(out, []byte{0}) {
		meta, name, ok := strings.Cut(string(record), "\t")
		fields := strings.Fields(meta)
		if !ok || len(fields) != 3 {
			continue
		}
		if err := f.add(name, entry{mode: fields[0], id: fields[2]}); err != nil {
			return nil, err
		}
	}
	return f, nil
}

// staged lists the files of the index below a folder, which is empty or ends in
// "/".
func (g repository) staged(ctx context.Context, below string) (*gitFS, error) {
	out, err := g.command(ctx, "ls-files", "--stage", "-z", "--", ":(top,literal)"+below).Output()
	if err != nil {
		return nil, failure(repairHint, "git cannot list what is staged: %v", said(err))
	}
	f := newGitFS(g, below)
	for record := range bytes.SplitSeq(out, []byte{0}) {
		meta, name, ok := strings.Cut(string(record), "\t")
		fields := strings.Fields(meta)
		if !ok || len(fields) != 3 || !strings.HasPrefix(name, below) {
			continue
		}
		if fields[2] != "0" && path.Ext(name) != ".go" {
			return nil, failure("resolve the conflict, and git add it", "%s has a merge conflict, of which nothing is staged", name)
		}
		if err := f.add(strings.TrimPrefix(name, below), entry{mode: fields[0], id: fields[1]}); err != nil {
			return nil, err
		}
	}
	return f, nil
}
