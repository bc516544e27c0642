package codec_test

import (
	"reflect"
	"testing"
	"time"
	"unsafe"

	jsonv2 "github.com/go-json-experiment/json"
	"github.com/go-json-experiment/json/jsontext"
	"pgregory.net/rapid"

	"github.com/banyan-go/banyan/wire"
	"github.com/banyan-go/banyan/wire/internal/codec"
)

// plainNullable is laid out as wire.Nullable is, and means the same to json v2,
// which has nothing of the codec in it.
type plainNullable[T any] struct {
	Value *T
	Null  bool
}

func (n plainNullable[T]) IsZero() bool { return n.Value == nil && !n.Null }

func (n plainNullable[T]) MarshalJSONTo(enc *jsontext.Encoder) error {
	if n.Value == nil {
		return enc.WriteToken(jsontext.Null)
	}
	return jsonv2.MarshalEncode(enc, n.Value)
}

func (n *plainNullable[T]) UnmarshalJSONFrom(dec *jsontext.Decoder) error {
	if dec.PeekKind() == 'n' {
		*n = plainNullable[T]{Null: true}
		return dec.SkipValue()
	}
	v := new(T)
	if err := jsonv2.UnmarshalDecode(dec, v); err != nil {
		return err
	}
	*n = plainNullable[T]{Value: v}
	return nil
}

// The two have the same members, as absent as each other.
type (
	withNullables struct {
		Text  wire.Nullable[string]         `json:"text,omitzero"`
		Color wire.Nullable[color]          `json:"color"`
		N     wire.Nullable[int8]           `json:"n,omitzero"`
		U     wire.Nullable[uint32]         `json:"u,omitempty"`
		F     wire.Nullable[float64]        `json:"f,omitzero"`
		Yes   wire.Nullable[bool]           `json:"yes,omitzero"`
		When  wire.Nullable[time.Time]      `json:"when,omitzero"`
		List  wire.Nullable[[]string]       `json:"list,omitzero"`
		Tree  wire.Nullable[tree]           `json:"tree,omitzero"`
		Deep  wire.Nullable[*tree]          `json:"deep,omitzero"`
		Map   wire.Nullable[map[string]int] `json:"map,omitzero"`
		Many  []wire.Nullable[int]          `json:"many"`
		Twice wire.Nullable[[]*point]       `json:"twice,omitzero"`
	}
	withPlain struct {
		Text  plainNullable[string]         `json:"text,omitzero"`
		Color plainNullable[color]          `json:"color"`
		N     plainNullable[int8]           `json:"n,omitzero"`
		U     plainNullable[uint32]         `json:"u,omitempty"`
		F     plainNullable[float64]        `json:"f,omitzero"`
		Yes   plainNullable[bool]           `json:"yes,omitzero"`
		When  plainNullable[time.Time]      `json:"when,omitzero"`
		List  plainNullable[[]string]       `json:"list,omitzero"`
		Tree  plainNullable[tree]           `json:"tree,omitzero"`
		Deep  plainNullable[*tree]          `json:"deep,omitzero"`
		Map   plainNullable[map[string]int] `json:"map,omitzero"`
		Many  []plainNullable[int]          `json:"many"`
		Twice plainNullable[[]*point]       `json:"twice,omitzero"`
	}
)

// What is absent, null or there is what it is to json v2, in both directions.
func TestNullableAsJSONv2(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		want := new(withPlain)
		fill(t, reflect.ValueOf(want).Elem(), 5)
		data, wantErr := jsonv2.Marshal(want, codec.EncodeOptions)
		got, err := codec.Append(nil, (*withNullables)(unsafe.Pointer(want)))
		if (err == nil) != (wantErr == nil) || err == nil && string(got) != string(data) {
			t.Fatalf("%#v:\n%s, %v, want\n%s, %v", want, got, err, data, wantErr)
		}
		if err != nil {
			data = []byte(`{"text":null,"n":1,"many":[null,2]}`)
		}
		data = mutate(t, data)
		for _, mode := range []codec.Mode{codec.Strict, codec.Lenient} {
			read, want := new(withNullables), new(withPlain)
			wantErr := referenceRead(data, want, mode)
			err := codec.Unmarshal(data, read, mode)
			if (err == nil) != (wantErr == nil) {
				t.Fatalf("%s: error %v, want %v", data, err, wantErr)
			}
			if got := (*withPlain)(unsafe.Pointer(read)); err == nil && !reflect.DeepEqual(got, want) {
				t.Fatalf("%s: got\n%#v, want\n%#v", data, got, want)
			}
		}
	})
}
