package repair

import (
	"bytes"
	"cmp"
	"crypto/rand"
	"errors"
	"fmt"
	"os"
	"path"
	"strings"

	"github.com/banyan-go/banyan/internal/diag"
	"github.com/rogpeppe/go-internal/diff"
)

// Write makes the plan true in dir. Every file is written in full beside itself
// and then renamed, with the permissions that it had: it holds the old text or
// the new one, whatever happens. Nothing is written when a file has changed
// since it was planned, or one cannot be written.
func (p *Plan) Write(dir string) (err error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return err
	}
	defer root.Close()
	staged := make([]string, 0, len(p.Files))
	defer func() {
		for _, name := range staged {
			_ = root.Remove(name)
		}
	}()
	for _, f := range p.Files {
		name, err := stage(root, f)
		if name != "" {
			staged = append(staged, name)
		}
		if err != nil {
			return fmt.Errorf("nothing was repaired: %s: %w", f.Name, err)
		}
	}
	for i, f := range p.Files {
		if err := root.Rename(staged[i], f.Name); err != nil {
			return fmt.Errorf("%d of %d files were repaired: %w", i, len(p.Files), err)
		}
	}
	return nil
}

var errChanged = errors.New("it has changed meanwhile; run the command again")

// stage writes a file's new text beside it.
func stage(root *os.Root, f File) (string, error) {
	info, err := root.Lstat(f.Name)
	if err != nil {
		return "", err
	}
	if now, err := root.ReadFile(f.Name); err != nil || !bytes.Equal(now, f.Before) {
		return "", cmp.Or(err, errChanged)
	}
	name := path.Join(path.Dir(f.Name), ".banyan-"+rand.Text())
	out, err := root.OpenFile(name, os.O_WRONLY|os.O_CREATE|os.O_EXCL, 0o600)
	if err != nil {
		return "", err
	}
	_, err = out.Write(f.After)
	return name, errors.Join(err, out.Chmod(info.Mode().Perm()), out.Sync(), out.Close())
}

// Diff is the plan as a unified diff, for people, patch and git apply. Prefix
// stands in front of every name.
func (p *Plan) Diff(prefix string) []byte {
	var out []byte
	for _, f := range p.Files {
		text := diff.Diff("a/"+prefix+f.Name, f.Before, "b/"+prefix+f.Name, f.After)
		_, text, _ = bytes.Cut(text, []byte("\n")) // a line that no tool reads
		out = append(out, text...)
	}
	return out
}

func compare(a, b diag.Diagnostic) int {
	return cmp.Or(strings.Compare(a.Pos.File, b.Pos.File), cmp.Compare(a.Pos.Line, b.Pos.Line))
}
