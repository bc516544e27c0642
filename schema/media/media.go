// Package media compares the media types that messages have with those that
// contracts declare. All who choose among declared contents choose by it, so that
// a message is decoded as what it was checked as.
package media

import (
	"mime"
	"strings"
)

// Type is a media type (RFC 9110, section 8.3.1): its name in lower case, and
// its parameters, whose names are in lower case. Params may be nil.
type Type struct {
	Name   string
	Params map[string]string
}

// Parse reads a Content-Type or a declared media type. What is none is taken up
// to the first semicolon. It allocates nothing for a name in lower case alone.
func Parse(s string) Type {
	if plain(s) {
		return Type{Name: s}
	}
	name, params, err := mime.ParseMediaType(s)
	if err != nil {
		name, _, _ = strings.Cut(s, ";")
		name = strings.ToLower(strings.TrimSpace(name))
	}
	return Type{name, params}
}

// plain reports whether a media type is as most are: lower case, without
// parameters.
func plain(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == ';' || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return true
}

// IsJSON reports whether the name is that of JSON or of something written in it.
func IsJSON(name string) bool {
	return name == "application/json" || strings.HasSuffix(name, "+json") || name == "text/json"
}

// Fit says how well a message's type fits a declared one: 0 not at all, more for
// a better one. The name comes first: itself, JSON for JSON, text/*, */*. Among
// equals, declared parameters that the message has count for a declaration, and
// others against it; but they refuse nothing. The boundary of parts never counts.
func Fit(declared, given Type) int {
	name := 0
	switch kind, wild := strings.CutSuffix(declared.Name, "/*"); {
	case declared.Name == given.Name:
		name = 4
	case IsJSON(declared.Name) && IsJSON(given.Name):
		name = 3
	case declared.Name == "*/*":
		name = 1
	case wild && strings.HasPrefix(given.Name, kind+"/"):
		name = 2
	default:
		return 0
	}
	has, lacks := 0, 0
	for param, value := range declared.Params {
		switch {
		case param == "boundary":
		case strings.EqualFold(given.Params[param], value):
			has++
		default:
			lacks++
		}
	}
	const none = 8 // parameters
	if lacks > 0 {
		return name*2*none + min(max(none+has-2*lacks, 0), none-1)
	}
	return name*2*none + min(none+has, 2*none-1)
}
