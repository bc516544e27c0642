package wire

import (
	"mime"
	"net/http"
	"strconv"
	"strings"
)

// mediaOf returns the media type of a Content-Type, lower case, and its
// parameters. What cannot be parsed is taken up to the first semicolon.
func mediaOf(contentType string) (string, map[string]string) {
	if plainMedia(contentType) {
		return contentType, nil
	}
	media, params, err := mime.ParseMediaType(contentType)
	if err != nil {
		media, _, _ = strings.Cut(contentType, ";")
		media = strings.ToLower(strings.TrimSpace(media))
	}
	return media, params
}

// plainMedia reports whether a media type is as most are: lower case, without
// parameters.
func plainMedia(s string) bool {
	for i := range len(s) {
		if c := s[i]; c <= ' ' || c >= 0x7f || c == ';' || c >= 'A' && c <= 'Z' {
			return false
		}
	}
	return true
}

// first is Header.Get for a name that is known to be canonical.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

func isJSON(media string) bool {
	return media == "application/json" || strings.HasSuffix(media, "+json") || media == "text/json"
}

// fit says how well a media type matches a declared one: 0 not at all.
func fit(declared, media string) int {
	declared, _ = mediaOf(declared)
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

// live reports whether a stream's parts mean something as they come.
func live(contentType string) bool {
	media, _ := mediaOf(contentType)
	return media == "text/event-stream" || strings.HasSuffix(media, "ndjson") || strings.HasSuffix(media, "jsonl") || strings.HasSuffix(media, "json-seq")
}

// negotiate returns the media type that an Accept header (RFC 9110, section
// 12.5.1) likes best among those of the successes that an operation declares: of
// equals the first, and the first of all where it takes none or is not there.
// Whether that is refused was decided before.
func negotiate(header []string, answers []Answer) string {
	chosen, best := "", 0.0
	for i := range answers {
		a := &answers[i]
		if a.Media == "" || a.Status[0] != '2' {
			continue
		}
		media, _ := mediaOf(a.Media)
		if chosen == "" {
			chosen = a.Media
		}
		if q := quality(header, media); q > best {
			chosen, best = a.Media, q
		}
	}
	return chosen
}

// quality is how much a client wants a media type: that of the most specific
// range that matches, 0 when none does.
func quality(header []string, media string) (q float64) {
	best := -1
	for _, line := range header {
		for item := range strings.SplitSeq(line, ",") {
			accepted, params, err := mime.ParseMediaType(item)
			if err != nil {
				continue
			}
			weight := 1.0
			if text, ok := params["q"]; ok {
				if weight, err = strconv.ParseFloat(text, 64); err != nil || weight < 0 || weight > 1 {
					continue
				}
			}
			if f := specificity(accepted, media); f > best {
				best, q = f, weight
			}
		}
	}
	return q
}

// specificity says how closely a range describes a media type; -1: not at all.
func specificity(accepted, media string) int {
	kind, isRange := strings.CutSuffix(accepted, "/*")
	switch {
	case accepted == media:
		return 2
	case accepted == "*/*":
		return 0
	case isRange && strings.HasPrefix(media, kind+"/"):
		return 1
	}
	if kind, ok := strings.CutSuffix(media, "*"); ok && strings.HasPrefix(accepted, kind) {
		return 2
	}
	return -1
}
