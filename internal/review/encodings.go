package review

import (
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

const formMedia = "application/x-www-form-urlencoded"

// encoding is how one part of a form is written, defaults filled in (OpenAPI
// 3.0.3, section 4.7.15).
type encoding struct {
	contentTypes []string // of multipart
	style        string   // of application/x-www-form-urlencoded, as are the next two
	explode      bool
	reserved     bool
	headers      map[string]*openapi.HeaderRef // of multipart
	pos          config.Pos
	at           func(field string) config.Pos
}

// encodings compares how the parts of a form are written. In other media types
// encodings mean nothing.
func (o *operationDiff) encodings(media string, a, b *openapi.MediaType, at spot, from sender) {
	multipart, form := strings.HasPrefix(media, "multipart/"), media == formMedia
	if !multipart && !form {
		return
	}
	names := slices.Collect(maps.Keys(a.Encoding))
	for name := range b.Encoding {
		if a.Encoding[name] == nil {
			names = append(names, name)
		}
	}
	slices.Sort(names)
	for _, name := range names {
		old, now := encodingOf(o.schemas.base, a, name), encodingOf(o.schemas.head, b, name)
		f := found{rule: "encoding-changed", at: at.below(name), message: "the part " + name + " is encoded in another way", old: old.text(multipart), new: now.text(multipart), effect: shifts("what is written in the old way cannot be read any more")}
		field := old.differs(now, multipart)
		f.base, f.head = old.at(field), now.at(field)
		switch {
		case f.old == f.new:
		case multipart && allCovered(old.contentTypes, now.contentTypes):
			f.effect = widens("who reads the part meets content that it does not know")
		case multipart && allCovered(now.contentTypes, old.contentTypes):
			f.effect = narrows("parts in the types that are gone are refused now")
		case form && old.style == now.style && old.explode == now.explode:
			f.effect = effect{}
			if old.reserved {
				f.effect = unclear("a client that sends reserved characters as they are may be misread")
			}
		}
		if f.old != f.new {
			o.say(f, from)
		}
		if multipart {
			o.headers(old.headers, now.headers, at.below(name), from, spots{old.pos, now.pos})
		}
	}
}

// encodingOf is how a part is written; without an encoding of its own the schema
// of its property tells.
func encodingOf(f *flattener, m *openapi.MediaType, name string) encoding {
	e := m.Encoding[name]
	out := encoding{style: "form", explode: true}
	if e == nil {
		e = &openapi.Encoding{Pos: m.Pos}
	}
	out.pos, out.at = e.Pos, func(field string) config.Pos { return e.At(field) }
	if e.Style != "" {
		out.style, out.explode = e.Style, e.Style == "form"
	}
	if e.Explode != nil {
		out.explode = *e.Explode
	}
	out.reserved, out.headers = e.AllowReserved, e.Headers
	for _, media := range strings.Split(e.ContentType, ",") {
		if media = canonicalPart(media); media != "" {
			out.contentTypes = append(out.contentTypes, media)
		}
	}
	if len(out.contentTypes) == 0 {
		out.contentTypes = []string{partDefault(f, f.of(m.Schema).props[name], 0)}
	}
	slices.Sort(out.contentTypes)
	out.contentTypes = slices.Compact(out.contentTypes)
	return out
}

// partDefault is the media type of a part that names none. A list is written item
// by item.
func partDefault(f *flattener, ref *openapi.SchemaRef, depth int) string {
	s := f.of(ref)
	switch kinds := s.types &^ nullType; {
	case kinds == objectType:
		return "application/json"
	case kinds == arrayType && depth < maxTextDepth:
		return partDefault(f, s.items, depth+1)
	case kinds == stringType && (slices.Contains(s.formats, "binary") || len(withPrefix(s.facts, "content ")) > 0), kinds&(objectType|arrayType) != 0:
		return "application/octet-stream"
	}
	return "text/plain"
}

// canonicalPart is a media type of a part in one spelling, with its parameters.
func canonicalPart(media string) string {
	name, params, err := mime.ParseMediaType(media)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(media))
	}
	return mime.FormatMediaType(name, params)
}

// allCovered reports whether every media type, or range of them, of one list is
// in another one.
func allCovered(list, by []string) bool {
	for _, media := range list {
		main, _, _ := strings.Cut(media, "/")
		name, _, _ := strings.Cut(media, ";")
		if !slices.ContainsFunc(by, func(b string) bool { return b == media || b == name || b == "*/*" || b == main+"/*" }) {
			return false
		}
	}
	return true
}

// differs is the field in which another encoding is written otherwise.
func (e encoding) differs(other encoding, multipart bool) string {
	switch {
	case multipart:
		return "contentType"
	case e.style != other.style:
		return "style"
	case e.explode != other.explode:
		return "explode"
	}
	return "allowReserved"
}

func (e encoding) text(multipart bool) string {
	if multipart {
		return "contentType " + strings.Join(e.contentTypes, ", ")
	}
	out := "style " + e.style + ", explode " + strconv.FormatBool(e.explode)
	if e.reserved {
		out += ", allowReserved"
	}
	return out
}
