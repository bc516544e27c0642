package wire

import (
	"fmt"
	"io"
	"mime/multipart"
	"net/http"
	"reflect"

	"github.com/banyan-go/banyan/wire/internal/codec"
)

// AnswerWriter writes one of the answers of a shape.
type AnswerWriter struct {
	shape *Shape
	index int
}

// Answer returns the writer of the i-th answer. Generated methods of answers are a
// call of this and one of Write: of two calls the compiler makes no second copy in
// the method's twin for pointers, which belongs to every method of a value.
//
//go:noinline
func (s *Shape) Answer(i int) AnswerWriter { return AnswerWriter{s, i} }

// Write writes the answer that object points to: an object of the answer's type or,
// where that is defined from the type of its body, the body. An error means that
// nothing was written.
//
//go:noinline
func (a AnswerWriter) Write(w http.ResponseWriter, object any) error {
	return a.shape.write(w, a.index, object)
}

func (s *Shape) write(w http.ResponseWriter, i int, object any) error {
	// So that an answer may live on the stack of who made it: nothing below keeps
	// what it points to, or hands it to others but as a copy.
	answer := codec.Unseen(object)
	a, plan := &s.Answers[i], &answerPlansOf(s)[i]
	if plan.plain {
		return write(NewReply(w, plan.status, a.Media), a, plan, answer, 0)
	}
	v := reflect.ValueOf(answer).Elem()
	status := plan.status
	if plan.ranged {
		status = int(v.FieldByIndex(plan.statusCode).Int())
	}
	media := a.Media
	if plan.contentType != nil {
		media = v.FieldByIndex(plan.contentType).String()
	}
	out := NewReply(w, status, media)
	if plan.ranged {
		out = NewRangedReply(w, a.Status, status, media)
	}
	if plan.headers != nil {
		headers := v.FieldByIndex(plan.headers)
		for k, h := range a.Headers {
			out.declared(h, headers.Field(k))
		}
	}
	var length int64
	if plan.contentLength != nil {
		length = v.FieldByIndex(plan.contentLength).Int()
	}
	var body any
	if plan.field != nil {
		body = v.FieldByIndex(plan.field).Addr().Interface()
	}
	return write(out, a, plan, body, length)
}

// write ends an answer with its body, which body points to.
func write(out *Reply, a *Answer, plan *answerPlan, body any, length int64) error {
	switch a.Kind {
	case JSONBody:
		if plan.listed {
			return out.list(plan, reflect.ValueOf(body).Elem())
		}
		return out.json(plan, body)
	case FormBody:
		return out.form(body, plan.direction)
	case TextBody:
		return out.Text(reflect.ValueOf(body).Elem().String())
	case StreamBody:
		if stream, ok := body.(*Stream); ok {
			return out.Stream(stream.Body, stream.ContentLength)
		}
		r, _ := body.(*io.Reader)
		return out.Stream(*r, length)
	case RawParts:
		parts, _ := reflect.ValueOf(body).Elem().Interface().(func(*multipart.Writer) error)
		return out.Multipart(parts)
	case EventsBody, LinesBody:
		each, ok := reflect.ValueOf(body).Elem().Interface().(source)
		if !ok {
			return fmt.Errorf("%v is no stream of events or lines", plan.body)
		}
		return out.items(each, plan.direction)
	case SwitchBody:
		if to, ok := body.(*Switch); ok {
			return out.switchTo(to)
		}
	}
	return out.Empty()
}

// Stream is an answer whose bytes nobody here looks at. Body is closed when it
// can be. A port's must be closed.
type Stream struct {
	Body io.Reader
	// ContentLength is 0 when it is not known.
	ContentLength int64

	_ [0]func() // two are never equal, and Go need not compile how they would be
}

// mostWhole is how long a list may be that is held in memory as a whole. Of a
// longer one the client has seen the beginning when a later item fails.
const mostWhole = 256 << 10

// list writes a list item by item, so that a long one is never held as a whole.
func (o *Reply) list(plan *answerPlan, v reflect.Value) error {
	buf := buffers.Get().(*buffer)
	defer buf.release()
	data := append(buf.data[:0], '[')
	begun := false
	for i := range v.Len() {
		if i > 0 {
			data = append(data, ',')
		}
		var err error
		if data, err = plan.item(data, v.Index(i).Addr().Interface()); err != nil {
			if begun {
				panic(http.ErrAbortHandler)
			}
			return o.because(err)
		}
		if len(data) < mostWhole || o.err != nil {
			continue
		}
		if !begun {
			begun = true
			if !o.begin(o.media, -1) {
				return nil
			}
		}
		if _, err := o.w.Write(data); err != nil {
			buf.data = data
			return nil // the client is gone
		}
		data = data[:0]
	}
	data = append(data, "]\n"...)
	buf.data = data
	if begun {
		_, _ = o.w.Write(data)
		return nil
	}
	return o.send(o.media, data)
}
