package wire

import (
	"bufio"
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"
	"strings"
	"unsafe"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"

	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema/media"
	"github.com/banyan-go/banyan/wire/internal/codec"
)

// choose finds out which of the declared bodies the request has and returns its
// index, or -1 when there is none or it is refused. A body without Content-Type
// is the first one.
func (in *Input) choose(declared []Body, required bool) int {
	if in.err != nil || !in.open() {
		if required && in.err == nil {
			in.fault("", "a body is required")
		}
		return -1
	}
	header := first(in.r.Header, "Content-Type")
	if header == "" {
		in.given = media.Parse(declared[0].Media)
		return 0
	}
	for i := range declared {
		if d := declared[i].Media; d == header && strings.IndexByte(d, ';') < 0 {
			in.given = media.Type{Name: d}
			return i
		}
	}
	in.given = media.Parse(header)
	best, at := 0, -1
	for i := range declared {
		if f := media.Fit(media.Parse(declared[i].Media), in.given); f > best {
			best, at = f, i
		}
	}
	if at < 0 {
		names := make([]string, len(declared))
		for i := range declared {
			names[i] = declared[i].Media
		}
		in.err = problem.UnsupportedMedia.New("the body must be " + strings.Join(names, " or "))
	}
	return at
}

// open reports whether there is a body.
func (in *Input) open() bool {
	if in.r.Body == nil || in.r.Body == http.NoBody || in.r.ContentLength == 0 {
		return false
	}
	if in.r.ContentLength > 0 {
		in.body = in.r.Body
		return true
	}
	buffered := bufio.NewReader(in.r.Body)
	_, err := buffered.Peek(1)
	if err != nil && err != io.EOF {
		in.readError(err)
	}
	in.body = buffered
	return err == nil
}

// readError keeps what dispatch has an answer for and calls the rest malformed.
func (in *Input) readError(err error) {
	var tooLarge *http.MaxBytesError
	if errors.As(err, &tooLarge) {
		in.err = err
		return
	}
	in.err = problem.Malformed.Wrap(err, "the body could not be read")
}

func (in *Input) readAll() ([]byte, bool) {
	var buf bytes.Buffer
	if n := in.r.ContentLength; n > 0 && n <= 1<<20 {
		buf.Grow(int(n) + bytes.MinRead)
	}
	if _, err := buf.ReadFrom(in.body); err != nil {
		in.readError(err)
		return nil, false
	}
	return buf.Bytes(), true
}

// readJSON sets a nil pointer to the body as a t. It stays nil when the body is
// at fault. A null body is a fault unless the contract allows it, and then nil.
func (in *Input) readJSON(t *codec.Type, to *unsafe.Pointer, nullable bool) {
	var data []byte
	mode := codec.Strict
	if in.known != nil {
		data = in.known.JSON()
	}
	if data != nil {
		mode = codec.Lenient // whoever has checked it was strict
	} else {
		var ok bool
		if data, ok = in.readAll(); !ok {
			return
		}
	}
	if jsontext.Value(data).Kind() == 'n' && strings.TrimSpace(string(data)) == "null" {
		switch {
		case !nullable:
			in.fault("", "must not be null")
			return
		case t.At(nil).Type().Elem().Kind() != reflect.Interface:
			return
		} // null is a value that anything may be
	}
	v, err := t.New(data, mode)
	if err != nil {
		in.fault(jsonFault(err))
		return
	}
	*to = v
}

// jsonFault says where and what is wrong with a JSON document, in words for the
// client who sent it.
func jsonFault(err error) (pointer, message string) {
	var syntax *jsontext.SyntacticError
	var meaning *jsonv2.SemanticError
	switch {
	case errors.As(err, &meaning):
		pointer = string(meaning.JSONPointer)
		// Types that read themselves are handed a document of their own: their
		// places are below the place they stand at.
		var inner *jsonv2.SemanticError
		if errors.As(meaning.Err, &inner) {
			below, message := jsonFault(inner)
			return pointer + below, message
		}
		if errors.As(meaning.Err, &syntax) {
			return pointer + string(syntax.JSONPointer), "is not valid JSON: " + cause(syntax.Err)
		}
		if meaning.GoType != nil {
			return pointer, "must be " + describe(meaning.GoType)
		}
		return pointer, "has the wrong type"
	case errors.As(err, &syntax):
		return string(syntax.JSONPointer), "is not valid JSON: " + cause(syntax.Err)
	case errors.Is(err, io.ErrUnexpectedEOF), errors.Is(err, io.EOF):
		return "", "is not valid JSON: it ends too early"
	}
	return "", "does not match the contract"
}

func cause(err error) string {
	if err == nil {
		return "syntax error"
	}
	if errors.Is(err, io.ErrUnexpectedEOF) {
		return "it ends too early"
	}
	return strings.TrimPrefix(err.Error(), "jsontext: ")
}

func describe(t reflect.Type) string {
	for t.Kind() == reflect.Pointer {
		t = t.Elem()
	}
	switch {
	case reflect.PointerTo(t).Implements(textUnmarshaler):
		return "a " + textual(t)
	case t.Kind() == reflect.String:
		return "a string"
	case t.Kind() == reflect.Bool:
		return "true or false"
	case t.Kind() >= reflect.Int && t.Kind() <= reflect.Uint64:
		return fmt.Sprintf("an integer of %d bits", t.Bits())
	case t.Kind() == reflect.Float32 || t.Kind() == reflect.Float64:
		return "a number"
	case t.Kind() == reflect.Slice && t.Elem().Kind() == reflect.Uint8:
		return "a base64 string"
	case t.Kind() == reflect.Slice:
		return "an array"
	case t.Kind() == reflect.Struct || t.Kind() == reflect.Map:
		return "an object"
	}
	return "a different value"
}

// multipart returns the body's parts, unread.
func (in *Input) multipart() *multipart.Reader {
	boundary := in.given.Params["boundary"]
	if boundary == "" {
		in.err = problem.Malformed.New("the multipart body names no boundary in its Content-Type")
		return nil
	}
	return multipart.NewReader(in.body, boundary)
}
