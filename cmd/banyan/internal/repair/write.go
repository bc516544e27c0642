package repair

import (
	"bytes"
	"cmp"
	"fmt"
	"os"
	"path/filepath"
	"strings"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/rogpeppe/go-internal/diff"
)

// Write makes the plan true in dir, as codegen.Changes are applied: all of it, or
// nothing. Nothing is written when a file has changed since it was planned.
func (p *Plan) Write(dir string) error {
	changes := codegen.Changes{Dir: dir}
	for _, f := range p.Files {
		now, err := os.ReadFile(filepath.Join(dir, filepath.FromSlash(f.Name)))
		if err == nil && !bytes.Equal(now, f.Before) {
			err = fmt.Errorf("%s has changed meanwhile; run the command again", f.Name)
		}
		if err != nil {
			return fmt.Errorf("nothing was repaired: %w", err)
		}
		changes.Write = append(changes.Write, codegen.File{Path: f.Name, Data: f.After})
	}
	return changes.Apply()
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

func compare(a, b Done) int {
	return cmp.Or(strings.Compare(a.After.File, b.After.File), cmp.Compare(a.After.Line, b.After.Line))
}
