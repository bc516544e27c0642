package wire

import (
	"bufio"
	"context"
	"fmt"
	"io"
	"net/http"
	"net/http/httptest"
	"reflect"
	"strings"
	"testing"
	"unsafe"

	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/wire/internal/codec"
)

type point struct {
	X    int     `json:"x"`
	Name *string `json:"name,omitempty"`
}

// send makes a call and reads it back as a server would, over the text of the
// request line and headers.
func send(t rapid.TB, p Param, sent, into any) error {
	t.Helper()
	shape := &Shape{Path: "/a/b", Params: []Param{p}}
	if p.In == InPath {
		shape.Path = "/a/{" + p.Name + "}/b"
	}
	op := &catalog.Operation{Key: "s.o", Method: "GET"}
	call := NewCall(op, shape)
	call.Param(0, sent)
	_, err := call.Do(context.Background(), callerFunc(func(r *http.Request) (*http.Response, error) {
		var wireText strings.Builder
		fmt.Fprintf(&wireText, "GET %s HTTP/1.1\r\nHost: x\r\n", r.URL.RequestURI())
		_ = r.Header.Write(&wireText)
		wireText.WriteString("\r\n")
		got, err := http.ReadRequest(bufio.NewReader(strings.NewReader(wireText.String())))
		if err != nil {
			t.Fatalf("%q: %v", wireText.String(), err)
		}
		in := Read(got, shape)
		in.Param(0, into)
		if err := in.Err(); err != nil {
			t.Fatalf("%q: %+v", wireText.String(), in.faults)
		}
		return &http.Response{StatusCode: 204, Body: io.NopCloser(strings.NewReader(""))}, nil
	}))
	return err
}

type callerFunc func(*http.Request) (*http.Response, error)

func (f callerFunc) Call(_ context.Context, _ *catalog.Operation, r *http.Request) (*http.Response, error) {
	return f(r)
}

// places are the styles that OpenAPI allows for each place.
var places = []struct {
	in     Place
	styles []Style
}{
	{InPath, []Style{Simple, Label, Matrix}},
	{InQuery, []Style{Form, SpaceDelimited, PipeDelimited, DeepObject}},
	{InHeader, []Style{Simple}},
	{InCookie, []Style{Form}},
}

// What a port writes, a server reads: any value in any style, or the port
// refuses to write it.
func TestStylesRoundTrip(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		place := rapid.SampledFrom(places).Draw(t, "place")
		p := Param{
			Name: rapid.SampledFrom([]string{"p", "p-q", "P_2"}).Draw(t, "name"), In: place.in,
			Style: rapid.SampledFrom(place.styles).Draw(t, "style"), Explode: rapid.Bool().Draw(t, "explode"), Required: true,
		}
		p.Explode = p.Explode || p.Style == DeepObject
		p.AllowReserved = p.In == InQuery && rapid.Bool().Draw(t, "reserved")
		texts := rapid.String()
		if p.In == InHeader {
			texts = rapid.StringMatching(`[!-+.-<>-~]{1,8}`) // no comma, no =, no space at the ends
		} else if p.In == InPath {
			texts = rapid.StringN(1, 20, 80)
		}
		switch rapid.IntRange(0, 3).Draw(t, "type") {
		case 0:
			if p.Style == DeepObject {
				return
			}
			sent, got := texts.Draw(t, "text"), ""
			check(t, p, sent, &got)
		case 1:
			var got int64
			if p.Style != DeepObject {
				check(t, p, rapid.Int64().Draw(t, "int"), &got)
			}
		case 2:
			if p.Style == DeepObject {
				return
			}
			// An empty list has no text of its own, and a single item with the
			// separator in it cannot be told from several.
			sent := rapid.SliceOfN(texts, 2, 5).Draw(t, "list")
			if p.Style == PipeDelimited && !p.Explode && strings.Contains(strings.Join(sent, ""), "|") {
				if err := send(t, p, sent, new([]string)); err == nil {
					t.Fatalf("%q was sent: its items run together", sent)
				}
				return
			}
			var got []string
			check(t, p, sent, &got)
		case 3:
			if p.Style == SpaceDelimited || p.Style == PipeDelimited {
				return
			}
			sent, got := point{X: rapid.Int().Draw(t, "x")}, point{}
			if rapid.Bool().Draw(t, "named") {
				name := texts.Draw(t, "text")
				sent.Name = &name
			}
			check(t, p, sent, &got)
		}
	})
}

func check[T any](t *rapid.T, p Param, sent T, got *T) {
	t.Helper()
	if err := send(t, p, sent, got); err != nil {
		t.Fatalf("%+v: %#v: %v", p, sent, err)
	}
	if !reflect.DeepEqual(sent, *got) {
		t.Fatalf("%+v: %#v arrived as %#v", p, sent, *got)
	}
}

// The table of the specification (OpenAPI 3.0.3, section 4.7.12.4).
func TestStylesOfTheSpecification(t *testing.T) {
	t.Parallel()
	type color struct {
		R, G, B int
	}
	text, list, object := "blue", []string{"blue", "black", "brown"}, color{100, 200, 150}
	for _, c := range []struct {
		in      Place
		style   Style
		explode bool
		value   any
		want    string
	}{
		{InPath, Matrix, false, text, ";color=blue"},
		{InPath, Matrix, false, list, ";color=blue,black,brown"},
		{InPath, Matrix, false, object, ";color=R,100,G,200,B,150"},
		{InPath, Matrix, true, text, ";color=blue"},
		{InPath, Matrix, true, list, ";color=blue;color=black;color=brown"},
		{InPath, Matrix, true, object, ";R=100;G=200;B=150"},
		{InPath, Label, false, text, ".blue"},
		{InPath, Label, true, list, ".blue.black.brown"},
		{InPath, Label, true, object, ".R=100.G=200.B=150"},
		{InPath, Simple, false, list, "blue,black,brown"},
		{InPath, Simple, false, object, "R,100,G,200,B,150"},
		{InPath, Simple, true, object, "R=100,G=200,B=150"},
		{InQuery, Form, false, list, "color=blue,black,brown"},
		{InQuery, Form, true, list, "color=blue&color=black&color=brown"},
		{InQuery, Form, false, object, "color=R,100,G,200,B,150"},
		{InQuery, Form, true, object, "R=100&G=200&B=150"},
		{InQuery, SpaceDelimited, false, list, "color=blue%20black%20brown"},
		{InQuery, PipeDelimited, false, list, "color=blue%7Cblack%7Cbrown"},
		{InQuery, DeepObject, true, object, "color%5BR%5D=100&color%5BG%5D=200&color%5BB%5D=150"},
	} {
		shape := &Shape{Path: "/{color}", Params: []Param{{Name: "color", In: c.in, Style: c.style, Explode: c.explode, Required: true}}}
		if c.in == InQuery {
			shape.Path = "/"
		}
		call := NewCall(&catalog.Operation{Method: "GET"}, shape)
		call.Param(0, c.value)
		_, err := call.Do(t.Context(), callerFunc(func(r *http.Request) (*http.Response, error) {
			got := r.URL.RawQuery
			if c.in == InPath {
				got = strings.TrimPrefix(r.URL.EscapedPath(), "/")
			}
			if got != c.want {
				t.Errorf("style %d, explode %v, %v: %s, want %s", c.style, c.explode, c.value, got, c.want)
			}
			return &http.Response{Body: http.NoBody}, nil
		}))
		if err != nil {
			t.Error(err)
		}
	}
}

func TestPath(t *testing.T) {
	t.Parallel()
	for _, c := range []struct{ template, path, name, want string }{
		{"/a/{id}", "/a/1", "id", "1"},
		{"/a/{id}", "/mount/a/1", "id", "1"},
		{"/a/{id}/b/{other}", "/a/x%2Fy/b/z", "id", "x%2Fy"},
		{"/a/{id}:cancel", "/a/7:cancel", "id", "7"},
		{"/f/{name}.{ext}", "/f/a.tar.gz", "name", "a.tar"},
		{"/f/{name}.{ext}", "/f/a.tar.gz", "ext", "gz"},
		{"/a/{id}", "", "id", ""},
		{"/a/{id}", "/a/1", "none", ""},
		{"/{a", "/{a", "a", ""},
	} {
		if got, _ := NewPath(c.template).Value(c.path, c.name); got != c.want {
			t.Errorf("%s in %s: %s is %q, want %q", c.template, c.path, c.name, got, c.want)
		}
	}
}

type everything struct {
	Text   string            `json:"text"`
	List   []int             `json:"list,omitzero"`
	Point  *point            `json:"point,omitempty"`
	Points []point           `json:"points,omitzero"`
	Map    map[string]string `json:"map,omitzero"`
	Any    any               `json:"any,omitempty"`
	Blob   []byte            `json:"blob,omitzero"`
	F      float64           `json:"f"`
	B      *bool             `json:"b,omitempty"`
}

// Nothing that a client can send makes the reader panic.
func FuzzRead(f *testing.F) {
	f.Add("/v/1", "a=1&a[]=2&o[x]=1&text=%zz&b[=1&c]=&list[9999999999]=1", "a=1,2", "k=v; p=%41", "text=a&point[x]=1&points[0][x]=2&points[][x]=3")
	f.Add("/v/;p=1;p=2", "&&=&;", ",,=", "", "a[][][][]=1&a=2")
	shape := &Shape{Path: "/v/{p}"}
	for _, in := range places {
		for _, style := range append(in.styles, JSON) {
			for _, explode := range []bool{false, true} {
				shape.Params = append(shape.Params, Param{Name: "p", In: in.in, Style: style, Explode: explode})
			}
		}
	}
	f.Fuzz(func(t *testing.T, path, query, header, cookie, body string) {
		r := httptest.NewRequest("POST", "/", strings.NewReader(body))
		r.URL.Path, r.URL.RawQuery = path, query
		r.Header = http.Header{"P": {header}, "Cookie": {cookie}, "Content-Type": {"application/x-www-form-urlencoded"}}
		for i := range shape.Params {
			for _, dst := range []any{new(string), new([]int), new(*everything), new(map[string]any), new(any), new([]byte), new(*bool)} {
				in := Read(r, shape)
				in.Param(i, dst)
				_ = in.Err()
			}
		}
		in := Read(r, shape)
		var got *everything
		field := reflect.ValueOf(&got).Elem()
		if in.choose([]Body{{Media: "application/x-www-form-urlencoded"}}, true) == 0 {
			in.readForm(field, []Encoding{{Name: "list", Style: PipeDelimited}, {Name: "point", Style: JSON}})
		}
		in = &Input{r: r, shape: shape, body: strings.NewReader(body)}
		in.readJSON(codec.Compile(reflect.TypeFor[everything]()), (*unsafe.Pointer)(unsafe.Pointer(&got)), false)
		_ = in.Err()
	})
}

// What a client says under Host is a header, though net/http has it elsewhere.
func TestHostIsAHeader(t *testing.T) {
	t.Parallel()
	for host, header := range map[string]http.Header{"example.com": {}, "": {"Host": {"example.com"}}} {
		in := &Input{r: &http.Request{Host: host, Header: header}, shape: &Shape{}}
		got, ok := in.find(&Param{Name: "host", In: InHeader}, reflect.TypeFor[string]())
		if want, _ := (&Input{r: &http.Request{Header: http.Header{"X": {"example.com"}}}}).find(&Param{Name: "x", In: InHeader}, reflect.TypeFor[string]()); !ok || !reflect.DeepEqual(got, want) {
			t.Errorf("Host %q and %v: %v, %v", host, header, got, ok)
		}
	}
	if _, ok := (&Input{r: &http.Request{Header: http.Header{}}}).find(&Param{Name: "Host", In: InHeader}, reflect.TypeFor[string]()); ok {
		t.Error("a Host that nobody sent")
	}
}
