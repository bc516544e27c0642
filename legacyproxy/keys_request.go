package legacyproxy

import (
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// requestKeys say how PHP wants the requests of one operation.
type requestKeys struct {
	Method         config.Value[string] `yaml:"method"`
	MethodOverride config.Value[string] `yaml:"method-override"`
	Path           config.Value[string] `yaml:"path"`
	Query          rewriteFile          `yaml:"query"`
	Headers        rewriteFile          `yaml:"headers"`
	Body           *bodyFile            `yaml:"body"`
}

// rewriteFile says what becomes of named values, in a query or in a header.
type rewriteFile struct {
	Set    config.Map[config.Value[string]] `yaml:"set"`
	Rename config.Map[config.Value[string]] `yaml:"rename"`
	Drop   []config.Value[string]           `yaml:"drop"`
}

// requestSettings is how PHP wants the requests of one operation.
type requestSettings struct {
	method   string // empty: as it came
	override methodOverride
	path     *template
	query    *queryMapping
	headers  *headerMapping
	body     bodyMapping
}

// methodOverride is where a request that PHP gets as POST says its method.
type methodOverride string

const (
	overrideNone   methodOverride = ""
	overrideForm   methodOverride = "form"   // a field of the body
	overrideQuery  methodOverride = "query"  // a parameter
	overrideHeader methodOverride = "header" // X-HTTP-Method-Override
)

// methodField is the field and parameter of a method override.
const methodField = "_method"

func (p *parser) requestKeys(f *requestKeys) requestSettings {
	s := requestSettings{
		method:   p.method(f.Method),
		override: methodOverride(p.word(f.MethodOverride, "method-override", string(overrideNone), string(overrideForm), string(overrideQuery), string(overrideHeader))),
		path:     p.path(f.Path),
		query:    p.query(&f.Query),
		headers:  p.headers(&f.Headers, "headers"),
		body:     p.body(f.Body),
	}
	switch {
	case s.override == overrideForm && s.body.form == bodyPass:
		p.fault(f.MethodOverride.Pos, "add body: urlencoded, or write method-override: header", "method-override: a body that passes as it came has no field for the method")
	case s.override != overrideNone && (s.method == http.MethodGet || s.method == http.MethodHead || s.method == http.MethodPost):
		p.fault(f.MethodOverride.Pos, "remove one of them", "method-override: with method: %s there is nothing to override", s.method)
	}
	return s
}

var methods = []string{
	http.MethodGet, http.MethodPost, http.MethodPut, http.MethodPatch, http.MethodDelete,
	http.MethodHead, http.MethodOptions,
}

func (p *parser) method(v config.Value[string]) string {
	if v.Set() && !slices.Contains(methods, v.V) {
		p.fault(v.Pos, config.Suggest(v.V, methods), "method: %q is not known", v.V)
	}
	return v.V
}

func (p *parser) path(v config.Value[string]) *template {
	if !v.Set() {
		return nil
	}
	t := p.template(v, "path")
	if t == nil {
		return nil
	}
	plain := t.expand(func(string) string { return "x" })
	switch {
	case !strings.HasPrefix(plain, "/"):
		p.fault(v.Pos, "", "path: %q does not begin with /", v.V)
	case strings.ContainsAny(plain, "?#"):
		p.fault(v.Pos, "write the query under query: set", "path: %q has a query or a fragment", v.V)
	case !printable(plain) || strings.ContainsAny(plain, " \"<>\\^`|"):
		p.fault(v.Pos, "escape it as in %20", "path: %q has a character that a path cannot have", v.V)
	case !validEscapes(plain):
		p.fault(v.Pos, "write %25 for a percent sign", "path: %q has a broken escape", v.V)
	case strings.HasPrefix(plain, "//") || hasDotSegment(plain):
		p.fault(v.Pos, "write the path out", "path: %q has an empty beginning or a . or .. segment", v.V)
	}
	return t
}

func (p *parser) template(v config.Value[string], key string) *template {
	t, err := parseTemplate(v.V)
	if err != nil {
		p.fault(v.Pos, "write {{ or }} for a brace itself", "%s: in %q %v", key, v.V, err)
		return nil
	}
	t.pos = v.Pos
	return t
}

func (p *parser) query(f *rewriteFile) *queryMapping {
	names := p.names(f, "query", func(s string) string { return parseQueryName(s).key() }, func(name string) string {
		if parseQueryName(name).root == "" {
			return "PHP ignores a parameter without a name"
		}
		return ""
	})
	if !names {
		return nil
	}
	m := &queryMapping{}
	for _, e := range f.Set {
		if t := p.template(e.Value, "query: set"); t != nil {
			m.set = append(m.set, querySet{parseQueryName(e.Key), t})
		}
	}
	for _, e := range f.Rename {
		m.rename = append(m.rename, queryRename{parseQueryName(e.Key), e.Value.V})
	}
	for _, d := range f.Drop {
		m.drop = append(m.drop, parseQueryName(d.V))
	}
	return m
}

func (p *parser) headers(f *rewriteFile, what string) *headerMapping {
	if f == nil || !p.names(f, what, http.CanonicalHeaderKey, headerNameFault) {
		return nil
	}
	m := &headerMapping{}
	for _, e := range f.Set {
		if _, err := config.Expand(e.Value.V, func(string) (string, bool) { return "x", true }); err != nil {
			p.fault(e.Value.Pos, "", "%s: the value of %q: %v", what, e.Key, err)
		}
		if !printable(e.Value.V) {
			p.fault(e.Value.Pos, "", "%s: the value of %q has a line break or another control character", what, e.Key)
		}
		e.Value.V = strings.Trim(e.Value.V, " \t")
		m.set = append(m.set, headerSet{http.CanonicalHeaderKey(e.Key), e.Value, []string{e.Value.V}})
	}
	for _, e := range f.Rename {
		m.rename = append(m.rename, headerRename{http.CanonicalHeaderKey(e.Key), http.CanonicalHeaderKey(e.Value.V)})
	}
	for _, d := range f.Drop {
		m.drop = append(m.drop, http.CanonicalHeaderKey(d.V))
	}
	return m
}

// names checks that each name of a rewrite is well-formed and has one rule,
// and that no two are renamed to the same. It reports whether there is any.
func (p *parser) names(f *rewriteFile, what string, key, wrong func(string) string) bool {
	seen, targets := map[string]int{}, map[string]int{}
	once := func(seen map[string]int, name string, pos config.Pos, format string) {
		if why := wrong(name); why != "" {
			p.fault(pos, "", "%s: %q is not usable here: %s", what, name, why)
			return
		}
		if line, twice := seen[key(name)]; twice {
			p.fault(pos, "keep one of them", format, what, name, line)
			return
		}
		seen[key(name)] = pos.Line
	}
	for _, e := range f.Set {
		once(seen, e.Key, e.Pos, "%s: %q has a rule in line %[3]d already")
	}
	for _, e := range f.Rename {
		once(seen, e.Key, e.Pos, "%s: %q has a rule in line %[3]d already")
		once(targets, e.Value.V, e.Value.Pos, "%s: another name becomes %q in line %[3]d already")
	}
	for _, d := range f.Drop {
		once(seen, d.V, d.Pos, "%s: %q has a rule in line %[3]d already")
	}
	return len(f.Set)+len(f.Rename)+len(f.Drop) > 0
}

// headerNameFault says why a header cannot be mapped, or nothing.
func headerNameFault(name string) string {
	canonical := http.CanonicalHeaderKey(name)
	switch {
	case !isToken(name):
		return "it is not a header name"
	case strings.Contains(name, "_"):
		return "PHP takes _ and - for the same, so such headers are dropped"
	case canonical == "Host":
		return "write host: keep or host: upstream"
	case canonical == "Content-Length" || hopByHop(canonical) || canonical == "Proxy" || canonical == "Expect":
		return "it belongs to the connection"
	case strings.HasPrefix(canonical, "X-Forwarded-") || canonical == "Forwarded":
		return "it is set from the connection"
	}
	return ""
}

// isToken reports whether s is a token (RFC 9110, section 5.6.2).
func isToken(s string) bool {
	for i := range len(s) {
		c := s[i]
		alnum := '0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z'
		if !alnum && strings.IndexByte("!#$%&'*+-.^_`|~", c) < 0 {
			return false
		}
	}
	return s != ""
}

// printable reports whether s has no control characters but tabs.
func printable(s string) bool {
	return !strings.ContainsFunc(s, func(r rune) bool { return r < ' ' && r != '\t' || r == 0x7f })
}

func validEscapes(s string) bool {
	_, err := url.PathUnescape(s)
	return err == nil
}
