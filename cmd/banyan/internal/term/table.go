package term

import (
	"strings"
	"unicode/utf8"
)

const (
	columnGap = 2
	// A cell is never cut below this: an unreadable table helps nobody, a
	// wrapped one still does.
	minColumn = 8
)

// Table writes rows in aligned columns, the first row in bold as the header.
// On a terminal the widest columns are cut with "…" until a row fits. Empty
// columns are left out. All rows must have as many cells as the header.
func (w *Writer) Table(header []string, rows [][]string) error {
	widths := make([]int, len(header))
	for i := range header {
		for _, row := range rows {
			widths[i] = max(widths[i], utf8.RuneCountInString(row[i]))
		}
		if widths[i] > 0 {
			widths[i] = max(widths[i], utf8.RuneCountInString(header[i]))
		}
	}
	if limit := w.Width(); limit > 0 {
		fit(widths, limit)
	}
	var b strings.Builder
	b.WriteString(w.Bold(line(header, widths)) + "\n")
	for _, row := range rows {
		b.WriteString(line(row, widths) + "\n")
	}
	_, err := w.Write([]byte(b.String()))
	return err
}

// fit takes from the widest column until all fit, or none can give any more.
func fit(widths []int, limit int) {
	total := -columnGap
	for _, width := range widths {
		if width > 0 {
			total += width + columnGap
		}
	}
	for ; total > limit; total-- {
		widest := 0
		for i, width := range widths {
			if width >= widths[widest] {
				widest = i
			}
		}
		if widths[widest] <= minColumn {
			return
		}
		widths[widest]--
	}
}

func line(cells []string, widths []int) string {
	var b strings.Builder
	for i, cell := range cells {
		if widths[i] == 0 {
			continue
		}
		if n := utf8.RuneCountInString(cell); n > widths[i] {
			cell = string([]rune(cell)[:widths[i]-1]) + "…"
		} else {
			cell += strings.Repeat(" ", widths[i]-n)
		}
		b.WriteString(cell + strings.Repeat(" ", columnGap))
	}
	return strings.TrimRight(b.String(), " ")
}
