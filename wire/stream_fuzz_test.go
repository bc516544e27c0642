package wire

import (
	"bytes"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http/httptest"
	"strings"
	"testing"
	"testing/iotest"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/problem"
)

// Whatever a client sends as a form of parts is read or refused with a problem,
// and a file that was taken is all there.
func FuzzParts(f *testing.F) {
	const crlf = "\r\n"
	part := func(header, text string) string { return "--x" + crlf + header + crlf + crlf + text + crlf }
	f.Add(part(`Content-Disposition: form-data; name="text"`, "é")+part(`Content-Disposition: form-data; name="list"`, "1")+
		part(`Content-Disposition: form-data; name="list[]"`, "2")+"--x--", "x")
	f.Add(part(`Content-Disposition: form-data; name="file"; filename="../a"`+crlf+"Content-Type: text/plain", "abc")+
		part(`Content-Disposition: form-data; name="files"; filename="b"`, "")+
		part(`Content-Disposition: form-data; name="point"`+crlf+"Content-Type: application/json", `{"x":1}`)+"--x--"+crlf, "x")
	f.Add(part(`Content-Disposition: form-data; name="point[x][]"`, "1")+part("Content-Disposition: nothing", "")+part("", "")+"--x", "x")
	f.Add("--x\r\n\r\n", "")
	type form struct {
		Text  *string `json:"text"`
		List  []int   `json:"list"`
		Point *point  `json:"point"`
		File  *File   `json:"file"`
		Files []*File `json:"files"`
		Rest  *struct {
			AdditionalProperties map[string]any `json:"-"`
		} `json:"rest"`
	}
	type request struct{ Body *form }
	type empty struct{}
	shape := &Shape{Key: "s.o", Path: "/", Bodies: []Body{{
		Media: "multipart/form-data", Kind: PartsBody,
		Encoding: []Encoding{{Name: "point", Media: "application/json"}, {Name: "list", Style: PipeDelimited}},
	}}, Answers: []Answer{{Status: "204", Type: (*empty)(nil)}}}
	serve := Serve(Served{Shape: shape, Request: (*request)(nil), Serve: func(_ context.Context, r any) (any, error) {
		got := r.(*request).Body
		if got == nil {
			return empty{}, nil
		}
		for _, file := range append([]*File{got.File}, got.Files...) {
			if file == nil {
				continue
			}
			if data, err := io.ReadAll(file); err != nil || int64(len(data)) != file.Size {
				return nil, fmt.Errorf("%d bytes of %d: %w", len(data), file.Size, err)
			}
		}
		return empty{}, nil
	}})
	f.Fuzz(func(t *testing.T, body, boundary string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.Header.Set("Content-Type", "multipart/form-data; boundary="+boundary)
		err := serve(httptest.NewRecorder(), r)
		if refused := (*problem.Error)(nil); err != nil && !errors.As(err, &refused) {
			t.Fatal(err)
		}
	})
}

// Streams are read alike however they arrive, and what was read is read again
// from what it is written as.
func FuzzStreams(f *testing.F) {
	f.Add("data: 1\n\n")
	f.Add("\ufeffid: 7\r\nevent: a\rretry: 250\ndata: {\"a\":\r\ndata:[1.50,null]}\r\n\r\n: comment\nid\ndata: \"\u2028\"\r\rdata: 2")
	f.Add("{\"a\":1}\n\n\x1e[1, 2]\r\n\"x\"\n12345678901234567890.10")
	f.Add("{\"a\":1}\n{")
	f.Fuzz(func(t *testing.T, text string) {
		eventsOf := func(r io.Reader) (out []Event[any], failed bool) {
			var stream Events[any]
			stream.readFrom(r, malformedLine)
			for e, err := range stream {
				if err != nil {
					return out, true
				}
				out = append(out, e)
			}
			return out, false
		}
		linesOf := func(r io.Reader) (out []any, failed bool) {
			var stream Lines[any]
			stream.readFrom(r, malformedLine)
			for v, err := range stream {
				if err != nil {
					return out, true
				}
				out = append(out, v)
			}
			return out, false
		}
		events, badEvents := eventsOf(strings.NewReader(text))
		again, bad := eventsOf(iotest.OneByteReader(strings.NewReader(text)))
		if diff := cmp.Diff(events, again); diff != "" || bad != badEvents {
			t.Fatalf("events byte by byte: %v, %v %s", badEvents, bad, diff)
		}
		items, badItems := linesOf(strings.NewReader(text))
		linesAgain, bad := linesOf(iotest.OneByteReader(strings.NewReader(text)))
		if diff := cmp.Diff(items, linesAgain); diff != "" || bad != badItems {
			t.Fatalf("lines byte by byte: %v, %v %s", badItems, bad, diff)
		}

		sent, ok := written(Events[any](func(yield func(Event[any], error) bool) {
			for _, e := range events {
				if !yield(e, nil) {
					return
				}
			}
		}))
		for i := 1; i < len(events); i++ { // an ID that is empty is not sent, and so does not take the last one back
			if events[i].ID == "" {
				events[i].ID = events[i-1].ID
			}
		}
		if again, bad := eventsOf(bytes.NewReader(sent)); ok && (bad || !cmp.Equal(events, again)) {
			t.Fatalf("events written as %q: %v, %s", sent, bad, cmp.Diff(events, again))
		}
		sent, ok = written(Lines[any](func(yield func(any, error) bool) {
			for _, v := range items {
				if !yield(v, nil) {
					return
				}
			}
		}))
		if again, bad := linesOf(bytes.NewReader(sent)); ok && (bad || !cmp.Equal(items, again)) {
			t.Fatalf("lines written as %q: %v, %s", sent, bad, cmp.Diff(items, again))
		}
	})
}

// written returns what a stream is sent as, or false for what cannot be sent.
func written(s source) (out []byte, ok bool) {
	ok = true
	s.each(asAnswer, func(item []byte, err error) bool {
		ok = ok && err == nil
		out = append(out, item...)
		return ok
	})
	return out, ok
}
