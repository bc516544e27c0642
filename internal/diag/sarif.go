package diag

import (
	"io"
	"net/url"
	"slices"
	"strings"
)

// The parts of SARIF 2.1.0 that Banyan fills in (OASIS, section 3).
type (
	sarifLog struct {
		Schema  string     `json:"$schema"`
		Version string     `json:"version"`
		Runs    []sarifRun `json:"runs"`
	}
	sarifRun struct {
		Tool       sarifTool     `json:"tool"`
		ColumnKind string        `json:"columnKind"`
		Results    []sarifResult `json:"results"`
	}
	sarifTool struct {
		Driver sarifDriver `json:"driver"`
	}
	sarifDriver struct {
		Name  string      `json:"name"`
		Rules []sarifRule `json:"rules"`
	}
	sarifRule struct {
		ID    string     `json:"id"`
		Short *sarifText `json:"shortDescription,omitempty"`
		Full  *sarifText `json:"fullDescription,omitempty"`
		Help  *sarifText `json:"help,omitempty"`
	}
	sarifText struct {
		Text     string `json:"text"`
		Markdown string `json:"markdown,omitempty"`
	}
	sarifResult struct {
		RuleID    string          `json:"ruleId"`
		RuleIndex int             `json:"ruleIndex"`
		Level     string          `json:"level"`
		Message   sarifText       `json:"message"`
		Locations []sarifLocation `json:"locations,omitempty"`
		Fixes     []sarifFix      `json:"fixes,omitempty"`
	}
	// A fix is what "banyan check --fix" does about a finding (section 3.55).
	sarifFix struct {
		Description sarifText     `json:"description"`
		Changes     []sarifChange `json:"artifactChanges"`
	}
	sarifChange struct {
		Artifact     sarifArtifact      `json:"artifactLocation"`
		Replacements []sarifReplacement `json:"replacements"`
	}
	sarifReplacement struct {
		Deleted  sarifBytes   `json:"deletedRegion"`
		Inserted *sarifBinary `json:"insertedContent,omitempty"`
	}
	// What takes the place of bytes is bytes (section 3.57.4).
	sarifBinary struct {
		Binary []byte `json:"binary"`
	}
	sarifBytes struct {
		Offset int `json:"byteOffset"`
		Length int `json:"byteLength"`
	}
	sarifLocation struct {
		Physical sarifPhysical `json:"physicalLocation"`
	}
	sarifPhysical struct {
		Artifact sarifArtifact `json:"artifactLocation"`
		Region   *sarifRegion  `json:"region,omitempty"`
	}
	sarifArtifact struct {
		URI string `json:"uri"`
	}
	sarifRegion struct {
		StartLine   int `json:"startLine"`
		StartColumn int `json:"startColumn,omitempty"`
	}
)

func printSARIF(w io.Writer, list List) error {
	var ids []string
	for _, d := range list {
		ids = append(ids, d.Rule)
	}
	slices.Sort(ids)
	ids = slices.Compact(ids)

	run := sarifRun{ColumnKind: "unicodeCodePoints", Results: make([]sarifResult, 0, len(list))}
	run.Tool.Driver = sarifDriver{Name: "banyan", Rules: make([]sarifRule, 0, len(ids))}
	for _, id := range ids {
		run.Tool.Driver.Rules = append(run.Tool.Driver.Rules, sarifRuleOf(id))
	}
	for _, d := range list {
		index, _ := slices.BinarySearch(ids, d.Rule)
		text := d.Message
		if d.Hint != "" {
			text += "\n" + d.Hint
		}
		r := sarifResult{RuleID: d.Rule, RuleIndex: index, Level: d.Severity.String(), Message: sarifText{Text: text}}
		if d.Pos.File != "" {
			loc := sarifPhysical{Artifact: sarifArtifact{URI: fileURI(d.Pos.File)}}
			if d.Pos.Line > 0 {
				loc.Region = &sarifRegion{d.Pos.Line, d.Pos.Col}
			}
			r.Locations = []sarifLocation{{loc}}
		}
		if d.Fix != nil {
			r.Fixes = []sarifFix{sarifFixOf(d.Fix)}
		}
		run.Results = append(run.Results, r)
	}
	return encodeJSON(w, sarifLog{
		Schema:  "https://json.schemastore.org/sarif-2.1.0.json",
		Version: "2.1.0",
		Runs:    []sarifRun{run},
	})
}

func sarifRuleOf(id string) sarifRule {
	out := sarifRule{ID: id}
	r, ok := Lookup(id)
	if !ok {
		return out
	}
	out.Short, out.Full = &sarifText{Text: r.Summary}, &sarifText{Text: strings.TrimSpace(r.Summary + " " + r.Why)}
	help := r.Why
	markdown := r.Why
	if r.Example != "" {
		help += "\n\nExample:\n" + r.Example
		markdown += "\n\n**Example**\n\n```\n" + r.Example + "\n```"
	}
	if r.Fix != "" {
		help += "\n\nUse instead:\n" + r.Fix
		markdown += "\n\n**Use instead**\n\n```\n" + r.Fix + "\n```"
	}
	if help != "" {
		out.Help = &sarifText{Text: help, Markdown: markdown}
	}
	return out
}

func sarifFixOf(f *Fix) sarifFix {
	out := sarifFix{Description: sarifText{Text: f.Summary}}
	for _, e := range f.Edits {
		uri := sarifArtifact{URI: fileURI(e.File)}
		i := slices.IndexFunc(out.Changes, func(c sarifChange) bool { return c.Artifact == uri })
		if i < 0 {
			i = len(out.Changes)
			out.Changes = append(out.Changes, sarifChange{Artifact: uri})
		}
		r := sarifReplacement{Deleted: sarifBytes{e.Offset, e.Length}}
		if e.Text != "" {
			r.Inserted = &sarifBinary{[]byte(e.Text)}
		}
		out.Changes[i].Replacements = append(out.Changes[i].Replacements, r)
	}
	return out
}

// fileURI is a file's name as a URI reference.
func fileURI(name string) string {
	if strings.Contains(name, "://") {
		return name
	}
	return (&url.URL{Path: name}).String()
}
