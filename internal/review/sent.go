package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// whole is a value that is compared: a body, or what a component describes.
type whole struct {
	base, head *openapi.SchemaRef
	// baseAt and headAt are where the schemas stand, as JSON pointers.
	baseAt, headAt string
	// json says that the value is written as JSON.
	json bool
}

// content is a body in one media type, of the message that w stands for.
func (w *whole) content(a, b map[string]*openapi.MediaType, media string) *whole {
	before, x := declared(a, media)
	after, y := declared(b, media)
	if x == nil || y == nil || x.Schema == nil || y.Schema == nil {
		return nil
	}
	base, _, _ := strings.Cut(media, ";")
	return &whole{
		base: x.Schema, head: y.Schema,
		baseAt: w.baseAt + "/content/" + jsonpointer.Escape(before) + "/schema", headAt: w.headAt + "/content/" + jsonpointer.Escape(after) + "/schema",
		json: base == "application/json" || base == "text/json" || strings.HasSuffix(base, "+json"),
	}
}

// declared finds a media type, however it is spelled.
func declared(content map[string]*openapi.MediaType, media string) (string, *openapi.MediaType) {
	for _, name := range slices.Sorted(maps.Keys(content)) {
		if canonical(name) == media {
			return name, content[name]
		}
	}
	return "", nil
}

// held is where something stands: where a reference to a component leads, or where
// it was found.
func held(at, ref string) string {
	if component, ok := strings.CutPrefix(ref, "#/components/"); ok {
		return "/components/" + component
	}
	return at
}

// sent is what of a value that the service sends differs.
type sent struct {
	value *whole
	// schema is what the head says of it, and member the pointer from there.
	schema *openapi.Schema
	member string
}

// reads notes where clients read what changed. Once is enough: a component is the
// same wherever it stands.
func (c *Change) reads(f found) {
	if c.sent == nil && f.at.value != nil && f.schema != nil {
		c.sent = &sent{f.at.value, f.schema, f.member}
	}
}
