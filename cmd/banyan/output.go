package main

import (
	"encoding/json"
	"fmt"

	"github.com/banyan-go/banyan/cmd/banyan/internal/term"
	"github.com/banyan-go/banyan/internal/diag"
)

// printFindings prints findings as places below the current folder.
func printFindings(w *term.Writer, format diag.Format, dir string, list diag.List) error {
	return diag.Print(w, format, list, diag.Style{Color: w.Colour(), Base: displayDir(dir)})
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
