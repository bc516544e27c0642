package legacyproxy

import (
	"errors"
	"fmt"
	"net/http"
	"net/url"
	"strconv"
	"strings"
)

const upstreamHint = "write it like http://127.0.0.1:8081 or ${SHOP_PHP:-http://127.0.0.1:8081}"

// upstream is where a PHP backend listens.
type upstream struct {
	scheme, host string
	base         string // raw path in front of every path, without a final slash
	name         string // its own Host header
	socket       string // the path of a unix socket, which has no host

	transport http.RoundTripper
}

const (
	schemeFastCGI     = "fastcgi"
	schemeFastCGIUnix = "fastcgi+unix"
)

func (u *upstream) String() string { return u.scheme + "://" + u.host + u.socket + u.base }

// speaksFastCGI reports whether there is no HTTP on the way to PHP.
func (u *upstream) speaksFastCGI() bool {
	return u.scheme == schemeFastCGI || u.scheme == schemeFastCGIUnix
}

// parseUpstream reads a URL whose variables are expanded. Its errors do not
// repeat a password.
func parseUpstream(s string) (*upstream, error) {
	if s == "" {
		return nil, errors.New("the URL is empty")
	}
	u, err := url.Parse(s)
	if err != nil {
		var parse *url.Error
		if errors.As(err, &parse) { // its text repeats the URL
			err = parse.Err
		}
		return nil, fmt.Errorf("not a URL: %w", err)
	}
	port := u.Port()
	number, portErr := strconv.Atoi(port)
	switch {
	case u.Scheme == schemeFastCGIUnix:
		return parseSocket(u)
	case u.Scheme != "http" && u.Scheme != "https" && u.Scheme != schemeFastCGI:
		return nil, errors.New("want an http://, https://, fastcgi:// or fastcgi+unix:// URL")
	case u.Hostname() == "":
		return nil, errors.New("the URL has no host")
	case u.Scheme == schemeFastCGI && port == "":
		return nil, errors.New("the URL has no port; php-fpm's is mostly 9000")
	case u.Scheme == schemeFastCGI && strings.Trim(u.Path, "/") != "":
		return nil, errors.New("the URL of a FastCGI server has no path; the folder of the scripts is set under fastcgi: root")
	case port != "" && (portErr != nil || number < 1 || number > 65535):
		return nil, fmt.Errorf("%s is not a port", port)
	case u.User != nil:
		return nil, errors.New("the URL holds a user or password; set an Authorization header instead")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the URL has a query or a fragment; write it without")
	case hasDotSegment(u.EscapedPath()):
		return nil, errors.New("the URL's path has a . or .. segment")
	}
	up := &upstream{scheme: u.Scheme, host: u.Host, base: strings.TrimRight(u.EscapedPath(), "/"), name: hostHeader(u)}
	if up.speaksFastCGI() {
		up.name = u.Hostname() // the port is none of a web server
	}
	return up, nil
}

// parseSocket reads the URL of a unix socket: fastcgi+unix:///path.
func parseSocket(u *url.URL) (*upstream, error) {
	switch {
	case u.Host != "" || u.User != nil:
		return nil, errors.New("the URL of a socket has no host; write three slashes before its path")
	case strings.Trim(u.Path, "/") == "" || strings.HasSuffix(u.Path, "/"):
		return nil, errors.New("the URL names no socket")
	case strings.IndexByte(u.Path, 0) >= 0:
		return nil, errors.New("the socket's path has a NUL byte")
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return nil, errors.New("the URL has a query or a fragment; write it without")
	}
	return &upstream{scheme: u.Scheme, socket: u.Path, name: "localhost"}, nil
}

// urlFor is the URL of a raw path and query on the upstream. The path is
// handed over as it is, for url.URL would otherwise write its own escapes.
func (u *upstream) urlFor(rawPath, rawQuery string, forceQuery bool) *url.URL {
	out := &url.URL{Scheme: u.scheme, Host: u.host, RawQuery: rawQuery, ForceQuery: forceQuery}
	path := rawPath
	if u.base != "" {
		path = u.base + rawPath
	}
	if strings.HasPrefix(path, "//") {
		// As Opaque it would become an authority.
		out.Path, out.RawPath = unescaped(path), path
		return out
	}
	out.Opaque = path
	return out
}

// hostHeader leaves the port out where it is the scheme's own.
func hostHeader(u *url.URL) string {
	port := u.Port()
	if u.Scheme == "http" && port == "80" || u.Scheme == "https" && port == "443" {
		return strings.TrimSuffix(u.Host, ":"+port)
	}
	return u.Host
}
