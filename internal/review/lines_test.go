package review

import (
	"path/filepath"
	"strings"
	"testing"

	"github.com/rogpeppe/go-internal/diff"
	"github.com/rogpeppe/go-internal/txtar"
)

// notEdited are the cases with a change that no line of its own tells of.
var notEdited = map[string]bool{
	"answer-status-out-of-default.txtar": true, // what default says no more for one status
	"schema-not-compared.txtar":          true, // nobody has looked
}

// TestLinesAreThoseThatChanged holds the lines of a change against those that the edit is
// in: the line in the old file or the one in the new file is one of them. Which of the
// two are shown as edited, the printers find out.
func TestLinesAreThoseThatChanged(t *testing.T) {
	t.Parallel()
	names, err := filepath.Glob("testdata/edits/*.txtar")
	if err != nil || len(names) == 0 {
		t.Fatal("no cases", err)
	}
	for _, name := range names {
		ar, err := txtar.ParseFile(name)
		if err != nil {
			t.Fatal(err)
		}
		base, head := ar.Files[0].Data, ar.Files[1].Data
		gone, came := hunks(base, head)
		for _, c := range Compare(document(t, base), document(t, head), editOptions(t, ar)) {
			if c.Refactoring {
				continue
			}
			if !gone[c.Base.Line] && !came[c.Head.Line] && !notEdited[filepath.Base(name)] {
				t.Errorf("%s: %s %s%s: neither line %d of the old file nor line %d of the new one was edited", filepath.Base(name), c.Rule, c.Place, c.Pointer, c.Base.Line, c.Head.Line)
			}
		}
	}
}

// hunks are the lines that only one of two files has.
func hunks(base, head []byte) (gone, came map[int]bool) {
	gone, came = map[int]bool{}, map[int]bool{}
	a, b := 1, 1
	body := string(diff.Diff("a", base, "b", head))
	for line := range strings.Lines(body) {
		switch {
		case strings.HasPrefix(line, "@@"):
			a, b = hunkStart(line)
		case strings.HasPrefix(line, "---"), strings.HasPrefix(line, "+++"), strings.HasPrefix(line, "diff "):
		case line[0] == '-':
			gone[a] = true
			a++
		case line[0] == '+':
			came[b] = true
			b++
		default:
			a++
			b++
		}
	}
	return gone, came
}

func hunkStart(line string) (a, b int) {
	for i, field := range strings.Fields(line)[1:3] {
		n := 0
		for _, r := range field[1:] {
			if r < '0' || r > '9' {
				break
			}
			n = 10*n + int(r-'0')
		}
		if i == 0 {
			a = n
		} else {
			b = n
		}
	}
	return a, b
}
