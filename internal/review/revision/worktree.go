package revision

import (
	"bytes"
	"context"
	"errors"
	"io/fs"
	"os"
	"strings"
)

// WorkTree is the workspace as it is in a folder, in git or not. What a sparse
// checkout left out is as it is in the index: nobody removed it.
func WorkTree(ctx context.Context, dir string) (*Revision, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return nil, err
	}
	r := &Revision{Name: "the work tree", FS: root.FS(), closing: root.Close}
	if left := leftOut(ctx, dir); left != nil {
		r.FS, r.closing = sparse{r.FS, left}, func() error { return errors.Join(root.Close(), left.close()) }
	}
	return r, nil
}

// leftOut are the files below a folder that a sparse checkout left out, or nil. Where
// git fails there are none: a folder need not be in git.
func leftOut(ctx context.Context, dir string) *gitFS {
	if on, err := (repository{dir: dir}).run(ctx, "config", "--type=bool", "core.sparseCheckout"); err != nil || on != "true" {
		return nil
	}
	g, below, err := open(ctx, dir)
	if err != nil {
		return nil
	}
	out, err := g.command(ctx, "ls-files", "-t", "--stage", "-z", "--", ":(top,literal)"+below).Output()
	if err != nil {
		return nil
	}
	f := newGitFS(g, below)
	for record := range bytes.SplitSeq(out, []byte{0}) {
		meta, name, ok := strings.Cut(string(record), "\t")
		fields := strings.Fields(meta)
		if !ok || len(fields) != 4 || fields[0] != "S" || !strings.HasPrefix(name, below) {
			continue
		}
		if f.add(strings.TrimPrefix(name, below), entry{mode: fields[1], id: fields[2]}) != nil {
			return nil
		}
	}
	return f
}

// sparse is a folder with what a sparse checkout left out of it.
type sparse struct {
	fs.FS
	left *gitFS
}

// Open implements fs.FS.
func (s sparse) Open(name string) (fs.File, error) {
	f, err := s.FS.Open(name)
	if !errors.Is(err, fs.ErrNotExist) {
		return f, err
	}
	return s.left.Open(name)
}
