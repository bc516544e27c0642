package goserver

import (
	"fmt"
	"strings"

	"github.com/banyan-go/banyan/catalog"
)

// validation writes what banyan.yaml says about checking as Go, or nothing
// where it says nothing: defaults are the run time's.
func validation(v catalog.Validation) string {
	return literal("catalog.Validation",
		field("Status", v.Status), field("UnknownQuery", v.UnknownQuery), field("Formats", v.Formats),
		member("Requests", literal("catalog.RequestChecks", field("Go", v.Requests.Go), field("Legacy", v.Requests.Legacy))),
		member("Answers", literal("catalog.AnswerChecks", field("Go", v.Answers.Go), field("Legacy", v.Answers.Legacy), field("Canary", v.Answers.Canary))))
}

// fastCGI writes how scripts are found as Go, or nothing.
func fastCGI(f catalog.FastCGI) string {
	return literal("catalog.FastCGI",
		field("Root", f.Root), field("Index", f.Index), field("Split", f.Split), field("KeepAlive", f.KeepAlive), field("MaxBody", f.MaxBody))
}

// literal is a composite literal of the fields that are there.
func literal(name string, fields ...string) string {
	var given []string
	for _, f := range fields {
		if f != "" {
			given = append(given, f)
		}
	}
	if given == nil {
		return ""
	}
	return name + "{" + strings.Join(given, ", ") + "}"
}

func field[T comparable](name string, v T) string {
	var zero T
	if v == zero {
		return ""
	}
	switch v := any(v).(type) {
	case catalog.Share:
		return member(name, fmt.Sprintf("%d", int(v)))
	case int, int64:
		return member(name, fmt.Sprintf("%d", v))
	}
	return member(name, fmt.Sprintf("%q", any(v)))
}

func member(name, value string) string {
	if value == "" {
		return ""
	}
	return name + ": " + value
}
