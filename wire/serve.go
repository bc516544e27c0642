package wire

import (
	"context"
	"errors"
	"net/http"
	"reflect"
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
			used, err := s.read(r, request.Elem())
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
	return len(s.Params) > 0 || len(s.Bodies) > 0 || s.requested(t).accept >= 0
}

// read fills in a request object. What it used of the disk is to be closed when
// the handler has returned, also after an error.
func (s *Shape) read(r *http.Request, v reflect.Value) (used *files, err error) {
	plan := s.requested(v.Type())
	in := Read(r, s)
	for i := range s.Params {
		in.Param(i, plan.param(v, i).Addr().Interface())
	}
	if len(s.Bodies) > 0 {
		if i := in.choose(s.Bodies, s.BodyNeeded); i >= 0 {
			if s.Bodies[i].Kind == PartsBody {
				used = new(files)
			}
			in.readBody(&s.Bodies[i], v.Field(plan.bodies+i), used)
		}
		if plan.chosen >= 0 {
			v.Field(plan.chosen).SetString(in.media)
		}
	}
	if plan.accept >= 0 {
		v.Field(plan.accept).SetString(negotiate(r.Header["Accept"], s.Answers))
	}
	return used, in.Err()
}

// readBody reads a body into its field of the request object.
func (in *Input) readBody(b *Body, field reflect.Value, used *files) {
	switch b.Kind {
	case JSONBody:
		in.readJSON(field, b.Nullable)
	case FormBody:
		in.readForm(field, b.Encoding)
	case TextBody:
		if data, ok := in.readAll(); ok {
			p := reflect.New(field.Type().Elem())
			p.Elem().SetString(string(data))
			field.Set(p)
		}
	case StreamBody:
		field.Set(reflect.ValueOf(&in.body).Elem())
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
	if b.Ruled {
		in.Rules(field.Interface(), b.Rules)
	}
}

// headOnly marks the writer of an answer to a HEAD request, which has no body.
type headOnly struct{ http.ResponseWriter }

func (h headOnly) Unwrap() http.ResponseWriter { return h.ResponseWriter }
