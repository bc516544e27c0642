package legacyproxy

import (
	"net"
	"net/http"
	"net/netip"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// headerMapping rewrites request headers. All names are canonical.
type headerMapping struct {
	set    []headerSet
	rename []headerRename
	drop   []string
}

type headerSet struct {
	name   string
	value  config.Value[string] // not expanded
	values []string
}

type headerRename struct{ from, to string }

func (m *headerMapping) apply(h http.Header) {
	for _, name := range m.drop {
		delete(h, name)
	}
	moved := make([][]string, len(m.rename))
	for i, r := range m.rename { // all out before any goes in: two names may change places
		moved[i] = h[r.from]
		delete(h, r.from)
	}
	for i, r := range m.rename {
		if moved[i] != nil {
			h[r.to] = moved[i]
		}
	}
	for _, s := range m.set {
		h[s.name] = s.values
	}
}

// hopByHop reports whether a header is about one connection (RFC 9110,
// section 7.6.1, and what older clients send).
func hopByHop(name string) bool {
	switch name {
	case "Connection", "Proxy-Connection", "Keep-Alive", "Proxy-Authenticate", "Proxy-Authorization",
		"Te", "Trailer", "Transfer-Encoding", "Upgrade":
		return true
	}
	return false
}

// dropConnectionNamed removes what Connection declares to be about one
// connection.
func dropConnectionNamed(h http.Header, connection []string) {
	for _, line := range connection {
		for name := range strings.SplitSeq(line, ",") {
			name = strings.Trim(name, " \t")
			if name != "" && !strings.EqualFold(name, "close") && !strings.EqualFold(name, "keep-alive") {
				delete(h, http.CanonicalHeaderKey(name))
			}
		}
	}
}

// forwardedName reports whether PHP takes a header for what a trusted edge
// says about the client.
func forwardedName(name string) bool {
	switch name[0] {
	case 'X':
		return strings.HasPrefix(name, "X-Forwarded-") || name == "X-Real-Ip"
	case 'F':
		return name == "Forwarded"
	}
	return false
}

// mayPass reports whether a client's header goes to PHP. Those of an edge that
// is not trusted do not.
//
// Proxy would become HTTP_PROXY, which some PHP libraries believe (httpoxy),
// and X_Real_IP would become the same variable as X-Real-IP.
func mayPass(name string, edge bool) bool {
	return name != "" && name != "Proxy" && name != "Content-Length" && !hopByHop(name) &&
		strings.IndexByte(name, '_') < 0 && (edge || !forwardedName(name))
}

// trailers are the client's announced trailers that go to PHP, without their
// values: servers may merge trailers into the header, so the same rules count.
func trailers(announced http.Header) http.Header {
	var out http.Header
	for name := range announced {
		if !mayPass(name, false) {
			continue
		}
		if out == nil {
			out = make(http.Header, len(announced))
		}
		out[name] = nil
	}
	return out
}

// requestHeader is what of a request's header goes to PHP. The value slices
// are the request's own and must not be written to.
//
// Proxy would become HTTP_PROXY, which some PHP libraries believe (httpoxy),
// and X_Real_IP would become the same variable as X-Real-IP.
func requestHeader(in http.Header, edge bool) http.Header {
	out := make(http.Header, len(in)+4)
	for name, values := range in {
		if mayPass(name, edge) {
			out[name] = values
		}
	}
	if connection := in["Connection"]; connection != nil {
		dropConnectionNamed(out, connection)
	}
	if te := in["Te"]; te != nil && slices.ContainsFunc(te, acceptsTrailers) {
		out["Te"] = teTrailers
	}
	if _, ok := out["User-Agent"]; !ok {
		out["User-Agent"] = nil // or net/http would name itself
	}
	return out
}

var teTrailers = []string{"trailers"}

func acceptsTrailers(te string) bool {
	for coding := range strings.SplitSeq(te, ",") {
		if strings.EqualFold(strings.Trim(coding, " \t"), "trailers") {
			return true
		}
	}
	return false
}

// setForwarded says who asked for what. What a trusted peer said is kept and
// the peer is added to the list of addresses.
func setForwarded(h http.Header, r *http.Request, peer string, trusted bool) {
	values := &[3]string{peer, "http", r.Host}
	if r.TLS != nil {
		values[1] = "https"
	}
	if trusted {
		if before := h["X-Forwarded-For"]; len(before) > 0 {
			values[0] = strings.Join(before, ", ") + ", " + peer
		}
		if v := h["X-Forwarded-Proto"]; len(v) > 0 {
			values[1] = v[0]
		}
		if v := h["X-Forwarded-Host"]; len(v) > 0 {
			values[2] = v[0]
		}
	}
	if values[0] != "" {
		h["X-Forwarded-For"] = values[0:1:1]
	}
	h["X-Forwarded-Proto"] = values[1:2:2]
	h["X-Forwarded-Host"] = values[2:3:3]
}

// peer is the address that a request came from, empty when it has none, and
// whether it is a proxy whose word counts.
func (rt *route) peer(r *http.Request) (addr string, trusted bool) {
	host, _, err := net.SplitHostPort(r.RemoteAddr)
	if err != nil {
		return "", false // a unix socket, or not from a server
	}
	if len(rt.trusted) == 0 {
		return host, false
	}
	ip, err := netip.ParseAddr(host)
	ip = ip.Unmap().WithZone("")
	return host, err == nil && slices.ContainsFunc(rt.trusted, func(p netip.Prefix) bool { return p.Contains(ip) })
}
