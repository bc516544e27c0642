package legacyproxy

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/problem"
)

// bodyForm is the form in which PHP wants a request's body.
type bodyForm string

const (
	bodyPass       bodyForm = "pass"
	bodyJSON       bodyForm = "json"
	bodyURLEncoded bodyForm = "urlencoded"
)

const (
	typeJSON = "application/json"
	typeForm = "application/x-www-form-urlencoded"
)

// Bounds of a body that is converted. PHP's own are 64 levels
// (max_input_nesting_level) and 1000 values (max_input_vars, often raised).
const (
	maxFormBytes  = 8 << 20
	maxFormDepth  = 64
	maxFormValues = 10_000
	maxFormName   = 8 << 10 // with all brackets, escaped
)

// convert reads a request's body and writes it in the form that PHP wants. It
// returns nil when the body is in that form already or there is none.
func (f bodyForm) convert(r *http.Request, limit int64) ([]byte, error) {
	if f == bodyPass || r.Body == nil || r.Body == http.NoBody {
		return nil, nil
	}
	given := mediaType(r.Header)
	var conversion func([]byte) ([]byte, error)
	switch {
	case f == bodyURLEncoded && given == typeForm, f == bodyJSON && isJSON(given):
		return nil, nil
	case f == bodyURLEncoded && isJSON(given):
		conversion = formFromJSON
	case f == bodyJSON && given == typeForm:
		conversion = jsonFromForm
	}
	body, err := readBody(r.Body, limit)
	switch {
	case err != nil:
		return nil, err
	case len(body) == 0:
		return []byte{}, nil
	case conversion == nil || r.Header.Get("Content-Encoding") != "":
		return nil, problem.UnsupportedMedia.New("want application/json or application/x-www-form-urlencoded without a content encoding")
	}
	out, err := conversion(bytes.TrimPrefix(body, utf8BOM))
	if err != nil {
		return nil, problem.Malformed.Wrap(err, "the body "+err.Error())
	}
	return out, nil
}

var utf8BOM = []byte("\xef\xbb\xbf")

// contentType is the type that a converted body has.
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

// formFromJSON writes an object as http_build_query does: a[b][0]=x with an
// index for every list entry, true and false as 1 and 0, and nothing for null
// and for what is empty. Numbers keep their digits. Its errors complete the
// sentence "the body ...".
func formFromJSON(doc []byte) ([]byte, error) {
	dec := jsontext.NewDecoder(bytes.NewBuffer(doc))
	w := &formWriter{dec: dec, out: make([]byte, 0, len(doc)+len(doc)/4)}
	if dec.PeekKind() != '{' {
		if err := dec.SkipValue(); err != nil {
			return nil, errNotJSON
		}
		return nil, errors.New("is not a JSON object")
	}
	if err := w.value("", 0); err != nil {
		return nil, err
	}
	if _, err := dec.ReadToken(); !errors.Is(err, io.EOF) {
		return nil, errNotJSON
	}
	return w.out, nil
}

var errNotJSON = errors.New("is not valid JSON")

type formWriter struct {
	dec    *jsontext.Decoder
	out    []byte
	values int
}

// value writes the next JSON value under an escaped key.
func (w *formWriter) value(key string, depth int) error {
	token, err := w.dec.ReadToken()
	if err != nil {
		return errNotJSON
	}
	switch token.Kind() {
	case '{', '[':
		if depth == maxFormDepth {
			return fmt.Errorf("is nested more than %d levels deep", maxFormDepth)
		}
		return w.children(key, depth, token.Kind() == '[')
	case 'n':
		return nil
	case 't':
		return w.pair(key, "1")
	case 'f':
		return w.pair(key, "0")
	default:
		return w.pair(key, token.String())
	}
}

func (w *formWriter) children(key string, depth int, list bool) error {
	for i := 0; ; i++ {
		if kind := w.dec.PeekKind(); kind == '}' || kind == ']' {
			_, err := w.dec.ReadToken()
			return err
		}
		name := strconv.Itoa(i)
		if !list {
			token, err := w.dec.ReadToken()
			if err != nil {
				return errNotJSON
			}
			name = token.String()
			if !nameable(name, depth) {
				return fmt.Errorf("has the name %q, which a PHP form cannot carry", name)
			}
			name = url.QueryEscape(name)
		}
		if depth > 0 {
			name = key + "%5B" + name + "%5D"
		}
		if len(name) > maxFormName {
			return fmt.Errorf("has a name of more than %d bytes", maxFormName)
		}
		if err := w.value(name, depth+1); err != nil {
			return err
		}
	}
}

// nameable reports whether PHP reads a name back as it is, the dots and spaces
// of outer names apart, which become underscores.
func nameable(name string, depth int) bool {
	switch {
	case name == "", strings.ContainsAny(name, "[]\x00"):
		return false
	case depth == 0:
		return name[0] != ' '
	}
	return len(name) > 1 || !strings.Contains(phpSpace, name)
}

func (w *formWriter) pair(key, value string) error {
	if w.values++; w.values > maxFormValues {
		return fmt.Errorf("has more than %d values", maxFormValues)
	}
	if len(w.out)+len(key)+len(value) > 4*maxFormBytes { // long names many times over
		return errors.New("is too large as a form")
	}
	if len(w.out) > 0 {
		w.out = append(w.out, '&')
	}
	w.out = append(append(append(w.out, key...), '='), url.QueryEscape(value)...)
	return nil
}
