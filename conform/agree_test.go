package conform_test

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"log/slog"
	"math/big"
	"net/http"
	"net/http/httptest"
	"net/url"
	"reflect"
	"strings"
	"testing"
	"time"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/dispatch"
	api "github.com/banyan-go/banyan/internal/codegen/goserver/testdata/golden/gen/everything"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/wire"
)

// These tests hold the generated server to what conform has found: whatever is
// accepted is decoded, and to the same values. The contract has parameters and
// bodies of all styles.

// everything is a server of that contract. It keeps what handlers were given.
type everything struct {
	api.StrictServerInterface
	router   *echo.Echo
	contract *conform.Service
	got      any
}

func newEverything(t *testing.T, checks ...catalog.RequestCheck) *everything {
	t.Helper()
	s := &everything{router: echo.New()}
	ws := &catalog.Workspace{Services: []*catalog.Service{api.Service}}
	for _, check := range checks {
		ws.Validation.Requests.Go = check
	}
	var err error
	if s.contract, err = conform.Compile(api.Service, ws.ValidationOf(api.Service)); err != nil {
		t.Fatal(err)
	}
	d := dispatch.New(dispatch.Options{Workspace: ws, Log: slog.New(slog.DiscardHandler), Answers: catalog.None})
	if err := api.Register(s.router, d, api.All(s)); err != nil {
		t.Fatal(err)
	}
	if err := d.Start(s.router); err != nil {
		t.Fatal(err)
	}
	return s
}

func (s *everything) PathStyles(_ context.Context, r api.PathStylesRequestObject) (api.PathStylesResponseObject, error) {
	s.got = r
	return api.PathStyles204Response{}, nil
}

func (s *everything) QueryStyles(_ context.Context, r api.QueryStylesRequestObject) (api.QueryStylesResponseObject, error) {
	s.got = r
	return api.QueryStyles204Response{}, nil
}

func (s *everything) HeaderStyles(_ context.Context, r api.HeaderStylesRequestObject) (api.HeaderStylesResponseObject, error) {
	s.got = r
	return api.HeaderStyles200JSONResponse{Headers: api.HeaderStyles200ResponseHeaders{XText: "x"}}, nil
}

func (s *everything) CreateThing(_ context.Context, r api.CreateThingRequestObject) (api.CreateThingResponseObject, error) {
	s.got = *r.Body
	return api.CreateThing409ApplicationProblemPlusJSONResponse{}, nil
}

func (s *everything) AnyBody(_ context.Context, r api.AnyBodyRequestObject) (api.AnyBodyResponseObject, error) {
	s.got = r
	return api.AnyBody202Response{}, nil
}

// sent is a request that can be sent again.
type sent struct {
	method, target, contentType, body string
	header                            http.Header
}

func (s sent) request(t fataler) *http.Request {
	u, err := url.ParseRequestURI(s.target)
	if err != nil {
		t.Fatal(err)
	}
	r := httptest.NewRequest(s.method, "/", strings.NewReader(s.body))
	r.URL, r.RequestURI = u, s.target
	for name, values := range s.header {
		r.Header[name] = values
	}
	if s.contentType != "" {
		r.Header.Set("Content-Type", s.contentType)
	}
	return r
}

type fataler interface {
	Fatal(...any)
	Fatalf(string, ...any)
}

// accepted checks a request with conform and with the server. They must agree
// on whether it is fine. It returns what was found, parameters or body.
func (s *everything) accepted(t fataler, operation string, request sent) (parameters, body string, ok bool) {
	r := request.request(t)
	found, err := s.contract.Operation(operation).Request(r, conform.Fill)
	if err != nil {
		t.Fatal(err)
	}
	defer found.Release()
	ok = len(found.Violations) == 0
	if known, checked := r.Body.(*conform.Body); checked && ok {
		parameters, body = string(known.Parameters()), string(known.JSON())
	}
	s.got = nil
	w := httptest.NewRecorder()
	s.router.ServeHTTP(w, request.request(t))
	switch {
	case ok && s.got == nil:
		t.Fatalf("%+v: conform accepts it and the server does not: %s", request, w.Body)
	case !ok && s.got != nil:
		t.Fatalf("%+v: the server accepts it and conform does not: %v", request, found.Violations)
	}
	return parameters, body, ok
}

// again calls the operation with what the handler was given, through the
// generated port, and returns the request that this makes.
type again struct{ request sent }

func (a *again) Call(_ context.Context, _ *catalog.Operation, r *http.Request) (*http.Response, error) {
	a.request = sent{method: r.Method, target: r.URL.RequestURI(), header: r.Header}
	if r.Body != nil {
		data, err := io.ReadAll(r.Body)
		if err != nil {
			return nil, err
		}
		a.request.body = string(data)
	}
	return &http.Response{StatusCode: http.StatusNoContent, Header: http.Header{}, Body: http.NoBody}, nil
}

// untilAccepted draws requests until one was accepted. Few of the drawn ones are
// fine, of queries one in fifteen: a hundred without any happen now and then.
func untilAccepted(t *testing.T, accepted *int, check func(*rapid.T)) {
	t.Helper()
	for range 10 {
		if rapid.Check(t, check); *accepted > 0 {
			t.Logf("%d accepted", *accepted)
			return
		}
	}
	t.Error("no request was accepted")
}

func TestParametersAgree(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		operation string
		draw      func(t *rapid.T) sent
	}{
		{"queryStyles", drawQuery},
		{"headerStyles", drawHeaders},
		{"pathStyles", drawPath},
	} {
		t.Run(c.operation, func(t *testing.T) {
			t.Parallel()
			s := newEverything(t)
			accepted := 0
			check := func(t *rapid.T) {
				request := c.draw(t)
				first, _, ok := s.accepted(t, c.operation, request)
				if !ok {
					return
				}
				accepted++
				caller := &again{}
				port := api.NewPort(caller)
				var err error
				switch got := s.got.(type) {
				case api.QueryStylesRequestObject:
					_, err = port.QueryStyles(t.Context(), got)
				case api.HeaderStylesRequestObject:
					_, err = port.HeaderStyles(t.Context(), got)
				case api.PathStylesRequestObject:
					_, err = port.PathStyles(t.Context(), got)
				}
				if caller.request.target == "" {
					t.Fatalf("%s?%s %v was read as %s, which cannot be written: %v", c.operation, request.target, request.header, first, err)
				}
				second, _, ok := s.accepted(t, c.operation, caller.request)
				if !ok || !cmp.Equal(normal(t, first), normal(t, second)) {
					t.Fatalf("%s?%s %v\nconform read  %s\nthe handler's values make %s %v\nwhich read as %s",
						c.operation, request.target, request.header, first, caller.request.target, caller.request.header, second)
				}
			}
			untilAccepted(t, &accepted, check)
		})
	}
}

// TestUncheckedIsReadTheSame holds what wire reads by itself to what it is
// handed on by a check: names with brackets and values that are given several times
// mean the same, or nothing, in both.
func TestUncheckedIsReadTheSame(t *testing.T) {
	t.Parallel()
	checked, unchecked := newEverything(t), newEverything(t, catalog.Off)
	same := func(t fataler, operation string, request sent) {
		found, err := checked.contract.Operation(operation).Request(request.request(t), conform.Keep)
		if err != nil {
			t.Fatal(err)
		}
		defer found.Release()
		_, _, ok := checked.accepted(t, operation, request)
		unchecked.got = nil
		unchecked.router.ServeHTTP(httptest.NewRecorder(), request.request(t))
		if ok && !cmp.Equal(checked.got, unchecked.got, cmp.Exporter(func(reflect.Type) bool { return true })) {
			t.Fatalf("%s\nchecked:   %s\nunchecked: %s", request.target, told(checked.got), told(unchecked.got))
		}
		for _, v := range found.Violations {
			if v.Keyword == schema.KeywordStyle && v.Pointer != "/other" && unchecked.got != nil { // that one no type has
				t.Fatalf("%s: %s %s, and unchecked it is read as %s", request.target, v.Pointer, v.Message, told(unchecked.got))
			}
		}
	}
	for _, query := range []string{
		"number=", "number=null", "flag=", "day=", "ids=", "ids[]=", "filter=", "flat=", "either=", "json=",
		"ids=1&ids[]=2", "ids[]=1&ids[]=2", "ids[7]=1&ids[3]=2", "ids[a]=1", "ids[]=1&ids[0]=2", "ids[", "ids[0]x=1", "ids[0][0]=1",
		"filter[name]=a&filter[name]=b", "filter[name]=a&filter[name][x]=b", "filter=a&filter[name]=b", "filter[tags][]=a&filter[tags][]=b", "filter[tags]=a&filter[tags]=b",
		"filter[tags][1]=a&filter[tags][0]=b", "filter[tags][a]=b", "filter[at][x]=1&filter[at][y]=2", "filter[name", "filter[size]=1" + strings.Repeat("&filter[name]=b", 2),
		"filter" + strings.Repeat("[a]", 20) + "=1", "filter" + strings.Repeat("[a]", 33) + "=1", "optional=a&optional=b", "optional[a]=b", "commas=a&commas=b", "commas=a,b", "commas[]=a&commas[]=b",
		"x=1&x=2&y=3", "x=1&x[a]=2&y=3", "x=1&y=2&z[a]=3", "flat=from,1,to,2", "flat=from,1,from,2", "flat[from]=1&flat[to]=2", "flat=from,1&flat[to]=2", "json={}&json={}", "either=1&either=2", "php[]=1&php[]=2",
		"php[0]=1&php[1]=2", "php[7]=1", "php=1", "php=1&php=2", "php=1&php[]=2", "php[]=1&php[0]=2", "php=1&php[0]=2", "php[a]=1", "php[0][x]=1", "php[0]x=1", "php[", "php[]x=1",
	} {
		same(t, "queryStyles", sent{method: "GET", target: "/v1/query?text=t&" + query})
	}
	rapid.Check(t, func(t *rapid.T) { same(t, "queryStyles", drawQuery(t)) })
	rapid.Check(t, func(t *rapid.T) { same(t, "anyBody", drawForm(t)) })
}

func told(v any) string {
	data, _ := json.Marshal(v)
	return string(data)
}

// normal is JSON without what no style can write: nothing, and the offset of a
// time.
func normal(t fataler, data string) any {
	var v any
	d := json.NewDecoder(strings.NewReader(data))
	d.UseNumber()
	if err := d.Decode(&v); err != nil {
		t.Fatalf("%s: %v", data, err)
	}
	return prune(v)
}

// known are the names that types of the contract have a place for; what else
// an open object has is dropped by decoding.
var known = func() map[string]bool {
	out := map[string]bool{"m1": true, "m2": true, "more": true, "beyond": true} // of maps
	var doc any
	if err := json.Unmarshal(api.Service.Contract, &doc); err != nil {
		panic(err)
	}
	var visit func(v any)
	visit = func(v any) {
		switch v := v.(type) {
		case map[string]any:
			for name, one := range v {
				out[name] = true
				visit(one)
			}
			if name, ok := v["name"].(string); ok {
				out[name] = true
			}
		case []any:
			for _, one := range v {
				visit(one)
			}
		}
	}
	visit(doc)
	return out
}()

func prune(v any) any {
	switch v := v.(type) {
	case map[string]any:
		out := map[string]any{}
		for name, one := range v {
			if one = prune(one); one != nil && known[name] {
				out[name] = one
			}
		}
		if len(out) == 0 {
			return nil
		}
		return out
	case []any:
		var out []any
		for _, one := range v {
			out = append(out, prune(one))
		}
		if len(out) == 0 || len(out) == 1 && out[0] == "" { // written in one value, both are the same
			return nil
		}
		return out
	case json.Number:
		if r, ok := new(big.Rat).SetString(string(v)); ok && len(v) < 40 {
			return r.RatString()
		}
		return string(v)
	case string:
		text := strings.Replace(strings.ToUpper(v), ":60Z", ":59Z", 1)
		if at, err := time.Parse(time.RFC3339Nano, text); err == nil {
			if strings.HasSuffix(v, ":60Z") {
				at = at.Add(time.Second)
			}
			return at.UTC().String()
		}
	}
	return v
}

// texts are values as clients write them, before escaping.
var texts = rapid.OneOf(
	rapid.SampledFrom([]string{
		"", "0", "1", "-7", "42", "1.5", "-0", "1e2", "9223372036854775807", "9223372036854775808", "007", "true", "false", "null",
		"a", "red", "light green", "Red", " ", "a,b", "a b", "a|b", "a&b=c", "ü€😀", "a/b", "%41", "+", "x;y", "..", "a.b", "\"q\"", "\\",
		"2026-11-22", "2026-02-30", "2026-11-22T10:00:00Z", "2026-11-22t10:00:00.5+01:00", "2016-12-31T23:59:60Z", "AP8+Pw==", "AP8-_w", "AA", "{}", `{"x":1}`,
		`{"name":"n","size":2,"tags":["a"],"at":{"x":1}}`, "x,1", "x,1,y,2", "from,a,to,b", "x=1", "x=1,y=2", "1,2", "1|2", "[]",
	}),
	rapid.StringMatching(`[a-z0-9,;|=. ]{0,6}`),
)

func escaped(t *rapid.T, text string) string {
	switch rapid.IntRange(0, 3).Draw(t, "escape") {
	case 0:
		return url.PathEscape(text)
	case 1: // what need not be escaped is not
		return strings.NewReplacer("%2C", ",", "%7C", "|", "%3B", ";", "%3D", "=", "%2F", "/", "%3A", ":").Replace(url.QueryEscape(text))
	}
	return url.QueryEscape(text)
}

func drawQuery(t *rapid.T) sent {
	names := []string{
		"optional", "flag", "number", "day", "at", "color", "blob", "ids", "ids[]", "ids[0]", "commas", "spaces", "pipes", "php[]", "php[0]", "php", "x", "y",
		"point", "point[x]", "flat", "flat[from]", "from", "filter[name]", "filter[size]", "filter[tags][]", "filter[tags][0]", "filter[at][x]", "filter[at][y]",
		"filter", "json", "reserved", "either", "text", "unknown", "unknown[a]",
	}
	pairs := []string{"text=" + escaped(t, texts.Draw(t, "text"))}
	for range rapid.IntRange(0, 4).Draw(t, "pairs") {
		name := rapid.SampledFrom(names).Draw(t, "name")
		pair := name
		if rapid.Bool().Draw(t, "escape name") {
			pair = url.QueryEscape(name)
		}
		if rapid.IntRange(0, 20).Draw(t, "value") > 0 {
			text := texts.Draw(t, name)
			if name == "number" && len(text) > 15 {
				text = "0.1" // longer ones are rounded to what a float64 holds
			}
			pair += "=" + escaped(t, text)
		}
		pairs = append(pairs, pair)
	}
	return sent{method: "GET", target: "/v1/query?" + strings.Join(pairs, "&")}
}

func drawHeaders(t *rapid.T) sent {
	h := http.Header{}
	value := func(label string) string {
		return strings.Map(func(r rune) rune {
			if r < ' ' {
				return -1
			}
			return r
		}, strings.TrimSpace(texts.Draw(t, label)))
	}
	h.Set("X-Text", value("X-Text"))
	for _, name := range []string{"X-List", "X-Object"} {
		for range rapid.IntRange(0, 2).Draw(t, name) {
			h.Add(name, value(name))
		}
	}
	var cookies []string
	for _, name := range []string{"session", "tags"} {
		if rapid.Bool().Draw(t, name) {
			cookies = append(cookies, name+"="+url.PathEscape(value(name)))
		}
	}
	if cookies != nil {
		h.Set("Cookie", strings.Join(cookies, "; "))
	}
	return sent{method: "GET", target: "/v1/headers", header: h}
}

func drawPath(t *rapid.T) sent {
	segment := func(label string, some ...string) string {
		if rapid.Bool().Draw(t, label+" is one of") {
			return rapid.SampledFrom(some).Draw(t, label)
		}
		s := url.PathEscape(texts.Draw(t, label))
		if s == "" || strings.Trim(s, ".") == "" {
			return "s"
		}
		return s
	}
	return sent{method: "GET", target: "/v1/path/" + strings.Join([]string{
		segment("simple", "a"), segment("list", "1,2,3", "7"), segment("label", ".a.b", ".a,b", ".a"),
		segment("matrix", ";matrix=a,b", ";matrix=a"), segment("object", ";x=1;y=2", ";x=1"),
		rapid.SampledFrom([]string{"n", "a%2Fb", "x-y"}).Draw(t, "name") + ".gz",
	}, "/")}
}

func TestBodiesAgree(t *testing.T) {
	t.Parallel()
	s := newEverything(t)
	accepted := 0
	untilAccepted(t, &accepted, func(t *rapid.T) {
		request := sent{method: "POST", target: "/v1/things", contentType: "application/json", body: drawThing(t, 2)}
		_, body, ok := s.accepted(t, "createThing", request)
		if !ok {
			return
		}
		accepted++
		data, err := wire.Marshal(s.got)
		if err != nil {
			t.Fatal(err)
		}
		// Empty lists that were not sent are added, nulls that were are not.
		want, got := normal(t, body), normal(t, string(data))
		if diff := cmp.Diff(want, got); diff != "" {
			t.Fatalf("%s\nis decoded as\n%s\n%s", body, data, diff)
		}
	})
}

// drawThing is a Thing of the contract with something wrong at times.
func drawThing(t *rapid.T, depth int) string {
	wrong := []string{"null", "true", `"a"`, "1", "1.5", "[]", "{}", `[1]`, `{"zz":"y"}`, "1e400", "-0"}
	var b bytes.Buffer
	member := func(name string, required bool, values ...string) {
		if !required && rapid.IntRange(0, 3).Draw(t, name+" is there") > 0 {
			return
		}
		value := rapid.SampledFrom(values).Draw(t, name)
		if rapid.IntRange(0, 60).Draw(t, name+" is wrong") == 0 {
			value = rapid.SampledFrom(wrong).Draw(t, name)
		}
		if b.Len() > 1 {
			b.WriteByte(',')
		}
		fmt.Fprintf(&b, "%q: %s", name, value)
	}
	b.WriteByte('{')
	member("id", true, "1", "-5", "9223372036854775807", "0")
	member("price", true, "1", "19.99", "-0.5", "1e3", "1E-7")
	member("color", true, `"red"`, `""`, `"light green"`)
	member("list", true, "[]", `["a","b"]`, `["\u00e9\n"]`)
	member("map", true, "{}", `{"m1":1,"m2":-2}`)
	member("empty", true, "[]", `[{"x":1}]`, `[{"x":1,"y":2},{"x":3}]`)
	member("maybe", true, "null", `"m"`)
	member("note", false, "null", `"n"`)
	member("options", false, `["o"]`)
	member("blob", false, `"AP8+Pw=="`, `""`, `"AA=="`)
	member("day", false, `"2026-11-22"`, `"0001-01-01"`)
	member("at", false, `"2026-11-22T10:00:00Z"`, `"2026-11-22t10:00:00.123456789+01:00"`, `"2016-12-31T23:59:60Z"`)
	member("uuid", false, `"a987fbc9-4bed-3078-8f07-9141ba07c9f3"`, `"A987FBC9-4BED-3078-8F07-9141BA07C9F3"`)
	member("mail", false, `"a@example.com"`)
	member("first-name", false, `"f"`)
	member("first_name", false, `"g"`)
	member("free", false, `{"m1":[1,"b",null]}`, `"free"`, "17")
	member("open", false, `{"known":"k"}`, `{"known":"k","more":3}`, `{"known":"k","get":"g"}`)
	member("shape", false, `{"kind":"circle","radius":1.5}`, `{"kind":"square","side":2}`, `{"kind":"line"}`)
	member("nested", false, `{"deep":{"deeper":true}}`, `{"deep":{}}`, "{}")
	member("odd,name", false, `"odd"`)
	member("beyond", false, `"the contract"`, "[1,2]")
	if depth > 0 && rapid.IntRange(0, 4).Draw(t, "child is there") == 0 {
		b.WriteString(`,"child":` + drawThing(t, depth-1))
	}
	b.WriteByte('}')
	return b.String()
}

func drawForm(t *rapid.T) sent {
	var pairs []string
	for range rapid.IntRange(1, 4).Draw(t, "pairs") {
		name := rapid.SampledFrom([]string{"name", "size", "tags", "tags[]", "tags[0]", "at[x]", "at[y]", "other"}).Draw(t, "name")
		pairs = append(pairs, url.QueryEscape(name)+"="+escaped(t, texts.Draw(t, name)))
	}
	return sent{method: "PUT", target: "/v1/bodies", contentType: "application/x-www-form-urlencoded", body: strings.Join(pairs, "&")}
}

func TestFormsAgree(t *testing.T) {
	t.Parallel()
	s := newEverything(t)
	accepted := 0
	untilAccepted(t, &accepted, func(t *rapid.T) {
		request := drawForm(t)
		_, body, ok := s.accepted(t, "anyBody", request)
		if !ok {
			return
		}
		accepted++
		got, ok := s.got.(api.AnyBodyRequestObject)
		if !ok || got.FormdataBody == nil {
			t.Fatalf("%s: the handler got no form", request.body)
		}
		data, err := wire.Marshal(got.FormdataBody)
		if err != nil {
			t.Fatal(err)
		}
		if diff := cmp.Diff(normal(t, body), normal(t, string(data))); diff != "" {
			t.Fatalf("%s\nis %s\nand decoded as %s\n%s", request.body, body, data, diff)
		}
	})
}
