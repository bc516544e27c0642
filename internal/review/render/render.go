// Package render shows a review to people and to machines.
package render

import (
	"fmt"
	"io"
	"io/fs"
	"strings"

	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/banyan-go/banyan/internal/review/rewrite"
)

// Format is an output format.
type Format string

const (
	// Text is for a terminal.
	Text Format = "text"
	// Markdown is for a comment on a pull request.
	Markdown Format = "markdown"
	// HTML is one page that needs nothing else.
	HTML Format = "html"
	// JSON holds everything; its schema is printed by Schema.
	JSON Format = "json"
	// SARIF, JUnit and GitHub are those of package diag, one finding for a change.
	SARIF  Format = "sarif"
	JUnit  Format = "junit"
	GitHub Format = "github"
	// GitLab is a code quality report.
	GitLab Format = "gitlab"
	// Patch is a diff that takes back what makes the review fail, for git apply.
	Patch Format = "patch"
	// NextVersion is the version that each service needs, a line each.
	NextVersion Format = "next-version"
)

// Formats are all formats, the default first.
func Formats() []Format {
	return []Format{Text, Markdown, HTML, JSON, SARIF, JUnit, GitHub, GitLab, Patch, NextVersion}
}

// Options are what a report does not tell.
type Options struct {
	// Colour writes ANSI colours.
	Colour bool
	// Path turns the name of a file of one side into what the reader would call
	// it; nil leaves it as it is.
	Path func(side Side, file string) string
	// Approve is the command that accepts the change with an id; nil where changes
	// cannot be accepted.
	Approve func(id string) string
	// Parties are those whose breaks make the review fail.
	Parties []review.Party
	// Base and Head hold the files, to show the lines that changed. Without them
	// no lines are shown.
	Base, Head fs.FS
	// Link makes a URL of a line of a file at the base or the head; nil makes none.
	Link func(side Side, file string, line int) string

	patches *rewrite.Rewriter // by Print
}

// Side is one of the two versions.
type Side string

const (
	BaseSide Side = "base"
	HeadSide Side = "head"
)

func (o Options) path(side Side, file string) string {
	if o.Path == nil || file == "" || strings.Contains(file, "://") {
		return file
	}
	return o.Path(side, file)
}

// maxPatch bounds a patch that is shown to people, in lines.
const maxPatch = 60

// patch takes back what a group breaks; empty where nothing is broken or there is
// no short patch.
func (o Options) patch(g review.Group) string {
	if o.patches == nil || g.Worst() == review.OK {
		return ""
	}
	patch := o.patches.All(append([]*review.Change{g.Change}, g.Others...))
	if strings.Count(patch, "\n") > maxPatch {
		return ""
	}
	return patch
}

// Problems are the problems of a report, with paths as the reader calls them.
func Problems(r *review.Report, o Options) diag.List {
	var list diag.List
	for _, d := range r.Problems {
		side := HeadSide
		if d.Rule == review.RuleBase {
			side = BaseSide
		}
		d.Pos.File, d.Fix = o.path(side, d.Pos.File), nil // reviews repair nothing
		list = append(list, d)
	}
	return list
}

// Print writes the report.
func Print(w io.Writer, format Format, r *review.Report, o Options) error {
	o.patches = rewrite.New(o.Base, o.Head, func(file string) string { return o.path(HeadSide, file) })
	switch format {
	case Text:
		return text(w, r, o)
	case Markdown:
		return markdown(w, r, o)
	case HTML:
		return page(w, r, o)
	case JSON:
		return document(w, r, o)
	case GitHub:
		return diag.Print(w, diag.GitHub, annotations(findings(r, o)), diag.Style{})
	case SARIF, JUnit:
		return diag.Print(w, diag.Format(format), findings(r, o), diag.Style{})
	case GitLab:
		return codeQuality(w, r, o)
	case Patch:
		_, err := io.WriteString(w, o.patches.All(r.Blocking(o.Parties...)))
		return err
	case NextVersion:
		return nextVersions(w, r)
	}
	return fmt.Errorf("unknown format %q", format)
}
