// Package render shows a review to people and to machines.
package render

import (
	"encoding/json"
	"fmt"
	"io"

	"github.com/banyan-go/banyan/internal/review"
)

// Format is an output format.
type Format string

const (
	Text Format = "text"
	JSON Format = "json"
)

// Formats are all formats, the default first.
func Formats() []Format { return []Format{Text, JSON} }

// Options are what a report does not tell.
type Options struct {
	// Colour writes ANSI colours.
	Colour bool
	// Base is what to write in front of a path of the workspace; empty or ending
	// in "/".
	Base string
	// Parties are those whose breaks make the review fail.
	Parties []review.Party
}

// Print writes the report.
func Print(w io.Writer, format Format, r *review.Report, o Options) error {
	switch format {
	case Text:
		return text(w, r, o)
	case JSON:
		enc := json.NewEncoder(w)
		enc.SetIndent("", "  ")
		enc.SetEscapeHTML(false)
		return enc.Encode(r)
	}
	return fmt.Errorf("unknown format %q", format)
}
