package schema_test

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"mime/multipart"
	"net/textproto"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/schema"
)

const userForm = `{
	"schema": {
		"type": "object",
		"required": ["name"],
		"additionalProperties": false,
		"properties": {
			"name": {"type": "string", "minLength": 1},
			"age": {"type": "integer", "minimum": 0},
			"newsletter": {"type": "boolean", "default": false},
			"tags": {"type": "array", "items": {"type": "string"}},
			"ids": {"type": "array", "items": {"type": "integer"}},
			"address": {"type": "object", "properties": {"zip": {"type": "string"}, "lines": {"type": "array", "items": {"type": "string"}}, "no": {"type": "integer"}}},
			"items": {"type": "array", "items": {"type": "object", "properties": {"sku": {"type": "string"}, "count": {"type": "integer"}}}},
			"avatar": {"type": "string", "format": "binary"},
			"scans": {"type": "array", "maxItems": 2, "items": {"type": "string", "format": "binary"}}
		}
	},
	"encoding": {"ids": {"style": "pipeDelimited"}}
}`

func form(t testing.TB, media, mediaType string) *schema.Form {
	t.Helper()
	doc, err := schema.Load([]byte(fmt.Sprintf(`{"openapi":"3.0.3","content":{%q:%s}}`, media, mediaType)), schema.Options{})
	if err != nil {
		t.Fatal(err)
	}
	f, err := doc.Form("/content/" + strings.ReplaceAll(media, "/", "~1"))
	if err != nil {
		t.Fatal(err)
	}
	return f
}

func TestURLEncodedForm(t *testing.T) {
	t.Parallel()
	f := form(t, "application/x-www-form-urlencoded", userForm)
	for body, want := range map[string]string{
		"name=Zo%C3%AB+B&age=7":                       `{"name":"Zoë B","age":7,"newsletter":false}`,
		"name=a&tags=x&tags=y":                        `{"name":"a","tags":["x","y"],"newsletter":false}`,
		"name=a&tags[]=x":                             `{"name":"a","tags":["x"],"newsletter":false}`,
		"name=a&tags=x":                               `{"name":"a","tags":["x"],"newsletter":false}`,
		"name=a&ids=1|2":                              `{"name":"a","ids":[1,2],"newsletter":false}`,
		"name=a&address[zip]=007&address[lines][]=l1": `{"name":"a","address":{"zip":"007","lines":["l1"]},"newsletter":false}`,
		"name=a&items[0][sku]=A&items[0][count]=2&items[1][sku]=B": `{"name":"a","items":[{"sku":"A","count":2},{"sku":"B"}],"newsletter":false}`,
		"age=x&bad=1":      `/age must be an integer, not a string; /bad is not a property that the contract knows here; /name is required`,
		"name=":            `/name must not be empty`,
		"name=a&name=b":    `/name must be given once`,
		"name=%ff":         `/name must be valid UTF-8`,
		"":                 `/name is required`,
		"name=a&tags[=x":   `/tags has brackets that do not match`,
		"name=a&address=1": `/address must be an object, not a string`,
	} {
		out, v := f.Read(nil, []byte(body))
		got := string(out)
		if v != nil {
			got = v.Error()
		}
		if got != want {
			t.Errorf("%s\n got %s\nwant %s", body, got, want)
		}
	}
}

func TestMultipartForm(t *testing.T) {
	t.Parallel()
	f := form(t, "multipart/form-data", userForm)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	w.WriteField("name", "Zoë")
	w.WriteField("age", "7")
	w.WriteField("address", `{"zip":"007"}`)
	w.WriteField("tags", "x")
	w.WriteField("tags", "y")
	part, _ := w.CreateFormFile("avatar", "me.png")
	part.Write(bytes.Repeat([]byte("x"), 1<<20))
	for i := range 2 {
		part, _ = w.CreateFormFile("scans", fmt.Sprintf("%d.pdf", i))
		part.Write([]byte("pdf"))
	}
	part, _ = w.CreatePart(textproto.MIMEHeader{"Content-Disposition": {`form-data; name="items"`}, "Content-Type": {"application/json; charset=utf-8"}})
	part.Write([]byte(`[{"sku":"A","count":2}]`))
	w.Close()

	var got []string
	read := func(file func(schema.File) error, limit int64) (string, error) {
		out, v, err := f.ReadMultipart(nil, multipart.NewReader(bytes.NewReader(body.Bytes()), w.Boundary()), limit, file)
		if v != nil {
			t.Error(v)
		}
		return string(out), err
	}
	out, err := read(func(p schema.File) error {
		n, err := io.Copy(io.Discard, p)
		got = append(got, fmt.Sprint(p.Field, " ", p.Name, " ", n))
		return err
	}, 1000)
	const want = `{"name":"Zoë","age":7,"address":{"zip":"007"},"tags":["x","y"],"avatar":"me.png","scans":["0.pdf","1.pdf"],"items":[{"sku":"A","count":2}],"newsletter":false}`
	if out != want || err != nil {
		t.Errorf("got %s %v\nwant %s", out, err, want)
	}
	if s := strings.Join(got, ", "); s != "avatar me.png 1048576, scans 0.pdf 3, scans 1.pdf 3" {
		t.Errorf("files: %s", s)
	}
	if _, err := read(nil, 1000); err != nil {
		t.Errorf("files nobody wants: %v", err)
	}
	if _, err := read(nil, 20); !errors.Is(err, schema.ErrTooLarge) {
		t.Errorf("limit: %v", err)
	}
	stop := errors.New("disk full")
	if _, err := read(func(schema.File) error { return stop }, 1000); !errors.Is(err, stop) {
		t.Errorf("file's error: %v", err)
	}
}

func TestMultipartFaults(t *testing.T) {
	t.Parallel()
	f := form(t, "multipart/form-data", userForm)
	var body bytes.Buffer
	w := multipart.NewWriter(&body)
	w.WriteField("address", `{"zip":`)
	w.WriteField("items", `x`)
	for range 3 {
		part, _ := w.CreateFormFile("scans", "s")
		part.Write([]byte("pdf"))
	}
	w.Close()
	_, v, err := f.ReadMultipart(nil, multipart.NewReader(&body, w.Boundary()), 1000, nil)
	if err != nil {
		t.Fatal(err)
	}
	const want = `/address must be JSON: it is not valid JSON: the text ends where a value is expected (line 1, column 8); ` +
		`/items must be JSON: it is not valid JSON: a value is expected (line 1, column 1); /scans must have at most 2 items; /name is required`
	if v.Error() != want {
		t.Errorf("got %v\nwant %s", v, want)
	}
}

// A list whose name ends with brackets, in forms of both kinds.
func TestFormListsWithBracketsInTheirNames(t *testing.T) {
	t.Parallel()
	const described = `{"schema": {"type": "object", "additionalProperties": false, "properties": {
		"ids[]": {"type": "array", "items": {"type": "integer"}}, "rows[]": {"type": "array", "items": {"type": "object"}}, "files[]": {"type": "array", "items": {"type": "string", "format": "binary"}}}}}`
	urlencoded, parts := form(t, "application/x-www-form-urlencoded", described), form(t, "multipart/form-data", described)
	for names, want := range map[string]string{
		"ids[]=1&ids[]=2": `{"ids[]":[1,2]}`, "ids[0]=1&ids[1]=2": `{"ids[]":[1,2]}`, "ids=1": `{"ids[]":[1]}`, "id[0]=1": "/id is not a property that the contract knows here",
		"rows[0]={}": `{"rows[]":[{}]}`, "rows[]={}&rows[]={}": `{"rows[]":[{},{}]}`, "files[0]=x": `{"files[]":["f"]}`, "files[]=x&files[]=y": `{"files[]":["f","f"]}`, "files=x": `{"files[]":["f"]}`,
	} {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for pair := range strings.SplitSeq(names, "&") {
			name, text, _ := strings.Cut(pair, "=")
			var to io.Writer
			if strings.HasPrefix(name, "files") {
				to, _ = w.CreateFormFile(name, "f")
			} else {
				to, _ = w.CreateFormField(name)
			}
			io.WriteString(to, text)
		}
		w.Close()
		out, v, err := parts.ReadMultipart(nil, multipart.NewReader(&body, w.Boundary()), 1000, nil)
		if v != nil {
			out = []byte(v.Error())
		}
		if string(out) != want || err != nil {
			t.Errorf("parts %s\n got %s %v\nwant %s", names, out, err, want)
		}
		if strings.Contains(names, "files") || strings.Contains(names, "{") {
			continue
		}
		if out, v = urlencoded.Read(nil, []byte(names)); v != nil {
			out = []byte(v.Error())
		}
		if string(out) != want {
			t.Errorf("%s\n got %s\nwant %s", names, out, want)
		}
	}
}

// Parts that may be null, as JSON and as text: what says its type is that, and what
// does not is what its encoding says, unless it is empty.
func TestMultipartNulls(t *testing.T) {
	t.Parallel()
	f := form(t, "multipart/form-data", `{
		"schema": {"type": "object", "properties": {
			"n": {"type": "integer", "nullable": true}, "s": {"type": "string", "nullable": true}, "j": {"type": "integer", "nullable": true},
			"l": {"type": "array", "nullable": true, "items": {"type": "integer"}}, "h": {"type": "array", "items": {"type": "integer", "nullable": true}},
			"o": {"type": "object", "nullable": true}, "i": {"type": "integer"}, "e": {"type": "string"}}},
		"encoding": {"j": {"contentType": "application/json"}, "e": {"contentType": "application/json, text/plain"}}}`)
	const isJSON = "application/json"
	for _, tt := range []struct{ name, media, text, want string }{
		{"n", isJSON, "null", `{"n":null}`}, {"n", "", "", `{"n":null}`}, {"n", "", "null", `{"n":null}`}, {"n", isJSON, "", "must be JSON"},
		{"s", isJSON, "null", `{"s":null}`}, {"s", "", "", `{"s":""}`}, {"s", "", "null", `{"s":"null"}`},
		{"j", "", "null", `{"j":null}`}, {"j", "", "", `{"j":null}`}, {"j", isJSON, "", "must be JSON"},
		{"l", isJSON, " null ", `{"l": null }`}, {"l", "", "null", "/l/0 must be an integer"}, {"h", isJSON, "null", `{"h":[null]}`}, {"h", "", "", `{"h":[null]}`},
		{"o", "", "", `{"o":null}`}, {"o", "", "null", `{"o":null}`}, {"i", "", "", "/i must be an integer"}, {"i", isJSON, "null", "/i must be an integer, not null"},
		{"e", "", `"x"`, `{"e":"\"x\""}`}, {"e", isJSON, `"x"`, `{"e":"x"}`},
	} {
		text := "--b\r\nContent-Disposition: form-data; name=" + tt.name + "\r\n"
		if tt.media != "" {
			text += "Content-Type: " + tt.media + "\r\n"
		}
		out, v, err := f.ReadMultipart(nil, multipart.NewReader(strings.NewReader(text+"\r\n"+tt.text+"\r\n--b--\r\n"), "b"), 1000, nil)
		got := string(out)
		if v != nil {
			got = v.Error()
		}
		if !strings.Contains(got, tt.want) || err != nil {
			t.Errorf("%s %s %q\n got %s %v\nwant %s", tt.name, tt.media, tt.text, got, err, tt.want)
		}
	}
}

func TestMultipartPartTypes(t *testing.T) {
	t.Parallel()
	f := form(t, "multipart/form-data", `{
		"schema": {"type": "object", "required": ["photo"], "properties": {
			"photo": {"type": "string", "format": "binary"}, "scans": {"type": "array", "items": {"type": "string", "format": "binary"}},
			"meta": {"type": "object"}, "note": {"type": "string"}}},
		"encoding": {
			"photo": {"contentType": "image/png, image/jpeg; q=1", "headers": {
				"X-Width": {"required": true, "schema": {"type": "integer", "maximum": 4096}},
				"X-Tags": {"schema": {"type": "array", "items": {"type": "string"}, "maxItems": 2}},
				"X-Box": {"content": {"application/json": {"schema": {"type": "object", "required": ["w"]}}}},
				"Content-Type": {"schema": {"type": "string"}}}},
			"scans": {"contentType": "image/*,application/pdf"},
			"meta": {"contentType": "application/json"},
			"note": {"contentType": "text/plain"}}}`)
	const photo = "photo;Content-Type: Image/PNG;X-Width: 640"
	for _, tt := range []struct{ parts, want string }{
		{photo, `{"photo":"f"}`},
		{"photo;X-Width: 640", `{"photo":"f"}`},
		{"photo;Content-Type: image/jpeg; q=2;X-Width: 1;X-Tags: a, b;X-Box: {\"w\":1}", `{"photo":"f"}`},
		{"photo;Content-Type: image/gif;X-Width: 1", `/photo must be image/png or image/jpeg, not image/gif`},
		{"photo;Content-Type: a b c", `/photo must be image/png or image/jpeg`},
		{"photo;Content-Type: image/png", `/photo/header/X-Width is required`},
		{"photo;X-Width: wide;X-Tags: a,b,c;X-Box: {}", `/photo/header/X-Width must be an integer, not a string; /photo/header/X-Tags must have at most 2 items; /photo/header/X-Box/w is required`},
		{photo + "|scans;Content-Type: image/webp|scans;Content-Type: application/pdf", `{"photo":"f","scans":["f","f"]}`},
		{photo + "|scans;Content-Type: text/plain", `/scans must be image/* or application/pdf, not text/plain`},
		{photo + "|meta;Content-Type: application/hal+json", `/meta must be JSON: it is not valid JSON: a value is expected (line 1, column 1)`},
		{photo + "|meta;Content-Type: text/xml", `/meta must be application/json, not text/xml`},
		{photo + "|note;Content-Type: text/plain; charset=utf-8", `{"photo":"f","note":"x"}`},
		{photo + "|note;Content-Type: text/html", `/note must be text/plain, not text/html`},
	} {
		var body bytes.Buffer
		w := multipart.NewWriter(&body)
		for part := range strings.SplitSeq(tt.parts, "|") {
			name, rest, _ := strings.Cut(part, ";")
			disposition := fmt.Sprintf("form-data; name=%q", name)
			if name != "note" && name != "meta" {
				disposition += `; filename="f"`
			}
			header := textproto.MIMEHeader{"Content-Disposition": {disposition}}
			for line := range strings.SplitSeq(rest, ";") {
				if key, value, ok := strings.Cut(line, ": "); ok {
					header.Set(key, value)
				} else {
					header.Set("Content-Type", header.Get("Content-Type")+";"+line)
				}
			}
			to, _ := w.CreatePart(header)
			to.Write([]byte("x"))
		}
		w.Close()
		out, v, err := f.ReadMultipart(nil, multipart.NewReader(&body, w.Boundary()), 1000, nil)
		got := string(out)
		if v != nil {
			got = v.Error()
		}
		if got != tt.want || err != nil {
			t.Errorf("%s\n got %s %v\nwant %s", tt.parts, got, err, tt.want)
		}
	}
}
