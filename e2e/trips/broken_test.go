//go:build unix

package trips

import (
	"encoding/json"
	"maps"
	"math/big"
	"net/http"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// broken sends requests that break one constraint each.
func (p *plan) broken(least *message, bodies []*message, pointers map[string]string) {
	left := mostFaults
	try := func(m *message, at, constraint string) {
		if left--; left >= 0 {
			p.refuse(m, at, constraint)
		}
	}
	if len(least.credentials) > 0 && p.closed(least) {
		m := *least
		m.credentials = nil
		if got := p.send(&m, trip{}); got.status != 401 || len(got.at) > 0 {
			p.fail("%s: without credentials: %d %s", &m, got.status, shortened(got.body))
		} else {
			p.refused++
		}
	}
	for _, key := range slices.Sorted(maps.Keys(least.model)) {
		v := least.model[key]
		at := "/" + v.In + "/" + jsonpointer.Escape(v.Name)
		if v.Required && v.In != "path" {
			try(least.without(key), at, "required")
		}
		if v.Schema == nil || len(v.Content) > 0 {
			continue
		}
		for constraint, wrong := range breaking(v.Schema.Value, true) {
			if _, ok := written(v, wrong); ok {
				try(least.with(key, wrong), at, constraint)
			}
		}
	}
	for _, m := range largest(bodies) {
		p.inside(m.content.Schema, m.body, "", 0, func(at, constraint string, wrong any) {
			body := replaced(m.body, at, wrong)
			if constraint == "required" {
				body = replaced(m.body, at, gone{})
			}
			try(m.sending(m.media, m.content, body), at, constraint)
		})
	}
	if m := least; m.media != "" && kindOf(m.media) == jsonBody {
		if body := m.op.Body; body != nil && body.Required {
			none := *m
			none.media = ""
			try(&none, "", "body")
		}
	}
}

// refuse expects that a request is refused for what stands at a place.
func (p *plan) refuse(m *message, at, constraint string) {
	p.T.Helper()
	if _, err := m.request("http://x"); err != nil {
		return
	}
	got := p.send(m, trip{})
	var said struct {
		Errors []struct{ Pointer, Message string }
	}
	_ = json.Unmarshal(got.body, &said)
	if len(got.at) > 0 || got.status < 400 || got.status >= 500 {
		p.fail("%s breaks %s at %q: %d, handlers called: %d, %s", m, constraint, at, got.status, len(got.at), shortened(got.body))
		return
	}
	if m.op.Method == http.MethodHead { // whose answers say nothing
		p.refused++
		return
	}
	for _, f := range said.Errors {
		if f.Pointer == at {
			p.refused++
			return
		}
	}
	p.fail("%s breaks %s at %q: refused without the place: %d %s", m, constraint, at, got.status, shortened(got.body))
}

// closed reports whether nobody comes in without credentials.
func (p *plan) closed(m *message) bool {
	ways := p.model.Paths[m.op.Template].Operations[m.op.Method].Security
	if ways == nil {
		ways = p.model.Security
	}
	for _, way := range ways {
		proves := len(way) > 0
		for name := range way {
			s := p.model.Components.SecuritySchemes[name]
			proves = proves && s != nil && s.Type != "mutualTLS" // of which a stub knows nothing
		}
		if !proves {
			return false
		}
	}
	return true
}

// largest are a few bodies in JSON that have most to break.
func largest(bodies []*message) []*message {
	var out []*message
	for _, m := range bodies {
		if kindOf(m.media) == jsonBody && m.content.Schema != nil {
			out = append(out, m)
		}
	}
	size := func(m *message) int { text, _ := json.Marshal(m.body); return len(text) }
	slices.SortStableFunc(out, func(a, b *message) int { return size(b) - size(a) })
	return out[:min(len(out), 3)]
}

// inside breaks what schemas say of a value and of what is in it, as far as they
// say it without a choice.
func (p *plan) inside(ref *openapi.SchemaRef, v any, at string, depth int, try func(at, constraint string, wrong any)) {
	if ref == nil || ref.Value == nil || depth > 12 {
		return
	}
	s := ref.Value
	if len(s.OneOf)+len(s.AnyOf) > 0 || s.Discriminator != nil || s.Not != nil || s.If != nil || v == nil {
		return
	}
	for constraint, wrong := range breaking(s, false) {
		try(at, constraint, wrong)
	}
	for _, m := range s.AllOf {
		p.inside(m, v, at, depth+1, try)
	}
	switch v := v.(type) {
	case map[string]any:
		for _, name := range s.Required {
			if _, there := v[name]; there && !readOnly(s.Properties[name]) {
				try(at+"/"+jsonpointer.Escape(name), "required", nil)
			}
		}
		for _, name := range slices.Sorted(maps.Keys(v)) {
			p.inside(s.Properties[name], v[name], at+"/"+jsonpointer.Escape(name), depth+1, try)
		}
	case []any:
		if len(v) > 0 && len(s.PrefixItems) == 0 {
			p.inside(s.Items, v[0], at+"/0", depth+1, try)
		}
	}
}

func readOnly(ref *openapi.SchemaRef) bool {
	return ref != nil && ref.Value != nil && ref.Value.ReadOnly
}

// gone stands for a member that is taken out.
type gone struct{}

// replaced is a value with another one at a place.
func replaced(v any, at string, by any) any {
	if at == "" {
		return by
	}
	token, rest, deeper := strings.Cut(at[1:], "/")
	if deeper {
		rest = "/" + rest
	}
	switch v := v.(type) {
	case map[string]any:
		name := jsonpointer.Unescape(token)
		out := maps.Clone(v)
		if _, drop := by.(gone); drop && rest == "" {
			delete(out, name)
			return out
		}
		out[name] = replaced(v[name], rest, by)
		return out
	case []any:
		i, err := strconv.Atoi(token)
		if err != nil || i >= len(v) {
			return v
		}
		out := slices.Clone(v)
		out[i] = replaced(v[i], rest, by)
		return out
	}
	return v
}

// breaking returns for constraints of a schema a value each that breaks it: for a
// parameter a text that nobody could take for another value.
func breaking(s *openapi.Schema, parameter bool) map[string]any {
	out := map[string]any{}
	if s == nil || len(s.Types) != 1 || s.Const != nil || len(s.OneOf)+len(s.AnyOf)+len(s.AllOf) > 0 && parameter {
		return out
	}
	typ := s.Types[0]
	if len(s.Enum) > 0 {
		if typ == "string" {
			out["enum"] = "no value of any enum at all"
		}
		return out
	}
	switch typ {
	case "string":
		if s.MaxLength != nil && *s.MaxLength < 2000 {
			out["maxLength"] = strings.Repeat("a", int(*s.MaxLength)+1)
		}
		if s.MinLength != nil && *s.MinLength > 0 && *s.MinLength < 2000 && (*s.MinLength > 1 || !parameter) {
			out["minLength"] = strings.Repeat("a", int(*s.MinLength)-1)
		}
		if text, ok := unmatched(s.Pattern); ok && s.Pattern != "" {
			out["pattern"] = text
		}
		if checkedFormats[s.Format] {
			out["format"] = "#no"
		}
		if !parameter && !s.Nullable {
			out["type"] = true
		}
	case "integer", "number":
		if limit, ok := new(big.Rat).SetString(s.Minimum.String()); ok && limit.IsInt() {
			out["minimum"] = json.Number(limit.Sub(limit, big.NewRat(1, 1)).Num().String())
		}
		if limit, ok := new(big.Rat).SetString(s.Maximum.String()); ok && limit.IsInt() && limit.Num().BitLen() < 62 {
			out["maximum"] = json.Number(limit.Add(limit, big.NewRat(1, 1)).Num().String())
		}
		out["type"] = "none"
	case "boolean":
		out["type"] = "perhaps"
	case "array":
		if s.MinItems != nil && *s.MinItems > 0 && !parameter {
			out["minItems"] = []any{}
		}
		if !parameter {
			out["type"] = "none"
		}
	case "object":
		if !parameter {
			out["type"] = "none"
		}
	}
	return out
}

// checkedFormats are those that the text in breaking is none of.
var checkedFormats = map[string]bool{"date": true, "date-time": true, "uuid": true, "email": true, "ipv4": true, "ipv6": true, "uri": true, "hostname": true, "byte": true}

// unmatched finds a text that a pattern does not match, by Go's own engine.
func unmatched(pattern string) (string, bool) {
	re, err := regexp.Compile(pattern)
	if err != nil {
		return "", false
	}
	for _, text := range []string{"~", "a", "0", "A~0", "-", "~~~~~~~~~~~~~~~~"} {
		if !re.MatchString(text) {
			return text, true
		}
	}
	return "", false
}
