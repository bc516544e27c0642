package wire

import (
	"context"
	"errors"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type (
	visited interface {
		VisitIt(w http.ResponseWriter) error
	}
	itAsStruct point
	itAsMap    map[string]int
	itAsText   string
	itAsRanged Ranged[*point]
	itEmpty    struct{}
	// itOfOne is stored in an interface itself.
	itOfOne struct{ X *int }
	foreign struct{ err error }
)

func (itAsStruct) VisitIt(http.ResponseWriter) error { return errors.New("called for nothing") }
func (itAsMap) VisitIt(http.ResponseWriter) error    { return errors.New("called for nothing") }
func (itAsText) VisitIt(http.ResponseWriter) error   { return errors.New("called for nothing") }
func (itAsRanged) VisitIt(http.ResponseWriter) error { return errors.New("called for nothing") }
func (itEmpty) VisitIt(http.ResponseWriter) error    { return errors.New("called for nothing") }
func (itOfOne) VisitIt(http.ResponseWriter) error    { return errors.New("called for nothing") }
func (f foreign) VisitIt(w http.ResponseWriter) error {
	w.WriteHeader(http.StatusTeapot)
	return f.err
}

// Answers are written from where the handler's interface keeps them; one of a type
// that the shape does not have visits itself.
func TestVisit(t *testing.T) {
	t.Parallel()
	name, one := "n", 1
	shape := &Shape{Key: "s.it", Path: "/", Answers: []Answer{
		{Status: "200", Media: "application/json", Kind: JSONBody, Type: (*itAsStruct)(nil), Body: (*point)(nil)},
		{Status: "201", Media: "application/json", Kind: JSONBody, Type: (*itAsMap)(nil), Body: (*map[string]int)(nil)},
		{Status: "202", Media: "text/plain", Kind: TextBody, Type: (*itAsText)(nil), Body: (*string)(nil)},
		{Status: "4XX", Media: "application/json", Kind: JSONBody, Type: (*itAsRanged)(nil)},
		{Status: "203", Media: "application/json", Kind: JSONBody, Type: (*itOfOne)(nil), Body: (*struct{ X *int })(nil)},
		{Status: "204", Type: (*itEmpty)(nil)},
	}}
	failed := errors.New("failed")
	for _, c := range []struct {
		answer visited
		err    error
		status int
		body   string
	}{
		{itAsStruct{X: 3, Name: &name}, nil, 200, `{"x":3,"name":"n"}`},
		{itAsMap{"a": 1}, nil, 201, `{"a":1}`},
		{itAsMap(nil), nil, 201, `{}`},
		{itAsText("text"), nil, 202, "text"},
		{itAsRanged{Body: &point{X: 4}, StatusCode: 418}, nil, 418, `{"x":4}`},
		{itOfOne{X: &one}, nil, 203, `{"X":1}`},
		{itOfOne{}, nil, 203, `{"X":null}`},
		{itEmpty{}, nil, 204, ""},
		{foreign{}, nil, 418, ""},
		{&foreign{failed}, failed, 418, ""},
	} {
		var given any
		if c.answer != nil {
			given = c.answer
		}
		serve := Serve(Served{Shape: shape, Request: (*struct{})(nil), Answer: (*visited)(nil), Serve: func(context.Context, any) (any, error) { return given, nil }})
		w := httptest.NewRecorder()
		err := serve(w, httptest.NewRequest("GET", "/", nil))
		if !errors.Is(err, c.err) || w.Code != c.status || strings.TrimSuffix(w.Body.String(), "\n") != c.body {
			t.Errorf("%#v: %v, %d %q", c.answer, err, w.Code, w.Body)
		}
	}
	for _, serve := range []func(context.Context, any) (any, error){
		func(context.Context, any) (any, error) { return nil, nil },
		func(context.Context, any) (any, error) { var none visited; return none, nil },
	} {
		err := Serve(Served{Shape: shape, Request: (*struct{})(nil), Answer: (*visited)(nil), Serve: serve})(httptest.NewRecorder(), httptest.NewRequest("GET", "/", nil))
		if err == nil || err.Error() != "the handler of s.it returned neither an answer nor an error" {
			t.Error(err)
		}
	}
}
