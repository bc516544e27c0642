package contract

import (
	"fmt"
	"regexp"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// OpenAPI 3.2 is read as 3.1, which it is for all but a few documents. What only
// 3.2 has is told by two tables: fields that remark and lose nothing when they
// are left out, and fields that say something about messages, which nobody here
// can do.

var version32 = regexp.MustCompile(`^3\.2(\.\d+)?(-.+)?$`)

// readAs is the version that the bundle of a 3.2 document has: there is nothing
// of 3.2 in it.
const readAs = "3.1.1"

// remarks32 are the fields of 3.2 that are left out without a word.
var remarks32 = map[*object][]string{
	documentObject:   {"$self"},
	serverObject:     {"name"},
	tagObject:        {"summary", "parent", "kind"},
	responseObject:   {"summary"},
	exampleObject:    {"dataValue", "serializedValue"},
	xmlObject:        {"nodeType"},
	componentsObject: {"mediaTypes"}, // references to them are followed
	securityScheme:   {"oauth2MetadataUrl", "deprecated"},
	flowsObject:      {"deviceAuthorization"},
}

// lost32 are the fields of 3.2 that are not supported, with what to write.
var lost32 = map[*object]map[string]string{
	pathItemObject: {
		"query":                "use post, or get with parameters in the query",
		"additionalOperations": "use get, put, post, delete, options, head, patch or trace",
	},
	mediaTypeObject: {
		"itemSchema":     "say what an item is in schema: of lines each line, of text/event-stream the data of each event",
		"prefixEncoding": "use multipart/form-data, whose parts have names",
		"itemEncoding":   "use multipart/form-data, whose parts have names",
	},
	encodingObject: {
		"encoding":       "send the inner form as a part of application/json",
		"prefixEncoding": "send the inner form as a part of application/json",
		"itemEncoding":   "send the inner form as a part of application/json",
	},
	discriminatorObject: {"defaultMapping": "list every value in mapping"},
}

// only32 deals with a field that the grammar does not have, and reports whether
// it is one of 3.2.
func (r *reader) only32(n *node, m *member, o *object) bool {
	if !r.v32 {
		return false
	}
	if slices.Contains(remarks32[o], m.name) {
		return true
	}
	hint, lost := lost32[o][m.name]
	if lost && !(m.name == "itemSchema" && n.get("schema") == nil) { // mendMedia looks at that
		r.not32(m.name, n.keyPos(m), hint)
	}
	return lost
}

func (r *reader) not32(name string, pos config.Pos, hint string) {
	r.list.Add(ruleOnly32, pos, fmt.Sprintf("%s is OpenAPI 3.2 and not supported; it is left out", name), hint)
}

// mendMedia reads itemSchema where schema says the same here: of media types
// with a document a line.
func (r *reader) mendMedia(n *node, v *value, media string) {
	item := n.member("itemSchema")
	if !r.v32 || item == nil || v.field("schema") != nil {
		return
	}
	if !isLines(media) {
		r.not32("itemSchema", n.keyPos(item), lost32[mediaTypeObject]["itemSchema"])
		return
	}
	if schema := r.read(item.value, obj(schemaObject), "itemSchema", n.keyPos(item)); schema != nil {
		v.set("schema", n.keyPos(item), schema)
	}
}

// isLines reports the media types of which a body is a JSON document a line.
func isLines(media string) bool {
	media, _, _ = strings.Cut(media, ";")
	media = strings.TrimPrefix(strings.ToLower(strings.TrimSpace(media)), "application/")
	return slices.Contains([]string{"ndjson", "jsonl", "jsonlines", "json-seq", "stream+json"}, strings.TrimPrefix(media, "x-"))
}

// mendPlace reads a parameter that is the whole query as one of its name.
func (r *reader) mendPlace(v *value) {
	in := v.field("in")
	if !r.v32 || in == nil || in.value.kind != textValue || in.value.text != "querystring" {
		return
	}
	r.list.Add(ruleOnly32, in.pos, "a parameter in \"querystring\" is OpenAPI 3.2 and not supported; it is read as an optional one in the query", "declare each name of the query as a parameter of its own, in: query")
	v.set("in", in.pos, textValueAt("query", in.pos))
	v.drop("required")
}
