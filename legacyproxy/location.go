package legacyproxy

import (
	"bytes"
	"net/http"
	"net/url"
	"slices"
	"strings"
)

// links says which of PHP's links to itself become links to the server that
// the client knows.
type links string

const (
	linksKeep    links = "keep"
	linksHeaders links = "headers" // Location, Content-Location, Refresh, Link and Set-Cookie
	linksAll     links = "all"     // also the texts of JSON bodies
)

// relocation turns links to PHP into links to the public server.
type relocation struct {
	hosts  []origin
	bases  []string // PHP's paths in front of every path, without empty ones
	public string   // scheme://host
	at     *url.URL // that PHP was asked for, where it is not at the client's path; or nil
}

// origin is what PHP may call itself: a host with its port, and the path in
// front of every path there.
type origin struct{ host, base string }

// newRelocation reads where the client is from the forwarding headers that PHP
// gets.
func newRelocation(ups []*upstream, sent http.Header) *relocation {
	first := func(name string) string {
		if v := sent[name]; len(v) > 0 {
			return v[0]
		}
		return ""
	}
	host := first("X-Forwarded-Host")
	if host == "" {
		return nil
	}
	r := &relocation{public: first("X-Forwarded-Proto") + "://" + host}
	for _, up := range ups {
		if up.name != "" {
			r.hosts = append(r.hosts, origin{up.name, up.base})
		}
		if up.host != up.name && up.host != "" {
			r.hosts = append(r.hosts, origin{up.host, up.base})
		}
		if up.base != "" && !slices.Contains(r.bases, up.base) {
			r.bases = append(r.bases, up.base)
		}
	}
	return r
}

// upstreams are all that requests of a route may go to.
func (rt *route) upstreams() []*upstream {
	if len(rt.sending.targets) > 0 {
		return rt.sending.targets
	}
	return []*upstream{rt.upstream}
}

// link is a link as clients can follow it. What does not lead to PHP stays.
func (r *relocation) link(s string) string {
	if path, ok := r.path(s); ok {
		return r.public + path
	}
	if strings.HasPrefix(s, "/") && !strings.HasPrefix(s, "//") {
		return r.unbase(s)
	}
	return r.relative(s)
}

// relative is a link relative to PHP's script as one that is not, where the client
// would take it for one relative to the path of the contract (RFC 3986, section
// 5.2). A query alone means the same to both.
func (r *relocation) relative(s string) string {
	end := strings.IndexAny(s, "?#")
	if end < 0 {
		end = len(s)
	}
	ref, err := url.Parse(s[:end])
	if r.at == nil || err != nil || end == 0 || ref.Scheme != "" || ref.Host != "" {
		return s
	}
	return r.unbase(r.at.ResolveReference(ref).EscapedPath()) + s[end:]
}

// path is what follows PHP's own address in a URL.
func (r *relocation) path(s string) (string, bool) {
	scheme, rest, ok := strings.Cut(s, "//")
	if !ok || scheme != "" && !strings.EqualFold(scheme, "http:") && !strings.EqualFold(scheme, "https:") {
		return "", false
	}
	end := strings.IndexAny(rest, "/?#")
	if end < 0 {
		end = len(rest)
	}
	for _, o := range r.hosts {
		if strings.EqualFold(rest[:end], o.host) {
			return r.unbase(rest[end:]), true
		}
	}
	return "", false
}

// unbase takes PHP's path in front of every path off.
func (r *relocation) unbase(path string) string {
	for _, base := range r.bases {
		if after, ok := strings.CutPrefix(path, base); ok && (after == "" || strings.ContainsAny(after[:1], "/?#")) {
			if after == "" {
				return "/"
			}
			return after
		}
	}
	return path
}

// header rewrites the links of an answer's header.
func (r *relocation) header(h http.Header) {
	for _, name := range []string{"Location", "Content-Location"} {
		r.values(h, name, r.link)
	}
	r.values(h, "Refresh", func(s string) string {
		before, target, ok := cutFold(s, "url=")
		if !ok {
			return s
		}
		return before + r.link(target)
	})
	r.values(h, "Link", r.linkHeader)
	r.values(h, "Set-Cookie", r.cookie)
}

func (r *relocation) values(h http.Header, name string, rewrite func(string) string) {
	values := h[name]
	for i, v := range values {
		if to := rewrite(v); to != v {
			values[i] = to
		}
	}
}

// cutFold cuts behind sep, whatever its case.
func cutFold(s, sep string) (before, after string, ok bool) {
	i := strings.Index(strings.ToLower(s), sep)
	if i < 0 || len(strings.ToLower(s)) != len(s) {
		return s, "", false
	}
	return s[:i+len(sep)], s[i+len(sep):], true
}

// linkHeader rewrites the targets in <> (RFC 8288, section 3).
func (r *relocation) linkHeader(s string) string {
	var out strings.Builder
	for {
		before, rest, ok := strings.Cut(s, "<")
		target, after, closed := strings.Cut(rest, ">")
		if !ok || !closed {
			out.WriteString(s)
			return out.String()
		}
		out.WriteString(before + "<" + r.link(target) + ">")
		s = after
	}
}

// cookie takes out of a cookie what names PHP's own host, which clients would
// refuse, and PHP's base path.
func (r *relocation) cookie(s string) string {
	parts := strings.Split(s, ";")
	out := parts[:1]
	for _, part := range parts[1:] {
		name, value, _ := strings.Cut(strings.TrimSpace(part), "=")
		switch {
		case strings.EqualFold(name, "domain") && r.ours(value):
			continue
		case strings.EqualFold(name, "path") && r.unbase(value) != value:
			part = " " + name + "=" + r.unbase(value)
		}
		out = append(out, part)
	}
	return strings.Join(out, ";")
}

// ours reports whether a cookie's domain is PHP's and not the client's.
func (r *relocation) ours(domain string) bool {
	domain = strings.ToLower(strings.TrimPrefix(domain, "."))
	within := func(host string) bool {
		u := url.URL{Host: strings.ToLower(host)}
		name := u.Hostname()
		return name == domain || strings.HasSuffix(name, "."+domain)
	}
	_, public, _ := strings.Cut(r.public, "://")
	if within(public) {
		return false
	}
	for _, o := range r.hosts {
		if within(o.host) {
			return true
		}
	}
	return false
}

// body rewrites the texts of a JSON document that begin with PHP's address.
func (r *relocation) body(doc []byte) []byte {
	for _, scheme := range []string{"http:", "https:"} {
		for _, slash := range []string{"/", `\/`} {
			for _, o := range r.hosts {
				doc = r.replace(doc, scheme+slash+slash+o.host, o.base, slash)
			}
		}
	}
	return doc
}

// replace replaces an address at the beginning of texts.
func (r *relocation) replace(doc []byte, from, base, slash string) []byte {
	to := []byte(strings.ReplaceAll(r.public, "/", slash))
	path := []byte(strings.ReplaceAll(base, "/", slash))
	needle := []byte(`"` + from)
	if !bytes.Contains(doc, needle) {
		return doc
	}
	out := make([]byte, 0, len(doc)+len(doc)/8)
	for {
		i := bytes.Index(doc, needle)
		if i < 0 {
			return append(out, doc...)
		}
		end := i + len(needle)
		whole := end < len(doc) && bytes.IndexByte([]byte(`/\?#"`), doc[end]) >= 0 && (i == 0 || doc[i-1] != '\\')
		out = append(out, doc[:i]...)
		if !whole {
			out, doc = append(out, needle...), doc[end:]
			continue
		}
		out, doc = append(append(out, '"'), to...), doc[end:]
		if rest, ok := bytes.CutPrefix(doc, path); ok && len(path) > 0 && len(rest) > 0 && bytes.IndexByte([]byte(`/\?#"`), rest[0]) >= 0 {
			doc = rest
		}
	}
}
