package wire

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema/media"
)

// maxAnswer bounds the answers that are read into memory.
const maxAnswer = 64 << 20

// Result is the answer to a Call. One of its reading methods must be called:
// they close the body.
type Result struct {
	op    *catalog.Operation
	shape *Shape
	resp  *http.Response
}

// Status is the answer's status.
func (a *Result) Status() int { return a.resp.StatusCode }

// Media is the answer's Content-Type as it came.
func (a *Result) Media() string { return a.resp.Header.Get("Content-Type") }

// Match returns the index of the shape's answer that this is, or -1: status
// first, then the class, then default; among those the best media type. Problem
// documents match nothing: they are errors.
func (a *Result) Match() int {
	given := media.Parse(a.Media())
	if a.problem() {
		return -1
	}
	exact := fmt.Sprint(a.resp.StatusCode)
	for _, status := range []string{exact, exact[:1] + "XX", "default"} {
		best, at, declared, only := 0, -1, 0, -1
		for i, d := range a.shape.Answers {
			if d.Status != status {
				continue
			}
			declared++
			only = i
			f := 1
			if d.Media != "" && given.Name != "" {
				f = media.Fit(media.Parse(d.Media), given)
			}
			if f > best {
				best, at = f, i
			}
		}
		switch {
		case declared == 0:
			continue
		case at < 0 && declared == 1 && kindly(given.Name, a.shape.Answers[only].Media):
			return only
		}
		return at
	}
	return -1
}

// kindly reports whether an answer with the wrong media type may still be read:
// PHP says text/html unless it is told otherwise.
func kindly(name, declared string) bool {
	base := media.Parse(declared).Name
	return name == "text/html" && (media.IsJSON(base) || base == "text/plain")
}

func (a *Result) problem() bool {
	return a.resp.StatusCode >= 400 && media.Parse(a.Media()).Name == problem.ContentType
}

func (a *Result) readAll() ([]byte, error) {
	defer a.resp.Body.Close()
	data, err := io.ReadAll(io.LimitReader(a.resp.Body, maxAnswer+1))
	if err != nil {
		return nil, problem.LegacyReset.Wrap(fmt.Errorf("%s: %w", a.op.Key, err), "")
	}
	if len(data) > maxAnswer {
		return nil, problem.LegacyTooLarge.Wrap(fmt.Errorf("%s: the answer is longer than %d bytes", a.op.Key, maxAnswer), "")
	}
	return data, nil
}

func (a *Result) invalid(format string, args ...any) error {
	return problem.LegacyInvalid.Wrap(fmt.Errorf(a.op.Key+": "+format, args...), "")
}

// decode reads the answer's body into v, a pointer.
func (a *Result) decode(v any) error {
	data, err := a.readAll()
	if err != nil {
		return err
	}
	if err := unmarshalLenient(data, v); err != nil {
		pointer, message := jsonFault(err)
		return a.invalid("status %d, body%s %s: %w", a.resp.StatusCode, pointer, message, err)
	}
	return nil
}

// decodeForm reads an urlencoded answer into v, which is settable.
func (a *Result) decodeForm(v reflect.Value) error {
	data, err := a.readAll()
	if err != nil {
		return err
	}
	if err := assignForm(v, string(data), nil); err != nil {
		return a.invalid("status %d: %w", a.resp.StatusCode, err)
	}
	return nil
}

// Stream returns the answer's body, to be closed by the caller, and its length,
// 0 when unknown.
func (a *Result) Stream() (io.ReadCloser, int64) {
	return a.resp.Body, max(a.resp.ContentLength, 0)
}

// Multipart returns a function that copies the answer's parts and closes it.
func (a *Result) Multipart() func(*multipart.Writer) error {
	return func(w *multipart.Writer) error {
		defer a.resp.Body.Close()
		params := media.Parse(a.Media()).Params
		if params["boundary"] == "" {
			return a.invalid("a multipart answer names no boundary")
		}
		return copyParts(w, multipart.NewReader(a.resp.Body, params["boundary"]), func(err error) error { return a.invalid("%w", err) })
	}
}

// Empty ends an answer without a body.
func (a *Result) Empty() { _ = a.resp.Body.Close() }

// headers reads the declared headers into the fields of v. Absent ones leave
// theirs alone, where they are not required.
func (a *Result) headers(declared []Header, v reflect.Value) error {
	for i, h := range declared {
		field := v.Field(i)
		if values := a.resp.Header.Values(h.Name); h.Name == "Set-Cookie" && field.Kind() == reflect.Slice && field.Type().Elem().Kind() == reflect.String {
			for _, cookie := range values {
				field.Set(reflect.Append(field, reflect.ValueOf(cookie).Convert(field.Type().Elem())))
			}
			continue
		}
		p := Param{Name: h.Name, In: InHeader, Explode: h.Explode, Required: h.Required}
		if h.JSON {
			p.Style = JSON
		}
		in := Read(&http.Request{Header: a.resp.Header}, &Shape{Params: []Param{p}})
		in.Param(0, field.Addr().Interface())
		if len(in.faults) > 0 {
			return a.invalid("status %d, header %s %s", a.resp.StatusCode, h.Name, in.faults[0].Message)
		}
	}
	return nil
}

// Err returns the error that an answer which matches nothing is.
func (a *Result) Err() error {
	if a.problem() {
		data, err := a.readAll()
		if err != nil {
			return err
		}
		e := new(problem.Error)
		if err := unmarshalLenient(data, e); err == nil && e.Code != "" {
			e.Status = a.resp.StatusCode
			return e
		}
	}
	_ = a.resp.Body.Close()
	cause := fmt.Errorf("%s: status %d with %q is not in the contract", a.op.Key, a.resp.StatusCode, a.Media())
	if a.resp.StatusCode < 400 {
		return problem.LegacyInvalid.Wrap(cause, "")
	}
	e := problem.LegacyError.Wrap(cause, "")
	if a.resp.StatusCode < 500 {
		e.Status = a.resp.StatusCode
	}
	return e
}

// absent reports whether v is a nil pointer, slice, map or interface.
func absent(v any) bool {
	rv := reflect.ValueOf(v)
	switch rv.Kind() {
	case reflect.Invalid:
		return true
	case reflect.Pointer, reflect.Slice, reflect.Map, reflect.Interface:
		return rv.IsNil()
	}
	return false
}
