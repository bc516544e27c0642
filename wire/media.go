package wire

import (
	"mime"
	"net/http"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/schema/media"
)

// first is Header.Get for a name that is known to be canonical.
func first(h http.Header, name string) string {
	if v := h[name]; len(v) > 0 {
		return v[0]
	}
	return ""
}

// live reports whether a stream's parts mean something as they come.
func live(contentType string) bool {
	name := media.Parse(contentType).Name
	return name == "text/event-stream" || strings.HasSuffix(name, "ndjson") || strings.HasSuffix(name, "jsonl") || strings.HasSuffix(name, "json-seq")
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
		if chosen == "" {
			chosen = a.Media
		}
		if q := quality(header, media.Parse(a.Media)); q > best {
			chosen, best = a.Media, q
		}
	}
	return chosen
}

// quality is how much a client wants a media type: that of the most specific
// range that matches, 0 when none does.
func quality(header []string, declared media.Type) (q float64) {
	best := -1
	for _, line := range header {
		for item := range strings.SplitSeq(line, ",") {
			name, params, err := mime.ParseMediaType(item)
			if err != nil {
				continue
			}
			weight := 1.0
			if text, ok := params["q"]; ok {
				if weight, err = strconv.ParseFloat(text, 64); err != nil || weight < 0 || weight > 1 {
					continue
				}
				delete(params, "q")
			}
			if f := specificity(media.Type{Name: name, Params: params}, declared); f > best {
				best, q = f, weight
			}
		}
	}
	return q
}

// specificity says how closely a range describes a media type; -1: not at all.
// A parameter of the range that the type has with another value excludes it.
func specificity(accepted, declared media.Type) int {
	has := 0
	for name, value := range accepted.Params {
		switch own, ok := declared.Params[name]; {
		case ok && !strings.EqualFold(own, value):
			return -1
		case ok:
			has++
		}
	}
	kind, isRange := strings.CutSuffix(accepted.Name, "/*")
	switch {
	case accepted.Name == declared.Name:
		return 2 + has
	case accepted.Name == "*/*":
		return 0
	case isRange && strings.HasPrefix(declared.Name, kind+"/"):
		return 1
	}
	if kind, ok := strings.CutSuffix(declared.Name, "*"); ok && strings.HasPrefix(accepted.Name, kind) {
		return 2
	}
	return -1
}
