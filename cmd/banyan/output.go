package main

import (
	"encoding/json"
	"fmt"

	"github.com/banyan-go/banyan/cmd/banyan/internal/term"
	"github.com/banyan-go/banyan/internal/diag"
)

// How many warnings of one rule in one file commands show: check, which is asked
// for them, and all others, which repeat what it says. Zero is all.
const (
	allWarnings  = 0
	fewWarnings  = 3
	someWarnings = 1
)

// printFindings prints findings as places below the current folder, as text at
// most so many warnings of a kind.
func printFindings(w *term.Writer, format diag.Format, dir string, list diag.List, most int) error {
	style := diag.Style{Color: w.Colour(), Base: displayDir(dir), Most: most, Whole: "banyan check --all"}
	return diag.Print(w, format, list, style)
}

// printJSON prints a document the way all commands do: indented, and with "<"
// and ">" readable.
func printJSON(w *term.Writer, doc any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(doc)
}

// count returns "1 file" or "3 files".
func count(n int, noun string) string {
	if n == 1 {
		return "1 " + noun
	}
	return fmt.Sprintf("%d %ss", n, noun)
}
