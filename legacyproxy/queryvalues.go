package legacyproxy

import (
	"cmp"
	"net/http"
	"net/url"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/bracket"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// queryValues writes the parameters of a query as PHP wants them: lists and
// objects by brackets whatever the contract's style is, booleans, dates.
type queryValues struct {
	forms      *valueForms
	parameters *schema.Parameters
	owners     []queryOwner
}

// queryOwner is a parameter that is written anew.
type queryOwner struct {
	name       string
	stem       string   // of a list that has brackets in its name: what PHP calls it
	properties []string // of an exploded object, which stand for themselves
	deep       bool     // name[property]
	schema     schemaNode
}

// newQueryValues is nil when no parameter of the operation has to be written
// anew.
func (v *contractView) newQueryValues(id string, forms *valueForms) *queryValues {
	document := v.document()
	if document == nil || v.operations[id] == "" {
		return nil
	}
	q := &queryValues{forms: forms}
	for _, p := range v.queryParameters(id) {
		if owner, ok := v.queryOwner(p); ok {
			q.owners = append(q.owners, owner)
		}
	}
	var err error
	if q.parameters, err = document.Parameters(queries + "/" + jsonpointer.Escape(id) + "/get"); err != nil || len(q.owners) == 0 {
		return nil
	}
	return q
}

// queryOwner reports whether values of a parameter can look otherwise in PHP.
func (v *contractView) queryOwner(p map[string]any) (queryOwner, bool) {
	o := queryOwner{schema: schemaNode{view: v}}
	o.name, _ = p["name"].(string)
	s := object(p["schema"])
	content := object(p["content"])
	for _, media := range content {
		s = object(object(media)["schema"])
	}
	o.schema.add(s)
	style, _ := p["style"].(string)
	explode, declared := p["explode"].(bool)
	o.deep = style == "deepObject"
	if stem, ok := bracket.Stem(o.name); ok && o.schema.has("array") {
		o.stem = stem
	}
	isObject := o.schema.has("object") || o.schema.names() != nil
	if isObject && len(content) == 0 && (style == "" || style == "form") && (explode || !declared) {
		if o.properties = o.schema.names(); o.properties == nil {
			return o, false // of any names: nobody can tell them from other parameters
		}
	}
	return o, isObject || len(content) > 0 || o.schema.has("array") || o.schema.has("boolean") ||
		o.schema.format() == "date" || o.schema.format() == "date-time"
}

// has reports whether some schema names a type.
func (n schemaNode) has(kind string) bool {
	return slices.ContainsFunc(n.all, func(s map[string]any) bool { return s["type"] == kind })
}

// names are the properties that schemas name, sorted.
func (n schemaNode) names() (names []string) {
	for _, s := range n.all {
		for name := range object(s["properties"]) {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	return slices.Compact(names)
}

// owns reports whether a pair of a query is part of the parameter.
func (o *queryOwner) owns(key string) bool {
	switch {
	case o.properties != nil:
		return slices.Contains(o.properties, key)
	case o.stem != "":
		return key == o.stem || strings.HasPrefix(key, o.stem+"[")
	case o.deep:
		return strings.HasPrefix(key, o.name+"[")
	}
	return key == o.name
}

// apply writes a query anew. Pairs of other parameters keep their bytes and
// their order; a query that is not as the contract says stays as it is.
func (q *queryValues) apply(raw string, r *http.Request) string {
	if raw == "" {
		return raw
	}
	doc, violations := q.parameters.Read(nil, r)
	if len(violations) > 0 {
		return raw
	}
	all, err := treeFromJSON(doc)
	if err != nil {
		return raw
	}
	values := all.member("query")
	if values == nil || values.kind != '{' {
		return raw
	}
	anew := &tree{kind: '{'}
	for i := range q.owners {
		o := &q.owners[i]
		if t := values.member(o.name); t != nil && q.present(o, raw) {
			q.forms.apply(t, o.schema, false)
			anew.put([]string{cmp.Or(o.stem, o.name)}, t)
		}
	}
	pairs, err := q.forms.pairs(anew)
	if err != nil {
		return raw
	}
	out := make([]byte, 0, len(raw)+64)
	for pair := range strings.SplitSeq(raw, "&") {
		if !q.owned(pair) {
			out = append(append(out, pair...), '&')
		}
	}
	for _, p := range pairs {
		out = append(append(append(append(out, url.QueryEscape(p.name)...), '='), url.QueryEscape(p.value)...), '&')
	}
	return strings.TrimSuffix(string(out), "&")
}

// present reports whether the query has a parameter, which a default has not.
func (q *queryValues) present(o *queryOwner, raw string) bool {
	for pair := range strings.SplitSeq(raw, "&") {
		if key, _, _ := strings.Cut(pair, "="); o.owns(queryUnescape(key)) {
			return true
		}
	}
	return false
}

func (q *queryValues) owned(pair string) bool {
	key, _, _ := strings.Cut(pair, "=")
	key = queryUnescape(key)
	return slices.ContainsFunc(q.owners, func(o queryOwner) bool { return o.owns(key) })
}
