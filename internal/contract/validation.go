package contract

import (
	"fmt"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
)

// validationEntry is the key validation, of the workspace or of a service.
type validationEntry struct {
	Status       config.Value[int]    `yaml:"status"`
	UnknownQuery config.Value[string] `yaml:"unknown-query"`
	Formats      config.Value[string] `yaml:"formats"`
	Requests     sidesEntry           `yaml:"requests"`
	Answers      answersEntry         `yaml:"answers"`
}

// sidesEntry is a setting for each side that can serve a request.
type sidesEntry struct {
	Go     config.Value[string] `yaml:"go"`
	Legacy config.Value[string] `yaml:"legacy"`
}

// answersEntry is a share for each stage of an operation.
type answersEntry struct {
	Go     config.Value[string] `yaml:"go"`
	Canary config.Value[string] `yaml:"canary"`
	Legacy config.Value[string] `yaml:"legacy"`
}

// validation reads what is given; everything else is left to its default.
func (r *workspaceReader) validation(e validationEntry) catalog.Validation {
	v := catalog.Validation{
		UnknownQuery: oneOf(r, "unknown-query", e.UnknownQuery, catalog.UnknownIgnore, catalog.UnknownWarn, catalog.UnknownRefuse),
		Formats:      oneOf(r, "formats", e.Formats, catalog.FormatsStrict, catalog.FormatsWarn),
		Requests: catalog.RequestChecks{
			Go:     oneOf(r, "requests", e.Requests.Go, catalog.Enforce, catalog.Observe, catalog.Off),
			Legacy: oneOf(r, "requests", e.Requests.Legacy, catalog.Enforce, catalog.Observe, catalog.Off),
		},
		Answers: catalog.AnswerChecks{Go: r.share(e.Answers.Go), Legacy: r.share(e.Answers.Legacy), Canary: r.share(e.Answers.Canary)},
	}
	if s := e.Status; given(r, s) {
		if s.V < 400 || s.V > 499 {
			r.list.Add(ruleWorkspace, s.Pos, fmt.Sprintf("status: %d is not a client's fault", s.V), "use 422, or 400")
		} else {
			v.Status = s.V
		}
	}
	return v
}

func oneOf[T ~string](r *workspaceReader, key string, v config.Value[string], known ...T) (zero T) {
	if !given(r, v) {
		return zero
	}
	var names []string
	for _, k := range known {
		if v.V == string(k) {
			return k
		}
		names = append(names, string(k))
	}
	r.list.Add(ruleWorkspace, v.Pos, fmt.Sprintf("%s: %q is not known", key, v.V), config.Suggest(v.V, names))
	return zero
}

func (r *workspaceReader) share(v config.Value[string]) catalog.Share {
	if !given(r, v) {
		return 0
	}
	s, err := catalog.ParseShare(v.V)
	if err != nil {
		r.list.Add(ruleWorkspace, v.Pos, "answers: "+err.Error(), "")
	}
	return s
}
