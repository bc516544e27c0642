package render

import (
	"strconv"
	"strings"

	"github.com/rogpeppe/go-internal/diff"

	"github.com/banyan-go/banyan/internal/review"
)

// maxCompared bounds the files that are compared line by line, in lines.
const maxCompared = 100_000

// edits tells which lines of two files are edited, each pair of files once.
type edits struct {
	base, head *sources
	known      map[[2]string]*editedLines
}

// editedLines are those that one file has and the other has not.
type editedLines struct{ gone, came map[int]bool }

func newEdits(base, head *sources) *edits {
	return &edits{base: base, head: head, known: map[[2]string]*editedLines{}}
}

// meant reports whether the line of a change in the old file is gone, and whether that
// in the new one came. A place may be where something would stand that the other side
// has, and nothing was edited there. What cannot be told is edited.
func (e *edits) meant(c *review.Change) (gone, came bool) {
	if c.Base.Line == 0 || c.Head.Line == 0 {
		return true, true
	}
	pair := [2]string{c.Base.File, c.Head.File}
	lines := e.known[pair]
	if lines == nil {
		before, after := e.base.lines(pair[0]), e.head.lines(pair[1])
		if lines = (&editedLines{}); len(before) > 0 && len(after) > 0 && max(len(before), len(after)) <= maxCompared {
			lines = compareLines(before, after)
		}
		e.known[pair] = lines
	}
	return lines.gone == nil || lines.gone[c.Base.Line], lines.came == nil || lines.came[c.Head.Line]
}

// compareLines finds the edited lines.
func compareLines(before, after []string) *editedLines {
	out := &editedLines{map[int]bool{}, map[int]bool{}}
	a, b := 0, 0
	text := func(lines []string) []byte { return []byte(strings.Join(lines, "\n") + "\n") }
	for i, line := range strings.Split(string(diff.Diff("a", text(before), "b", text(after))), "\n") {
		switch {
		case i < 3 || line == "": // the names
		case line[0] == '@':
			fields := strings.Fields(line)
			a, b = firstLine(fields[1]), firstLine(fields[2])
		case line[0] == '-':
			out.gone[a] = true
			a++
		case line[0] == '+':
			out.came[b] = true
			b++
		default:
			a++
			b++
		}
	}
	return out
}

// firstLine is the line with which a range of a hunk begins: "-12,3".
func firstLine(span string) int {
	start, _, _ := strings.Cut(span[1:], ",")
	n, _ := strconv.Atoi(start)
	return n
}
