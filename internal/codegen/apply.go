package codegen

import (
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"slices"
)

// Apply makes the changes. New content is first written in full beside its
// destination and then renamed over it, so that a full disk or a folder without
// write permission is met before anything changed; when a step fails after that,
// the steps before it are undone. A file that is replaced keeps its permissions,
// and is the old one or the new one at any time, also when the program is ended.
// Folders left empty are removed.
func (c *Changes) Apply() (err error) {
	t := &transaction{}
	defer func() {
		if err != nil {
			err = errors.Join(fmt.Errorf("nothing was written: %w", err), t.undo())
			return
		}
		t.discard()
	}()
	staged := make([]string, len(c.Write))
	for i, f := range c.Write {
		name := filepath.Join(c.Dir, filepath.FromSlash(f.Path))
		if err := t.makeFolders(filepath.Dir(name)); err != nil {
			return err
		}
		if staged[i], err = t.stage(name, f.Data); err != nil {
			return err
		}
	}
	for _, p := range c.Remove {
		if err := t.setAside(filepath.Join(c.Dir, filepath.FromSlash(p))); err != nil {
			return err
		}
	}
	for i, f := range c.Write {
		if err := t.install(staged[i], filepath.Join(c.Dir, filepath.FromSlash(f.Path))); err != nil {
			return err
		}
	}
	t.emptied = c.folders()
	return nil
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

// transaction remembers how to take back what was done.
type transaction struct {
	created []string // folders, outermost first
	temps   []string
	undos   []func() error
	emptied []string // folders that may be empty once all is done
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

// setAside moves a file that exists to a temporary name beside it.
func (t *transaction) setAside(name string) error {
	if _, err := os.Lstat(name); errors.Is(err, fs.ErrNotExist) {
		return nil
	}
	aside, err := t.stage(name, nil)
	if err != nil {
		return err
	}
	return t.rename(name, aside, func() error { return os.Rename(aside, name) })
}

// install renames a staged file to its own name, and keeps a copy of what was
// there.
func (t *transaction) install(staged, name string) error {
	old, err := os.ReadFile(name)
	if errors.Is(err, fs.ErrNotExist) {
		return t.rename(staged, name, func() error { return os.Remove(name) })
	}
	if err != nil {
		return err
	}
	kept, err := t.stage(name, old)
	if err != nil {
		return err
	}
	return t.rename(staged, name, func() error { return os.Rename(kept, name) })
}

func (t *transaction) rename(from, to string, undo func() error) error {
	if err := os.Rename(from, to); err != nil {
		return err
	}
	t.undos = append(t.undos, undo)
	return nil
}

// undo restores what was there, last step first.
func (t *transaction) undo() error {
	var errs []error
	for i := len(t.undos) - 1; i >= 0; i-- {
		errs = append(errs, t.undos[i]())
	}
	t.discard()
	for i := len(t.created) - 1; i >= 0; i-- {
		_ = os.Remove(t.created[i]) // somebody else may have put a file there
	}
	return errors.Join(errs...)
}

// discard removes temporary files that still stand, then emptied folders.
func (t *transaction) discard() {
	for _, name := range t.temps {
		_ = os.Remove(name)
	}
	for _, dir := range t.emptied {
		_ = os.Remove(dir) // fails, as it should, when it is not empty
	}
}
