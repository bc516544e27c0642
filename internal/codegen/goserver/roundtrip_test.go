package goserver_test

import (
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"io"
	"log/slog"
	"mime/multipart"
	"net/http"
	"net/http/httptest"
	"net/url"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
	openapi_types "github.com/oapi-codegen/runtime/types"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
	api "github.com/banyan-go/banyan/internal/codegen/goserver/testdata/golden/gen/everything"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/rollout"
)

// caller sends what a port made to a server, as the legacy adapter would.
type caller struct{ base *url.URL }

func (c caller) Call(_ context.Context, _ *catalog.Operation, r *http.Request) (*http.Response, error) {
	r.URL.Scheme, r.URL.Host, r.Host = c.base.Scheme, c.base.Host, c.base.Host
	return http.DefaultTransport.RoundTrip(r)
}

// service answers the golden contract; each test sets what it needs.
type service struct {
	path    func(api.PathStylesRequestObject) (api.PathStylesResponseObject, error)
	query   func(api.QueryStylesRequestObject) (api.QueryStylesResponseObject, error)
	headers func(api.HeaderStylesRequestObject) (api.HeaderStylesResponseObject, error)
	create  func(api.CreateThingRequestObject) (api.CreateThingResponseObject, error)
	body    func(api.AnyBodyRequestObject) (api.AnyBodyResponseObject, error)
	nothing func(api.NothingRequestObject) (api.NothingResponseObject, error)
}

func (s service) PathStyles(_ context.Context, r api.PathStylesRequestObject) (api.PathStylesResponseObject, error) {
	return s.path(r)
}
func (s service) QueryStyles(_ context.Context, r api.QueryStylesRequestObject) (api.QueryStylesResponseObject, error) {
	return s.query(r)
}
func (s service) HeaderStyles(_ context.Context, r api.HeaderStylesRequestObject) (api.HeaderStylesResponseObject, error) {
	return s.headers(r)
}
func (s service) CreateThing(_ context.Context, r api.CreateThingRequestObject) (api.CreateThingResponseObject, error) {
	return s.create(r)
}
func (s service) AnyBody(_ context.Context, r api.AnyBodyRequestObject) (api.AnyBodyResponseObject, error) {
	return s.body(r)
}
func (s service) Nothing(_ context.Context, r api.NothingRequestObject) (api.NothingResponseObject, error) {
	return s.nothing(r)
}

// serve runs the generated server on a free port and returns a port to it.
func serve(t *testing.T, s service) (*api.Port, string) {
	t.Helper()
	plan, faults := rollout.Parse("rollout.yaml", []byte("version: 1\ndefault: go\n"))
	if len(faults) > 0 {
		t.Fatal(faults)
	}
	e := echo.New()
	d := dispatch.New(dispatch.Options{
		Workspace: &catalog.Workspace{
			Services: []*catalog.Service{api.Service},
			// Decoding must stand on its own: what checks requests before it is not asked.
			Validation: catalog.Validation{Requests: catalog.RequestChecks{Go: catalog.Off}},
		},
		Rollout: fixed{plan},
		Log:     slog.New(slog.DiscardHandler),
	})
	if err := api.Register(e, d, api.All(s)); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(e); err != nil {
		t.Fatal(err)
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	base, err := url.Parse(server.URL)
	if err != nil {
		t.Fatal(err)
	}
	return api.NewPort(caller{base}), server.URL
}

type fixed struct{ plan *rollout.Plan }

func (f fixed) Plan() *rollout.Plan { return f.plan }

func ptr[T any](v T) *T { return &v }

// both checks that what a port was given is what a handler got.
func both(t *testing.T, want, got any) {
	t.Helper()
	if diff := cmp.Diff(want, got, cmp.Comparer(func(a, b api.Shape) bool { return asJSON(t, a) == asJSON(t, b) }),
		cmp.Comparer(func(a, b api.QueryStylesParamsEither) bool { return asJSON(t, a) == asJSON(t, b) }),
		cmp.Comparer(func(a, b time.Time) bool { return a.Equal(b) })); diff != "" {
		t.Errorf("what was sent (-) is not what arrived (+):\n%s", diff)
	}
}

func asJSON(t *testing.T, v any) string {
	data, err := json.Marshal(v)
	if err != nil {
		t.Error(err)
	}
	return string(data)
}

func TestPathStyles(t *testing.T) {
	t.Parallel()
	var got api.PathStylesRequestObject
	port, _ := serve(t, service{path: func(r api.PathStylesRequestObject) (api.PathStylesResponseObject, error) {
		got = r
		return api.PathStyles204Response{}, nil
	}})
	for _, awkward := range []string{"plain", "a/b c", "100%", "ü;,=+&", "..", "a.b", "%2F", "?#"} {
		sent := api.PathStylesRequestObject{
			Simple: awkward, List: []int{1, -2, 3}, Label: []string{awkward, "b"}, Matrix: []string{awkward, "x"},
			Object: api.Point{X: 1, Y: ptr(2)}, Name: awkward, Ext: "gz",
		}
		if answer, err := port.PathStyles(t.Context(), sent); err != nil {
			t.Errorf("%q: %v", awkward, err)
		} else if _, ok := answer.(api.PathStyles204Response); !ok {
			t.Errorf("%q: answer %T", awkward, answer)
		}
		both(t, sent, got)
	}
	if _, err := port.PathStyles(t.Context(), api.PathStylesRequestObject{List: []int{1}, Name: "n", Ext: "e"}); err == nil {
		t.Error("an empty path parameter was sent")
	}
}

func TestQueryStyles(t *testing.T) {
	t.Parallel()
	var got api.QueryStylesParams
	port, base := serve(t, service{query: func(r api.QueryStylesRequestObject) (api.QueryStylesResponseObject, error) {
		got = r.Params
		return api.QueryStyles204Response{}, nil
	}})
	var either api.QueryStylesParamsEither
	if err := either.FromQueryStylesParamsEither0(7); err != nil {
		t.Fatal(err)
	}
	filter := api.Filter{Name: ptr("a&b"), Size: ptr(3), Tags: []string{"x", "y z"}, At: &api.Point{X: 1}}
	full := api.QueryStylesParams{
		Text: "a+b&c=d %/ü,|", Optional: ptr(""), Flag: ptr(true), Number: ptr(1.25), Color: ptr(api.ColorLightGreen),
		Day: &openapi_types.Date{Time: time.Date(2026, 11, 22, 0, 0, 0, 0, time.UTC)},
		At:  ptr(time.Date(2026, 11, 22, 10, 0, 0, 5, time.FixedZone("", 3600))), Blob: []byte{0, 255, 62, 63},
		Ids: []int64{1, 1 << 62}, Commas: []string{"a,b", "c"}, Spaces: []string{"a", "b+c"}, Pipes: []string{"a", "b,c"},
		Php: []string{"x", "y"}, Point: &api.Point{X: 5}, Flat: &api.Range{From: ptr("a,b"), To: ptr("c")},
		Filter: &filter, Json: &filter, Reserved: ptr("a/b?c:d@e"), Either: &either,
	}
	for name, sent := range map[string]api.QueryStylesParams{"everything": full, "the least": {Text: ""}} {
		if _, err := port.QueryStyles(t.Context(), api.QueryStylesRequestObject{Params: sent}); err != nil {
			t.Errorf("%s: %v", name, err)
		}
		both(t, sent, got)
	}

	// What other clients write.
	for query, want := range map[string]api.QueryStylesParams{
		"text=a&flag":                       {Text: "a", Flag: ptr(true)},
		"text=a&flag=1":                     {Text: "a", Flag: ptr(true)},
		"text=a&text=b":                     {Text: "b"},
		"text=a&ids[]=1&ids[]=2":            {Text: "a", Ids: []int64{1, 2}},
		"text=a&ids%5B0%5D=1&ids%5B1%5D=2":  {Text: "a", Ids: []int64{1, 2}},
		"text=a&commas=x%2Cy":               {Text: "a", Commas: []string{"x", "y"}},
		"text=a&commas=x&commas=y":          {Text: "a", Commas: []string{"x", "y"}},
		"text=a&pipes=x%7Cy":                {Text: "a", Pipes: []string{"x", "y"}},
		"text=a&spaces=x+y":                 {Text: "a", Spaces: []string{"x", "y"}},
		"text=a&filter[tags][]=x":           {Text: "a", Filter: &api.Filter{Tags: []string{"x"}}},
		"text=a&filter[tags][0]=x":          {Text: "a", Filter: &api.Filter{Tags: []string{"x"}}},
		"text=100%&unknown=1;2&=&&z":        {Text: "100%"},
		"text=a&either=true&filter[at][x]=": {}, // refused below
	} {
		resp, err := http.Get(base + "/v1/query?" + query)
		if err != nil {
			t.Fatal(err)
		}
		resp.Body.Close()
		if want.Text == "" {
			if resp.StatusCode != 400 {
				t.Errorf("%s: status %d, want 400", query, resp.StatusCode)
			}
			continue
		}
		if resp.StatusCode != 204 {
			t.Errorf("%s: status %d", query, resp.StatusCode)
		}
		both(t, want, got)
	}
}

func TestRequestFaultsComeTogether(t *testing.T) {
	t.Parallel()
	_, base := serve(t, service{})
	resp, err := http.Get(base + "/v1/query?ids=1&ids=x&number=Inf&day=yesterday&flag=perhaps&json=%7B&at=1")
	if err != nil {
		t.Fatal(err)
	}
	defer resp.Body.Close()
	var doc problem.Error
	if err := json.NewDecoder(resp.Body).Decode(&doc); err != nil {
		t.Fatal(err)
	}
	var got []string
	for _, f := range doc.Errors {
		got = append(got, f.Pointer+" "+f.Message)
	}
	want := []string{
		"/query/at must be a date and time such as 2006-01-02T15:04:05Z",
		"/query/day must be a date such as 2006-01-02",
		"/query/flag must be true or false",
		"/query/ids item 1: must be an integer of 64 bits",
		"/query/json is not valid JSON: it ends too early",
		"/query/number must be a number",
		"/query/text is required",
	}
	if diff := cmp.Diff(want, got); diff != "" || resp.StatusCode != 400 {
		t.Errorf("status %d\n%s", resp.StatusCode, diff)
	}
}

func TestHeadersAndCookies(t *testing.T) {
	t.Parallel()
	var got api.HeaderStylesParams
	when := time.Date(2026, 11, 22, 10, 0, 0, 0, time.UTC)
	port, _ := serve(t, service{headers: func(r api.HeaderStylesRequestObject) (api.HeaderStylesResponseObject, error) {
		got = r.Params
		return api.HeaderStyles200JSONResponse{
			Body:    nil,
			Headers: api.HeaderStyles200ResponseHeaders{XText: r.Params.XText, XList: r.Params.XList, XWhen: &when},
		}, nil
	}})
	sent := api.HeaderStylesParams{
		XText: "a, b; c=d", XList: []int{3, 1, 2}, XObject: &api.Point{X: 1, Y: ptr(-1)},
		Session: ptr("s p;c,é"), Tags: []string{"a,b", "c"},
	}
	answer, err := port.HeaderStyles(t.Context(), api.HeaderStylesRequestObject{Params: sent})
	if err != nil {
		t.Fatal(err)
	}
	both(t, sent, got)
	both(t, api.HeaderStyles200JSONResponse{
		Body:    []string{}, // a list is never null
		Headers: api.HeaderStyles200ResponseHeaders{XText: sent.XText, XList: sent.XList, XWhen: &when},
	}, answer)

	for _, bad := range []api.HeaderStylesParams{{XText: "a\r\nInjected: 1"}} {
		if _, err := port.HeaderStyles(t.Context(), api.HeaderStylesRequestObject{Params: bad}); err == nil {
			t.Errorf("%+v was sent", bad)
		}
	}
}

func thing(t *testing.T) api.Thing {
	var shape api.Shape
	if err := shape.FromSquare(api.Square{Side: 2}); err != nil {
		t.Fatal(err)
	}
	return api.Thing{
		Id: 1 << 60, Price: 19.99, Color: api.ColorSpace, List: []string{"a"}, Empty: []api.Point{}, Map: map[string]int{"b": 2, "a": 1},
		Options: []string{}, Note: ptr("n"), Blob: []byte("blob"), Day: &openapi_types.Date{Time: time.Date(2026, 1, 2, 0, 0, 0, 0, time.UTC)},
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
				part, err := r.MultipartBody.NextPart()
				if err != nil {
					return err
				}
				out, err := w.CreatePart(part.Header)
				if err != nil {
					return err
				}
				_, err = io.Copy(out, part)
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

	var sent bytes.Buffer
	w := multipart.NewWriter(&sent)
	part, _ := w.CreateFormFile("file", "a.txt")
	_, _ = part.Write([]byte("content"))
	_ = w.Close()
	mixed, ok := call(api.AnyBodyRequestObject{MultipartBody: multipart.NewReader(&sent, w.Boundary())}).(api.AnyBody200MultipartMixedResponse)
	if !ok {
		t.Fatal("no multipart answer")
	}
	var got bytes.Buffer
	w = multipart.NewWriter(&got)
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
