package dispatch

import (
	"net/http"
	"strings"
)

// subject lets a plan look at a request without allocating.
type subject struct{ r *http.Request }

func (s subject) Header(name string) string {
	if v := s.r.Header[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// Cookie returns the first cookie of that name, as PHP does. net/http's own
// reader allocates, and drops cookies that PHP takes.
func (s subject) Cookie(name string) string {
	for _, line := range s.r.Header["Cookie"] {
		for line != "" {
			var pair string
			pair, line, _ = strings.Cut(line, ";")
			key, value, _ := strings.Cut(pair, "=")
			if strings.TrimSpace(key) == name {
				value = strings.TrimSpace(value)
				if n := len(value); n > 1 && value[0] == '"' && value[n-1] == '"' {
					value = value[1 : n-1]
				}
				return value
			}
		}
	}
	return ""
}
