//go:build unix

package trips

import (
	"encoding/json"
	"maps"
	"net/url"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// written writes a parameter as the contract wants it (OpenAPI 3.0.3, section
// 4.7.12): the text of a path or header, or pairs of a query or of cookies. It is
// not ok where a style has no text for the value, or one that means something else.
func written(p *openapi.Parameter, v any) (pieces []string, ok bool) {
	if len(p.Content) > 0 {
		text, err := json.Marshal(v)
		if err != nil {
			return nil, false
		}
		return placed(p, string(text))
	}
	style, explode := styleOf(p)
	switch v := v.(type) {
	case []any:
		texts, ok := scalars(v)
		if !ok || len(texts) == 0 {
			return nil, false
		}
		for i := range v {
			if !certain(itemsOf(p.Schema), v[i], texts[i]) {
				return nil, false
			}
		}
		return listed(p, style, explode, texts)
	case map[string]any:
		var names, texts []string
		for _, name := range slices.Sorted(maps.Keys(v)) {
			text, ok := scalar(v[name])
			if !ok || text == "" || strings.ContainsAny(text+name, delimiters) || !certain(memberOf(p.Schema, name), v[name], text) {
				return nil, false
			}
			names, texts = append(names, name), append(texts, text)
		}
		if len(names) == 0 {
			return nil, false
		}
		return membered(p, style, explode, names, texts)
	}
	text, ok := scalar(v)
	if !ok || !certain(p.Schema, v, text) {
		return nil, false
	}
	switch style {
	case "label":
		return placed(p, text, ".")
	case "matrix":
		return placed(p, text, ";"+p.Name+"=")
	case "deepObject":
		return nil, false
	}
	return placed(p, text)
}

// delimiters are what one style or another sets between texts.
const delimiters = ",;=. |&[]%/"

func styleOf(p *openapi.Parameter) (style string, explode bool) {
	if style = p.Style; style == "" {
		style = "simple"
		if p.In == "query" || p.In == "cookie" {
			style = "form"
		}
	}
	if p.Explode != nil {
		return style, *p.Explode
	}
	return style, style == "form" || style == "deepObject"
}

// certain reports whether a text means the value and nothing else: "5" is a number
// where numbers are possible, and true is text where only text is.
func certain(ref *openapi.SchemaRef, v any, text string) bool {
	if _, isText := v.(string); isText && !json.Valid([]byte(text)) {
		return true
	}
	if ref == nil || ref.Value == nil || len(ref.Value.Types) != 1 {
		return false
	}
	switch v.(type) {
	case string:
		return ref.Value.Types[0] == "string"
	case bool:
		return ref.Value.Types[0] == "boolean"
	}
	return ref.Value.Types[0] == "integer" || ref.Value.Types[0] == "number"
}

func itemsOf(ref *openapi.SchemaRef) *openapi.SchemaRef {
	if ref == nil || ref.Value == nil {
		return nil
	}
	return ref.Value.Items
}

func memberOf(ref *openapi.SchemaRef, name string) *openapi.SchemaRef {
	if ref == nil || ref.Value == nil {
		return nil
	}
	return ref.Value.Properties[name]
}

func scalars(list []any) ([]string, bool) {
	out := make([]string, len(list))
	for i, v := range list {
		text, ok := scalar(v)
		if !ok || text == "" || strings.ContainsAny(text, delimiters) {
			return nil, false
		}
		out[i] = text
	}
	return out, true
}

// scalar is the text of a value that is neither null nor made of others.
func scalar(v any) (string, bool) {
	switch v := v.(type) {
	case string:
		return v, true
	case json.Number:
		return v.String(), true
	case bool:
		if v {
			return "true", true
		}
		return "false", true
	}
	return "", false
}

// placed writes a text where the parameter stands.
func placed(p *openapi.Parameter, text string, before ...string) ([]string, bool) {
	prefix := strings.Join(before, "")
	switch p.In {
	case "path":
		if text == "" || strings.Trim(text, ".") == "" {
			return nil, false
		}
		return []string{prefix + url.PathEscape(text)}, true
	case "header":
		return []string{text}, text == strings.TrimSpace(text) && text != "" && plain(text)
	case "cookie":
		return []string{p.Name + "=" + text}, text != "" && plain(text) && !strings.ContainsAny(text, " \",;\\%")
	}
	return []string{escape(p.Name) + "=" + escape(text)}, true
}

func plain(text string) bool {
	return !strings.ContainsFunc(text, func(r rune) bool { return r < ' ' || r > '~' })
}

func escape(text string) string { return strings.ReplaceAll(url.QueryEscape(text), "+", "%20") }

func listed(p *openapi.Parameter, style string, explode bool, texts []string) ([]string, bool) {
	join := func(by string) ([]string, bool) { return joined(p, texts, by) }
	switch style {
	case "simple":
		return join(",")
	case "label":
		if explode {
			pieces, ok := join(".")
			return prefixed(pieces, "."), ok
		}
		pieces, ok := join(",")
		return prefixed(pieces, "."), ok
	case "matrix":
		if explode {
			pieces, ok := joined(p, texts, ";"+p.Name+"=")
			return prefixed(pieces, ";"+p.Name+"="), ok
		}
		pieces, ok := join(",")
		return prefixed(pieces, ";"+p.Name+"="), ok
	case "deepObject":
		return nil, false
	}
	if explode {
		var out []string
		for _, text := range texts {
			pieces, ok := placed(p, text)
			if !ok || p.In == "cookie" {
				return nil, false
			}
			out = append(out, pieces...)
		}
		return out, true
	}
	return join(map[string]string{"spaceDelimited": "%20", "pipeDelimited": "|"}[style])
}

func prefixed(pieces []string, prefix string) []string {
	if len(pieces) == 0 {
		return nil
	}
	return []string{prefix + pieces[0]}
}

// joined sets something between texts that are escaped.
func joined(p *openapi.Parameter, texts []string, by string) ([]string, bool) {
	if by == "" {
		by = ","
	}
	escaped := make([]string, len(texts))
	for i, text := range texts {
		switch p.In {
		case "path":
			escaped[i] = url.PathEscape(text)
		case "query":
			escaped[i] = escape(text)
		default:
			escaped[i] = text
			if !plain(text) {
				return nil, false
			}
		}
	}
	text := strings.Join(escaped, by)
	switch p.In {
	case "query":
		return []string{escape(p.Name) + "=" + text}, true
	case "cookie":
		return []string{p.Name + "=" + text}, !strings.ContainsAny(text, " \";\\%")
	}
	return []string{text}, true
}

func membered(p *openapi.Parameter, style string, explode bool, names, texts []string) ([]string, bool) {
	var flat, pairs []string
	for i := range names {
		flat = append(flat, names[i], texts[i])
		pairs = append(pairs, names[i]+"="+texts[i])
	}
	if p.In == "cookie" || !plain(strings.Join(flat, "")) {
		return nil, false
	}
	switch style {
	case "deepObject":
		var out []string
		for i := range names {
			out = append(out, escape(p.Name)+"["+escape(names[i])+"]="+escape(texts[i]))
		}
		return out, true
	case "form":
		if explode {
			return pairs, true
		}
		return []string{escape(p.Name) + "=" + strings.Join(flat, ",")}, true
	case "simple":
		if explode {
			return []string{strings.Join(pairs, ",")}, true
		}
		return []string{strings.Join(flat, ",")}, true
	case "label":
		if explode {
			return []string{"." + strings.Join(pairs, ".")}, true
		}
		return []string{"." + strings.Join(flat, ",")}, true
	case "matrix":
		if explode {
			return []string{";" + strings.Join(pairs, ";")}, true
		}
		return []string{";" + p.Name + "=" + strings.Join(flat, ",")}, true
	}
	return nil, false
}
