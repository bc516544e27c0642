package rewrite

import (
	"fmt"
	"strings"
)

// context is how many lines a patch shows around what it changes.
const context = 3

// hunk is a run of lines that differ.
type hunk struct{ from, to, start, end int } // lines of before and after, from 0

// unified writes how one text becomes another, as a patch that git takes. The texts
// differ in few places.
func unified(file string, before, after []string, ended bool) string {
	hunks := compare(before, after)
	if len(hunks) == 0 {
		return ""
	}
	var b strings.Builder
	fmt.Fprintf(&b, "--- a/%s\n+++ b/%s\n", file, file)
	line := func(sign string, lines []string, i int) {
		b.WriteString(sign + lines[i] + "\n")
		if i == len(lines)-1 && !ended {
			b.WriteString("\\ No newline at end of file\n")
		}
	}
	for i := 0; i < len(hunks); {
		j := i + 1
		for j < len(hunks) && hunks[j].from-hunks[j-1].to <= 2*context {
			j++
		}
		first, last := hunks[i], hunks[j-1]
		lead := min(context, first.from, first.start)
		tail := min(context, len(before)-last.to)
		fmt.Fprintf(&b, "@@ -%s +%s @@\n", span(first.from-lead, last.to+tail), span(first.start-lead, last.end+tail))
		at := first.from - lead
		for _, h := range hunks[i:j] {
			for ; at < h.from; at++ {
				line(" ", before, at)
			}
			for ; at < h.to; at++ {
				line("-", before, at)
			}
			for k := h.start; k < h.end; k++ {
				line("+", after, k)
			}
		}
		for ; at < last.to+tail; at++ {
			line(" ", before, at)
		}
		i = j
	}
	return b.String()
}

func span(from, to int) string {
	if from == to {
		return fmt.Sprintf("%d,0", from)
	}
	return fmt.Sprintf("%d,%d", from+1, to-from)
}

// maxCells bounds the table of a comparison.
const maxCells = 4_000_000

// compare finds the runs of lines that differ, by the longest common subsequence
// of what is left when the ends that agree are cut off.
func compare(before, after []string) []hunk {
	start := 0
	for start < len(before) && start < len(after) && before[start] == after[start] {
		start++
	}
	endA, endB := len(before), len(after)
	for endA > start && endB > start && before[endA-1] == after[endB-1] {
		endA--
		endB--
	}
	a, b := before[start:endA], after[start:endB]
	if len(a)+len(b) == 0 {
		return nil
	}
	if (len(a)+1)*(len(b)+1) > maxCells {
		return []hunk{{start, endA, start, endB}}
	}
	common := make([][]int32, len(a)+1)
	for i := range common {
		common[i] = make([]int32, len(b)+1)
	}
	for i := len(a) - 1; i >= 0; i-- {
		for j := len(b) - 1; j >= 0; j-- {
			if a[i] == b[j] {
				common[i][j] = common[i+1][j+1] + 1
			} else {
				common[i][j] = max(common[i+1][j], common[i][j+1])
			}
		}
	}
	var out []hunk
	i, j := 0, 0
	for i < len(a) || j < len(b) {
		if i < len(a) && j < len(b) && a[i] == b[j] {
			i++
			j++
			continue
		}
		h := hunk{from: start + i, start: start + j}
		for i < len(a) || j < len(b) {
			if i < len(a) && j < len(b) && a[i] == b[j] {
				break
			}
			if j == len(b) || i < len(a) && common[i+1][j] >= common[i][j+1] {
				i++
			} else {
				j++
			}
		}
		h.to, h.end = start+i, start+j
		out = append(out, h)
	}
	return out
}
