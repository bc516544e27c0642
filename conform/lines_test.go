package conform_test

import (
	"errors"
	"io"
	"net/http"
	"net/http/httptest"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/problem"
)

const streams = `{"openapi":"3.0.3","info":{"title":"T","version":"1"},"paths":{"/s":{"post":{"operationId":"s",
	"requestBody":{"content":{"application/x-ndjson":{"schema":{"$ref":"#/components/schemas/Item"}},"application/jsonl":{"schema":{"type":"array","items":{"$ref":"#/components/schemas/Item"}}}}},
	"responses":{"200":{"description":"","content":{"application/jsonl":{"schema":{"$ref":"#/components/schemas/Item"}},"text/event-stream":{"schema":{"$ref":"#/components/schemas/Item"}}}},
	"201":{"description":"","content":{"text/event-stream":{"schema":{"type":"string"}}}}}}}},
	"components":{"schemas":{"Item":{"type":"object","required":["n"],"properties":{"n":{"type":"integer","maximum":9},"r":{"type":"string","readOnly":true},"w":{"type":"string","writeOnly":true}}}}}}`

func streaming(t *testing.T) *conform.Operation {
	t.Helper()
	s, err := conform.Compile(&catalog.Service{Name: "svc", Contract: []byte(streams), Operations: []catalog.Operation{{ID: "s", Key: "svc.s"}}}, catalog.Validation{Status: 422})
	if err != nil {
		t.Fatal(err)
	}
	return s.Operation("s")
}

func TestLinesOfRequests(t *testing.T) {
	t.Parallel()
	op := streaming(t)
	for _, media := range []string{"application/x-ndjson", "application/jsonl"} {
		for body, want := range map[string]string{
			"{\"n\":1}\n\n\x1e{\"n\":2}\r\n{\"n\":3}": "",
			"":                                 "",
			"{\"n\":1}\n{\"n\":10}\n":          "/1/n must be at most 9",
			"{\"n\":1}\n{\"n\":1,\"r\":\"x\"}": "/1/r",
			"{\"n\":1}\n{}\n{\"n\":10}":        "/1/n is required",
			"{\"n\":1}\n[":                     "/1",
			strings.Repeat(`{"n":1}`+strings.Repeat(" ", 5000)+"\n", 20) + "x": "/20",
		} {
			request := func() *http.Request {
				r := httptest.NewRequest("POST", "/s", strings.NewReader(body))
				r.Header.Set("Content-Type", media)
				return r
			}
			r := request()
			found, err := op.Request(r, conform.Fill)
			if err != nil || len(found.Violations) > 0 {
				t.Fatal(err, found.Violations)
			}
			read, err := io.ReadAll(r.Body)
			var refused *problem.Error
			got := ""
			if errors.As(err, &refused) {
				got = refused.Errors[0].Pointer + " " + refused.Errors[0].Message
			} else if err != nil || string(read) != body {
				t.Errorf("%q: %v %q", body, err, read)
			}
			if !strings.HasPrefix(got, want) || want == "" && got != "" || !strings.HasPrefix(body, string(read)) || (want != "") != (len(found.Broken()) > 0) {
				t.Errorf("%q: %q, want %q; %v", body, got, want, found.Broken())
			}
			found.Release()
			if seen := op.Observed(request(), []byte(body), true); (len(seen) > 0) != (want != "") {
				t.Errorf("%q: observed %v", body, seen)
			}
		}
	}
}

func TestStreamsOfAnswers(t *testing.T) {
	t.Parallel()
	op := streaming(t)
	for _, tt := range []struct {
		status            int
		media, body, want string
	}{
		{200, "application/jsonl", "{\"n\":1}\n{\"n\":2,\"r\":\"x\"}\n{\"n", ""},
		{200, "application/jsonl", "{\"n\":1}\n{\"n\":20}\n", "/1/n must be at most 9"},
		{200, "application/jsonl", "{\"n\":1,\"w\":\"x\"}\n", "/0/w"},
		{200, "text/event-stream", "id: 1\nevent: x\ndata: {\"n\":\ndata:  1}\n\n: ping\n\ndata: {\"n\":2}\n\ndata: {", ""},
		{200, "text/event-stream", "data: {\"n\":1}\r\n\r\ndata:{\"n\":20}\r\n\r\n", "/1/n must be at most 9"},
		{201, "text/event-stream", "data: anything\n\n", ""},
	} {
		e := op.Answer("POST", tt.status, http.Header{"Content-Type": {tt.media}})
		got := ""
		if found := e.Check([]byte(tt.body)); len(found) > 0 {
			got = found[0].String()
		}
		if (e.Begin > 0) != (tt.status == 200) || !strings.HasPrefix(got, tt.want) || tt.want == "" && got != "" {
			t.Errorf("%q: %q, want %q (%d)", tt.body, got, tt.want, e.Begin)
		}
	}
}
