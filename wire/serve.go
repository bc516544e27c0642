package wire

import (
	"context"
	"errors"
	"net/http"
	"reflect"
	"unsafe"
)

// Serve returns a handler that reads requests of an operation, has them served
// and writes the answers. Generated code has no generic calls, and none that wire
// can make for all operations: each would be compiled again for every one.
func Serve(op Served) Handler {
	s, t := op.Shape, reflect.TypeOf(op.Request).Elem()
	reads, switches := readsAny(s, t), switchesAny(s)
	return func(w http.ResponseWriter, r *http.Request) error {
		if r.Method == http.MethodHead {
			w = headOnly{w}
		}
		ctx := r.Context()
		if switches {
			ctx = context.WithValue(ctx, offers{}, r)
			w = switching{w, r}
		}
		request := reflect.New(t)
		if reads {
			used, err := readInto(s, r, requestPlanOf(s, t), request.UnsafePointer())
			if used != nil {
				defer used.close()
			}
			if err != nil {
				return err
			}
		}
		answer, err := op.Serve(ctx, request.Interface())
		switch {
		case err != nil:
			return err
		case answer == nil:
			return errors.New("the handler of " + s.Key + " returned neither an answer nor an error")
		}
		return op.visit(w, answer)
	}
}

// visit writes the answer of a handler. It does what the answer's method does
// that visits it, which therefore is only called where it may do something else:
// a type that is none of the shape's has that method from its author.
func (op *Served) visit(w http.ResponseWriter, answer any) error {
	t := reflect.TypeOf(answer)
	plans := answerPlansOf(op.Shape)
	for i := range plans {
		plan := &plans[i]
		if plan.typ != t {
			continue
		}
		if plan.plain {
			t = plan.body
		}
		return op.Shape.write(w, i, reflect.NewAt(t, boxed(&answer, plan.unboxed)).Interface())
	}
	visitor := reflect.New(reflect.TypeOf(op.Answer).Elem()).Elem()
	visitor.Set(reflect.ValueOf(answer))
	err, _ := visitor.Method(0).Call([]reflect.Value{reflect.ValueOf(w)})[0].Interface().(error)
	return err
}

// boxed returns the address of the value in an interface. To copy it would cost an
// allocation for each answer; nobody writes to what is there.
func boxed(v *any, unboxed bool) unsafe.Pointer {
	word := &(*[2]unsafe.Pointer)(unsafe.Pointer(v))[1]
	if unboxed {
		return unsafe.Pointer(word)
	}
	return *word
}

// isUnboxed reports whether an interface holds values of a type themselves and not
// their address, which is never nil.
func isUnboxed(t reflect.Type) bool {
	zero := reflect.Zero(t).Interface()
	return *(*unsafe.Pointer)(boxed(&zero, true)) == nil
}

// readsAny reports whether there is anything to read in a request.
func readsAny(s *Shape, t reflect.Type) bool {
	return len(s.Params) > 0 || len(s.Bodies) > 0 || requestPlanOf(s, t).accept.typ != nil
}

// readInto fills in the request object at p. What it used of the disk is to be
// closed when the handler has returned, also after an error.
func readInto(s *Shape, r *http.Request, plan *requestPlan, p unsafe.Pointer) (used *files, err error) {
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
			*plan.chosen.text(p) = in.given.Name
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
