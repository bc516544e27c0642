package wire

import (
	"mime"
	"net/http"
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
