package goserver

import (
	"fmt"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/media"
)

// baseMedia is a media type without its parameters, in lower case.
func baseMedia(declared string) string {
	return media.Parse(declared).Name
}

func kindOfMedia(media string) bodyKind {
	switch {
	case media == "application/json", strings.HasSuffix(media, "+json"), media == "text/json":
		return jsonBody
	case media == "text/plain":
		return textBody
	case media == "application/x-www-form-urlencoded":
		return formBody
	case strings.HasPrefix(media, "multipart/") && media != "multipart/*":
		return rawParts
	case media == "text/event-stream":
		return eventsBody
	}
	switch strings.TrimPrefix(strings.TrimPrefix(media, "application/"), "x-") {
	case "ndjson", "jsonl", "jsonlines", "json-seq", "stream+json":
		return linesBody
	}
	return streamBody
}

// requestKind is how a request body is read. Forms have parts of their own when
// the contract names them.
func (p *prep) requestKind(media string, schema *openapi.SchemaRef) bodyKind {
	kind := kindOfMedia(media)
	if kind == rawParts && media == "multipart/form-data" {
		if sh := p.resolve(schema); sh.typ == "object" && len(sh.props) > 0 && len(sh.variants) == 0 && sh.lossy == "" {
			return partsBody
		}
	}
	if kind == eventsBody {
		return streamBody // only servers send events
	}
	return p.streamKind(kind, schema)
}

func (p *prep) answerKind(media string, schema *openapi.SchemaRef) bodyKind {
	return p.streamKind(kindOfMedia(media), schema)
}

// isForm reports whether values of a shape have names, as a form's have.
func isForm(sh *shape) bool { return sh.typ == "object" || sh.typ == "" }

// streamKind leaves streams raw of which the contract says nothing but that they
// are text, and forms that are none.
func (p *prep) streamKind(kind bodyKind, schema *openapi.SchemaRef) bodyKind {
	if kind == formBody && !isForm(p.resolve(schema)) {
		return streamBody
	}
	if kind != eventsBody && kind != linesBody {
		return kind
	}
	if sh := p.resolve(p.streamed(schema)); sh.typ == "" && len(sh.variants) == 0 || sh.typ == "string" && kind == eventsBody || sh.lossy != "" {
		return streamBody
	}
	return kind
}

// streamed is what the parts of a stream are. A list stands for its items.
func (p *prep) streamed(schema *openapi.SchemaRef) *openapi.SchemaRef {
	if sh := p.resolve(schema); sh.typ == "array" {
		return sh.items
	}
	return schema
}

// encodings writes what a form declares of its parts, where it is not what
// happens anyway.
func encodings(media *openapi.MediaType, kind bodyKind) []string {
	if media == nil {
		return nil
	}
	var out []string
	for _, name := range sortedKeys(media.Encoding) {
		e := media.Encoding[name]
		if e == nil {
			continue
		}
		style, explode := "Form", e.Explode == nil || *e.Explode
		switch {
		case kind == partsBody:
			if e.ContentType != "" && !strings.ContainsAny(e.ContentType, ",*") {
				out = append(out, fmt.Sprintf("{Name: %q, Media: %q}", name, e.ContentType))
			}
			continue
		case kindOfMedia(baseMedia(e.ContentType)) == jsonBody:
			style, explode = "JSON", false
		case e.Style == "deepObject":
			continue
		case e.Style != "" && e.Style != "form":
			style, explode = styleNames[e.Style], e.Explode != nil && *e.Explode
		}
		if style == "" || explode && style == "Form" {
			continue
		}
		literal := fmt.Sprintf("{Name: %q, Style: wire.%s", name, style)
		if explode {
			literal += ", Explode: true"
		}
		out = append(out, literal+"}")
	}
	return out
}

// mediaTag names a media type within Go names, as oapi-codegen's users know it.
func mediaTag(media string) string {
	switch media {
	case "application/json":
		return "JSON"
	case "text/plain":
		return "Text"
	case "application/x-www-form-urlencoded":
		return "Formdata"
	case "multipart/form-data":
		return "Multipart"
	}
	words := strings.NewReplacer("*", "Wildcard_", "+", "_plus_", "/", "_").Replace(media)
	tag := goName(words)
	for from, to := range map[string]string{"Json": "JSON", "Xml": "XML"} {
		if rest, ok := strings.CutSuffix(tag, from); ok {
			tag = rest + to
		}
	}
	return tag
}
