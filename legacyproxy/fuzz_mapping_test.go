package legacyproxy

import (
	"encoding/json"
	"net/http"
	"strings"
	"testing"
	"unicode"
	"unicode/utf8"

	"github.com/google/go-cmp/cmp"
)

// FuzzHeaderMapping: of headers and cookies nothing that is dropped gets
// through, what is set is there once, what is renamed comes back under its old
// name, and all else keeps its bytes and its order.
func FuzzHeaderMapping(f *testing.F) {
	for _, seed := range []string{"", ";", "a=1; b=2", "sid=x; PHPSESSID=evil;sid=y", "dbg.x=1; dbg_x=2; dbg x=3; =;==", "sid", " \tsrc=1;\tz=%zz "} {
		f.Add(seed, seed)
	}
	cookies := &cookieMapping{set: []cookieSet{{"src", "api"}}, rename: []cookieRename{{"sid", "PHPSESSID"}}, drop: []string{"dbg.x"}}
	headers := &headerMapping{set: []headerSet{{name: "X-Set", values: []string{"1"}}}, rename: []headerRename{{"X-A", "X-B"}, {"X-B", "X-A"}}, drop: []string{"X-Drop"}}
	f.Fuzz(func(t *testing.T, line1, line2 string) {
		h := http.Header{"Cookie": {line1, line2}, "X-A": {line1}, "X-B": {line2}, "X-Drop": {line1}, "X-Set": {line2}}
		headers.apply(h)
		if diff := cmp.Diff(http.Header{"X-A": {line2}, "X-B": {line1}, "X-Set": {"1"}, "Cookie": {line1, line2}}, h); diff != "" {
			t.Fatal(diff)
		}
		var want []string
		for pair := range strings.SplitSeq(line1+";"+line2, ";") {
			pair = strings.Trim(pair, " \t")
			name, _, _ := strings.Cut(pair, "=")
			switch root := cookieRoot(name); {
			case pair == "" || root == "src" || root == "PHPSESSID" || root == "dbg_x":
			case name == "sid":
				want = append(want, "PHPSESSID"+pair[len("sid"):])
			default:
				want = append(want, pair)
			}
		}
		cookies.request(h)
		got := strings.Split(h.Get("Cookie"), "; ")
		if diff := cmp.Diff(strings.Join(append(want, "src=api"), "; "), strings.Join(got, "; ")); diff != "" {
			t.Fatal(diff)
		}
		answer := http.Header{"Set-Cookie": {"PHPSESSID=" + line1, "other=" + line2, "src=x", "dbg.x=1"}}
		cookies.answer(answer)
		if diff := cmp.Diff(http.Header{"Set-Cookie": {"sid=" + line1, "other=" + line2}}, answer); diff != "" {
			t.Fatal(diff)
		}
	})
}

// FuzzFields: whatever PHP calls the faults of fields, what clients get of it
// is bounded, one line each, and has pointers.
func FuzzFields(f *testing.F) {
	for _, seed := range []string{
		`{"a":"x","b.c":["y",{"message":"z"}],"items":[{"sku":["q"]},{"sku":"r"}]}`, `[{"field":"a[0][b]","message":"x"},"bare",["nested"]]`,
		`{"errors":{"":{"":""}}}`, `"text"`, `[[[[[["x"]]]]]]`, `{"field":"a","message":{"message":"x"}}`, `{"a`, "{\"\x00\":\"\x00\"}",
	} {
		f.Add([]byte(seed))
	}
	faults := &fieldFaults{at: pointer{}, rename: []fieldRename{{[]string{"items", "*"}, "/lines/*"}, {[]string{"a"}, "/query/a"}}}
	f.Fuzz(func(t *testing.T, doc []byte) {
		found := faults.read(doc, legacyMessage)
		if len(found) > maxFaults {
			t.Fatalf("%d faults", len(found))
		}
		for _, one := range found {
			for _, text := range []string{one.Pointer, one.Message} {
				if len(text) > maxMessage || !utf8.ValidString(text) || strings.ContainsFunc(text, unicode.IsControl) {
					t.Fatalf("%+q", text)
				}
			}
			if one.Pointer != "" && one.Pointer[0] != '/' {
				t.Fatalf("%q is no pointer", one.Pointer)
			}
		}
	})
}

// FuzzSample: a sample of an error is bounded, and of its texts and numbers
// there are only shapes.
func FuzzSample(f *testing.F) {
	for _, seed := range []string{`{"password":"x","m":"Bob 42","n":[1,2,3,4,5]}`, `"é\u0000\ud800"`, `{"a":{"b":{"c":{"d":{"e":{"f":{"g":{"h":{"i":1}}}}}}}}}`, `<b>Fatal error</b>: x`, `[1`, `{"bob@x.example":1}`} {
		f.Add([]byte(seed))
	}
	f.Fuzz(func(t *testing.T, doc []byte) {
		kind := bodyKind(read{done: true, doc: doc})
		sample := secretNames{"m": true}.sample(kind, doc)
		if len(sample) > 3*sampleText || !utf8.ValidString(sample) || strings.ContainsFunc(sample, unicode.IsControl) {
			t.Fatalf("%d bytes: %+q", len(sample), sample)
		}
		plain := shape(sample)
		if kind != BodyJSON && kind != BodyString && plain != sample && !strings.HasSuffix(sample, "...") {
			t.Fatalf("%s: %q is no shape", kind, sample)
		}
		var whole any
		if json.Unmarshal([]byte(sample), &whole) == nil {
			onlyShapes(t, whole)
		}
	})
}

func onlyShapes(t *testing.T, v any) {
	t.Helper()
	switch v := v.(type) {
	case string:
		if shape(v) != v && v != "***" && !strings.HasSuffix(v, "...") {
			t.Fatalf("%q is no shape", v)
		}
	case float64:
		if v != 9 {
			t.Fatalf("%v is a value", v)
		}
	case []any:
		for _, child := range v {
			onlyShapes(t, child)
		}
	case map[string]any:
		for name, child := range v {
			if secretWords.MatchString(name) && child != "***" {
				t.Fatalf("%s is shown", name)
			}
			onlyShapes(t, child)
		}
	}
}

// FuzzLinks: links are rewritten in a JSON document without breaking it.
func FuzzLinks(f *testing.F) {
	for _, seed := range []string{`{"a":"http://php/shop/x","b":"http:\/\/php\/shop","c":"\"http://php/","d":"http://phpx"}`, `["https://php","http://php"]`, `"http://php\\"`} {
		f.Add([]byte(seed), "Domain=php; <http://php/shop/a>; url=http://php")
	}
	r := &relocation{hosts: []origin{{"php", "/shop"}, {"php:80", ""}}, bases: []string{"/shop"}, public: "https://shop.example"}
	f.Fuzz(func(t *testing.T, doc []byte, header string) {
		out := r.body(doc)
		if json.Valid(doc) != json.Valid(out) {
			t.Fatalf("%s became %s", doc, out)
		}
		if again := r.body(out); string(again) != string(out) {
			t.Fatalf("%s, and then %s", out, again)
		}
		for _, rewrite := range []func(string) string{r.link, r.linkHeader, r.cookie} {
			if got := rewrite(header); strings.ContainsAny(got, "\r\n") && !strings.ContainsAny(header, "\r\n") {
				t.Fatalf("%q", got)
			}
		}
	})
}
