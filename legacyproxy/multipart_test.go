package legacyproxy

import (
	"testing"

	"github.com/google/go-cmp/cmp"
)

// TestMultipartParts: what is declared about a field's parts stands in them, and
// names cannot break out of their quotes.
func TestMultipartParts(t *testing.T) {
	t.Parallel()
	m, faults := Parse("legacy.yaml", []byte("version: 1\noperations: {op: {body: {as: multipart, parts: {meta: {type: application/json, headers: {x-source: api}}, photo: {headers: {X-Sum: '7'}}}}}}\n"))
	if faults != nil {
		t.Fatal(faults)
	}
	body, contentType, err := writeMultipart([]formPair{{"meta[a]", "1"}, {"b\"\r\nX-Evil: 1", "2"}},
		[]formFile{{"photo", map[string][]string{"Content-Disposition": {`form-data; name="photo"; filename="a.png"`}, "Content-Type": {"image/png"}, "X-Client": {"1"}}, []byte("PNG")}},
		m.operations[0].body.parts)
	if err != nil {
		t.Fatal(err)
	}
	again, err := readMultipart(contentType, body)
	if err != nil {
		t.Fatal(err)
	}
	want := []formFile{{"photo", map[string][]string{"Content-Disposition": {`form-data; name="photo"; filename="a.png"`}, "Content-Type": {"image/png"}, "X-Sum": {"7"}}, []byte("PNG")}}
	if diff := cmp.Diff(want, again.files, cmp.AllowUnexported(formFile{})); diff != "" {
		t.Errorf("files (-want +got)\n%s", diff)
	}
	boundary := contentType[len("multipart/form-data; boundary="):]
	head := "--" + boundary + "\r\nContent-Disposition: form-data; name=\"meta[a]\"\r\nContent-Type: application/json\r\nX-Source: api\r\n\r\n1\r\n" +
		"--" + boundary + "\r\nContent-Disposition: form-data; name=\"b\\\"%0D%0AX-Evil: 1\"\r\n\r\n2\r\n"
	if diff := cmp.Diff(head, string(body[:min(len(head), len(body))])); diff != "" {
		t.Errorf("(-want +got)\n%s", diff)
	}
}
