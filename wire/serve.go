package wire

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"unsafe"
)

// Serve returns a handler that reads requests of a shape into objects of the
// type that request points to, a struct that fits the shape, and hands pointers
// to them to serve. Generated code has no generic calls: each would be compiled
// again for every operation.
func Serve(s *Shape, request any, serve func(ctx context.Context, w http.ResponseWriter, request any) error) Handler {
	t := reflect.TypeOf(request).Elem()
	reads := s.reads(t)
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodHead {
			w = headOnly{w}
		}
		request := reflect.New(t)
		if reads {
			used, err := s.read(r, s.requested(t), request.UnsafePointer())
			if used != nil {
				defer used.close()
			}
			if err != nil {
				return err
			}
		}
		return serve(r.Context(), w, request.Interface())
	}
}

// Unanswered is the error of a handler that gave no answer: its own, or else
// that there is none.
func (s *Shape) Unanswered(err error) error {
	if err != nil {
		return err
	}
	return errors.New("the handler of " + s.Key + " returned neither an answer nor an error")
}

// reads reports whether there is anything to read in a request.
func (s *Shape) reads(t reflect.Type) bool {
	return len(s.Params) > 0 || len(s.Bodies) > 0 || s.requested(t).accept.typ != nil
}

// read fills in the request object at p. What it used of the disk is to be
// closed when the handler has returned, also after an error.
func (s *Shape) read(r *http.Request, plan *requestPlan, p unsafe.Pointer) (used *files, err error) {
	in := Read(r, s)
	for i := range plan.params {
		at := &plan.params[i]
		in.param(i, at.codec, at.in(p))
	}
	if len(s.Bodies) > 0 {
		if i := in.choose(s.Bodies, s.BodyNeeded); i >= 0 {
			if s.Bodies[i].Kind == PartsBody {
				used = new(files)
			}
			in.readBody(&s.Bodies[i], &plan.bodies[i], p, used)
		}
		if plan.chosen.typ != nil {
			*plan.chosen.text(p) = in.media
		}
	}
	if plan.accept.typ != nil {
		*plan.accept.text(p) = negotiate(r.Header["Accept"], s.Answers)
	}
	return used, in.Err()
}

// readBody reads a body into its place in the request object at p.
func (in *Input) readBody(b *Body, at *place, p unsafe.Pointer, used *files) {
	if b.Kind == JSONBody {
		in.readJSON(at.codec, (*unsafe.Pointer)(at.in(p)), b.Nullable)
	} else {
		in.readField(b, at.field(p), used)
	}
	if b.Ruled {
		in.Rules(at.field(p).Interface(), b.Rules)
	}
}

// readField reads a body that is not JSON into its field.
func (in *Input) readField(b *Body, field reflect.Value, used *files) {
	switch b.Kind {
	case FormBody:
		in.readForm(field, b.Encoding)
	case TextBody:
		if data, ok := in.readAll(); ok {
			v := reflect.New(field.Type().Elem())
			v.Elem().SetString(string(data))
			field.Set(v)
		}
	case StreamBody:
		body := in.body
		field.Set(reflect.ValueOf(&body).Elem())
	case RawParts:
		if r := in.multipart(); r != nil {
			field.Set(reflect.ValueOf(r))
		}
	case PartsBody:
		if r := in.multipart(); r != nil {
			in.readParts(r, field, b, used)
		}
	case LinesBody:
		if stream, ok := field.Addr().Interface().(target); ok {
			stream.readFrom(in.body, malformedLine)
		}
	}
}

// headOnly marks the writer of an answer to a HEAD request, which has no body.
type headOnly struct{ http.ResponseWriter }

func (h headOnly) Unwrap() http.ResponseWriter { return h.ResponseWriter }
