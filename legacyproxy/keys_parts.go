package legacyproxy

import (
	"mime"
	"net/http"
	"net/textproto"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// partFile is what the parts of one field say about themselves in a multipart
// body.
type partFile struct {
	config.At
	Type    config.Value[string]             `yaml:"type"`
	Headers config.Map[config.Value[string]] `yaml:"headers"`
}

// parts are the headers of a multipart body's parts, by field.
type parts map[string]textproto.MIMEHeader

// of returns the headers of a field's part: those that are declared, and a type
// where nothing is said about it. The field may be a place in another
// (meta[source]), for which that one's are declared.
func (p parts) of(field, disposition, contentType string) textproto.MIMEHeader {
	root, _, _ := strings.Cut(field, "[")
	h := textproto.MIMEHeader{"Content-Disposition": {disposition}}
	if contentType != "" {
		h["Content-Type"] = []string{contentType}
	}
	for name, values := range p[root] {
		h[name] = values
	}
	return h
}

// parts compiles the headers of parts.
func (p *parser) parts(f config.Map[partFile], form bodyForm) parts {
	if len(f) == 0 {
		return nil
	}
	if form != bodyMultipart {
		p.fault(f[0].Pos, "add as: multipart", "body: only multipart bodies have parts")
	}
	out := parts{}
	for _, e := range f {
		p.plainField(e.Key, e.Pos)
		h := textproto.MIMEHeader{}
		if t := e.Value.Type; t.Set() {
			if media, _, err := mime.ParseMediaType(t.V); err != nil || !strings.Contains(media, "/") || !printable(t.V) {
				p.fault(t.Pos, "write it as image/png", "body: parts: %q is no media type", t.V)
			}
			h["Content-Type"] = []string{t.V}
		}
		for _, header := range e.Value.Headers {
			why := headerNameFault(header.Key)
			switch name := http.CanonicalHeaderKey(header.Key); {
			case why != "":
			case name == "Content-Type":
				why = "write type"
			case name == "Content-Disposition" || name == "Content-Transfer-Encoding":
				why = "it follows from the part"
			}
			if why != "" {
				p.fault(header.Pos, "", "body: parts: %q is not usable here: %s", header.Key, why)
			}
			if !printable(header.Value.V) {
				p.fault(header.Value.Pos, "", "body: parts: the value of %q has a line break or another control character", header.Key)
			}
			h[http.CanonicalHeaderKey(header.Key)] = []string{header.Value.V}
		}
		if len(h) == 0 && e.Value.Type.Pos.Line == 0 && len(e.Value.Headers) == 0 {
			p.fault(e.Pos, "add type or headers", "body: parts: nothing is said about %q", e.Key)
		}
		out[e.Key] = h
	}
	return out
}
