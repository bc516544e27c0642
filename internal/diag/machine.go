package diag

import (
	"bufio"
	"encoding/json"
	"encoding/xml"
	"fmt"
	"io"
	"strings"
)

type jsonReport struct {
	Findings []jsonFinding `json:"findings"`
	Summary  jsonSummary   `json:"summary"`
}

type jsonFinding struct {
	Rule     string `json:"rule"`
	Severity string `json:"severity"`
	File     string `json:"file"`
	Line     int    `json:"line,omitempty"`
	Column   int    `json:"column,omitempty"`
	Message  string `json:"message"`
	Hint     string `json:"hint,omitempty"`
	// Fix is there for findings that "banyan check --fix" repairs.
	Fix *jsonFix `json:"fix,omitempty"`
}

type jsonFix struct {
	Summary string     `json:"summary"`
	Edits   []jsonEdit `json:"edits"`
}

// jsonEdit is an Edit; offset and length are bytes.
type jsonEdit struct {
	File   string `json:"file"`
	Offset int    `json:"offset"`
	Length int    `json:"length"`
	Text   string `json:"text"`
}

type jsonSummary struct {
	Errors   int `json:"errors"`
	Warnings int `json:"warnings"`
	Notes    int `json:"notes"`
}

func printJSON(w io.Writer, list List) error {
	report := jsonReport{
		Findings: make([]jsonFinding, 0, len(list)),
		Summary:  jsonSummary{list.count(Error), list.count(Warning), list.count(Note)},
	}
	for _, d := range list {
		report.Findings = append(report.Findings, jsonFinding{d.Rule, d.Severity.String(), d.Pos.File, d.Pos.Line, d.Pos.Col, d.Message, d.Hint, jsonFixOf(d.Fix)})
	}
	return encodeJSON(w, report)
}

func jsonFixOf(f *Fix) *jsonFix {
	if f == nil {
		return nil
	}
	out := &jsonFix{Summary: f.Summary, Edits: make([]jsonEdit, 0, len(f.Edits))}
	for _, e := range f.Edits {
		out.Edits = append(out.Edits, jsonEdit(e))
	}
	return out
}

func encodeJSON(w io.Writer, v any) error {
	enc := json.NewEncoder(w)
	enc.SetEscapeHTML(false)
	enc.SetIndent("", "  ")
	return enc.Encode(v)
}

var (
	commandData     = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A")
	commandProperty = strings.NewReplacer("%", "%25", "\r", "%0D", "\n", "%0A", ":", "%3A", ",", "%2C")
)

func printGitHub(w io.Writer, list List) error {
	out := bufio.NewWriter(w)
	for _, d := range list {
		level := d.Severity.String()
		if d.Severity == Note {
			level = "notice"
		}
		fmt.Fprintf(out, "::%s file=%s", level, commandProperty.Replace(d.Pos.File))
		if d.Pos.Line > 0 {
			fmt.Fprintf(out, ",line=%d", d.Pos.Line)
		}
		if d.Pos.Col > 0 {
			fmt.Fprintf(out, ",col=%d", d.Pos.Col)
		}
		message := Printable(d.Message)
		if d.Hint != "" {
			message += "\n" + Printable(d.Hint)
		}
		fmt.Fprintf(out, ",title=%s::%s\n", commandProperty.Replace(d.Rule), commandData.Replace(message))
	}
	return out.Flush()
}

type junitSuites struct {
	XMLName xml.Name   `xml:"testsuites"`
	Suite   junitSuite `xml:"testsuite"`
}

type junitSuite struct {
	Name     string      `xml:"name,attr"`
	Tests    int         `xml:"tests,attr"`
	Failures int         `xml:"failures,attr"`
	Cases    []junitCase `xml:"testcase"`
}

type junitCase struct {
	Name    string        `xml:"name,attr"`
	Class   string        `xml:"classname,attr"`
	File    string        `xml:"file,attr,omitempty"`
	Line    int           `xml:"line,attr,omitempty"`
	Failure *junitFailure `xml:"failure"`
	Output  string        `xml:"system-out,omitempty"`
}

type junitFailure struct {
	Type    string `xml:"type,attr"`
	Message string `xml:"message,attr"`
	Text    string `xml:",chardata"`
}

// printJUnit fails a test per error. Warnings are tests that pass and say
// something: a warning must not turn a pipeline red.
func printJUnit(w io.Writer, list List) error {
	suite := junitSuite{Name: "banyan", Tests: max(len(list), 1), Failures: list.count(Error)}
	if len(list) == 0 {
		suite.Cases = []junitCase{{Name: "no findings", Class: "banyan"}}
	}
	for _, d := range list {
		where := d.Pos.String()
		text := fmt.Sprintf("%s: %s: %s (%s)", where, d.Severity, d.Message, d.Rule)
		if d.Hint != "" {
			text += "\n" + d.Hint
		}
		c := junitCase{Name: where + " " + d.Rule, Class: d.Rule, File: d.Pos.File, Line: d.Pos.Line}
		if d.Severity == Error {
			c.Failure = &junitFailure{d.Rule, d.Message, text}
		} else {
			c.Output = text
		}
		suite.Cases = append(suite.Cases, c)
	}
	if _, err := io.WriteString(w, xml.Header); err != nil {
		return err
	}
	enc := xml.NewEncoder(w)
	enc.Indent("", "  ")
	if err := enc.Encode(junitSuites{Suite: suite}); err != nil {
		return err
	}
	_, err := io.WriteString(w, "\n")
	return err
}
