package dispatchtest_test

import (
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/labstack/echo/v4"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/dispatch/dispatchtest"
)

const contract = `{"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{"/things/{id}":{"get":{
	"operationId":"getThing",
	"parameters":[{"name":"id","in":"path","required":true,"schema":{"type":"string"}}],
	"responses":{
		"200":{"description":"ok","headers":{"X-Count":{"required":true,"schema":{"type":"integer"}}},
			"content":{"application/json":{"schema":{"type":"object","required":["id"],"properties":{"id":{"type":"integer"},"secret":{"type":"string","writeOnly":true}}}},
				"text/plain":{"schema":{"type":"string","maxLength":3}},
				"text/event-stream":{"schema":{"type":"string"}}}},
		"204":{"description":"nothing"},
		"404":{"description":"none","content":{"application/problem+json":{"schema":{"type":"object","required":["hint"]}}}}}}}}}`

// faked is a test that keeps what it is told.
type faked struct {
	testing.TB
	errors  []string
	cleanup []func()
}

func (f *faked) Helper()          {}
func (f *faked) Cleanup(c func()) { f.cleanup = append(f.cleanup, c) }
func (f *faked) Errorf(format string, a ...any) {
	f.errors = append(f.errors, fmt.Sprintf(format, a...))
}

// answers serves one request through a dispatcher of dispatchtest and returns
// what the test was told.
func answers(t *testing.T, method string, h echo.HandlerFunc) []string {
	t.Helper()
	service := &catalog.Service{Name: "s", Contract: []byte(contract), Operations: []catalog.Operation{
		{Key: "s.getThing", ID: "getThing", Method: "GET", Path: "/things/{id}"},
	}}
	// The service's own word on it does not count.
	service.Validation.Answers.Go = catalog.None
	fake := &faked{TB: t}
	d := dispatchtest.New(fake, dispatch.Options{Workspace: &catalog.Workspace{Services: []*catalog.Service{service}}})
	e := echo.New()
	if err := d.Handle(e, service, map[string]echo.HandlerFunc{"getThing": h}); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(e); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	defer server.Close()
	r, err := http.NewRequestWithContext(t.Context(), method, server.URL+"/things/7", nil)
	if err != nil {
		t.Fatal(err)
	}
	res, err := http.DefaultTransport.RoundTrip(r)
	if err == nil {
		_, _ = io.Copy(io.Discard, res.Body)
		res.Body.Close()
	}
	server.Close()
	for _, c := range fake.cleanup {
		c()
	}
	return fake.errors
}

func TestAnswers(t *testing.T) {
	t.Parallel()
	write := func(status int, contentType, body string, header ...string) echo.HandlerFunc {
		return func(c echo.Context) error {
			c.Response().Header().Set("X-Count", "1")
			for i := 0; i+1 < len(header); i += 2 {
				c.Response().Header().Set(header[i], header[i+1])
			}
			if contentType == "" {
				return c.NoContent(status)
			}
			return c.Blob(status, contentType, []byte(body))
		}
	}
	for _, c := range []struct {
		name, method string
		handler      echo.HandlerFunc
		want         string // all of it; empty when nothing is wrong
	}{
		{"as the contract says", "GET", write(200, "application/json", `{"id":1}`), ""},
		{"with parameters of the type", "GET", write(200, "application/json; charset=utf-8", `{"id":1}`), ""},
		{"a wrong member", "GET", write(200, "application/json", `{"id":"1"}`), "/id must be an integer, not a string (contract #/paths/~1things~1{id}/get/responses/200/content/application~1json/schema/properties/id/type)"},
		{"a write-only member", "GET", write(200, "application/json", `{"id":1,"secret":"x"}`), "/secret"},
		{"no JSON", "GET", write(200, "application/json", `{"id":`), "is not valid JSON"},
		{"HEAD has no body", "HEAD", write(200, "application/json", `{"id":"1"}`), ""},
		{"text", "GET", write(200, "text/plain", "abc"), ""},
		{"too long a text", "GET", write(200, "text/plain", "abcd"), "must be at most 3 characters long"},
		{"a stream is not looked at", "GET", write(200, "text/event-stream", "data: 1\n\n"), ""},
		{"another media type", "GET", write(200, "text/html", "<p>"), "/header/Content-Type must be application/json, text/event-stream or text/plain"},
		{"a status that is not declared", "GET", write(500, "application/json", "{}"), "has the status 500"},
		{"a redirection that is not declared", "GET", write(302, "", "", "Location", "/"), "has the status 302"},
		{"not modified", "GET", write(304, "", ""), ""},
		{"nothing", "GET", write(204, "", ""), ""},
		{"a header of the wrong type", "GET", write(200, "application/json", `{"id":1}`, "X-Count", "many"), "/header/X-Count must be an integer, not a string"},
		{"compressed", "GET", write(200, "application/json", "\x1f\x8b", "Content-Encoding", "gzip"), ""},
		{"a declared problem", "GET", write(404, "application/problem+json", `{}`), "/hint is required"},
		{"a problem of Banyan's own", "GET", func(echo.Context) error { return echo.ErrServiceUnavailable }, ""},
		{"broken off", "GET", func(c echo.Context) error {
			c.Response().Header().Set("X-Count", "1")
			_ = c.Blob(200, "application/json", []byte(`{"id":`))
			panic(http.ErrAbortHandler)
		}, ""},
		{"larger than what is checked", "GET", write(200, "application/json", `{"id":"`+strings.Repeat("x", 2<<20)+`"}`), ""},
		{"in pieces", "GET", func(c echo.Context) error {
			c.Response().Header().Set("X-Count", "1")
			c.Response().Header().Set("Content-Type", "application/json")
			for _, piece := range []string{`{"id"`, `:`, `true}`} {
				_, _ = io.WriteString(c.Response(), piece)
				c.Response().Flush()
			}
			return nil
		}, "/id must be an integer, not a boolean"},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := answers(t, c.method, c.handler)
			switch {
			case c.want == "" && len(got) > 0:
				t.Errorf("%q", got)
			case c.want != "" && (len(got) != 1 || !strings.Contains(got[0], c.want) || strings.Count(got[0], "\n") != 1):
				t.Errorf("got %q, want %q alone", got, c.want)
			}
		})
	}
}
