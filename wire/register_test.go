package wire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"slices"
	"testing"

	"github.com/banyan-go/banyan/catalog"
)

type (
	leafRequest struct{}
	rootRequest struct{}
	treeAnswer  interface {
		Visit(http.ResponseWriter) error
	}
	treeHandlers struct {
		Security interface{ Key(string) }
		Leaf     func(context.Context, leafRequest) (treeAnswer, error)
		Root     func(context.Context, rootRequest) (treeAnswer, error)
	}
	router map[string]Handler
)

func (r router) Guard(map[string]func(*http.Request) (context.Context, error)) {}

func (r router) Serve(_ string, _ *catalog.Service, handlers map[string]Handler) error {
	for key, h := range handlers {
		r[key] = h
	}
	return nil
}

// Operations have the shape that stands at the place of their func, whatever else
// the struct has; those without one are the backend's.
func TestRegister(t *testing.T) {
	t.Parallel()
	shapes := []*Shape{
		{Key: "trees.leaf", Path: "/leaf", Answers: []Answer{{Status: "204"}}},
		{Key: "trees.root", Path: "/root", Answers: []Answer{{Status: "204"}}},
	}
	for _, c := range []struct {
		name string
		of   treeHandlers
		want []string
	}{
		{"none", treeHandlers{}, nil},
		{"the second", treeHandlers{Root: func(context.Context, rootRequest) (treeAnswer, error) { return nil, nil }}, []string{"root"}},
		{"both", treeHandlers{
			Leaf: func(context.Context, leafRequest) (treeAnswer, error) { return nil, nil },
			Root: func(context.Context, rootRequest) (treeAnswer, error) { return nil, nil },
		}, []string{"leaf", "root"}},
	} {
		var got []string
		on := router{}
		err := Register("", on, &catalog.Service{Name: "trees"}, Handlers{Of: c.of, Shapes: shapes, Serve: func(_ context.Context, request any) (any, error) {
			switch request.(type) {
			case *leafRequest:
				got = append(got, "leaf")
			case *rootRequest:
				got = append(got, "root")
			}
			return nil, nil
		}}, nil, nil)
		if err != nil {
			t.Fatalf("%s: %v", c.name, err)
		}
		for _, key := range c.want {
			if on[key] == nil {
				t.Fatalf("%s: %s has no handler", c.name, key)
			}
			if err := on[key](httptest.NewRecorder(), httptest.NewRequest("GET", "/"+key, nil)); err == nil {
				t.Errorf("%s: %s: neither an answer nor an error is no error", c.name, key)
			}
		}
		if len(on) != len(c.want) || !slices.Equal(got, c.want) {
			t.Errorf("%s: %d handlers, called %v, want %v", c.name, len(on), got, c.want)
		}
	}
}

// A protected operation without anybody who decides is an error that says who is
// missing, and what to write.
func TestRegisterUnguarded(t *testing.T) {
	t.Parallel()
	schemes := []Scheme{{Name: "session", Type: APIKey, In: InCookie, Param: "SID"}, {Name: "unused", Type: Basic}, {Name: "token", Type: Bearer}}
	shapes := []*Shape{
		{Key: "trees.leaf", Path: "/leaf", Answers: []Answer{{Status: "204"}}, Security: []Requirement{{{Scheme: 2}}, {{Scheme: 0}}}},
		{Key: "trees.root", Path: "/root", Answers: []Answer{{Status: "204"}}, Security: []Requirement{{{Scheme: 0}}}},
	}
	h := treeHandlers{
		Leaf: func(context.Context, leafRequest) (treeAnswer, error) { return nil, nil },
		Root: func(context.Context, rootRequest) (treeAnswer, error) { return nil, nil },
	}
	err := Register("", router{}, &catalog.Service{Name: "trees"}, Handlers{Of: h, Shapes: shapes}, schemes, nil)
	const want = "the contract protects trees.leaf, trees.root, which Go serves, by session (cookie SID), token (bearer token), and Handlers.Security is nil, so that nobody decides who may come in: " +
		"implement the interface wire.Security and set it where the handlers are registered, as in wire.Handlers{Security: doors, ...}, or handlers := wire.All(service); handlers.Security = doors"
	if err == nil || err.Error() != want {
		t.Errorf("got %v\nwant %s", err, want)
	}
	if err := Register("", router{}, &catalog.Service{Name: "trees"}, Handlers{Of: treeHandlers{}, Shapes: shapes}, schemes, nil); err != nil {
		t.Errorf("what the backend serves, it guards: %v", err)
	}
}

// What a contract means that says nothing of a parameter need not be said here.
func TestParamsThatSayNothing(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ given, want Param }{
		{Param{In: InPath}, Param{In: InPath, Required: true}},
		{Param{In: InPath, Style: Matrix, Explode: true}, Param{In: InPath, Style: Matrix, Explode: true, Required: true}},
		{Param{In: InQuery}, Param{In: InQuery, Style: Form, Explode: true}},
		{Param{In: InQuery, Style: Form}, Param{In: InQuery, Style: Form}},
		{Param{In: InQuery, Style: JSON}, Param{In: InQuery, Style: JSON}},
		{Param{In: InCookie, Required: true}, Param{In: InCookie, Style: Form, Explode: true, Required: true}},
		{Param{In: InHeader}, Param{In: InHeader}},
		{Param{In: InHeader, Explode: true}, Param{In: InHeader, Explode: true}},
	} {
		if got := paramsOf(&Shape{Params: []Param{c.given}})[0]; got != c.want {
			t.Errorf("%+v means %+v, want %+v", c.given, got, c.want)
		}
	}
}
