package problem_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strconv"
	"strings"
	"sync"
	"testing"

	"github.com/banyan-go/banyan/problem"
	"github.com/google/go-cmp/cmp"
	"pgregory.net/rapid"
)

var outOfStock = problem.Kind{Code: "out-of-stock", Status: 409, Title: "Out of stock", Type: "https://example.com/out-of-stock"}

func write(method string, err error, prepare func(h http.Header)) *httptest.ResponseRecorder {
	w := httptest.NewRecorder()
	if prepare != nil {
		prepare(w.Header())
	}
	problem.Write(w, httptest.NewRequest(method, "/", nil), err)
	return w
}

// The members are those of RFC 9457, section 3.1, and ours; none is sent empty
// except title, status and code, which always are there.
func TestWriteMembers(t *testing.T) {
	t.Parallel()
	full := outOfStock.New("only 3 left")
	full.Instance = "/orders/7"
	full.Errors = []problem.Fault{{Pointer: "/items/0/count", Message: "must be at most 3", Code: "maximum"}}
	full.TraceID = "0af7651916cd43dd8448eb211c80319c"
	full.LegacyCode = "40001"
	tests := []struct {
		name   string
		err    error
		status int
		body   string
	}{
		{"full", full, 409, `{"type":"https://example.com/out-of-stock","title":"Out of stock","status":409,"detail":"only 3 left","instance":"/orders/7","code":"out-of-stock","errors":[{"pointer":"/items/0/count","message":"must be at most 3","code":"maximum"}],"traceId":"0af7651916cd43dd8448eb211c80319c","legacyCode":"40001"}`},
		{"least", problem.NotFound.New(""), 404, `{"title":"Not found","status":404,"code":"not-found"}`},
		{"wrapped", fmt.Errorf("secret: %w", problem.NotFound.Wrap(errors.New("secret"), "no such order")), 404, `{"title":"Not found","status":404,"detail":"no such order","code":"not-found"}`},
		{"kind", fmt.Errorf("secret: %w", problem.NotFound), 404, `{"title":"Not found","status":404,"code":"not-found"}`},
		{"any error", errors.New("secret"), 500, `{"title":"Internal error","status":500,"code":"internal"}`},
		{"nil", nil, 500, `{"title":"Internal error","status":500,"code":"internal"}`},
		{"no title", &problem.Error{Status: 422, Code: "x"}, 422, `{"title":"Unprocessable Entity","status":422,"code":"x"}`},
		{"status 0", &problem.Error{Code: "x", Title: "X"}, 500, `{"title":"X","status":500,"code":"x"}`},
		{"status 200", &problem.Error{Code: "x", Title: "X", Status: 200}, 500, `{"title":"X","status":500,"code":"x"}`},
		{"status 600", &problem.Error{Code: "x", Title: "X", Status: 600}, 500, `{"title":"X","status":500,"code":"x"}`},
		{"not UTF-8", problem.NotFound.New("a\xffb\n\"<"), 404, `{"title":"Not found","status":404,"detail":"a\ufffdb\n\"\u003c","code":"not-found"}`},
	}
	for _, tt := range tests {
		w := write("GET", tt.err, nil)
		if w.Code != tt.status {
			t.Errorf("%s: status %d, want %d", tt.name, w.Code, tt.status)
		}
		if diff := cmp.Diff(tt.body+"\n", w.Body.String()); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
		if !json.Valid(w.Body.Bytes()) {
			t.Errorf("%s: not JSON", tt.name)
		}
		want := http.Header{
			"Content-Type": {"application/problem+json"}, "Content-Length": {strconv.Itoa(w.Body.Len())},
			"Cache-Control": {"no-store"}, "X-Content-Type-Options": {"nosniff"},
		}
		if diff := cmp.Diff(want, w.Header()); diff != "" {
			t.Errorf("%s: %s", tt.name, diff)
		}
	}
}

func TestWriteHead(t *testing.T) {
	t.Parallel()
	get, head := write("GET", outOfStock, nil), write("HEAD", outOfStock, nil)
	if head.Body.Len() != 0 {
		t.Errorf("HEAD has a body: %s", head.Body)
	}
	if diff := cmp.Diff(get.Header(), head.Header()); diff != "" {
		t.Error(diff)
	}
}

func TestWriteHeaders(t *testing.T) {
	t.Parallel()
	e := problem.Unavailable.New("")
	e.Header = http.Header{"retry-after": {"5"}, "Cache-Control": {"max-age=1"}, "Content-Type": {"text/html"}, "Set-Cookie": {"a=1", "b=2"}}
	w := write("GET", e, func(h http.Header) {
		h.Set("Content-Type", "image/png")
		h.Set("Content-Length", "5")
		h.Set("Content-Encoding", "gzip")
		h.Set("Content-Disposition", "attachment")
		h.Set("ETag", `"x"`)
		h.Set("Location", "/new")
		h.Set("Cache-Control", "public")
		h.Set("Vary", "Origin")
		h.Set("Access-Control-Allow-Origin", "*")
	})
	want := http.Header{
		"Content-Type": {"application/problem+json"}, "Content-Length": {strconv.Itoa(w.Body.Len())},
		"Cache-Control": {"max-age=1"}, "X-Content-Type-Options": {"nosniff"}, "Retry-After": {"5"}, "Set-Cookie": {"a=1", "b=2"},
		"Vary": {"Origin"}, "Access-Control-Allow-Origin": {"*"},
	}
	if diff := cmp.Diff(want, w.Header()); diff != "" {
		t.Error(diff)
	}
}

// One Error answers many requests at once.
func TestWriteLeavesTheErrorAlone(t *testing.T) {
	t.Parallel()
	shared := &problem.Error{Code: "x", Status: 600}
	var wg sync.WaitGroup
	for range 8 {
		wg.Go(func() { write("GET", shared, nil) })
	}
	wg.Wait()
	if shared.Status != 600 || shared.Title != "" {
		t.Errorf("changed to %+v", shared)
	}
}

func TestErrorIsAGoError(t *testing.T) {
	t.Parallel()
	cause := errors.New("connection refused")
	err := fmt.Errorf("place order: %w", outOfStock.Wrap(cause, "only 3 left"))
	if !errors.Is(err, outOfStock) || errors.Is(err, problem.NotFound) || !errors.Is(err, cause) {
		t.Error("errors.Is tells the kind and the cause")
	}
	var e *problem.Error
	if !errors.As(err, &e) || e.Code != "out-of-stock" || e.Status != 409 {
		t.Errorf("errors.As finds %+v", e)
	}
	if got, want := e.Error(), "out-of-stock: only 3 left (connection refused)"; got != want {
		t.Errorf("got %q, want %q", got, want)
	}
	if problem.From(nil) != nil || problem.From(err) != e {
		t.Error("From finds the problem, and none in nil")
	}
	if p := problem.From(cause); p.Code != "internal" || !errors.Is(p, cause) || p.Detail != "" {
		t.Errorf("From hides a cause: %+v", p)
	}
}

func TestBuiltin(t *testing.T) {
	t.Parallel()
	last := ""
	for _, k := range problem.Builtin() {
		if k.Code <= last {
			t.Errorf("%q after %q: not sorted, or twice", k.Code, last)
		}
		if k.Status < 400 || k.Status > 599 || k.Title == "" || strings.ToLower(k.Code) != k.Code {
			t.Errorf("%+v", k)
		}
		last = k.Code
	}
}

func ExampleKind() {
	outOfStock := problem.Kind{Code: "out-of-stock", Status: 409, Title: "Out of stock"}
	err := outOfStock.New("only 3 left")
	fmt.Println(errors.Is(err, outOfStock), err)
	// Output: true out-of-stock: only 3 left
}

// The document is what encoding/json makes of the Error, whatever its members
// hold.
func TestWriteIsTheErrorAsJSON(t *testing.T) {
	t.Parallel()
	texts := rapid.OneOf(rapid.StringMatching(`[ -~]{0,12}`), rapid.String(), rapid.SampledFrom([]string{"", "<&>", "\xff", "\u2028", "\x00\x7f", `"\`}))
	rapid.Check(t, func(t *rapid.T) {
		e := new(problem.Error)
		fill := func(v reflect.Value) {
			for i := range v.NumField() {
				if f := v.Field(i); f.Kind() == reflect.String {
					f.SetString(texts.Draw(t, v.Type().Field(i).Name))
				}
			}
		}
		fill(reflect.ValueOf(e).Elem())
		e.Title += "t"
		e.Status = rapid.IntRange(400, 599).Draw(t, "status")
		e.Errors = make([]problem.Fault, rapid.IntRange(0, 3).Draw(t, "faults"))
		for i := range e.Errors {
			fill(reflect.ValueOf(&e.Errors[i]).Elem())
		}
		want, err := json.Marshal(e)
		if err != nil {
			t.Fatal(err)
		}
		if got := write("GET", e, nil).Body.String(); got != string(want)+"\n" {
			t.Fatalf("got\n%s, want\n%s", got, want)
		}
	})
}
