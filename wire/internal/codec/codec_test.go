package codec_test

import (
	"encoding/json"
	"errors"
	"fmt"
	"math"
	"reflect"
	"runtime"
	"strings"
	"testing"
	"time"

	jsonv2 "github.com/go-json-experiment/json"
	"pgregory.net/rapid"

	api "github.com/banyan-go/banyan/internal/codegen/goserver/testdata/golden/gen/everything"
	"github.com/banyan-go/banyan/wire/internal/codec"
)

type (
	color  string
	moment struct{ time.Time } // embedded: reads and writes itself
	upper  string
	open   struct {
		Known string         `json:"known"`
		Rest  map[string]any `json:"-"`
	}
	tree struct {
		Name  string           `json:"name"`
		Next  *tree            `json:"next,omitempty"`
		Twigs []tree           `json:"twigs,omitempty"`
		More  []*tree          `json:"more,omitzero"`
		When  time.Time        `json:"when,omitzero"`
		Named map[string]*tree `json:"named,omitempty"`
	}
	quotedNumber struct {
		N int `json:"n,string"`
	}
	nest   []nest
	hidden struct {
		//lint:ignore U1000 it must not be written
		n int
	}
	odd struct {
		Comma  int `json:"a b"`
		Dollar int `json:"$ref"`
		Uni    int `json:"straße<"`
		//lint:ignore U1000 it must not be written
		hidden int
	}
)

func (u upper) MarshalText() ([]byte, error) { return []byte(strings.ToUpper(string(u))), nil }
func (u *upper) UnmarshalText(text []byte) error {
	if string(text) == "bad" {
		return errors.New("bad")
	}
	*u = upper(strings.ToLower(string(text)))
	return nil
}
func (o *open) UnmarshalJSON(data []byte) error {
	type plain open
	return codec.Unmarshal(data, (*plain)(o), codec.Strict)
}
func (o open) MarshalJSON() ([]byte, error) {
	type plain open
	return codec.Append(nil, plain(o))
}

// clash has two fields of one name.
var clash = reflect.StructOf([]reflect.StructField{
	{Name: "A", Type: reflect.TypeFor[int](), Tag: `json:"a"`}, {Name: "B", Type: reflect.TypeFor[int](), Tag: `json:"a"`},
})

// leaves are the types that others are made of.
var leaves = []reflect.Type{
	reflect.TypeFor[string](), reflect.TypeFor[color](), reflect.TypeFor[bool](),
	reflect.TypeFor[int](), reflect.TypeFor[int8](), reflect.TypeFor[int16](), reflect.TypeFor[int32](), reflect.TypeFor[int64](),
	reflect.TypeFor[uint](), reflect.TypeFor[uint8](), reflect.TypeFor[uint16](), reflect.TypeFor[uint32](), reflect.TypeFor[uint64](),
	reflect.TypeFor[float32](), reflect.TypeFor[float64](), reflect.TypeFor[time.Time](), reflect.TypeFor[json.RawMessage](),
	reflect.TypeFor[upper](), reflect.TypeFor[open](), reflect.TypeFor[moment](), reflect.TypeFor[[]byte](), reflect.TypeFor[any](),
	reflect.TypeFor[tree](), clash, reflect.TypeFor[quotedNumber](), reflect.TypeFor[hidden](), reflect.TypeFor[odd](),
	reflect.TypeFor[struct{}](), reflect.TypeFor[api.Thing](), reflect.TypeFor[api.Filter](), reflect.TypeFor[api.Shape](), reflect.TypeFor[api.Open](),
	reflect.TypeFor[time.Duration](), reflect.TypeFor[chan int](),
}

func drawType(t *rapid.T, depth int) reflect.Type {
	most := 5
	if depth == 0 {
		most = 0
	}
	switch rapid.IntRange(0, most).Draw(t, "shape") {
	case 1:
		return reflect.PointerTo(drawType(t, depth-1))
	case 2:
		return reflect.SliceOf(drawType(t, depth-1))
	case 3:
		return reflect.MapOf(reflect.TypeFor[string](), drawType(t, depth-1))
	case 4, 5:
		names := rapid.SliceOfNDistinct(rapid.StringMatching(`[a-z<é-]{1,3}`), 0, 6, rapid.ID).Draw(t, "names")
		fields := make([]reflect.StructField, len(names))
		for i, name := range names {
			option := rapid.SampledFrom([]string{"", ",omitempty", ",omitzero", ",omitzero,omitempty"}).Draw(t, "option")
			if rapid.IntRange(0, 9).Draw(t, "hidden") == 0 {
				name, option = "-", ""
			}
			fields[i] = reflect.StructField{Name: fmt.Sprintf("F%d", i), Type: drawType(t, depth-1), Tag: reflect.StructTag(fmt.Sprintf("json:%q", name+option))}
		}
		return reflect.StructOf(fields)
	}
	// What is common is drawn more often.
	if rapid.Bool().Draw(t, "common") {
		return leaves[rapid.IntRange(0, 15).Draw(t, "leaf")]
	}
	return rapid.SampledFrom(leaves).Draw(t, "leaf")
}

var drawnTexts = rapid.OneOf(rapid.StringMatching(`[ -~]{0,20}`), rapid.String(), rapid.SampledFrom([]string{
	"\xff", "a\xc3", "\u2028", "\x7f", "<&>", `\"`, "\x00", "null", "bad", "2026-01-02T03:04:05Z", strings.Repeat("long ", 40),
}))

func fill(t *rapid.T, v reflect.Value, depth int) {
	switch v.Interface().(type) {
	case time.Time:
		when := time.Unix(rapid.Int64Range(-1<<36, 1<<38).Draw(t, "s"), rapid.SampledFrom([]int64{0, 5e8, 123456789}).Draw(t, "ns"))
		v.Set(reflect.ValueOf(when.In(time.FixedZone("", rapid.IntRange(-90000, 90000).Draw(t, "zone")/60*60))))
		if rapid.Bool().Draw(t, "utc") {
			v.Set(reflect.ValueOf(when.UTC()))
		}
		return
	case json.RawMessage:
		v.SetBytes([]byte(rapid.SampledFrom([]string{`{"a": [1, "\u00e9"]}`, "1", "null", "", "{", `"x"`}).Draw(t, "raw")))
		return
	}
	switch v.Kind() {
	case reflect.String:
		v.SetString(drawnTexts.Draw(t, "text"))
	case reflect.Bool:
		v.SetBool(rapid.Bool().Draw(t, "bool"))
	case reflect.Int, reflect.Int8, reflect.Int16, reflect.Int32, reflect.Int64:
		v.SetInt(rapid.Int64().Draw(t, "int"))
	case reflect.Uint, reflect.Uint8, reflect.Uint16, reflect.Uint32, reflect.Uint64:
		v.SetUint(rapid.Uint64().Draw(t, "uint"))
	case reflect.Float32, reflect.Float64:
		v.SetFloat(rapid.OneOf(rapid.Float64(), rapid.SampledFrom([]float64{
			0, math.Copysign(0, -1), 1e-6, 9.99e-7, 1e20, 1e21, 1e-9, 100, math.MaxFloat32, math.Inf(1), math.NaN(),
		})).Draw(t, "float"))
	case reflect.Pointer:
		if depth > 0 && rapid.Bool().Draw(t, "set") {
			v.Set(reflect.New(v.Type().Elem()))
			fill(t, v.Elem(), depth-1)
		}
	case reflect.Slice:
		if depth > 0 && rapid.Bool().Draw(t, "made") {
			n := rapid.IntRange(0, 6).Draw(t, "length")
			v.Set(reflect.MakeSlice(v.Type(), n, n))
			for i := range n {
				fill(t, v.Index(i), depth-1)
			}
		}
	case reflect.Map:
		for depth > 0 && rapid.Bool().Draw(t, "more") {
			if v.IsNil() {
				v.Set(reflect.MakeMap(v.Type()))
			}
			e := reflect.New(v.Type().Elem()).Elem()
			fill(t, e, depth-1)
			v.SetMapIndex(reflect.ValueOf(drawnTexts.Draw(t, "key")), e)
		}
	case reflect.Interface:
		v.Set(reflect.ValueOf(rapid.SampledFrom([]any{"x", 1.5, true, []any{"y"}, map[string]any{"b": 1.0, "a": nil}}).Draw(t, "any")))
	case reflect.Struct:
		for i := range v.NumField() {
			if v.Field(i).CanSet() {
				fill(t, v.Field(i), depth-1)
			}
		}
	}
}

// reference is what is written and read without this package.
func referenceRead(data []byte, v any, mode codec.Mode) error {
	err := jsonv2.Unmarshal(data, v, mode.Options())
	if wrong := (*time.ParseError)(nil); errors.As(err, &wrong) {
		return jsonv2.Unmarshal(data, v, mode.Options(), codec.TimeOptions)
	}
	return err
}

// The bytes are those of json v2, and so is what is refused.
func TestWritesAsJSONv2(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		v := reflect.New(drawType(t, 4))
		fill(t, v.Elem(), 5)
		want, wantErr := jsonv2.Marshal(v.Interface(), codec.EncodeOptions)
		for _, in := range []any{v.Interface(), v.Elem().Interface()} {
			got, err := codec.Append([]byte("x"), in)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%#v: error %v, want %v", v.Elem(), err, wantErr)
			}
			if err == nil && string(got) != "x"+string(want) || err != nil && string(got) != "x" {
				t.Fatalf("%T: got\n%s, want\n%s", in, got, want)
			}
		}
		var sent []byte // item by item
		rest, err := codec.Compile(v.Elem().Type()).AppendItems(nil, v.Interface(), func(dst []byte, start int) ([]byte, error) {
			if start >= len(dst) {
				t.Fatalf("an item of no bytes after %s", dst)
			}
			sent = append(sent, dst...)
			return dst[:0], nil
		})
		if (err == nil) != (wantErr == nil) {
			t.Fatalf("item by item: %#v: error %v, want %v", v.Elem(), err, wantErr)
		}
		if sent = append(sent, rest...); err == nil && string(sent) != string(want) {
			t.Fatalf("item by item: got\n%s, want\n%s", sent, want)
		}
	})
}

// Items are those of lists that a client would page through, and an error at one
// ends the rest.
func TestItems(t *testing.T) {
	t.Parallel()
	type page struct {
		Total int       `json:"total"`
		Items [][]int   `json:"items"`
		Next  *struct{} `json:"next,omitempty"`
		Inner struct {
			More *[]string `json:"more"`
		} `json:"inner"`
	}
	v := page{Total: 3, Items: [][]int{{1, 2}, {3}}}
	v.Inner.More = &[]string{"a", "b"}
	var items []string
	each := func(dst []byte, start int) ([]byte, error) {
		items = append(items, string(dst[start:]))
		if len(items) == 4 {
			return dst, errors.New("enough")
		}
		return dst, nil
	}
	data, err := codec.Compile(reflect.TypeFor[page]()).AppendItems(nil, &v, each)
	if fmt.Sprint(items) != `[[1,2] [3] "a" "b"]` || err == nil || string(data) != `{"total":3,"items":[[1,2],[3]],"inner":{"more":["a","b"` {
		t.Errorf("%v, %s, %v", items, data, err)
	}
	items = nil
	if _, err := codec.Compile(reflect.TypeFor[[]float64]()).AppendItems(nil, &[]float64{1, math.NaN(), 2}, each); err == nil || len(items) != 1 {
		t.Errorf("%v, %v", items, err)
	}
}

var edits = []string{"", " ", "\n\t", ",", `"`, "1", "0", "-", ".5", "e3", "null", "{}", "[]", "\\", "\x00", "\xff", `"a":1,`, `\u00e9`, "9999999999999999999", ":", "true", "é"}

// mutate changes a document in a few places.
func mutate(t *rapid.T, data []byte) []byte {
	for range rapid.IntRange(0, 3).Draw(t, "edits") {
		at := rapid.IntRange(0, len(data)).Draw(t, "at")
		until := min(len(data), at+rapid.IntRange(0, 2).Draw(t, "cut"))
		part := rapid.SampledFrom(edits).Draw(t, "edit")
		if rapid.IntRange(0, 3).Draw(t, "copy") == 0 && len(data) > 2 { // names that stand twice
			from := rapid.IntRange(0, len(data)-1).Draw(t, "from")
			part = string(data[from:min(len(data), from+rapid.IntRange(1, 30).Draw(t, "length"))])
		}
		data = []byte(string(data[:at]) + part + string(data[until:]))
	}
	return data
}

// What json v2 reads is read, with the same value; what it refuses is refused.
func TestReadsAsJSONv2(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		typ := drawType(t, 4)
		source := reflect.New(typ)
		fill(t, source.Elem(), 5)
		data, err := jsonv2.Marshal(source.Interface(), codec.EncodeOptions)
		if err != nil {
			data = []byte(rapid.SampledFrom([]string{`{"a":1}`, "null", "[]", `{"known":"x","known":"y"}`}).Draw(t, "document"))
		}
		data = mutate(t, data)
		for _, mode := range []codec.Mode{codec.Strict, codec.Lenient} {
			compareReads(t, typ, data, mode)
		}
	})
}

func compareReads(t rapid.TB, typ reflect.Type, data []byte, mode codec.Mode) {
	t.Helper()
	want, got := reflect.New(typ), reflect.New(typ)
	wantErr := referenceRead(data, want.Interface(), mode)
	err := codec.Unmarshal(append([]byte(nil), data...), got.Interface(), mode)
	if fmt.Sprint(err) != fmt.Sprint(wantErr) {
		t.Fatalf("%s into %s: error %v, want %v", data, typ, err, wantErr)
	}
	if wantErr == nil && !reflect.DeepEqual(got.Interface(), want.Interface()) {
		t.Fatalf("%s: got\n%#v, want\n%#v", data, got.Elem(), want.Elem())
	}
}

func FuzzRead(f *testing.F) {
	type known struct {
		Tree  *tree            `json:"tree"`
		Names []color          `json:"names"`
		N     int32            `json:"n"`
		U     *uint8           `json:"u,omitempty"`
		F     []float64        `json:"f"`
		Open  open             `json:"open"`
		Raw   json.RawMessage  `json:"raw"`
		Times []*time.Time     `json:"times"`
		Map   map[string]point `json:"map"`
	}
	f.Add([]byte(`{"tree":{"name":"a","next":{"name":"b"},"twigs":[{},{"name":"\u00e9"}]},"names":["x", "y"],"n":-5,"u":null,"f":[1,2.5e3]}`))
	f.Add([]byte(` {"n": 1, "open":{"known":"a","b":[]},"raw":{"x" : 1},"times":["2026-01-02T03:04:05+02:00",null],"map":{"a":{"x":1}},"other":[1,{"a":"]"}]} `))
	f.Fuzz(func(t *testing.T, data []byte) {
		compareReads(t, reflect.TypeFor[known](), data, codec.Strict)
		compareReads(t, reflect.TypeFor[known](), data, codec.Lenient)
		into := new(known)
		err := codec.Unmarshal(data, into, codec.Strict)
		made, newErr := codec.Compile(reflect.TypeFor[known]()).New(data, codec.Strict)
		if fmt.Sprint(newErr) != fmt.Sprint(err) || err == nil && !reflect.DeepEqual((*known)(made), into) {
			t.Fatalf("%s: New and Unmarshal differ: %v, %v", data, newErr, err)
		}
	})
}

type point struct {
	X int  `json:"x"`
	Y *int `json:"y,omitempty"`
}

// Circles and depth end in an error of json v2 and not in a full stack.
func TestDepth(t *testing.T) {
	t.Parallel()
	circle := &tree{Name: "a"}
	circle.Next = circle
	if _, err := codec.Append(nil, circle); err == nil {
		t.Error("a circle is written")
	}
	own := nest{nil}
	own[0] = own
	if _, err := codec.Append(nil, own); err == nil {
		t.Error("a list within itself is written")
	}
	long := &tree{}
	for range 2000 {
		long = &tree{Next: long}
	}
	data, err := codec.Append(nil, long)
	if err != nil {
		t.Fatal(err)
	}
	var back tree
	if err := codec.Unmarshal(data, &back, codec.Strict); err != nil || !reflect.DeepEqual(&back, long) {
		t.Error(err)
	}
	if err := codec.Unmarshal([]byte(strings.Repeat(`{"next":`, 100_000)), new(tree), codec.Lenient); err == nil {
		t.Error("a hundred thousand objects are read")
	}
}

// What is written may be on a stack, which moves while it is written. What it
// points to is not.
func TestWritesFromTheStack(t *testing.T) {
	t.Parallel()
	done := make(chan string)
	for depth := range 400 {
		go func() { // on a small stack
			var inner *chain
			for range depth {
				inner = &chain{Name: "n", Next: inner}
			}
			v := chain{Name: "root", Next: inner}
			data, err := codec.Append(nil, &v)
			runtime.GC()
			if err != nil || v.Next != inner {
				data = nil
			}
			done <- string(data)
		}()
	}
	for range 400 {
		var back chain
		if err := codec.Unmarshal([]byte(<-done), &back, codec.Strict); err != nil || back.Name != "root" {
			t.Error(err)
		}
	}
}

// chain has nothing that is left to json v2.
type chain struct {
	Name string `json:"name"`
	Next *chain `json:"next,omitempty"`
}

func TestWritingDoesNotAllocate(t *testing.T) {
	dst := make([]byte, 0, 1024)
	name, next := strings.Repeat("a", 10), chain{Name: "b"}
	allocs := testing.AllocsPerRun(100, func() {
		v := chain{Name: name, Next: &next}
		if _, err := codec.Append(dst, &v); err != nil {
			t.Fatal(err)
		}
	})
	if allocs > 0 {
		t.Errorf("%v allocations", allocs)
	}
	type page struct {
		Items []chain `json:"items"`
	}
	typ, items := codec.Compile(reflect.TypeFor[page]()), []chain{{Name: name, Next: &next}, next}
	allocs = testing.AllocsPerRun(100, func() {
		v, written := page{items}, 0
		if _, err := typ.AppendItems(dst, &v, func(dst []byte, _ int) ([]byte, error) { written++; return dst, nil }); err != nil || written != 2 {
			t.Fatal(err)
		}
	})
	if allocs > 0 {
		t.Errorf("item by item: %v allocations", allocs)
	}
}

// Reading into a value that holds something merges, as json v2 does.
func TestMerges(t *testing.T) {
	t.Parallel()
	v := tree{Name: "a", Next: &tree{Name: "b"}}
	if err := codec.Unmarshal([]byte(`{"next":{"twigs":[]}}`), &v, codec.Strict); err != nil || v.Name != "a" || v.Next.Name != "b" || v.Next.Twigs == nil {
		t.Errorf("%v, %+v", err, v)
	}
}

func TestNil(t *testing.T) {
	t.Parallel()
	for _, v := range []any{nil, (*tree)(nil), []string(nil), map[string]int(nil), (*int)(nil)} {
		want, _ := jsonv2.Marshal(v, codec.EncodeOptions)
		if got, err := codec.Append(nil, v); err != nil || string(got) != string(want) {
			t.Errorf("%T: %s, %v, want %s", v, got, err, want)
		}
		if err := codec.Unmarshal([]byte("1"), v, codec.Strict); err == nil {
			t.Errorf("%T was read into", v)
		}
	}
}
