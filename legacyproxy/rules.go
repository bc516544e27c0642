package legacyproxy

import (
	"net/http"
	"slices"

	"github.com/banyan-go/banyan/config"
)

// rule is one entry of an error map: when all that it names matches, the
// answer is that problem.
type rule struct {
	pos     config.Pos
	status  statusMatch // zero: any
	code    string      // empty: any
	header  string      // canonical; empty: any
	value   string      // empty: the header need only be there
	problem config.Value[string]
	message bool // the envelope's message may be shown
}

// matches reports whether the rule is about an answer.
func (r *rule) matches(status int, h http.Header, code string) bool {
	return (r.status == statusMatch{} || r.status.matches(status)) &&
		(r.code == "" || r.code == code) &&
		(r.header == "" || r.matchesHeader(h))
}

// suspects reports whether what is known before the body is read speaks for
// the rule.
func (r *rule) suspects(status int, h http.Header) bool {
	byHead := *r
	byHead.code = ""
	return (r.header != "" || r.status != statusMatch{}) && byHead.matches(status, h, "")
}

func (r *rule) matchesHeader(h http.Header) bool {
	values := h[r.header]
	return r.value == "" && len(values) > 0 || r.value != "" && slices.Contains(values, r.value)
}

// covers reports whether r matches whenever s does.
func (r *rule) covers(s *rule) bool {
	return (r.status == statusMatch{} || r.status.covers(s.status)) &&
		(r.code == "" || r.code == s.code) &&
		(r.header == "" || r.header == s.header && (r.value == "" || r.value == s.value))
}
