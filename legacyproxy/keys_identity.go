package legacyproxy

import (
	"net/http"
	"net/netip"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
)

// identityKeys say what PHP learns of who is asking.
type identityKeys struct {
	Authorization  config.Value[string]   `yaml:"authorization"`
	TrustedHeaders []config.Value[string] `yaml:"trusted-headers"`
	Cookies        *rewriteFile           `yaml:"cookies"`
}

// identitySettings is what PHP learns of who is asking.
type identitySettings struct {
	authorization  config.Value[string] // pass, drop, or what PHP gets instead; not expanded
	trustedHeaders []string             // canonical; only a trusted proxy may send them
	cookies        *cookieMapping
}

func (p *parser) identityKeys(s *identitySettings, f *identityKeys) {
	if f.Authorization.Set() {
		s.authorization = f.Authorization
		if v := f.Authorization.V; p.expandable(f.Authorization, "authorization") && v != authorizationPass && v != authorizationDrop && !strings.Contains(v, " ") && !strings.Contains(v, "${") {
			p.fault(f.Authorization.Pos, "write pass, drop, or a whole value such as Bearer ${SHOP_PHP_TOKEN}",
				"authorization: %q is neither pass nor drop nor a scheme with its credentials", v)
		}
	}
	for _, name := range f.TrustedHeaders {
		if why := headerNameFault(name.V); why != "" {
			p.fault(name.Pos, "", "trusted-headers: %q is not usable here: %s", name.V, why)
		}
		s.trustedHeaders = append(s.trustedHeaders[:len(s.trustedHeaders):len(s.trustedHeaders)], http.CanonicalHeaderKey(name.V))
	}
	if f.Cookies != nil {
		s.cookies = p.cookies(f.Cookies)
	}
}

// What authorization may say beside a value.
const (
	authorizationPass = "pass"
	authorizationDrop = "drop"
)

// expandable checks a text that is expanded when the server starts.
func (p *parser) expandable(v config.Value[string], key string) bool {
	if _, err := config.Expand(v.V, func(string) (string, bool) { return "x", true }); err != nil {
		p.fault(v.Pos, "", "%s: %v", key, err)
		return false
	}
	if !printable(v.V) || strings.TrimSpace(v.V) == "" {
		p.fault(v.Pos, "", "%s: want one line of text", key)
		return false
	}
	return true
}

func (p *parser) cookies(f *rewriteFile) *cookieMapping {
	if !p.names(f, "cookies", func(s string) string { return s }, func(name string) string {
		if !isToken(name) {
			return "it is not a cookie's name"
		}
		return ""
	}) {
		return nil
	}
	m := &cookieMapping{}
	for _, e := range f.Set {
		if !printable(e.Value.V) || strings.ContainsAny(e.Value.V, ";, \t\"\\") {
			p.fault(e.Value.Pos, "escape it as in %20", "cookies: the value of %q has a character that a cookie cannot have", e.Key)
		}
		m.set = append(m.set, cookieSet{e.Key, e.Value.V})
	}
	for _, e := range f.Rename {
		m.rename = append(m.rename, cookieRename{e.Key, e.Value.V})
	}
	for _, d := range f.Drop {
		m.drop = append(m.drop, d.V)
	}
	return m
}

// trustedProxies reads the peers whose word counts, as addresses or networks.
// Variables are expanded when the server starts; then lookup is the
// environment's.
func trustedProxies(values []config.Value[string], lookup func(string) (string, bool), fault func(config.Pos, string, string, ...any)) (out []netip.Prefix) {
	for _, v := range values {
		text, err := config.Expand(v.V, lookup)
		if err != nil {
			fault(v.Pos, "", "trusted-proxies: %v", err)
			continue
		}
		peers, err := catalog.ParsePeers(text)
		if err != nil {
			fault(v.Pos, "write an address such as 10.0.0.7 or a network such as 10.0.0.0/8", "trusted-proxies: %v", err)
			continue
		}
		out = append(out, peers...)
	}
	return out
}
