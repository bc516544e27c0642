package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// security compares what a caller has to prove.
func (o *operationDiff) security() {
	old, shared := alternatives(o.base, o.a.op)
	now, sharedNow := alternatives(o.head, o.b.op)
	at := o.at("security")
	if shared && sharedNow {
		at = spot{place: "security"}
	}
	from, to := securityText(old), securityText(now)
	if from == to {
		return
	}
	e := effect{}
	rule := "security-loosened"
	for _, a := range old {
		// Who came in one way must still come in, with what it proves.
		if !slices.ContainsFunc(now, func(b openapi.Requirement) bool { return suffices(a, b) }) {
			e = shifts("a client that proves " + securityText([]openapi.Requirement{a}) + " is refused now")
			rule = "security-tightened"
		}
	}
	f := found{rule: rule, at: at, message: "callers must prove " + to + " (was: " + from + ")", old: from, new: to, effect: e}
	if shared && sharedNow {
		f.base, f.head = o.base.Pos, o.head.Pos
	}
	o.say(f, o.caller)
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
		if old, now := schemeText(a[name]), schemeText(b[name]); old != now {
			c.record(found{rule: "security-scheme-changed", at: spot{place: "security scheme " + name}, message: "the security scheme " + name + " is " + now + " now", old: old, new: now, base: a[name].Pos, head: b[name].Pos},
				Breaks, "clients that prove who they are in the old way are refused")
		}
	}
}

func schemeText(s *openapi.SecurityScheme) string {
	out := s.Type
	for _, part := range []string{s.In, s.Name, s.Scheme, s.OpenIDConnectURL} {
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
