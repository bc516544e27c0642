package goserver

import (
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// nameSchemes finds the security schemes that operations ask for, gives each a
// method of the interface Security, and writes the requirements of operations.
func (p *prep) nameSchemes(ops []*operation) []schemeView {
	used := map[string]bool{}
	for _, op := range ops {
		for _, r := range p.requirements(op) {
			for name := range r {
				used[name] = true
			}
		}
	}
	var views []schemeView
	index := map[string]int{}
	methods := p.schemeMethods(used)
	for _, name := range sortedKeys(used) {
		s := p.doc.Components.SecuritySchemes[name]
		if s == nil {
			s = &openapi.SecurityScheme{} // a warning of the reader's; nobody is let in unasked
		}
		index[name] = len(views)
		views = append(views, schemeView{Method: methods[name], Literal: schemeLiteral(name, s), Doc: schemeDoc(s)})
	}
	if len(views) == 0 {
		return nil
	}
	for _, op := range ops {
		open := false
		for _, r := range p.requirements(op) {
			op.Security = append(op.Security, requirementLiteral(r, index))
			open = open || len(r) == 0
		}
		if open && len(op.Security) == 1 {
			op.Security = nil
		}
	}
	return views
}

// schemeMethods names the methods of schemes. All that are declared have a say, those
// that nobody asks for as well, so that who asks for one more renames none.
func (p *prep) schemeMethods(used map[string]bool) map[string]string {
	taken := newScope()
	out := nameSection(p, taken, p.doc.Components.SecuritySchemes, "the security scheme ", func(s *openapi.SecurityScheme) (config.Pos, bool) { return s.Pos, true })
	for _, name := range sortedKeys(used) {
		if out[name] == "" {
			out[name] = taken.take(p.words.goName(name))
		}
	}
	return out
}

// requirements are the ways to be let in to an operation. What a contract asks
// for everywhere is about its own operations: who receives a webhook or callback
// asks for what stands there.
func (p *prep) requirements(op *operation) []openapi.Requirement {
	if op.node.Security != nil || op.Outgoing {
		return op.node.Security
	}
	return p.doc.Security
}

func requirementLiteral(r openapi.Requirement, index map[string]int) string {
	var parts []string
	for _, name := range sortedKeys(r) {
		at, ok := index[name]
		if !ok {
			continue
		}
		part := "{Scheme: " + strconv.Itoa(at)
		if scopes := slices.Clone(r[name]); len(scopes) > 0 {
			for i := range scopes {
				scopes[i] = strconv.Quote(scopes[i])
			}
			part += ", Scopes: []string{" + strings.Join(scopes, ", ") + "}"
		}
		parts = append(parts, part+"}")
	}
	return "{" + strings.Join(parts, ", ") + "}"
}

func schemeLiteral(name string, s *openapi.SecurityScheme) string {
	head := fmt.Sprintf("{Name: %q, Type: wire.", name)
	switch s.Type {
	case "apiKey":
		return head + fmt.Sprintf("APIKey, In: wire.In%s, Param: %q}", goName(s.In), s.Name)
	case "http":
		switch scheme := strings.ToLower(s.Scheme); scheme {
		case "basic":
			return head + `Basic, Word: "Basic"}`
		case "bearer":
			return head + `Bearer, Word: "Bearer"}`
		default:
			return head + fmt.Sprintf("Authorization, Word: %q}", s.Scheme)
		}
	case "mutualTLS":
		return head + "Connection}"
	case "":
		return head + "Undeclared}"
	}
	return head + `Bearer, Word: "Bearer"}`
}

// schemeDoc says what credentials there are.
func schemeDoc(s *openapi.SecurityScheme) []string {
	var what string
	switch s.Type {
	case "apiKey":
		what = fmt.Sprintf("the API key in the %s %s", s.In, s.Name)
	case "http":
		what = fmt.Sprintf("the %s credentials in Authorization", s.Scheme)
		if s.BearerFormat != "" {
			what += " (" + s.BearerFormat + ")"
		}
	case "oauth2":
		what = "an OAuth 2 access token with the scopes"
	case "openIdConnect":
		what = "an access token of OpenID Connect (" + s.OpenIDConnectURL + ") with the scopes"
	case "mutualTLS":
		what = "the client's certificate"
	case "":
		what = "the request, for a scheme that the contract names and does not declare"
	}
	out := commentLines("checks " + what + ".")
	if more := brief(s.Description); len(more) > 0 {
		out = append(append(out, ""), more...)
	}
	return out
}
