package wire

import (
	"context"
	"net/http"
	"reflect"
	"strings"

	"github.com/banyan-go/banyan/catalog"
)

// Dispatcher puts services on a Router and decides about their requests: a
// *dispatch.Dispatcher is one, for an *echo.Echo. Generated code knows no more of
// either than this. To import them would cost each generated package more of the
// compiler's time than fifty operations do.
type Dispatcher[Router any] interface {
	// Guard takes what decides who may come in, by the key of the operation. It
	// comes before Serve.
	Guard(guards map[string]func(*http.Request) (context.Context, error))
	// Serve adds the operations of a service, of which those with a handler, by
	// operationId, are Go's.
	Serve(on Router, s *catalog.Service, handlers map[string]Handler) error
}

// Served is what serves an operation in Go.
type Served struct {
	Shape *Shape
	// Request is a nil pointer to the type of the request object, a struct that
	// fits the shape; Serve gets a pointer to one. Answer is one to the interface
	// of the answers, which has the method that visits them; Serve returns one
	// of those, or nil.
	Request, Answer any
	Serve           func(ctx context.Context, request any) (answer any, err error)
}

// Handlers is what serves the operations of a service in Go.
type Handlers struct {
	// Of is a struct with a func(context.Context, request object) (answer, error)
	// for each operation, in the order of Shapes. An operation whose func is nil
	// is left to the legacy backend.
	Of     any
	Shapes []*Shape
	// Serve calls the func of the operation that has the request object that
	// request points to. It is one function for all operations: one for each costs
	// as much to compile as all else that is generated for one to be served.
	Serve func(ctx context.Context, request any) (answer any, err error)
}

// ready returns the operations that have a func.
func (h Handlers) ready() []Served {
	var out []Served
	v, shapes := reflect.ValueOf(h.Of), h.Shapes
	for i := range v.NumField() {
		f := v.Field(i)
		if f.Kind() != reflect.Func {
			continue // what decides who may come in
		}
		if !f.IsNil() {
			nothing := func(t reflect.Type) any { return reflect.Zero(reflect.PointerTo(t)).Interface() }
			out = append(out, Served{Shape: shapes[0], Request: nothing(f.Type().In(1)), Answer: nothing(f.Type().Out(0)), Serve: h.Serve})
		}
		shapes = shapes[1:]
	}
	return out
}

// Register puts a service on a router: the operations that h has as Go's, all
// others as the legacy backend's. schemes are those of the contract, checks what
// decides about each, in the same order; nil checks are an error as soon as an
// operation that h has needs them.
func Register[Router any](on Router, d Dispatcher[Router], s *catalog.Service, h Handlers, schemes []Scheme, checks []Check) error {
	guards, handlers, err := prepare(s.Name+".", h.ready(), schemes, checks)
	if err != nil {
		return err
	}
	if len(guards) > 0 {
		d.Guard(guards)
	}
	return d.Serve(on, s, handlers)
}

// prepare is the part of Register that all routers share.
func prepare(prefix string, operations []Served, schemes []Scheme, checks []Check) (map[string]func(*http.Request) (context.Context, error), map[string]Handler, error) {
	guards, err := guards(schemes, checks, operations)
	if err != nil {
		return nil, nil, err
	}
	handlers := map[string]Handler{}
	for _, op := range operations {
		handlers[strings.TrimPrefix(op.Shape.Key, prefix)] = Serve(op)
	}
	return guards, handlers, nil
}
