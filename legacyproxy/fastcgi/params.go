package fastcgi

import (
	"net"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// variables are the parameters of one request, in the order that nginx sends
// them in. PHP finds them in $_SERVER.
type variables struct {
	buf   []byte
	names []string // of headers, sorted
	err   error
}

func (v *variables) reset() {
	v.buf, v.names, v.err = v.buf[:0], v.names[:0], nil
}

// add appends one parameter. C strings end at a NUL byte, so none may hold one.
func (v *variables) add(name, value string) {
	if strings.IndexByte(value, 0) >= 0 {
		v.err = RequestError(name + " has a NUL byte")
	}
	v.buf = appendPair(v.buf, name, value)
}

// fill describes a request whose body has the given length.
func (v *variables) fill(r *http.Request, l *Layout, length int64) error {
	v.reset()
	uri := requestURI(r)
	path, _, _ := strings.Cut(uri, "?")
	script, info, err := l.resolve(path)
	if err != nil {
		return err
	}
	v.add("QUERY_STRING", r.URL.RawQuery)
	v.add("REQUEST_METHOD", method(r))
	v.add("CONTENT_TYPE", strings.Join(r.Header["Content-Type"], ", "))
	v.add("CONTENT_LENGTH", contentLength(r, length))
	v.add("SCRIPT_FILENAME", l.Root+script)
	v.add("SCRIPT_NAME", script)
	v.add("PATH_INFO", info)
	v.add("REQUEST_URI", uri)
	v.add("DOCUMENT_URI", script+info)
	v.add("DOCUMENT_ROOT", l.Root)
	v.add("SERVER_PROTOCOL", r.Proto)
	v.connection(r)
	v.add("GATEWAY_INTERFACE", "CGI/1.1")
	v.add("SERVER_SOFTWARE", "banyan")
	v.add("REDIRECT_STATUS", "200") // or PHP refuses where it is built with --enable-force-cgi-redirect
	v.headers(r)
	return v.err
}

// contentLength is left empty where no body is to be expected.
func contentLength(r *http.Request, length int64) string {
	switch method(r) {
	case http.MethodPost, http.MethodPut, http.MethodPatch:
	default:
		if length == 0 {
			return ""
		}
	}
	return strconv.FormatInt(length, 10)
}

// connection says who asked, whom, and how. The scheme is what the header
// says, because whoever sends through this package decided whose word counts.
func (v *variables) connection(r *http.Request) {
	own := "http"
	if r.TLS != nil {
		own = "https"
	}
	scheme := own
	if said := r.Header["X-Forwarded-Proto"]; len(said) > 0 && (said[0] == "http" || said[0] == "https") {
		scheme = said[0]
	}
	v.add("REQUEST_SCHEME", scheme)
	if scheme == "https" {
		v.add("HTTPS", "on")
	}
	addr, port := splitAddr(r.RemoteAddr)
	v.add("REMOTE_ADDR", addr)
	v.add("REMOTE_PORT", port)

	var local string
	if a, ok := r.Context().Value(http.LocalAddrContextKey).(net.Addr); ok {
		local = a.String()
	}
	addr, port = splitAddr(local)
	name, named := hostPort(r.Host)
	if scheme != own || port == "" { // an edge that the client spoke to before
		port = named
		if port == "" {
			port = map[string]string{"http": "80", "https": "443"}[scheme]
		}
	}
	v.add("SERVER_ADDR", addr)
	v.add("SERVER_PORT", port)
	v.add("SERVER_NAME", name)
}

// splitAddr takes an address apart. Go code that calls without a client is
// this machine; unix sockets have no numbers.
func splitAddr(addr string) (host, port string) {
	if addr == "" {
		return "127.0.0.1", ""
	}
	host, port, err := net.SplitHostPort(addr)
	if err != nil {
		return "unix:", ""
	}
	return host, port
}

// hostPort takes a Host header apart.
func hostPort(host string) (name, port string) {
	if i := strings.LastIndexByte(host, ':'); i >= 0 && i > strings.LastIndexByte(host, ']') {
		return host[:i], host[i+1:]
	}
	return host, ""
}

// headers adds the header as HTTP_ variables. Left out is what would become
// the same variable as something else: names with underscores, Proxy (which
// some libraries take for the environment's HTTP_PROXY), and what the body or
// the connection was about.
func (v *variables) headers(r *http.Request) {
	v.add("HTTP_HOST", r.Host)
	for name, values := range r.Header {
		if len(values) > 0 && passes(name) {
			v.names = append(v.names, name)
		}
	}
	slices.Sort(v.names)
	var name [64]byte
	for _, n := range v.names {
		values := r.Header[n]
		value := values[0]
		if len(values) > 1 {
			separator := ", "
			if n == "Cookie" {
				separator = "; "
			}
			value = strings.Join(values, separator)
		}
		v.add(string(append(append(name[:0], "HTTP_"...), variableName(n)...)), value)
	}
}

// passes reports whether a header becomes a variable.
func passes(name string) bool {
	for i := range len(name) {
		c := name[i]
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || c == '-') {
			return false
		}
	}
	switch {
	case name == "", strings.EqualFold(name, "Proxy"), strings.EqualFold(name, "Host"),
		strings.EqualFold(name, "Content-Length"), strings.EqualFold(name, "Transfer-Encoding"),
		strings.EqualFold(name, "Expect"), strings.EqualFold(name, "Connection"), strings.EqualFold(name, "Trailer"):
		return false
	}
	return true
}

func variableName(header string) string {
	b := []byte(header)
	for i, c := range b {
		switch {
		case c == '-':
			b[i] = '_'
		case 'a' <= c && c <= 'z':
			b[i] = c - 'a' + 'A'
		}
	}
	return string(b)
}

// requestURI is path and query as they go out. An opaque URL holds a path
// that is not to be written anew.
func requestURI(r *http.Request) string {
	u := r.URL
	if u.Opaque != "" && u.Opaque[0] == '/' && !strings.HasPrefix(u.Opaque, "//") || u.Opaque == "*" {
		if u.RawQuery != "" || u.ForceQuery {
			return u.Opaque + "?" + u.RawQuery
		}
		return u.Opaque
	}
	return u.RequestURI()
}

func method(r *http.Request) string {
	if r.Method == "" {
		return http.MethodGet
	}
	return r.Method
}
