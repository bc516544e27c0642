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
