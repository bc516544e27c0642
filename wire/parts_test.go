package wire

import (
	"encoding/json"
	"mime/multipart"
	"reflect"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

type choiceOf struct{ raw Union }

func (c choiceOf) MarshalJSON() ([]byte, error)     { return c.raw.MarshalJSON() }
func (c *choiceOf) UnmarshalJSON(data []byte) error { return c.raw.UnmarshalJSON(data) }

// What a part says that nobody has checked: as JSON, as text, and by its encoding.
func TestParts(t *testing.T) {
	t.Parallel()
	type inner struct {
		A Nullable[int] `json:"a,omitzero"`
	}
	type form struct {
		Must   *int             `json:"must"`
		Opt    *int             `json:"opt,omitempty"`
		Null   Nullable[int]    `json:"null,omitzero"`
		Text   Nullable[string] `json:"text,omitzero"`
		List   Nullable[[]int]  `json:"list,omitzero"`
		Holes  []*int           `json:"holes,omitzero"`
		Number json.Number      `json:"number,omitempty"`
		Inner  *inner           `json:"inner,omitempty"`
		Choice *choiceOf        `json:"choice,omitempty"`
		Any    any              `json:"any,omitempty"`
		Raw    json.RawMessage  `json:"raw,omitempty"`
		Said   Nullable[string] `json:"said,omitzero"`
		Styled *inner           `json:"styled,omitempty"`
		Ids    []int            `json:"ids[],omitzero"`
		Rows   []inner          `json:"rows[],omitzero"`
	}
	body := &Body{Kind: PartsBody, Encoding: []Encoding{{Name: "said", Media: "application/json; charset=utf-8"}, {Name: "styled", Style: Form}}}
	const isJSON = "Content-Type: application/json\r\n"
	for _, c := range []struct{ name, head, text, want string }{
		{"must", "", "7", `{"must":7}`},
		{"must", "", "", `{"must":null}`},
		{"must", "", "x", "must: must be an integer of 64 bits"},
		{"must", isJSON, `"7"`, "must: must be an integer of 64 bits"},
		{"opt", "", "", `{"must":null}`},
		{"opt", "", " ", "opt: must be an integer of 64 bits"},
		{"opt", isJSON, "null", `{"must":null}`},
		{"opt", isJSON, "", "must be JSON"},
		{"null", isJSON, "null", `{"must":null,"null":null}`},
		{"null", isJSON, " 7 ", `{"must":null,"null":7}`},
		{"null", "", "", `{"must":null,"null":null}`},
		{"text", "", "null", `{"must":null,"text":"null"}`},
		{"text", isJSON, "null", `{"must":null,"text":null}`},
		{"list", isJSON, "null", `{"must":null,"list":null}`},
		{"list", isJSON, "[1,2]", `{"must":null,"list":[1,2]}`},
		{"list", isJSON, "1", `{"must":null,"list":[1]}`},
		{"holes", isJSON, "null", `{"must":null,"holes":[null]}`},
		{"holes", "", "", `{"must":null,"holes":[null]}`},
		{"number", isJSON, "1.50", `{"must":null,"number":1.50}`},
		{"inner", "", `{"a":null}`, `{"must":null,"inner":{"a":null}}`},
		{"inner", "", "{", "must be JSON"},
		{"inner", isJSON, "[]", "inner: must be an object"},
		{"inner[a]", "", "", `{"must":null,"inner":{"a":null}}`},
		{"choice", isJSON, `"5"`, `{"must":null,"choice":"5"}`},
		{"choice", "", "5", `{"must":null,"choice":5}`},
		{"any", isJSON, `{"a":[1,null]}`, `{"must":null,"any":{"a":[1,null]}}`},
		{"raw", isJSON, `"5"`, `{"must":null,"raw":"5"}`},
		{"said", "", `"a"`, `{"must":null,"said":"a"}`},
		{"said", "", "", `{"must":null,"said":""}`},
		{"said", "Content-Type: text/plain\r\n", "null", `{"must":null,"said":"null"}`},
		{"ids[]", "", "1", `{"must":null,"ids[]":[1]}`},
		{"ids[0]", "", "1", `{"must":null,"ids[]":[1]}`},
		{"ids", "", "1", `{"must":null,"ids[]":[1]}`},
		{"rows[0]", "", `{"a":1}`, `{"must":null,"rows[]":[{"a":1}]}`},
		{"rows[][a]", "", "1", `{"must":null,"rows[]":[{"a":1}]}`},
		{"rows", "", `[{"a":1}]`, `{"must":null,"rows[]":[{"a":1}]}`},
		{"styled", "", `{"a":1}`, `{"must":null,"styled":{"a":1}}`},
	} {
		text := "--b\r\nContent-Disposition: form-data; name=\"" + c.name + "\"\r\n" + c.head + "\r\n" + c.text + "\r\n--b--\r\n"
		var in Input
		var into *form
		in.readParts(multipart.NewReader(strings.NewReader(text), "b"), reflect.ValueOf(&into).Elem(), body, &files{})
		got := ""
		if in.faults != nil {
			got = in.faults[0].Message
		} else if data, err := Marshal(into); err == nil {
			got = string(data)
		}
		if diff := cmp.Diff(c.want, got); diff != "" {
			t.Errorf("%s %q %q: %s", c.name, c.head, c.text, diff)
		}
	}
}
