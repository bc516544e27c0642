package codegen

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"slices"
	"strings"
)

// Changes is what separates an output folder from what it should hold. Paths
// are relative to Dir, with forward slashes, and sorted.
type Changes struct {
	Dir string
	// Write holds the files that are missing or differ.
	Write []File
	// Remove holds generated files that are no longer produced.
	Remove []string
}

// Empty reports whether the folder is up to date.
func (c *Changes) Empty() bool { return len(c.Write) == 0 && len(c.Remove) == 0 }

// Paths returns every path that Apply would touch, sorted.
func (c *Changes) Paths() []string {
	out := slices.Clone(c.Remove)
	for _, f := range c.Write {
		out = append(out, f.Path)
	}
	slices.Sort(out)
	return out
}

// Plan compares files with what dir holds, and changes nothing. A file of dir
// that is not generated is never part of the plan: where it stands in the way of
// a generated one, Plan fails and names it, as it does for everything else that
// would keep Apply from working, all of it in one error.
func Plan(dir string, files []File) (*Changes, error) {
	c := &Changes{Dir: dir}
	var faults []error
	fail := func(format string, args ...any) { faults = append(faults, fmt.Errorf(format, args...)) }

	if info, err := os.Stat(dir); err == nil && !info.IsDir() {
		return nil, fmt.Errorf("output %s is a file; name a folder, or move the file away", dir)
	} else if err != nil && !errors.Is(err, fs.ErrNotExist) {
		return nil, fmt.Errorf("output folder: %w", err)
	}
	wanted := make(map[string]bool, len(files))
	for _, f := range files {
		switch {
		case !fs.ValidPath(f.Path) || f.Path == "." || strings.Contains(f.Path, `\`):
			fail("generated path %q leaves the output folder", f.Path)
			continue
		case wanted[f.Path]:
			fail("%s is generated twice", f.Path)
			continue
		case !Generated(f.Data):
			fail("%s is generated without the header that marks it", f.Path)
			continue
		}
		wanted[f.Path] = true
		if err := checkParents(dir, f.Path, "the output folder"); err != nil {
			faults = append(faults, err)
			continue
		}
		same, err := compare(dir, f)
		if err != nil {
			faults = append(faults, err)
		} else if !same {
			c.Write = append(c.Write, f)
		}
	}
	stale, err := generatedFiles(dir)
	if err != nil {
		faults = append(faults, err)
	}
	for _, p := range stale {
		if !wanted[p] {
			c.Remove = append(c.Remove, p)
		}
	}
	if len(faults) > 0 {
		return nil, errors.Join(faults...)
	}
	slices.SortFunc(c.Write, func(a, b File) int { return strings.Compare(a.Path, b.Path) })
	slices.Sort(c.Remove)
	return c, nil
}

// checkParents refuses a path whose folders are files or lead out of dir, which is
// called so in messages.
func checkParents(dir, p, called string) error {
	for i := range p {
		if p[i] != '/' {
			continue
		}
		parent := filepath.Join(dir, filepath.FromSlash(p[:i]))
		info, err := os.Lstat(parent)
		switch {
		case errors.Is(err, fs.ErrNotExist):
			return nil
		case err != nil:
			return err
		case info.Mode()&fs.ModeSymlink != 0:
			if err := inside(dir, parent, called); err != nil {
				return err
			}
			if info, err = os.Stat(parent); err != nil {
				return err
			}
			fallthrough
		default:
			if !info.IsDir() {
				return fmt.Errorf("%s is a file where a folder is needed; move it away", parent)
			}
		}
	}
	return nil
}

// inside refuses a symbolic link that leads out of dir.
func inside(dir, link, called string) error {
	root, err := filepath.EvalSymlinks(dir)
	if err != nil {
		return err
	}
	target, err := filepath.EvalSymlinks(link)
	if err != nil {
		return fmt.Errorf("%s is a symbolic link that leads nowhere; remove it", link)
	}
	if rel, err := filepath.Rel(root, target); err != nil || rel == ".." || strings.HasPrefix(rel, ".."+string(filepath.Separator)) {
		return fmt.Errorf("%s is a symbolic link out of %s; remove it", link, called)
	}
	return nil
}

// compare reports whether the disk already holds f; a file in the way that is
// not ours is an error.
func compare(dir string, f File) (bool, error) {
	name := filepath.Join(dir, filepath.FromSlash(f.Path))
	info, err := os.Lstat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return false, nil
	case err != nil:
		return false, err
	case info.Mode()&fs.ModeSymlink != 0:
		return false, fmt.Errorf("%s is a symbolic link where a generated file belongs; remove it", name)
	case info.IsDir():
		return false, fmt.Errorf("%s is a folder where a generated file belongs; move it away", name)
	case !info.Mode().IsRegular():
		return false, fmt.Errorf("%s is not a regular file; move it away", name)
	}
	data, err := os.ReadFile(name)
	if err != nil {
		return false, err
	}
	if !Generated(data) {
		return false, fmt.Errorf("%s was not generated and would be overwritten; move it away or choose another output folder", name)
	}
	return bytes.Equal(data, f.Data), nil
}

// generatedFiles lists the files below dir that carry our header. It follows no
// symbolic link: what they lead to is not ours to remove.
func generatedFiles(dir string) ([]string, error) {
	var out []string
	err := filepath.WalkDir(dir, func(name string, d fs.DirEntry, err error) error {
		if err != nil {
			if name == dir && errors.Is(err, fs.ErrNotExist) {
				return nil
			}
			return err
		}
		if !d.Type().IsRegular() {
			return nil
		}
		head, err := readHead(name)
		if err != nil {
			return err
		}
		if !Generated(head) {
			return nil
		}
		rel, err := filepath.Rel(dir, name)
		if err != nil {
			return err
		}
		out = append(out, path.Clean(filepath.ToSlash(rel)))
		return nil
	})
	return out, err
}

func readHead(name string) ([]byte, error) {
	f, err := os.Open(name)
	if err != nil {
		return nil, err
	}
	defer f.Close()
	head := make([]byte, headerWindow)
	n, err := io.ReadFull(f, head)
	if err != nil && err != io.EOF && err != io.ErrUnexpectedEOF {
		return nil, err
	}
	return head[:n], nil
}
