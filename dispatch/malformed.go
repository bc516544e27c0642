package dispatch

import (
	"encoding/json"
	"errors"
	"io"
	"net/http"
	"regexp"
	"strings"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// statusProblem is the problem for an error of the framework, of which only
// the status may be shown: its message may hold anything.
func statusProblem(status int, message string, cause error) *problem.Error {
	switch status {
	case http.StatusBadRequest:
		return malformed(message, cause)
	case http.StatusNotFound:
		return problem.NotFound.Wrap(cause, "")
	case http.StatusMethodNotAllowed:
		return problem.MethodNotAllowed.Wrap(cause, "")
	case http.StatusRequestEntityTooLarge:
		return problem.BodyTooLarge.Wrap(cause, "")
	case http.StatusUnsupportedMediaType:
		return problem.UnsupportedMedia.Wrap(cause, "")
	case http.StatusServiceUnavailable:
		return problem.Unavailable.Wrap(cause, "")
	}
	title := http.StatusText(status)
	if status < 400 || status > 599 || title == "" || status == http.StatusInternalServerError {
		return problem.Internal.Wrap(cause, "")
	}
	code := strings.ToLower(strings.NewReplacer(" ", "-", "'", "").Replace(title))
	return problem.Kind{Code: code, Status: status, Title: title}.Wrap(cause, "")
}

// malformed says which part of a request could not be read, as far as that is
// the client's own: errors of decoders name Go types.
func malformed(message string, cause error) *problem.Error {
	p := problem.Malformed.Wrap(cause, "")
	var syntax *json.SyntaxError
	var typed *json.UnmarshalTypeError
	switch {
	case errors.As(cause, &typed):
		kind, _, _ := strings.Cut(typed.Value, " ") // "number 1.5"
		p.Detail = "the body does not have the form that the contract asks for"
		p.Errors = []problem.Fault{{Pointer: pointer(typed.Field), Message: "a JSON " + kind + " does not fit here"}}
	case errors.As(cause, &syntax), errors.Is(cause, io.ErrUnexpectedEOF), errors.Is(cause, io.EOF):
		p.Detail = "the body cannot be read"
	default:
		if f, ok := parameterFault(message); ok {
			p.Errors = []problem.Fault{f}
		}
	}
	return p
}

// pointer turns the dotted path of a JSON error into a JSON pointer.
func pointer(field string) string {
	if field == "" {
		return ""
	}
	return "/" + strings.ReplaceAll(jsonpointer.Escape(field), ".", "/")
}

// The messages of generated parameter binding, which have no other structure.
var (
	badParameter     = regexp.MustCompile(`^(?:Invalid format for parameter ([^:]+):|Error un(?:marshaling|escaping) (?:cookie )?parameter '([^']+)')`)
	missingParameter = regexp.MustCompile(`^(Query argument|Header parameter) (.+) is required, but not found$`)
	severalValues    = regexp.MustCompile(`^Expected one value for (.+), got \d+$`)
)

func parameterFault(message string) (problem.Fault, bool) {
	if m := badParameter.FindStringSubmatch(message); m != nil {
		return problem.Fault{Message: "the parameter " + m[1] + m[2] + " does not have the form that the contract asks for"}, true
	}
	if m := missingParameter.FindStringSubmatch(message); m != nil {
		in := "query"
		if m[1] == "Header parameter" {
			in = "header"
		}
		return problem.Fault{Pointer: "/" + in + "/" + m[2], Message: "the parameter is required"}, true
	}
	if m := severalValues.FindStringSubmatch(message); m != nil {
		return problem.Fault{Pointer: "/header/" + m[1], Message: "the parameter must be given once"}, true
	}
	return problem.Fault{}, false
}
