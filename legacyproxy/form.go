package legacyproxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"strings"

	"github.com/banyan-go/banyan/problem"
)

// bodyForm is the form in which PHP wants a request's body.
type bodyForm string

const (
	bodyPass       bodyForm = "pass"
	bodyJSON       bodyForm = "json"
	bodyURLEncoded bodyForm = "urlencoded"
	bodyMultipart  bodyForm = "multipart"
)

const (
	typeJSON      = "application/json"
	typeForm      = "application/x-www-form-urlencoded"
	typeMultipart = "multipart/form-data"
)

// Bounds of a body that is converted. PHP's own are 64 levels
// (max_input_nesting_level) and 1000 values (max_input_vars, often raised).
const (
	maxFormBytes  = 8 << 20
	maxFormDepth  = 64
	maxFormValues = 10_000
	maxFormNested = 40_000  // lists and objects, which take more memory than bytes
	maxFormName   = 8 << 10 // with all brackets
)

// bodyMapping is how PHP wants the bodies of one operation.
type bodyMapping struct {
	form   bodyForm
	set    []bodySet
	rename []bodyRename
	drop   []string
	parts  parts // of multipart bodies
}

// bodySet is a value that PHP gets whatever the client sent: a text with
// variables, or a literal of JSON when text is nil.
type bodySet struct {
	path    []string
	text    *template
	literal *tree
}

type bodyRename struct{ from, to string }

// changes reports whether bodies differ by more than their form.
func (m *bodyMapping) changes() bool { return len(m.set)+len(m.rename)+len(m.drop)+len(m.parts) > 0 }

// conversion is what a body is converted with, for one request.
type conversion struct {
	*bodyMapping
	values *valueForms
	schema bodySchema
	params params
	method string // what a form says the method is; empty: nothing
}

// is reports whether a media type is of a form.
func (f bodyForm) is(mediaType string) bool {
	switch f {
	case bodyJSON:
		return isJSON(mediaType)
	case bodyURLEncoded:
		return mediaType == typeForm
	case bodyMultipart:
		return mediaType == typeMultipart
	}
	return true
}

// untouched reports whether a body of a media type is as PHP wants it.
func (c *conversion) untouched(given string) bool {
	switch {
	case !c.form.is(given) || c.changes() || c.method != "":
		return false
	case c.values == nil:
		return true
	case c.form == bodyJSON:
		return c.values.yes == "" && c.values.dateTime == nil && c.values.date == nil
	}
	return c.form == bodyMultipart || c.schema.form == nil
}

// convert reads a request's body and writes it in the form that PHP wants. It
// returns nil when the body is in that form already or there is none.
func (c *conversion) convert(r *http.Request, limit int64) (body []byte, contentType string, err error) {
	if c == nil {
		return nil, "", nil
	}
	given := mediaType(r.Header)
	none := r.Body == nil || r.Body == http.NoBody
	makes := len(c.set) > 0 || c.method != ""
	if none && !makes || !none && c.untouched(given) {
		return nil, "", nil
	}
	var raw []byte
	if !none {
		if raw, err = readBody(r.Body, limit); err != nil {
			return nil, "", err
		}
	}
	source := bodySource{tree: &tree{kind: '{'}}
	switch {
	case len(raw) == 0 && !makes:
		return []byte{}, c.form.contentType(), nil
	case len(raw) == 0:
	case r.Header.Get("Content-Encoding") != "":
		return nil, "", unsupported()
	default:
		if source, err = c.read(r.Header.Get("Content-Type"), given, raw); err != nil {
			return nil, "", err
		}
	}
	if c.values != nil {
		c.values.apply(source.tree, c.schema.node, c.form == bodyJSON)
	}
	c.rewrite(&source)
	if len(source.files) > 0 && c.form != bodyMultipart {
		return nil, "", problem.UnsupportedMedia.New("a file cannot be sent here")
	}
	body, contentType, err = c.write(&source)
	if err != nil {
		return nil, "", problem.Malformed.Wrap(err, "the body "+err.Error())
	}
	return body, contentType, nil
}

var errNested = fmt.Errorf("has more than %d lists and objects", maxFormNested)

var errNotObject = errors.New("is not a JSON object")

func unsupported() error {
	return problem.UnsupportedMedia.New("want application/json, application/x-www-form-urlencoded or multipart/form-data without a content encoding")
}

// read reads a body of any of the three forms.
func (c *conversion) read(contentType, given string, raw []byte) (source bodySource, err error) {
	switch {
	case isJSON(given):
		source.tree, err = treeFromJSON(bytes.TrimPrefix(raw, utf8BOM))
		if err == nil && source.tree.kind != '{' && (c.form != bodyJSON || c.changes()) {
			err = errNotObject
		}
	case given == typeForm:
		source.tree, err = c.schema.readForm(raw, c.values)
	case given == typeMultipart:
		source, err = readMultipart(contentType, raw)
	default:
		return source, unsupported()
	}
	if err != nil {
		return source, problem.Malformed.Wrap(err, "the body "+err.Error())
	}
	return source, nil
}

// write writes what was read as PHP wants it.
func (c *conversion) write(source *bodySource) (body []byte, contentType string, err error) {
	t := source.tree
	if c.form == bodyJSON {
		body, err = t.appendJSON(nil)
		return body, typeJSON, err
	}
	pairs, err := c.values.pairs(t)
	if err != nil {
		return nil, "", err
	}
	if c.form == bodyMultipart {
		return writeMultipart(pairs, source.files, c.parts)
	}
	return appendPairs(make([]byte, 0, 256), pairs), typeForm, nil
}

// rewrite renames, drops and sets members.
func (c *conversion) rewrite(source *bodySource) {
	t := source.tree
	for _, name := range c.drop {
		t.remove(name)
		source.dropFiles(name)
	}
	moved := make([]*tree, len(c.rename))
	for i, r := range c.rename { // all out before any goes in: two names may change places
		moved[i] = t.remove(r.from)
	}
	for i, r := range c.rename {
		if moved[i] != nil {
			t.remove(r.to)
			t.put([]string{r.to}, moved[i])
		}
	}
	source.renameFiles(c.rename)
	for _, s := range c.set {
		value := s.literal
		if s.text != nil {
			value = &tree{kind: '"', text: s.text.expand(c.params.decoded)}
		}
		t.put(s.path, value)
	}
	if c.method != "" {
		t.put([]string{methodField}, &tree{kind: '"', text: c.method})
	}
}

var utf8BOM = []byte("\xef\xbb\xbf")

// contentType is the type that an empty converted body has.
func (f bodyForm) contentType() string {
	if f == bodyJSON {
		return typeJSON
	}
	return typeForm
}

// mediaType is the type that a header declares, without parameters.
func mediaType(h http.Header) string {
	t, _, _ := strings.Cut(h.Get("Content-Type"), ";")
	return strings.ToLower(strings.TrimSpace(t))
}

func isJSON(mediaType string) bool {
	return mediaType == typeJSON || strings.HasSuffix(mediaType, "+json")
}

// mayBeJSON reports whether PHP may mean JSON by a media type: what it says when
// nobody says otherwise, and what was in use before application/json was.
func mayBeJSON(h http.Header) bool {
	switch media := mediaType(h); media {
	case "", "text/html", "text/plain", "text/json", "text/x-json", "application/x-json",
		"text/javascript", "application/javascript", "application/x-javascript":
		return true
	default:
		return isJSON(media)
	}
}

// readBody reads a client's body of at most limit bytes.
func readBody(body io.Reader, limit int64) ([]byte, error) {
	if limit <= 0 || limit > maxFormBytes {
		limit = maxFormBytes
	}
	data, err := io.ReadAll(io.LimitReader(body, limit+1))
	if err != nil {
		return nil, clientFailure(err)
	}
	if int64(len(data)) > limit {
		return nil, problem.BodyTooLarge.New(fmt.Sprintf("the body has more than %d bytes", limit))
	}
	return data, nil
}
