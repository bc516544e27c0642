package render

import (
	_ "embed"
	"html/template"
	"io"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review"
)

//go:embed page.html.tmpl
var pageText string

var pageTemplate = template.Must(template.New("page").Funcs(template.FuncMap{
	"where": where, "title": title, "message": message, "badges": badges, "needs": needs, "sections": sections, "uncompilables": uncompilables, "note": serviceNote, "printable": diag.Printable,
	"count": count, "mark": func(kind string) string { return marks[kind] },
}).Parse(pageText))

type pageView struct {
	Headline string
	Report   *review.Report
	Services []*review.Service
	Verdict  string // "breaks", "undecided" or "ok", for the colour of the page's head

	base, head *sources
	edits      *edits
	options    Options
}

// page is one HTML page that needs nothing else: no script but for filters, no
// fonts, nothing from a network.
func page(w io.Writer, r *review.Report, o Options) error {
	v := &pageView{Headline: headline(r, o), Report: r, Services: changed(r), Verdict: "ok", base: newSources(o.Base), head: newSources(o.Head), options: o}
	v.edits = newEdits(v.base, v.head)
	switch breaks, undecided, _ := r.Counts(); {
	case breaks > 0 || r.Problems.Errors() > 0:
		v.Verdict = "breaks"
	case undecided > 0:
		v.Verdict = "undecided"
	}
	return pageTemplate.Execute(w, v)
}

// Before and After are the lines around a change; File tells where they are.
func (v *pageView) Before(c *review.Change) []line {
	gone, _ := v.edits.meant(c)
	return marked(v.base.frame(c.Base), gone)
}

func (v *pageView) After(c *review.Change) []line {
	_, came := v.edits.meant(c)
	return marked(v.head.frame(c.Head), came)
}

// marked leaves the mark off lines that were not edited.
func marked(lines []line, edited bool) []line {
	for i := range lines {
		lines[i].Meant = lines[i].Meant && edited
	}
	return lines
}

// BaseAt and HeadAt are places in the words of an editor.
func (v *pageView) BaseAt(p config.Pos) string { return v.at(BaseSide, p) }
func (v *pageView) HeadAt(p config.Pos) string { return v.at(HeadSide, p) }

func (v *pageView) at(side Side, p config.Pos) string {
	p.File = v.options.path(side, p.File)
	return p.String()
}

// Problems are what keeps the review from being trusted.
func (v *pageView) Problems() diag.List { return Problems(v.Report, v.options) }

// Patch takes back what a group breaks.
func (v *pageView) Patch(g review.Group) string { return v.options.patch(g) }

// Approve are the commands that accept a group.
func (v *pageView) Approve(g review.Group) []string {
	var out []string
	for _, c := range append([]*review.Change{g.Change}, g.Others...) {
		if hint := approvalHint(c, v.options); hint != "" {
			out = append(out, hint)
		}
	}
	return out
}
