package wire

import (
	"context"
	"fmt"
	"io"
	"mime/multipart"
	"reflect"
	"strings"

	"github.com/banyan-go/banyan/catalog"
)

// Call performs an operation: request points to a request object that fits the
// shape, and answer to a variable of the interface that its answers have, which
// is set unless there is an error. Problems, and everything else that went
// wrong, are a *problem.Error wherever the other side said what it is.
func (s *Shape) Call(ctx context.Context, c catalog.Caller, op *catalog.Operation, request, answer any) error {
	call := NewCall(op, s)
	call.request(reflect.ValueOf(request))
	result, err := call.Do(ctx, c)
	if err != nil {
		return err
	}
	i := result.Match()
	if i < 0 || s.Answers[i].Type == nil {
		return result.Err()
	}
	v, err := result.answer(&s.Answers[i], &answerPlansOf(s)[i])
	if err != nil {
		_ = result.resp.Body.Close()
		return err
	}
	reflect.ValueOf(answer).Elem().Set(v)
	return nil
}

// request writes the request object that v points to.
func (c *Call) request(v reflect.Value) {
	plan, p := requestPlanOf(c.shape, v.Type().Elem()), v.UnsafePointer()
	for i := range plan.params {
		c.Param(i, plan.params[i].field(p).Interface())
	}
	if plan.accept.typ != nil {
		if accept := *plan.accept.text(p); accept != "" {
			c.header.Set("Accept", accept)
		}
	}
	for i := range c.shape.Bodies {
		b := &c.shape.Bodies[i]
		field := plan.bodies[i].field(p)
		if field.IsNil() {
			continue
		}
		media := b.Media
		if strings.Contains(media, "*") && plan.chosen.typ != nil {
			media = *plan.chosen.text(p)
		}
		c.write(b, media, field)
		return
	}
	if c.shape.BodyNeeded && !c.nullable() {
		c.MissingBody()
	}
}

// nullable reports whether no body at all may stand for null.
func (c *Call) nullable() bool {
	if len(c.shape.Bodies) != 1 || !c.shape.Bodies[0].Nullable {
		return false
	}
	c.JSON(c.shape.Bodies[0].Media, nil)
	return true
}

func (c *Call) write(b *Body, media string, field reflect.Value) {
	switch b.Kind {
	case JSONBody:
		c.JSON(media, field.Interface())
	case FormBody:
		c.Form(media, field.Interface(), b.Encoding)
	case TextBody:
		c.Text(media, field.Elem().String())
	case StreamBody:
		r, _ := field.Interface().(io.Reader)
		c.Stream(media, r)
	case RawParts:
		r, _ := field.Interface().(*multipart.Reader)
		c.Multipart(media, func(w *multipart.Writer) error { return copyParts(w, r, func(err error) error { return err }) })
	case PartsBody:
		c.Multipart(media, func(w *multipart.Writer) error { return writeParts(w, field.Elem(), b, requestsAs(c.shape)) })
	case EventsBody, LinesBody:
		if s, ok := field.Interface().(source); ok {
			c.items(media, s)
		}
	}
}

// items sets the body to a stream that is made while it is sent.
func (c *Call) items(media string, s source) {
	pr, pw := io.Pipe()
	c.Stream(media, &lazyCopy{PipeReader: pr, run: func() {
		var failed error
		s.each(requestsAs(c.shape), func(item []byte, err error) bool {
			if err == nil {
				_, err = pw.Write(item)
			}
			failed = err
			return err == nil
		})
		pw.CloseWithError(failed)
	}})
}

// answer reads the declared answer that the result is.
func (a *Result) answer(declared *Answer, plan *answerPlan) (reflect.Value, error) {
	v := reflect.New(plan.typ).Elem()
	if declared.Kind == SwitchBody {
		return v, a.invalid("status 101: a port speaks no other protocols")
	}
	if plan.headers != nil {
		if err := a.headers(declared.Headers, v.FieldByIndex(plan.headers)); err != nil {
			return v, err
		}
	}
	if plan.statusCode != nil {
		v.FieldByIndex(plan.statusCode).SetInt(int64(a.Status()))
	}
	if plan.contentType != nil {
		v.FieldByIndex(plan.contentType).SetString(a.Media())
	}
	if plan.body == nil || bodiless(a.op.Method, a.Status()) {
		a.Empty()
		return v, nil
	}
	body := reflect.New(plan.body).Elem()
	if err := a.body(declared.Kind, body); err != nil {
		return v, err
	}
	if plan.contentLength != nil {
		v.FieldByIndex(plan.contentLength).SetInt(max(a.resp.ContentLength, 0))
	}
	if plan.plain {
		return body.Convert(plan.typ), nil
	}
	v.FieldByIndex(plan.field).Set(body)
	return v, nil
}

// body reads the body into v, which is settable.
func (a *Result) body(kind Kind, v reflect.Value) error {
	switch kind {
	case JSONBody:
		return a.decode(v.Addr().Interface())
	case FormBody:
		return a.decodeForm(v)
	case TextBody:
		data, err := a.readAll()
		v.SetString(string(data))
		return err
	case StreamBody:
		if stream, ok := v.Addr().Interface().(*Stream); ok {
			stream.Body, stream.ContentLength = a.resp.Body, max(a.resp.ContentLength, 0)
			return nil
		}
		v.Set(reflect.ValueOf(&a.resp.Body).Elem().Convert(v.Type()))
	case RawParts:
		v.Set(reflect.ValueOf(a.Multipart()).Convert(v.Type()))
	case EventsBody, LinesBody:
		stream, ok := v.Addr().Interface().(target)
		if !ok {
			return fmt.Errorf("%s: %s is no stream", a.op.Key, v.Type())
		}
		stream.readFrom(a.resp.Body, func(err error) error { return a.invalid("status %d, %w", a.resp.StatusCode, err) })
	default:
		a.Empty()
	}
	return nil
}
