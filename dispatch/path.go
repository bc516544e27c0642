package dispatch

import (
	"net/http"
	"slices"
	"strings"
)

// decodedPath is the request with its path in decoded form only. Generated
// code takes a RawPath to mean that the parameters are still encoded.
func decodedPath(r *http.Request) *http.Request {
	decoded := *r
	u := *r.URL
	u.RawPath = ""
	decoded.URL = &u
	return &decoded
}

// allowed is the Allow header for a path with these methods.
func allowed(methods []string) string {
	methods = append(slices.Clone(methods), http.MethodOptions)
	if slices.Contains(methods, http.MethodGet) {
		methods = append(methods, http.MethodHead)
	}
	slices.Sort(methods)
	return strings.Join(slices.Compact(methods), ", ")
}

// shortPath is the path of an Event outside the contracts.
func shortPath(r *http.Request) string {
	const most = 200
	p := r.URL.Path
	if len(p) > most {
		p = strings.ToValidUTF8(p[:most], "") + "..."
	}
	return p
}
