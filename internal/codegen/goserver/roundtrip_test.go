package goserver_test

import (
	"context"
	"encoding/json"
	"log/slog"
	"net/http"
	"net/http/httptest"
	"net/url"
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
	"github.com/banyan-go/banyan/wire"
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
		Php: []string{"x", "y"}, Point: &api.Point{X: 5}, Flat: &api.Range{From: ptr("a,b"), To: wire.Some("c")},
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
		"text=a&text=b":                     {}, // refused below
		"text=a&ids[]=1&ids[]=2":            {Text: "a", Ids: []int64{1, 2}},
		"text=a&ids%5B0%5D=1&ids%5B1%5D=2":  {Text: "a", Ids: []int64{1, 2}},
		"text=a&commas=x%2Cy":               {Text: "a", Commas: []string{"x", "y"}},
		"text=a&commas=x&commas=y":          {}, // likewise: its lists are one value
		"text=a&pipes=x%7Cy":                {Text: "a", Pipes: []string{"x", "y"}},
		"text=a&spaces=x+y":                 {Text: "a", Spaces: []string{"x", "y"}},
		"text=a&filter[tags][]=x":           {Text: "a", Filter: &api.Filter{Tags: []string{"x"}}},
		"text=a&filter[tags][0]=x":          {Text: "a", Filter: &api.Filter{Tags: []string{"x"}}},
		"text=100%&unknown=1;2&=&&z":        {Text: "100%"},
		"text=a&either=true&filter[at][x]=": {}, // likewise
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
	if diff := cmp.Diff(want, got); diff != "" || resp.StatusCode != 400 || doc.Detail != "the request cannot be read" {
		t.Errorf("status %d, %s\n%s", resp.StatusCode, doc.Detail, diff)
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
