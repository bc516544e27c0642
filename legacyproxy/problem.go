package legacyproxy

import (
	"net/http"
	"strings"
	"unicode"
	"unicode/utf8"

	"github.com/banyan-go/banyan/problem"
)

// problem is the one that a rule names, with what of PHP's answer clients may
// see.
func (rt *route) problem(r *rule, res *http.Response, c content) *problem.Error {
	e := rt.problems[r.problem.V].Wrap(&BackendError{Status: res.StatusCode, Code: legacyCode(c.code), Class: rt.class(r), Retryable: r.retryable, Mapped: true}, r.detail)
	if r.message != messageHide {
		e.Detail = r.show(c.message)
	}
	if rt.envelope != nil {
		e.Errors = rt.envelope.fields.read(c.fields, r.show)
	}
	e.LegacyCode, e.Header, e.Retryable = legacyCode(c.code), carried(res.Header), r.retryable
	return e
}

// class is the one of the errors that a rule names.
func (rt *route) class(r *rule) Class {
	if r.class != "" {
		return r.class
	}
	return classOf(rt.problems[r.problem.V].Status)
}

// show is what clients see of one of PHP's messages.
func (r *rule) show(message string) string {
	switch r.message {
	case messagePass:
		return legacyMessage(message)
	case messageRedact:
		return legacyMessage(redact(message))
	}
	return "is not valid"
}

// Bounds of what is passed on out of an error answer.
const (
	maxCode    = 64
	maxMessage = 1000
)

// legacyCode is a code as it stood there, or nothing when it does not look
// like one: a stack trace in the wrong member must not get out this way.
func legacyCode(code string) string {
	plain := func(c rune) bool {
		return c < utf8.RuneSelf && (unicode.IsLetter(c) || unicode.IsDigit(c) || strings.ContainsRune("_-.:/", c))
	}
	if len(code) > maxCode || strings.ContainsFunc(code, func(c rune) bool { return !plain(c) }) {
		return ""
	}
	return code
}

// legacyMessage is a message as one bounded line.
func legacyMessage(s string) string {
	s = strings.Map(func(c rune) rune {
		if unicode.IsControl(c) {
			return ' '
		}
		return c
	}, s)
	if len(s) > maxMessage {
		s = s[:maxMessage]
		for !utf8.ValidString(s) {
			s = s[:len(s)-1]
		}
	}
	return strings.TrimSpace(s)
}

// carried are the headers that mean the same on a problem: when to come back,
// how to log in, who may read it, and the session.
func carried(in http.Header) http.Header {
	var out http.Header
	for name, values := range in {
		switch {
		case name == "Retry-After", name == "Www-Authenticate", name == "Allow", name == "Set-Cookie",
			strings.HasPrefix(name, "Access-Control-"):
			if out == nil {
				out = http.Header{}
			}
			out[name] = values
		}
	}
	return out
}
