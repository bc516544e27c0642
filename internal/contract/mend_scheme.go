package contract

import (
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
)

var schemeTypes = []string{"apiKey", "http", "oauth2", "openIdConnect"}

// mendScheme checks a security scheme (OpenAPI 3.0.3, section 4.7.27).
func (r *reader) mendScheme(n *node, v *value, name string) {
	what := describe(v.object, name)
	typ := v.field("type")
	known := schemeTypes
	if r.v31 {
		known = append(slices.Clone(known), "mutualTLS")
	}
	if typ == nil {
		guess := ""
		switch {
		case v.field("flows") != nil:
			guess = "oauth2"
		case v.field("scheme") != nil:
			guess = "http"
		case v.field("openIdConnectUrl") != nil:
			guess = "openIdConnect"
		case v.field("in") != nil:
			guess = "apiKey"
		default:
			return // reported as missing
		}
		r.list.Repairable(ruleMissingField, v.pos, what+" has no type; "+guess+" is read", "add type: "+guess, n.insert("add type: "+guess, "type", guess))
		v.set("type", v.pos, textValueAt(guess, v.pos))
		typ = v.field("type")
	}
	for _, t := range append(slices.Clone(known), "mutualTLS") {
		if typ.value.text != t && strings.EqualFold(typ.value.text, t) {
			r.list.Warn(ruleInvalid, typ.pos, fmt.Sprintf("%s: the type %q is written %s", what, typ.value.text, t), "write it as "+t)
			typ.value.text = t
		}
	}
	warn := func(field, hint string) {
		r.list.Warn(ruleMissingField, v.pos, what+" of type "+typ.value.text+" has no "+field, hint)
	}
	switch typ.value.text {
	case "apiKey":
		switch in := v.str("in"); {
		case v.str("name") == "" || in == "":
			r.list.Add(ruleMissingField, v.pos, what+" of type apiKey needs a name and in", "such as name: X-Api-Key, in: header")
			v.broken = true
		case !slices.Contains([]string{"query", "header", "cookie"}, in):
			r.list.Add(ruleInvalid, v.field("in").pos, fmt.Sprintf("%s: an apiKey cannot be in %q", what, in), config.Suggest(in, []string{"query", "header", "cookie"}))
			v.broken = true
		}
	case "http":
		if v.str("scheme") == "" {
			r.list.Add(ruleMissingField, v.pos, what+" of type http has no scheme", "such as scheme: bearer")
			v.broken = true
		}
	case "oauth2":
		r.mendFlows(v, what, warn)
	case "openIdConnect":
		if v.str("openIdConnectUrl") == "" {
			warn("openIdConnectUrl", "add the URL where the provider describes itself")
		}
	case "mutualTLS":
		if !r.v31 {
			r.list.Warn(ruleLaterField, typ.pos, what+": the type mutualTLS is OpenAPI 3.1's", "start the document with openapi: 3.1.0")
		}
	case "basic":
		r.list.Repairable(ruleInvalid, typ.pos, what+": the type basic is Swagger 2.0's; it is read as type: http, scheme: basic", "write type: http, scheme: basic", nil)
		typ.value.text = "http"
		v.set("scheme", typ.pos, textValueAt("basic", typ.pos))
	default:
		r.list.Add(ruleInvalid, typ.pos, fmt.Sprintf("%s: the type %q is not known", what, typ.value.text), config.Suggest(typ.value.text, known))
		v.broken = true
	}
}

func (r *reader) mendFlows(v *value, what string, warn func(field, hint string)) {
	flows := v.get("flows")
	if flows == nil {
		warn("flows", "add those that the provider has, such as clientCredentials")
		return
	}
	for i := range flows.fields {
		f := &flows.fields[i]
		if f.value.object != flowObject {
			continue
		}
		if (f.name == "implicit" || f.name == "authorizationCode") && f.value.str("authorizationUrl") == "" {
			r.list.Warn(ruleMissingField, f.pos, what+": the flow "+f.name+" has no authorizationUrl", "add it")
		}
		if f.name != "implicit" && f.value.str("tokenUrl") == "" {
			r.list.Warn(ruleMissingField, f.pos, what+": the flow "+f.name+" has no tokenUrl", "add it")
		}
	}
}
