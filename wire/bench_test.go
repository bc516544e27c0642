package wire

import (
	"context"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"unsafe"
)

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// What generated code costs for a request with two parameters and a small
// answer.
func BenchmarkParametersAndAnswer(b *testing.B) {
	shape := &Shape{
		Path: "/v1/orders/{id}",
		Params: []Param{
			{Name: "id", In: InPath, Required: true},
			{Name: "limit", In: InQuery, Style: Form, Explode: true},
		},
		Answers: []Answer{{Status: "200", Media: "application/json", Kind: JSONBody, Type: (*point)(nil), Body: (*point)(nil)}},
	}
	type request struct {
		Id     int64
		Params struct{ Limit *int }
	}
	r := httptest.NewRequest("GET", "/v1/orders/42?limit=10", nil)
	w := discard{http.Header{}}
	name := "a name"
	serve := Serve(Served{Shape: shape, Request: (*request)(nil), Serve: func(_ context.Context, r any) (any, error) {
		return point{X: *r.(*request).Params.Limit, Name: &name}, nil
	}})
	b.ReportAllocs()
	for b.Loop() {
		if err := serve(w, r); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJSONBody(b *testing.B) {
	const body = `{"text":"some text","list":[1,2,3],"point":{"x":1,"name":"n"},"map":{"a":"b"},"f":1.5,"b":true}`
	shape := &Shape{Path: "/v1/orders", BodyNeeded: true, Bodies: []Body{{Media: "application/json", Kind: JSONBody}}}
	type request struct{ Body *everything }
	r := httptest.NewRequest("POST", "/v1/orders", nil)
	r.Header.Set("Content-Type", "application/json")
	b.ReportAllocs()
	for b.Loop() {
		r.ContentLength = int64(len(body))
		r.Body = readCloser{strings.NewReader(body)}
		var got request
		if _, err := readInto(shape, r, requestPlanOf(shape, reflect.TypeFor[request]()), unsafe.Pointer(&got)); err != nil || got.Body == nil {
			b.Fatal(err)
		}
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }

// TestAllocations: what a request is read with is not on the heap, and the answer that
// a handler made is not copied. The request object and a header's value are.
func TestAllocations(t *testing.T) {
	shape := &Shape{
		Path:    "/v1/orders",
		Params:  []Param{{Name: "limit", In: InQuery, Style: Form, Explode: true}},
		Answers: []Answer{{Status: "200", Media: "application/json", Kind: JSONBody, Type: (*point)(nil), Body: (*point)(nil)}},
	}
	type request struct{ Params struct{ Limit *int } }
	r := httptest.NewRequest("GET", "/v1/orders", nil)
	w := discard{http.Header{}}
	var answer any = point{X: 1}
	serve := Serve(Served{Shape: shape, Request: (*request)(nil), Serve: func(context.Context, any) (any, error) { return answer, nil }})
	n := testing.AllocsPerRun(100, func() {
		if err := serve(w, r); err != nil {
			t.Fatal(err)
		}
	})
	if n > 3 { // of which one is for a pool that was emptied
		t.Errorf("%v allocations", n)
	}
	t.Logf("%v allocations", n)
}
