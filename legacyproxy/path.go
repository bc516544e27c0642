package legacyproxy

import (
	"net/http"
	"net/url"
	"strings"
)

// rawPath is the path as the client wrote it. net/http keeps it in RequestURI
// alone: URL.EscapedPath escapes some bytes that came bare. Where somebody
// rewrote the URL on the way, the URL counts.
func rawPath(r *http.Request) string {
	uri := r.RequestURI
	if uri == "" {
		return escapedPath(r.URL)
	}
	path, _, _ := strings.Cut(uri, "?")
	if !strings.HasPrefix(path, "/") && path != "*" { // the absolute form
		_, rest, _ := strings.Cut(path, "://")
		i := strings.IndexByte(rest, '/')
		if i < 0 {
			return "/"
		}
		path = rest[i:]
	}
	if path == r.URL.Path || unescaped(path) == r.URL.Path {
		return path
	}
	return escapedPath(r.URL)
}

func escapedPath(u *url.URL) string {
	if p := u.EscapedPath(); p != "" {
		return p
	}
	return "/"
}

// hasDotSegment reports whether a server that decodes a path before it cleans
// it would find a "." or ".." segment. Such a path matches one operation here
// and another file there.
func hasDotSegment(rawPath string) bool {
	if !strings.Contains(rawPath, ".") && !strings.Contains(rawPath, "%2") {
		return false
	}
	path := unescaped(rawPath)
	for segment := range strings.FieldsFuncSeq(path, func(r rune) bool { return r == '/' || r == '\\' }) {
		if segment == "." || segment == ".." {
			return true
		}
	}
	return false
}
