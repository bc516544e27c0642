package evidence

import (
	"fmt"
	"io"
	"strings"
	"time"
)

// Table is rows of text under headings, for a terminal or a page.
type Table struct {
	Header []string
	Rows   [][]string
}

// Table lists the debt.
func (d Debt) Table() Table {
	t := Table{Header: []string{"OPERATION", "POINTER", "RULE", "COUNT", "ANSWERS", "SHARE"}}
	for _, e := range d.Entries {
		t.Rows = append(t.Rows, []string{e.Operation, whole(e.Pointer), e.Rule, fmt.Sprint(e.Count), fmt.Sprint(e.Answers), fmt.Sprintf("%.1f%%", 100*e.Share)})
	}
	return t
}

// Table lists the verdicts.
func (r Report) Table() Table {
	t := Table{Header: []string{"OPERATION", "CONTRACT", "CHECKED", "CONFORMING", "COERCED", "VIOLATING", "AT MOST", "UNMAPPED", "NOT SEEN"}}
	for _, o := range r.Operations {
		t.Rows = append(t.Rows, []string{o.Operation, string(o.Verdict), fmt.Sprint(o.Checked), fmt.Sprint(o.Conforming), fmt.Sprint(o.Coerced),
			fmt.Sprint(o.Violating), percent(o.UpperBound), fmt.Sprint(o.Unmapped), strings.Join(o.Unseen, " ")})
	}
	return t
}

// Reasons lists why, and where PHP breaks the contract, a line each.
func (r Report) Reasons() (lines []string) {
	for _, o := range r.Operations {
		lines = append(lines, o.Operation+": "+string(o.Verdict)+": "+o.Why)
		for _, v := range o.Violations {
			answers := "answers"
			if v.Answers == 1 {
				answers = "answer"
			}
			lines = append(lines, fmt.Sprintf("  %s %s, in %d %s since %s (%s)", whole(v.Pointer), v.Keyword, v.Answers, answers, v.FirstSeen.Format(time.DateOnly), v.Contract))
		}
		if o.Uncounted > 0 {
			lines = append(lines, fmt.Sprintf("  and %d more at further places", o.Uncounted))
		}
	}
	return lines
}

// whole names the whole body, whose pointer is empty.
func whole(pointer string) string {
	if pointer == "" {
		return "(body)"
	}
	return pointer
}

// Markdown writes the table as GitHub reads it.
func (t Table) Markdown(w io.Writer) error {
	var b strings.Builder
	line := func(cells []string) {
		for _, c := range cells {
			b.WriteString("| " + strings.NewReplacer("|", `\|`, "*", `\*`, "\n", " ").Replace(c) + " ")
		}
		b.WriteString("|\n")
	}
	header := make([]string, len(t.Header))
	rule := make([]string, len(t.Header))
	for i, h := range t.Header {
		header[i], rule[i] = strings.ToLower(h), "---"
	}
	line(header)
	line(rule)
	for _, row := range t.Rows {
		line(row)
	}
	_, err := io.WriteString(w, b.String())
	return err
}
