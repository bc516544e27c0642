package conform

import (
	"mime"
	"net/http"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema/media"
)

// bodyKind is how a body of a media type is checked.
type bodyKind uint8

const (
	streamBody bodyKind = iota // not at all: it is handed on unread
	jsonBody
	textBody
	formBody
	multipartBody
	linesBody
	eventsBody // of answers
)

// first is Header.Get for a name that is known to be canonical.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func kindOfMedia(name string) bodyKind {
	switch {
	case media.IsJSON(name) && !isLines(name):
		return jsonBody
	case name == "text/plain":
		return textBody
	case name == "application/x-www-form-urlencoded":
		return formBody
	case name == "multipart/form-data":
		return multipartBody
	case name == "text/event-stream":
		return eventsBody
	}
	if isLines(name) {
		return linesBody
	}
	return streamBody
}

// choose returns the content that a Content-Type belongs to, or nil.
func choose(contents []content, contentType string) *content {
	for i := range contents {
		if contents[i].declared == contentType {
			return &contents[i]
		}
	}
	given := media.Parse(contentType)
	var found *content
	best := 0
	for i := range contents {
		if f := media.Fit(contents[i].media, given); f > best {
			best, found = f, &contents[i]
		}
	}
	return found
}

// spelled are media types for people and headers: without their parameters, but
// where these tell several of one name apart.
func spelled(types []media.Type) []string {
	var out []string
	for i, t := range types {
		same := func(other media.Type) bool { return other.Name == t.Name }
		text := t.Name
		if slices.ContainsFunc(types[:i], same) || slices.ContainsFunc(types[i+1:], same) {
			if text = mime.FormatMediaType(t.Name, t.Params); text == "" { // what it cannot write
				text = t.Name
			}
		}
		if !slices.Contains(out, text) {
			out = append(out, text)
		}
	}
	return out
}

// accepts reports whether an Accept header (RFC 9110, section 12.5.1) takes
// one of the media types. A header that cannot be read takes everything.
func accepts(header []string, produces []media.Type) bool {
	if len(header) == 0 || len(produces) == 0 {
		return true
	}
	for _, line := range header {
		if line == "*/*" || line == "application/json" && produces[0].Name == line {
			return true
		}
	}
	for _, declared := range produces {
		if quality(header, declared) > 0 {
			return true
		}
	}
	return false
}

// quality is how much a client wants a media type: that of the most specific
// range that matches, 0 when none does.
func quality(header []string, declared media.Type) (q float64) {
	best := -1
	readable := false
	for _, line := range header {
		for item := range strings.SplitSeq(line, ",") {
			item = strings.TrimSpace(item)
			if item == "" {
				continue
			}
			accepted, rest, _ := strings.Cut(item, ";")
			accepted = strings.ToLower(strings.TrimSpace(accepted))
			if !strings.Contains(accepted, "/") {
				if accepted != "*" {
					continue
				}
				accepted = "*/*" // of old Java clients
			}
			readable = true
			near, has := specificity(accepted, declared.Name), shared(rest, declared.Params)
			if near >= 0 && has >= 0 && near+has > best {
				best, q = near+has, weight(rest)
			}
		}
	}
	if !readable {
		return 1
	}
	return q
}

// shared is how many parameters of a range a media type has; -1 when it has one
// with another value, but for charset, which nobody is refused for.
func shared(parameters string, declared map[string]string) (has int) {
	if len(declared) == 0 {
		return 0
	}
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(p, "=")
		name = strings.ToLower(strings.TrimSpace(name))
		switch own, ok := declared[name]; {
		case !ok, name == "charset":
		case !strings.EqualFold(own, strings.Trim(value, "\" ")):
			return -1
		default:
			has++
		}
	}
	return has
}

// specificity says how closely a range describes a media type; -1: not at all.
// A declared wildcard is met by everything within it.
func specificity(accepted, media string) int {
	kind, _, _ := strings.Cut(media, "/")
	acceptedKind, acceptedSub, _ := strings.Cut(accepted, "/")
	switch {
	case accepted == "*/*":
		return 0
	case media == "*/*":
		return 2
	case acceptedKind != kind:
		return -1
	case acceptedSub == "*":
		return 1
	case accepted == media, strings.HasSuffix(media, "/*"):
		return 2
	}
	return -1
}

// weight is the q of a range's parameters.
func weight(parameters string) float64 {
	for p := range strings.SplitSeq(parameters, ";") {
		name, value, _ := strings.Cut(strings.TrimSpace(p), "=")
		if strings.EqualFold(name, "q") {
			value = strings.Trim(value, "0. ")
			if value == "" {
				return 0
			}
		}
	}
	return 1
}
