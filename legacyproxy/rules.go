package legacyproxy

import (
	"net/http"
	"regexp"
	"slices"

	"github.com/banyan-go/banyan/config"
)

// rule is one entry of an error map: when all that it names matches, the
// answer is that problem.
type rule struct {
	pos     config.Pos // of line 0 when it is not known what it matches
	status  spans      // empty: any
	code    codeSet    // empty: any
	header  headerMatch
	body    *regexp.Regexp // nil: any
	problem config.Value[string]

	message   messageMode
	detail    string // said instead of a message
	class     Class  // empty: by the problem's status
	retryable bool
}

// headerMatch is a condition on one header. All of its values are tried.
type headerMatch struct {
	name    string         // canonical; empty: no condition
	value   string         // empty: any
	pattern *regexp.Regexp // nil: any
}

// messageMode is what clients see of PHP's message.
type messageMode string

const (
	messageHide   messageMode = "hide"   // nothing: the contract's title says it
	messagePass   messageMode = "pass"   // all of it, as one bounded line
	messageRedact messageMode = "redact" // what is left when addresses, paths, tokens and long numbers are masked
)

// evidence is what rules look at.
type evidence struct {
	status int
	header http.Header
	code   string
	body   []byte // the beginning of the body, decoded; nil when it was not read
}

// matches reports whether the rule is about an answer.
func (r *rule) matches(e *evidence) bool {
	return r.matchesHead(e.status, e.header) &&
		(r.code.empty() || r.code.matches(e.code)) &&
		(r.body == nil || e.body != nil && r.body.Match(e.body[:min(len(e.body), peekBytes)]))
}

// matchesHead reports whether the rule may be about an answer of which the
// head alone is known.
func (r *rule) matchesHead(status int, h http.Header) bool {
	return (len(r.status) == 0 || r.status.contains(int64(status))) && r.header.matches(h)
}

// suspects reports whether what is known before the body is read speaks for
// the rule.
func (r *rule) suspects(status int, h http.Header) bool {
	return (r.header.name != "" || len(r.status) > 0) && r.matchesHead(status, h)
}

func (m *headerMatch) matches(h http.Header) bool {
	if m.name == "" {
		return true
	}
	return slices.ContainsFunc(h[m.name], func(v string) bool {
		return (m.value == "" || m.value == v) && (m.pattern == nil || m.pattern.MatchString(v))
	})
}

// covers reports whether r matches whenever s does, as far as that can be
// told: of two patterns only equal ones are known to.
func (r *rule) covers(s *rule) bool {
	return (len(r.status) == 0 || len(s.status) > 0 && r.status.covers(s.status)) &&
		(r.code.empty() || !s.code.empty() && r.code.covers(&s.code)) &&
		(r.body == nil || s.body != nil && r.body.String() == s.body.String()) &&
		r.header.covers(&s.header)
}

func (m *headerMatch) covers(s *headerMatch) bool {
	switch {
	case m.name == "":
		return true
	case m.name != s.name:
		return false
	case m.value != "":
		return m.value == s.value
	case m.pattern == nil:
		return true
	case s.value != "":
		return m.pattern.MatchString(s.value)
	}
	return s.pattern != nil && m.pattern.String() == s.pattern.String()
}
