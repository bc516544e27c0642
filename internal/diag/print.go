package diag

import (
	"fmt"
	"io"
	"path"
	"strings"
)

// Format is how findings are printed.
type Format string

const (
	// Text is for people: one clickable line per finding and a hint below it.
	Text Format = "text"
	// JSON is one object with all findings.
	JSON Format = "json"
	// GitHub is workflow commands, which annotate a pull request's lines.
	GitHub Format = "github"
	// JUnit is XML in which each error is a failed test; GitLab, Jenkins and
	// others show it.
	JUnit Format = "junit"
	// SARIF is version 2.1.0 of the Static Analysis Results Interchange Format.
	SARIF Format = "sarif"
)

// Formats lists all formats.
func Formats() []Format { return []Format{Text, JSON, GitHub, JUnit, SARIF} }

// Style is how the caller wants findings to look. The zero value is plain.
type Style struct {
	// Color marks severities by colour. Only Text knows it.
	Color bool
	// Base is a folder to put in front of the names of files, when the reader
	// stands elsewhere than in the workspace.
	Base string
	// Most is how many warnings of one rule in one file Text shows before it says
	// how many more there are; 0 shows all. Errors are always shown, and the other
	// formats have everything.
	Most int
	// Whole is the command that shows the rest.
	Whole string
}

// Print writes the findings in the order of the list; Sorted makes it the order
// of files. The error is the writer's.
func Print(w io.Writer, f Format, list List, s Style) error {
	if s.Base != "" && s.Base != "." {
		based := make(List, len(list))
		for i, d := range list {
			if d.Pos.File != "" && !strings.Contains(d.Pos.File, "://") {
				d.Pos.File = path.Join(s.Base, d.Pos.File)
			}
			d.Fix = d.Fix.below(s.Base)
			based[i] = d
		}
		list = based
	}
	switch f {
	case Text:
		return printText(w, list, s)
	case JSON:
		return printJSON(w, list)
	case GitHub:
		return printGitHub(w, list)
	case JUnit:
		return printJUnit(w, list)
	case SARIF:
		return printSARIF(w, list)
	}
	return fmt.Errorf("unknown format %q", f)
}

// count returns how many findings have a severity.
func (l List) count(s Severity) int {
	n := 0
	for _, d := range l {
		if d.Severity == s {
			n++
		}
	}
	return n
}
