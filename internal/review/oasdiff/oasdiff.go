// Package oasdiff asks the oasdiff library what it makes of a change. It is the
// one door to it: its types and its rules' names stay in here.
package oasdiff

import (
	"bytes"
	"encoding/json"
	"fmt"
	"maps"
	"regexp"
	"slices"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

// Level is how grave oasdiff takes a finding to be.
type Level int

const (
	Info Level = iota
	Warning
	Error
)

// Finding is one change that oasdiff sees.
type Finding struct {
	// Rule is oasdiff's name for it.
	Rule  string
	Level Level
	// Operation is "GET /users", or empty for what concerns no operation.
	Operation string
	Text      string
	// Args are the values in the text: names, old and new values.
	Args []string
}

// Findings compares two documents in JSON with all references local. An error
// means that oasdiff cannot compare them, which says nothing about them.
func Findings(base, head []byte) (out []Finding, err error) {
	defer func() {
		if p := recover(); p != nil {
			out, err = nil, fmt.Errorf("oasdiff failed: %v", p)
		}
	}()
	options := []load.Option{refuseEndless, load.WithFlattenParams(), load.WithLowercaseHeaders()}
	if !circular(base) && !circular(head) {
		options = append(options, load.WithFlattenAllOf())
	}
	a, err := load.NewSpecInfoFromData(openapi3.NewLoader(), base, "base", options...)
	if err != nil {
		return nil, err
	}
	b, err := load.NewSpecInfoFromData(openapi3.NewLoader(), head, "head", options...)
	if err != nil {
		return nil, err
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), a, b)
	if err != nil {
		return nil, err
	}
	localizer := checker.NewDefaultLocalizer()
	for _, c := range checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), report, sources, checker.INFO) {
		if change, ok := c.(checker.ApiChange); ok {
			// Which of several names of a schema it picks differs from run to run.
			c = change.WithSharedSchema(nil)
		}
		f := Finding{Rule: c.GetId(), Level: level(c.GetLevel()), Text: c.GetUncolorizedText(localizer)}
		if c.GetPath() != "" {
			f.Operation = c.GetOperation() + " " + c.GetPath()
		}
		for _, arg := range c.GetArgs() {
			f.Args = append(f.Args, fmt.Sprint(arg))
		}
		out = append(out, f)
	}
	return out, nil
}

var toSchema = regexp.MustCompile(`"\$ref"\s*:\s*"#/components/schemas/([^"]+)"`)

// circular reports whether a document composes schemas and has schemas that refer
// to themselves. What oasdiff makes of allOf differs from run to run then.
func circular(data []byte) bool {
	var document struct {
		Components struct{ Schemas map[string]json.RawMessage }
	}
	if !bytes.Contains(data, []byte(`"allOf"`)) || json.Unmarshal(data, &document) != nil {
		return false
	}
	const visiting, done = 1, 2
	state := map[string]int{}
	var circle func(name string) bool
	circle = func(name string) bool {
		switch state[name] {
		case visiting:
			return true
		case done:
			return false
		}
		state[name] = visiting
		defer func() { state[name] = done }()
		return slices.ContainsFunc(toSchema.FindAllSubmatch(document.Components.Schemas[name], -1), func(ref [][]byte) bool { return circle(string(ref[1])) })
	}
	return slices.ContainsFunc(slices.Collect(maps.Keys(document.Components.Schemas)), circle)
}

// refuseEndless refuses documents with a list of lists of itself: oasdiff, which writes
// the items of lists out, would never come to an end of them, and a stack that is
// full ends the process.
func refuseEndless(_ *openapi3.Loader, specs []*load.SpecInfo) ([]*load.SpecInfo, error) {
	const visiting, done = 1, 2
	state := map[*openapi3.Schema]int{}
	var endless func(ref *openapi3.SchemaRef) bool
	endless = func(ref *openapi3.SchemaRef) bool {
		if ref == nil || ref.Value == nil {
			return false
		}
		s := ref.Value
		switch state[s] {
		case visiting:
			return true
		case done:
			return false
		}
		state[s] = visiting
		defer func() { state[s] = done }()
		return endless(s.Items) || slices.ContainsFunc(s.AllOf, endless)
	}
	for _, spec := range specs {
		if spec.Spec.Components == nil {
			continue
		}
		for name, ref := range spec.Spec.Components.Schemas { // whatever holds itself refers to one of these
			if endless(ref) {
				return nil, fmt.Errorf("the schema %s is a list of itself", name)
			}
		}
	}
	return specs, nil
}

func level(l checker.Level) Level {
	switch l {
	case checker.ERR:
		return Error
	case checker.WARN:
		return Warning
	}
	return Info
}

// Rules returns the level of every rule that oasdiff has, by name.
func Rules() map[string]Level {
	out := map[string]Level{}
	for _, r := range checker.GetAllRules() {
		out[r.Id] = level(r.Level)
	}
	return out
}
