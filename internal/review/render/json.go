package render

import (
	_ "embed"
	"io"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/review"
)

// Schema is the JSON Schema of the JSON format.
//
//go:embed review.schema.json
var Schema []byte

type jsonReport struct {
	Version    int            `json:"version"`
	Headline   string         `json:"headline"`
	Base       string         `json:"base"`
	BaseCommit string         `json:"baseCommit,omitempty"`
	Head       string         `json:"head"`
	Summary    jsonSummary    `json:"summary"`
	Services   []jsonService  `json:"services"`
	Problems   []jsonProblem  `json:"problems"`
	Blocking   []string       `json:"blocking"`
	Breaks     []review.Party `json:"breaks"`
}

type jsonSummary struct {
	Breaks    int `json:"breaks"`
	Undecided int `json:"undecided"`
	OK        int `json:"ok"`
}

type jsonService struct {
	Name        string                 `json:"name"`
	Status      review.Status          `json:"status"`
	File        string                 `json:"file"`
	BaseVersion string                 `json:"baseVersion,omitempty"`
	HeadVersion string                 `json:"headVersion,omitempty"`
	NextVersion string                 `json:"nextVersion,omitempty"`
	Needs       map[string]review.Step `json:"needs"`
	Changes     []jsonChange           `json:"changes"`
}

type jsonChange struct {
	ID          string                    `json:"id"`
	Rule        string                    `json:"rule"`
	Place       string                    `json:"place"`
	Pointer     string                    `json:"pointer,omitempty"`
	Message     string                    `json:"message"`
	Old         string                    `json:"old,omitempty"`
	New         string                    `json:"new,omitempty"`
	Base        *jsonPlace                `json:"base,omitempty"`
	Head        *jsonPlace                `json:"head,omitempty"`
	Wire        review.Verdict            `json:"wire"`
	Why         []string                  `json:"why,omitempty"`
	Source      map[string]review.Verdict `json:"source,omitempty"`
	Decode      review.Verdict            `json:"decode"`
	Undecodable *review.Undecodable       `json:"undecodable,omitempty"`
	Symbols     []string                  `json:"symbols,omitempty"`
	Shared      []string                  `json:"sharedSymbols,omitempty"`
	MoreSymbols int                       `json:"moreSymbols,omitempty"`
	Affects     []string                  `json:"affects"`
	Refactoring bool                      `json:"refactoring"`
	Rewrite     string                    `json:"rewrite,omitempty"`
	Patch       string                    `json:"patch,omitempty"`
	Approved    *review.Approval          `json:"approved,omitempty"`
}

type jsonPlace struct {
	File   string `json:"file"`
	Line   int    `json:"line"`
	Column int    `json:"column"`
}

type jsonProblem struct {
	Rule     string    `json:"rule"`
	Severity string    `json:"severity"`
	At       jsonPlace `json:"at"`
	Message  string    `json:"message"`
	Hint     string    `json:"hint,omitempty"`
}

// document is the whole report for machines. Places are below the workspace.
func document(w io.Writer, r *review.Report, o Options) error {
	out := jsonReport{Version: 1, Headline: headline(r, o), Base: r.Base, BaseCommit: r.BaseCommit, Head: r.Head,
		Services: []jsonService{}, Problems: []jsonProblem{}, Blocking: []string{}, Breaks: append([]review.Party{}, r.Broken()...)}
	out.Summary.Breaks, out.Summary.Undecided, out.Summary.OK = r.Counts()
	for _, c := range r.Blocking(o.Parties...) {
		out.Blocking = append(out.Blocking, c.ID)
	}
	for _, s := range r.Services {
		js := jsonService{s.Name, s.Status, s.File, s.BaseVersion, s.HeadVersion, s.NextVersion, s.Needs, []jsonChange{}}
		for _, c := range s.Changes {
			patch := ""
			if c.Worst() != review.OK {
				patch = o.patches.Patch(c)
			}
			js.Changes = append(js.Changes, jsonChange{c.ID, c.Rule, c.Place, c.Pointer, c.Message, c.Old, c.New, placed(c.Base), placed(c.Head), c.Wire, c.Why, c.Source, c.Decode, c.Undecodable, c.Symbols, c.Shared, c.MoreSymbols,
				append([]string{}, c.Affects...), c.Refactoring, c.Rewrite, patch, c.Approved})
		}
		out.Services = append(out.Services, js)
	}
	for _, p := range r.Problems {
		out.Problems = append(out.Problems, jsonProblem{p.Rule, p.Severity.String(), jsonPlace{p.Pos.File, p.Pos.Line, p.Pos.Col}, p.Message, p.Hint})
	}
	return encode(w, out)
}

func placed(p config.Pos) *jsonPlace {
	if p.Line == 0 {
		return nil
	}
	return &jsonPlace{p.File, p.Line, p.Col}
}
