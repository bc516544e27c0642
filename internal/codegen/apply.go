package codegen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"

	"github.com/banyan-go/banyan/internal/interrupt"
)

// Apply makes the changes. All that takes space or permission comes first: new
// content is written in full beside its destination, with a copy of what is there.
// Then everything is renamed into place; when a step fails, the steps before it are
// undone. So a full disk or a closed folder is met before anything changed, and a
// signal takes effect before all changes or after them (see package interrupt). A
// file that is replaced keeps its permissions, and is the old one or the new one at
// any time, however the program ends. Where a symbolic link is in a file's place,
// the file that it leads to is replaced; out of Dir it must not lead. Folders left
// empty are removed.
func (c *Changes) Apply() error {
	t := &transaction{}
	forget := interrupt.OnEnd(t.discard)
	defer forget()
	if err := c.prepare(t); err != nil {
		return fmt.Errorf("nothing was written: %w", errors.Join(err, interrupt.Unbroken(func() error { t.discard(); return nil })))
	}
	return interrupt.Change(func() error {
		err := t.run()
		if err != nil {
			err = errors.Join(fmt.Errorf("nothing was written: %w", err), t.undo())
		} else {
			t.created, t.emptied = nil, c.folders()
		}
		t.discard()
		return err
	})
}

// prepare makes everything ready for renaming.
func (c *Changes) prepare(t *transaction) error {
	for _, p := range c.Remove {
		if err := interrupt.Unbroken(func() error { return t.setAside(filepath.Join(c.Dir, filepath.FromSlash(p))) }); err != nil {
			return err
		}
	}
	for _, f := range c.Write {
		err := interrupt.Unbroken(func() error {
			name, err := destination(c.Dir, f.Path)
			if err != nil {
				return err
			}
			if err := t.makeFolders(filepath.Dir(name)); err != nil {
				return err
			}
			return t.replace(name, f.Data)
		})
		if err != nil {
			return err
		}
	}
	return nil
}

// destination is the file that is to be written at a path: what a symbolic link
// there leads to, if that is below dir.
func destination(dir, p string) (string, error) {
	const called = "the workspace"
	if err := checkParents(dir, p, called); err != nil {
		return "", err
	}
	name := filepath.Join(dir, filepath.FromSlash(p))
	if info, err := os.Lstat(name); err != nil || info.Mode()&fs.ModeSymlink == 0 {
		return name, nil // what else is wrong with it is met when it is replaced
	}
	if err := inside(dir, name, called); err != nil {
		return "", err
	}
	return filepath.EvalSymlinks(name)
}

// folders returns the folders that removals may have emptied, deepest first.
func (c *Changes) folders() []string {
	var out []string
	seen := map[string]bool{}
	for _, p := range c.Remove {
		for d := filepath.Dir(filepath.FromSlash(p)); d != "." && !seen[d]; d = filepath.Dir(d) {
			seen[d] = true
			out = append(out, filepath.Join(c.Dir, d))
		}
	}
	// A child's path is longer than its parent's.
	slices.SortStableFunc(out, func(a, b string) int { return len(b) - len(a) })
	return out
}

// transaction is a list of renames, and how to take back what was done.
type transaction struct {
	created []string // folders, outermost first
	temps   []string
	steps   []step
	done    int      // how many of the steps
	emptied []string // folders that may be empty once all is done
}

// step renames a file, and undo takes that back.
type step struct {
	from, to string
	undo     func() error
}

func (t *transaction) makeFolders(dir string) error {
	var missing []string
	for d := dir; ; d = filepath.Dir(d) {
		if _, err := os.Stat(d); err == nil || !errors.Is(err, fs.ErrNotExist) {
			break
		}
		missing = append(missing, d)
	}
	for i := len(missing) - 1; i >= 0; i-- {
		if err := os.Mkdir(missing[i], 0o755); err != nil && !errors.Is(err, fs.ErrExist) {
			return err
		}
		t.created = append(t.created, missing[i])
	}
	return nil
}

// stage writes a file beside the one that it is to replace.
func (t *transaction) stage(name string, data []byte) (string, error) {
	mode := fs.FileMode(0o644)
	if info, err := os.Stat(name); err == nil {
		mode = info.Mode().Perm()
	}
	f, err := os.CreateTemp(filepath.Dir(name), ".banyan-*")
	if err != nil {
		return "", err
	}
	t.temps = append(t.temps, f.Name())
	_, err = f.Write(data)
	if err == nil {
		err = f.Chmod(mode)
	}
	return f.Name(), errors.Join(err, f.Close())
}

// setAside plans to move a file that exists to a temporary name beside it.
func (t *transaction) setAside(name string) error {
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	aside, err := t.stage(name, nil)
	if err != nil {
		return err
	}
	t.steps = append(t.steps, step{name, aside, func() error { return os.Rename(aside, name) }})
	return nil
}

// replace plans to put data into a file's place, and keeps a copy of what is there.
func (t *transaction) replace(name string, data []byte) error {
	staged, err := t.stage(name, data)
	if err != nil {
		return err
	}
	undo := func() error { return os.Remove(name) }
	old, err := os.ReadFile(name)
	switch {
	case err == nil:
		kept, err := t.stage(name, old)
		if err != nil {
			return err
		}
		undo = func() error { return os.Rename(kept, name) }
	case !errors.Is(err, fs.ErrNotExist):
		return err
	}
	t.steps = append(t.steps, step{staged, name, undo})
	return nil
}

// run takes all steps, until one fails.
func (t *transaction) run() error {
	for _, s := range t.steps {
		if err := os.Rename(s.from, s.to); err != nil {
			return err
		}
		t.done++
	}
	return nil
}

// undo takes back the steps that were taken, the last one first.
func (t *transaction) undo() error {
	var errs []error
	for _, s := range slices.Backward(t.steps[:t.done]) {
		errs = append(errs, s.undo())
	}
	return errors.Join(errs...)
}

// discard removes temporary files that still stand, then folders that nothing
// came into, and emptied ones.
func (t *transaction) discard() {
	for _, name := range t.temps {
		_ = os.Remove(name)
	}
	for _, dir := range slices.Backward(t.created) {
		_ = os.Remove(dir) // somebody else may have put a file there
	}
	for _, dir := range t.emptied {
		_ = os.Remove(dir) // fails, as it should, when it is not empty
	}
}
