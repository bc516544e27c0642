package wire

import (
	"bytes"
	"net/http"
	"net/url"
	"strings"
	"testing"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// place2 is a tuple as generated code has them: two items that are always there,
// two that may be absent, and any number of the last kind.
type place2 struct {
	Lat  float64          `json:"0"`
	Name string           `json:"1"`
	Day  *int             `json:"2,omitempty"`
	Note Nullable[string] `json:"3,omitzero"`
	Rest []*point         `json:"-"`
}

func (t *place2) Tuple() Tuple {
	return Tuple{Items: []any{&t.Lat, &t.Name, &t.Day, &t.Note}, Least: 2, Rest: &t.Rest}
}
func (t place2) MarshalJSON() ([]byte, error)     { return t.Tuple().MarshalJSON() }
func (t *place2) UnmarshalJSON(data []byte) error { return t.Tuple().UnmarshalJSON(data) }

// Whatever is sent for a tuple, in a body or as a parameter, is read or refused,
// and what was read is written so that it reads as the same again.
func FuzzTuple(f *testing.F) {
	for _, seed := range []string{
		`[1.5,"a"]`, `[1,"",3,"n",{"x":1},null,{}]`, `[0,"a",null,null]`, `[1,"a",null,"n"]`, `[1]`, `[]`, `null`, `{"0":1,"1":"a"}`, `[1,"a",3,"n",[]]`,
		`[1,"é\ud83d\ude00",-0]`, `[1e999,"a"]`, `["1","a"]`, `1.5,a,3`, `1.5|a`, `,,,,`, strings.Repeat("[", 300), `[1,"a",3,"n"` + strings.Repeat(`,{"x":1}`, 40) + `]`,
	} {
		f.Add(seed)
	}
	f.Fuzz(func(t *testing.T, text string) {
		if !utf8.ValidString(text) {
			return // whoever checks requests refuses them before, and JSON cannot hold them
		}
		for _, read := range []func(*place2) bool{
			func(p *place2) bool { return Unmarshal([]byte(text), p) == nil },
			func(p *place2) bool { return parameter(p, Form, false, url.Values{"p": {text}}) },
			func(p *place2) bool { return parameter(p, PipeDelimited, false, url.Values{"p": {text}}) },
			func(p *place2) bool { return parameter(p, Form, true, url.Values{"p": strings.Split(text, ",")}) },
			func(p *place2) bool { return parameter(p, Form, true, url.Values{"p[]": strings.Split(text, ",")}) },
			func(p *place2) bool { return parameter(p, JSON, false, url.Values{"p": {text}}) },
		} {
			var first, again place2
			if !read(&first) {
				continue
			}
			written, err := Marshal(&first)
			if err != nil {
				if strings.Contains(text, "null") && strings.Contains(err.Error(), "is absent") {
					continue // null where the type has none leaves a hole
				}
				t.Fatalf("%q was read as %+v and cannot be written: %v", text, first, err)
			}
			if err := Unmarshal(written, &again); err != nil {
				t.Fatalf("%q was written as %s, which cannot be read: %v", text, written, err)
			}
			if diff := cmp.Diff(first, again); diff != "" {
				t.Fatalf("%q became another value:\n%s", text, diff)
			}
			if repeated, err := Marshal(again); err != nil || !bytes.Equal(repeated, written) {
				t.Fatalf("%s was written again as %s (%v)", written, repeated, err)
			}
		}
	})
}

// parameter reads a query as a request would be.
func parameter(into *place2, style Style, explode bool, query url.Values) bool {
	r := &http.Request{Method: "GET", URL: &url.URL{Path: "/", RawQuery: query.Encode()}, Header: http.Header{}}
	in := Read(r, &Shape{Key: "s.o", Path: "/", Params: []Param{{Name: "p", In: InQuery, Style: style, Explode: explode, Required: true}}})
	in.Param(0, into)
	return in.Err() == nil
}
