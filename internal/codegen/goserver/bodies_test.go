package goserver_test

import (
	"bytes"
	"encoding/json"
	"errors"
	"io"
	"mime/multipart"
	"net/http"
	"strings"
	"testing"
	"time"

	openapi_types "github.com/oapi-codegen/runtime/types"

	api "github.com/banyan-go/banyan/internal/codegen/goserver/testdata/golden/gen/everything"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/wire"
)

func thing(t *testing.T) api.Thing {
	var shape api.Shape
	if err := shape.FromSquare(api.Square{Side: 2}); err != nil {
		t.Fatal(err)
	}
	return api.Thing{
		Id: 1 << 60, Price: 19.99, Color: api.ColorSpace, List: []string{"a"}, Empty: []api.Point{}, Map: map[string]int{"b": 2, "a": 1},
		Options: []string{}, Note: wire.Some("n"), Blob: []byte("blob"), Day: &openapi_types.Date{Time: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)},
		At: ptr(time.Date(2026, 1, 2, 3, 4, 5, 0, time.UTC)), Uuid: ptr("A987FBC9-4BED-3078-CF07-9141BA07C9F3"), Mail: ptr("a@localhost"),
		FirstName: ptr("hyphen"), FirstName2: ptr("underscore"), Free: map[string]any{"x": []any{"y", 1.5, nil}},
		Open: &api.Open{Known: "k", Get2: ptr("g"), AdditionalProperties: map[string]int{"more": 3}}, Shape: &shape,
		Nested:               &api.ThingNested{Deep: &api.ThingNestedDeep{Deeper: ptr(true)}},
		Child:                &api.Thing{Id: 2, List: []string{}, Empty: []api.Point{}, Map: map[string]int{}},
		AdditionalProperties: map[string]any{"odd,name": "odd"},
	}
}

func TestJSONBody(t *testing.T) {
	t.Parallel()
	var got api.Thing
	port, _ := serve(t, service{create: func(r api.CreateThingRequestObject) (api.CreateThingResponseObject, error) {
		got = *r.Body
		return api.CreateThing201JSONResponse{Body: *r.Body, Headers: api.CreateThing201ResponseHeaders{Location: "/v1/things/1"}}, nil
	}})
	sent := thing(t)
	answer, err := port.CreateThing(t.Context(), api.CreateThingRequestObject{Body: &sent})
	if err != nil {
		t.Fatal(err)
	}
	both(t, sent, got)
	both(t, api.CreateThing201JSONResponse{Body: sent, Headers: api.CreateThing201ResponseHeaders{Location: "/v1/things/1"}}, answer)

	value, err := got.Shape.ValueByDiscriminator()
	if square, ok := value.(api.Square); err != nil || !ok || square != (api.Square{Kind: "square", Side: 2}) {
		t.Errorf("shape is %#v (%v)", value, err)
	}
	if _, err := port.CreateThing(t.Context(), api.CreateThingRequestObject{}); err == nil {
		t.Error("a required body was left out")
	}
}

func TestAnswersByStatus(t *testing.T) {
	t.Parallel()
	var give api.CreateThingResponseObject
	var fail error
	port, _ := serve(t, service{create: func(api.CreateThingRequestObject) (api.CreateThingResponseObject, error) { return give, fail }})
	least := api.Thing{}
	for _, answer := range []api.CreateThingResponseObject{
		api.CreateThing422JSONResponse{Why: "because"},
		api.CreateThing4XXJSONResponse{Body: map[string]string{"a": "b"}, StatusCode: 418},
		api.CreateThingdefaultTextResponse{Body: "späť", StatusCode: 503},
	} {
		give = answer
		got, err := port.CreateThing(t.Context(), api.CreateThingRequestObject{Body: &least})
		if err != nil {
			t.Errorf("%T: %v", answer, err)
			continue
		}
		both(t, answer, got)
	}

	// Problems are errors, whoever wrote them.
	give = api.CreateThing409ApplicationProblemPlusJSONResponse{Title: "Out of stock", Status: 409, Code: "out-of-stock"}
	_, err := port.CreateThing(t.Context(), api.CreateThingRequestObject{Body: &least})
	if !errors.Is(err, api.ProblemOutOfStock) {
		t.Errorf("a declared problem came back as %v", err)
	}
	give, fail = nil, api.ProblemOutOfStock.New("none left")
	_, err = port.CreateThing(t.Context(), api.CreateThingRequestObject{Body: &least})
	if p := problem.From(err); !errors.Is(err, api.ProblemOutOfStock) || p.Detail != "none left" || p.Status != 409 {
		t.Errorf("a returned problem came back as %v", err)
	}

	// What a handler gets wrong is a 500 before anything is written.
	fail = nil
	for _, bad := range []api.CreateThingResponseObject{
		nil,
		api.CreateThingdefaultTextResponse{Body: "status forgotten"},
		api.CreateThing4XXJSONResponse{StatusCode: 503},
		api.CreateThing201JSONResponse{Headers: api.CreateThing201ResponseHeaders{Location: "a\nb"}},
	} {
		give = bad
		_, err := port.CreateThing(t.Context(), api.CreateThingRequestObject{Body: &least})
		if p := problem.From(err); p == nil || p.Code != "internal" || p.Status != 500 {
			t.Errorf("%#v: %v", bad, err)
		}
	}
}

func TestBodyIsReadStrictly(t *testing.T) {
	t.Parallel()
	called := false
	_, base := serve(t, service{create: func(api.CreateThingRequestObject) (api.CreateThingResponseObject, error) {
		called = true
		return api.CreateThing422JSONResponse{}, nil
	}})
	const good = `{"id":1,"list":[],"map":{},"empty":[],"maybe":null,"color":"red","price":1}`
	for _, c := range []struct {
		name, media, body string
		status            int
		fault             string
	}{
		{"good", "application/json", good, 422, ""},
		{"charset", "application/json; charset=utf-8", good, 422, ""},
		{"vendor", "application/vnd.acme+json", good, 422, ""},
		{"no type", "", good, 422, ""},
		{"space", "application/json", " " + good + "\n ", 422, ""},
		{"empty", "application/json", "", 400, " a body is required"},
		{"blank", "application/json", "  ", 400, " is not valid JSON: it ends too early"},
		{"null", "application/json", " null ", 400, " must not be null"},
		{"garbage", "application/json", good + "x", 400, ""},
		{"two", "application/json", good + good, 400, ""},
		{"array", "application/json", "[]", 400, " must be an object"},
		{"wrong type", "application/json", `{"id":"1"}`, 400, "/id must be an integer of 64 bits"},
		{"deep", "application/json", `{"child":{"child":{"price":"x"}}}`, 400, "/child/child/price must be a number"},
		{"fold", "application/json", `{"ID":"not looked at"}`, 422, ""},
		{"twice", "application/json", `{"id":1,"id":2}`, 400, ""},
		{"cut", "application/json", `{"id":1`, 400, ""},
		{"xml", "application/xml", "<a/>", 415, ""},
	} {
		called = false
		req, err := http.NewRequest("POST", base+"/v1/things", strings.NewReader(c.body))
		if err != nil {
			t.Fatal(err)
		}
		if c.media != "" {
			req.Header.Set("Content-Type", c.media)
		}
		resp, err := http.DefaultClient.Do(req)
		if err != nil {
			t.Fatal(err)
		}
		var doc problem.Error
		_ = json.NewDecoder(resp.Body).Decode(&doc)
		resp.Body.Close()
		if resp.StatusCode != c.status || called != (c.status == 422) {
			t.Errorf("%s: status %d, want %d (%+v)", c.name, resp.StatusCode, c.status, doc.Errors)
		}
		if c.fault != "" && (len(doc.Errors) != 1 || doc.Errors[0].Pointer+" "+doc.Errors[0].Message != c.fault) {
			t.Errorf("%s: %+v, want %q", c.name, doc.Errors, c.fault)
		}
	}
	// A body without a length, and one over the limit.
	for size, want := range map[int]int{1: 422, 2 << 20: 413} {
		body := io.MultiReader(strings.NewReader(strings.Repeat(" ", size)), strings.NewReader(good))
		resp, err := http.Post(base+"/v1/things", "application/json", body)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if resp.StatusCode != want {
			t.Errorf("chunked body of %d: status %d, want %d", size, resp.StatusCode, want)
		}
	}
}

func TestEveryMediaType(t *testing.T) {
	t.Parallel()
	port, _ := serve(t, service{body: func(r api.AnyBodyRequestObject) (api.AnyBodyResponseObject, error) {
		switch {
		case r.JSONBody != nil:
			return api.AnyBody200JSONResponse(*r.JSONBody), nil
		case r.ApplicationVndShopV2PlusJSONBody != nil:
			return api.AnyBody200ApplicationVndShopV2PlusJSONResponse(*r.ApplicationVndShopV2PlusJSONBody), nil
		case r.FormdataBody != nil:
			return api.AnyBody200FormdataResponse(*r.FormdataBody), nil
		case r.TextBody != nil:
			return api.AnyBody200TextResponse(*r.TextBody), nil
		case r.ApplicationOctetStreamBody != nil:
			return api.AnyBody200ApplicationOctetStreamResponse{Body: r.ApplicationOctetStreamBody}, nil
		case r.ImageWildcardBody != nil:
			return api.AnyBody200ImageWildcardResponse{Body: r.ImageWildcardBody, ContentType: r.ContentType}, nil
		case r.MultipartBody != nil:
			return api.AnyBody200MultipartMixedResponse(func(w *multipart.Writer) error {
				out, err := w.CreateFormFile("file", r.MultipartBody.File.Name)
				if err != nil {
					return err
				}
				_, err = io.Copy(out, r.MultipartBody.File)
				return err
			}), nil
		}
		return api.AnyBody202Response{}, nil
	}})
	call := func(r api.AnyBodyRequestObject) api.AnyBodyResponseObject {
		t.Helper()
		answer, err := port.AnyBody(t.Context(), r)
		if err != nil {
			t.Error(err)
		}
		return answer
	}
	both(t, api.AnyBody202Response{}, call(api.AnyBodyRequestObject{}))
	both(t, api.AnyBody200JSONResponse{X: 1}, call(api.AnyBodyRequestObject{JSONBody: &api.Point{X: 1}}))
	both(t, api.AnyBody200ApplicationVndShopV2PlusJSONResponse{From: ptr("a")}, call(api.AnyBodyRequestObject{ApplicationVndShopV2PlusJSONBody: &api.Range{From: ptr("a")}}))
	both(t, api.AnyBody200TextResponse("t\x00ä"), call(api.AnyBodyRequestObject{TextBody: ptr("t\x00ä")}))
	form := api.Filter{Name: ptr("a=b&c"), Size: ptr(-1), Tags: []string{"x", "y"}, At: &api.Point{X: 1, Y: ptr(2)}}
	both(t, api.AnyBody200FormdataResponse(form), call(api.AnyBodyRequestObject{FormdataBody: &form}))

	stream, ok := call(api.AnyBodyRequestObject{ApplicationOctetStreamBody: strings.NewReader("bytes")}).(api.AnyBody200ApplicationOctetStreamResponse)
	if data, _ := io.ReadAll(stream.Body); !ok || string(data) != "bytes" {
		t.Errorf("stream is %q", data)
	}
	image, ok := call(api.AnyBodyRequestObject{ImageWildcardBody: strings.NewReader("pixels"), ContentType: "image/png"}).(api.AnyBody200ImageWildcardResponse)
	if data, _ := io.ReadAll(image.Body); !ok || string(data) != "pixels" || image.ContentType != "image/png" {
		t.Errorf("image is %q of %q", data, image.ContentType)
	}

	mixed, ok := call(api.AnyBodyRequestObject{MultipartBody: &api.AnyBodyMultipartRequestBody{
		File: &wire.File{Name: "a.txt", Media: "text/plain", Reader: strings.NewReader("content")},
	}}).(api.AnyBody200MultipartMixedResponse)
	if !ok {
		t.Fatal("no multipart answer")
	}
	var got bytes.Buffer
	w := multipart.NewWriter(&got)
	if err := mixed(w); err != nil {
		t.Fatal(err)
	}
	_ = w.Close()
	back, err := multipart.NewReader(&got, w.Boundary()).NextPart()
	if err != nil {
		t.Fatal(err)
	}
	if data, _ := io.ReadAll(back); string(data) != "content" || back.FileName() != "a.txt" {
		t.Errorf("part %q is %q", back.FileName(), data)
	}
}

func TestNothing(t *testing.T) {
	t.Parallel()
	var give api.NothingResponseObject = api.Nothing204Response{}
	port, _ := serve(t, service{nothing: func(api.NothingRequestObject) (api.NothingResponseObject, error) { return give, nil }})
	for _, want := range []api.NothingResponseObject{api.Nothing204Response{}, api.NothingdefaultResponse{StatusCode: 500}} {
		give = want
		got, err := port.Nothing(t.Context(), api.NothingRequestObject{})
		if err != nil {
			t.Fatal(err)
		}
		both(t, want, got)
	}
}
