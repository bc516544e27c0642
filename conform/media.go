package conform

import (
	"mime"
	"net/http"
	"strings"
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

// baseMedia is a media type without its parameters, in lower case.
func baseMedia(declared string) string {
	media, _ := mediaOf(declared)
	return media
}

// mediaOf returns the media type of a Content-Type, lower case, and its
// parameters. What cannot be parsed is taken up to the first semicolon.
func mediaOf(contentType string) (string, map[string]string) {
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(contentType, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	return media, params
}

// first is Header.Get for a name that is known to be canonical.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func kindOfMedia(media string) bodyKind {
	switch {
	case isJSON(media) && !isLines(media):
		return jsonBody
	case media == "text/plain":
		return textBody
	case media == "application/x-www-form-urlencoded":
		return formBody
	case media == "multipart/form-data":
		return multipartBody
	case media == "text/event-stream":
		return eventsBody
	}
	if isLines(media) {
		return linesBody
	}
	return streamBody
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasSuffix(media, "+json") || media == "text/json"
}

// fit says how well a media type matches a declared one: 0 not at all. Package
// wire chooses in the same way.
func fit(declared, media string) int {
	switch {
	case declared == media:
		return 4
	case isJSON(declared) && isJSON(media):
		return 3
	case declared == "*/*":
		return 1
	}
	if kind, ok := strings.CutSuffix(declared, "/*"); ok && strings.HasPrefix(media, kind+"/") {
		return 2
	}
	return 0
}

// choose returns the content that a Content-Type belongs to, or nil.
func choose(contents []content, contentType string) *content {
	for i := range contents {
		if contents[i].declared == contentType {
			return &contents[i]
		}
	}
	media := baseMedia(contentType)
	var found *content
	best := 0
	for i := range contents {
		if f := fit(contents[i].media, media); f > best {
			best, found = f, &contents[i]
		}
	}
	return found
}

// accepts reports whether an Accept header (RFC 9110, section 12.5.1) takes
// one of the media types. A header that cannot be read takes everything.
func accepts(header []string, produces []string) bool {
	if len(header) == 0 || len(produces) == 0 {
		return true
	}
	for _, line := range header {
		if line == "*/*" || line == "application/json" && produces[0] == line {
			return true
		}
	}
	for _, media := range produces {
		if quality(header, media) > 0 {
			return true
		}
	}
	return false
}

// quality is how much a client wants a media type: that of the most specific
// range that matches, 0 when none does.
func quality(header []string, media string) (q float64) {
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
			if s := specificity(accepted, media); s > best {
				best, q = s, weight(rest)
			}
		}
	}
	if !readable {
		return 1
	}
	return q
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
