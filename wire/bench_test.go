package wire

import (
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"
)

type discard struct{ header http.Header }

func (d discard) Header() http.Header         { return d.header }
func (d discard) Write(p []byte) (int, error) { return len(p), nil }
func (d discard) WriteHeader(int)             {}

// What generated code costs for a request with two parameters and a small
// answer.
func BenchmarkParametersAndAnswer(b *testing.B) {
	shape := &Shape{Path: NewPath("/v1/orders/{id}"), Params: []Param{
		{Name: "id", In: InPath, Required: true},
		{Name: "limit", In: InQuery, Style: Form, Explode: true},
	}}
	r := httptest.NewRequest("GET", "/v1/orders/42?limit=10", nil)
	w := discard{http.Header{}}
	name := "a name"
	b.ReportAllocs()
	for b.Loop() {
		var id int64
		var limit *int
		in := Read(r, shape)
		in.Param(0, &id)
		in.Param(1, &limit)
		if in.Err() != nil {
			b.Fatal(in.Err())
		}
		if err := NewReply(w, 200, "application/json").JSON(point{X: *limit, Name: &name}); err != nil {
			b.Fatal(err)
		}
	}
}

func BenchmarkJSONBody(b *testing.B) {
	const body = `{"text":"some text","list":[1,2,3],"point":{"x":1,"name":"n"},"map":{"a":"b"},"f":1.5,"b":true}`
	shape := &Shape{Path: NewPath("/v1/orders")}
	r := httptest.NewRequest("POST", "/v1/orders", nil)
	r.Header.Set("Content-Type", "application/json")
	b.ReportAllocs()
	for b.Loop() {
		r.ContentLength = int64(len(body))
		r.Body = readCloser{strings.NewReader(body)}
		in := Read(r, shape)
		if in.Body(true, "application/json") != 0 || ReadJSON[everything](in, false) == nil {
			b.Fatal(in.Err())
		}
	}
}

type readCloser struct{ *strings.Reader }

func (readCloser) Close() error { return nil }
