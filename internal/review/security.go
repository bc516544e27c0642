package review

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// security compares what a caller has to prove. What schemes are called plays no
// part on the wire: what they ask for does.
func (o *operationDiff) security() {
	old, shared := alternatives(o.base, o.a.op)
	now, sharedNow := alternatives(o.head, o.b.op)
	was, is := o.asked(o.base, old), o.asked(o.head, now)
	at := o.at("security")
	first, firstNow := strconv.Itoa(alone(was, is)), strconv.Itoa(alone(is, was))
	f := found{base: o.a.op.At("security", first), head: o.b.op.At("security", firstNow)}
	if shared && sharedNow {
		at, f.base, f.head = spot{place: "security"}, o.base.At("security", first), o.head.At("security", firstNow)
	}
	f.at, f.old, f.new = at, securityText(old), securityText(now)
	switch {
	case f.old == f.new && securityText(was) == securityText(is):
		return
	case securityText(was) == securityText(is):
		f.rule, f.message, f.same = "security-scheme-renamed", "callers must prove "+f.new+", which is what "+f.old+" was called", true
		o.say(f, o.caller)
		return
	}
	f.rule, f.message = "security-loosened", "callers must prove "+f.new+" (was: "+f.old+")"
	for i, a := range was {
		// Who came in one way must still come in, with what it proves.
		if !slices.ContainsFunc(is, func(b openapi.Requirement) bool { return suffices(a, b) }) {
			f.effect = shifts("a client that proves " + securityText(old[i:i+1]) + " is refused now")
			f.rule, f.note = "security-tightened", "keep what was enough as an alternative until its clients have moved"
		}
	}
	o.say(f, o.caller)
}

// asked says requirements by what the schemes ask for instead of by their names.
// A scheme that both contracts have under one name keeps it: whether it asks for
// something else is said once, about the scheme.
func (c *comparison) asked(doc *openapi.Document, list []openapi.Requirement) []openapi.Requirement {
	out := make([]openapi.Requirement, len(list))
	for i, r := range list {
		out[i] = openapi.Requirement{}
		for name, scopes := range r {
			key := name
			a, b := c.base.Components.SecuritySchemes[name], c.head.Components.SecuritySchemes[name]
			if scheme := doc.Components.SecuritySchemes[name]; scheme != nil && (a == nil || b == nil || schemeText(a) == schemeText(b)) {
				key = schemeText(scheme)
			}
			out[i][key] = append(out[i][key], scopes...)
		}
	}
	return out
}

// alone is the number of the first way in that others do not have, or -1.
func alone(list, others []openapi.Requirement) int {
	return slices.IndexFunc(list, func(r openapi.Requirement) bool {
		return !slices.ContainsFunc(others, func(o openapi.Requirement) bool {
			return securityText([]openapi.Requirement{o}) == securityText([]openapi.Requirement{r})
		})
	})
}

// alternatives are the ways in; shared tells that they are the document's.
func alternatives(doc *openapi.Document, op *openapi.Operation) (list []openapi.Requirement, shared bool) {
	list = op.Security
	if list == nil {
		list, shared = doc.Security, true
	}
	if len(list) == 0 {
		list = []openapi.Requirement{{}} // nothing to prove
	}
	return list, shared
}

// suffices reports whether what satisfies has satisfies wants.
func suffices(has, wants openapi.Requirement) bool {
	for name, scopes := range wants {
		mine, ok := has[name]
		if !ok {
			return false
		}
		for _, s := range scopes {
			if !slices.Contains(mine, s) {
				return false
			}
		}
	}
	return true
}

func securityText(list []openapi.Requirement) string {
	var ways []string
	for _, r := range list {
		var parts []string
		for _, name := range slices.Sorted(maps.Keys(r)) {
			part := name
			if len(r[name]) > 0 {
				part += " with " + strings.Join(slices.Sorted(slices.Values(r[name])), ", ")
			}
			parts = append(parts, part)
		}
		if len(parts) == 0 {
			parts = []string{"nothing"}
		}
		ways = append(ways, strings.Join(parts, " and "))
	}
	slices.Sort(ways)
	return strings.Join(ways, ", or ")
}

// securitySchemes compares how clients prove who they are.
func (c *comparison) securitySchemes() {
	a, b := c.base.Components.SecuritySchemes, c.head.Components.SecuritySchemes
	for _, name := range slices.Sorted(maps.Keys(a)) {
		if b[name] == nil {
			continue // the operations tell
		}
		f := found{rule: "security-scheme-changed", at: spot{place: "security scheme " + name}, base: a[name].Pos, head: b[name].Pos, note: "a second scheme for the new way; accept both until clients have moved"}
		if f.old, f.new = schemeText(a[name]), schemeText(b[name]); f.old != f.new {
			f.message = "the security scheme " + name + " is " + f.new + " now"
			field := schemeField(a[name], b[name])
			f.base, f.head = a[name].At(field...), b[name].At(field...)
			wire, why := schemeVerdict(a[name], b[name])
			users := c.provers(name)
			if len(users) == 0 {
				wire, why = OK, ""
			}
			c.record(f, wire, why, users...)
		}
		for _, scope := range lostScopes(a[name], b[name]) {
			f.rule, f.old, f.new, f.message = "security-scope-undeclared", scope, "", "the scope "+scope+" is not granted any more"
			f.base, f.head = scopePos(a[name], scope), b[name].At("flows")
			c.record(f, OK, "", c.provers(name)...)
		}
	}
}

// provers are the operations of both contracts that took a proof of a scheme.
func (c *comparison) provers(scheme string) []string {
	var out []string
	pairs, _, _ := match(pathsOf(c.base), pathsOf(c.head))
	for _, p := range pairs {
		list, _ := alternatives(c.base, p[0].op)
		if slices.ContainsFunc(list, func(r openapi.Requirement) bool { _, asks := r[scheme]; return asks }) {
			out = append(out, p[1].key())
		}
	}
	return out
}

// schemeVerdict says whether clients that prove who they are in the old way still
// can.
func schemeVerdict(a, b *openapi.SecurityScheme) (Verdict, string) {
	const refused = "clients that prove who they are in the old way are refused"
	if a.Type != b.Type || a.Type != "oauth2" {
		if a.Type == b.Type && a.Type == "openIdConnect" {
			return Undecided, "clients that ask at the old address may find nothing"
		}
		return Breaks, refused
	}
	verdict, why := OK, ""
	for _, flow := range slices.Sorted(maps.Keys(a.Flows)) {
		x, y := a.Flows[flow], b.Flows[flow]
		switch {
		case y == nil:
			return Breaks, refused
		case x.AuthorizationURL != y.AuthorizationURL || x.TokenURL != y.TokenURL || x.RefreshURL != y.RefreshURL && x.RefreshURL != "":
			verdict, why = Undecided, "clients that ask for tokens at the old address may find nothing"
		}
	}
	return verdict, why
}

// schemeField is the first field in which two schemes differ.
func schemeField(a, b *openapi.SecurityScheme) []string {
	switch {
	case a.Type != b.Type:
		return []string{"type"}
	case a.In != b.In:
		return []string{"in"}
	case a.Name != b.Name:
		return []string{"name"}
	case a.Scheme != b.Scheme:
		return []string{"scheme"}
	case a.OpenIDConnectURL != b.OpenIDConnectURL:
		return []string{"openIdConnectUrl"}
	}
	for _, flow := range slices.Sorted(maps.Keys(a.Flows)) {
		x, y := a.Flows[flow], b.Flows[flow]
		switch {
		case y == nil:
			return []string{"flows", flow}
		case x.AuthorizationURL != y.AuthorizationURL:
			return []string{"flows", flow, "authorizationUrl"}
		case x.TokenURL != y.TokenURL:
			return []string{"flows", flow, "tokenUrl"}
		case x.RefreshURL != y.RefreshURL:
			return []string{"flows", flow, "refreshUrl"}
		}
	}
	for _, flow := range slices.Sorted(maps.Keys(b.Flows)) {
		if a.Flows[flow] == nil {
			return []string{"flows", flow}
		}
	}
	return nil
}

// scopePos is where a scheme declares a scope.
func scopePos(s *openapi.SecurityScheme, scope string) config.Pos {
	for _, flow := range slices.Sorted(maps.Keys(s.Flows)) {
		if _, has := s.Flows[flow].Scopes[scope]; has {
			return s.At("flows", flow, "scopes", scope)
		}
	}
	return s.Pos
}

// lostScopes are the scopes that a scheme's flows do not grant any more.
func lostScopes(a, b *openapi.SecurityScheme) []string {
	var out []string
	for flow, x := range a.Flows {
		for scope := range x.Scopes {
			if y := b.Flows[flow]; y != nil {
				if _, has := y.Scopes[scope]; !has && !slices.Contains(out, scope) {
					out = append(out, scope)
				}
			}
		}
	}
	slices.Sort(out)
	return out
}

// schemeText is what a scheme asks for. Names of headers have no case; what the
// scopes of flows mean is for people.
func schemeText(s *openapi.SecurityScheme) string {
	name := s.Name
	if s.In == "header" {
		name = strings.ToLower(name)
	}
	out := s.Type
	for _, part := range []string{s.In, name, s.Scheme, s.OpenIDConnectURL} {
		if part != "" {
			out += " " + part
		}
	}
	for _, flow := range slices.Sorted(maps.Keys(s.Flows)) {
		f := s.Flows[flow]
		out += " " + strings.Join([]string{flow, f.AuthorizationURL, f.TokenURL, f.RefreshURL}, " ")
	}
	return strings.TrimSpace(out)
}
