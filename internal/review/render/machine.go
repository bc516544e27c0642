package render

import (
	"crypto/sha256"
	"encoding/hex"
	"encoding/json"
	"fmt"
	"io"
	"slices"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review"
)

// findings are the changes as findings: what breaks without approval is an
// error, what was approved or is undecided a warning.
func findings(r *review.Report, o Options) diag.List {
	list := Problems(r, o)
	for _, c := range r.All() {
		severity := diag.Note
		switch {
		case blocks(c, o):
			severity = diag.Error
		case c.Worst() != review.OK:
			severity = diag.Warning
		}
		message := where(c) + ": " + c.Message
		for _, why := range c.Why {
			message += "; " + why
		}
		list = append(list, diag.Diagnostic{Rule: c.Rule, Severity: severity, Pos: o.place(c), Message: message, Hint: c.Rewrite})
	}
	return list.Sorted()
}

// maxAnnotations is how many annotations of a kind GitHub shows for one step of a job;
// it drops what comes after them without a word.
const maxAnnotations = 10

// annotations are findings in the order in which GitHub is to show them: what breaks
// first, and where it will not show all of a kind, the last that it does says so.
func annotations(list diag.List) diag.List {
	var out diag.List
	for _, kind := range []struct {
		severity diag.Severity
		words    string
	}{{diag.Error, "errors"}, {diag.Warning, "warnings"}, {diag.Note, "notices"}} {
		var mine diag.List
		for _, d := range list {
			if d.Severity == kind.severity {
				mine = append(mine, d)
			}
		}
		if left := len(mine) - (maxAnnotations - 1); left > 1 {
			last := mine[maxAnnotations-1]
			last.Message = fmt.Sprintf("%d more %s are not shown here, because GitHub shows %d of a kind", left, kind.words, maxAnnotations)
			last.Hint = "the log of this step has all of them, and so has the whole review"
			mine = slices.Insert(mine, maxAnnotations-1, last)
		}
		out = append(out, mine...)
	}
	return out
}

func blocks(c *review.Change, o Options) bool {
	for _, p := range o.Parties {
		if c.Open(p) {
			return true
		}
	}
	return false
}

// place is where an annotation goes: a line of the head, as far as there is one.
func (o Options) place(c *review.Change) config.Pos {
	pos, side := c.Head, HeadSide
	if pos.Line == 0 {
		pos, side = c.Base, BaseSide
	}
	pos.File = o.path(side, pos.File)
	return pos
}

type issue struct {
	Description string   `json:"description"`
	CheckName   string   `json:"check_name"`
	Fingerprint string   `json:"fingerprint"`
	Severity    string   `json:"severity"`
	Location    location `json:"location"`
}

type location struct {
	Path  string `json:"path"`
	Lines struct {
		Begin int `json:"begin"`
	} `json:"lines"`
}

// codeQuality is GitLab's report: a list of issues with fingerprints, which stay
// the same when lines move.
func codeQuality(w io.Writer, r *review.Report, o Options) error {
	out := []issue{}
	for _, d := range Problems(r, o) {
		if d.Severity != diag.Error {
			continue
		}
		sum := sha256.Sum256([]byte(d.Rule + "\x00" + d.Pos.File + "\x00" + d.Message))
		i := issue{Description: d.Message, CheckName: d.Rule, Fingerprint: hex.EncodeToString(sum[:8]), Severity: "critical"}
		i.Location.Path, i.Location.Lines.Begin = d.Pos.File, max(1, d.Pos.Line)
		out = append(out, i)
	}
	for _, c := range r.All() {
		if c.Worst() == review.OK {
			continue
		}
		i := issue{Description: where(c) + ": " + c.Message, CheckName: c.Rule, Fingerprint: c.ID, Severity: "minor"}
		if blocks(c, o) {
			i.Severity = "critical"
		}
		i.Location.Path, i.Location.Lines.Begin = o.place(c).File, max(1, o.place(c).Line)
		out = append(out, i)
	}
	return encode(w, out)
}

func encode(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetIndent("", "  ")
	enc.SetEscapeHTML(false)
	return enc.Encode(v)
}

func nextVersions(w io.Writer, r *review.Report) error {
	for _, s := range r.Services {
		version := s.NextVersion
		if version == "" {
			version = s.HeadVersion
		}
		if version == "" {
			continue
		}
		if _, err := fmt.Fprintf(w, "%s %s\n", s.Name, version); err != nil {
			return err
		}
	}
	return nil
}
