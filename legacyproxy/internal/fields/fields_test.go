package fields_test

import (
	"bufio"
	"net/http"
	"net/textproto"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"

	"github.com/banyan-go/banyan/legacyproxy/internal/fields"
)

// FuzzParse: a head is found at the same place however it arrives, and what is
// accepted means to the standard library what it means here.
func FuzzParse(f *testing.F) {
	f.Add([]byte("A: 1\r\nb: 2\nA:3\r\n\r\nrest"))
	f.Add([]byte("\r\n"))
	f.Add([]byte("A: 1\n\r\n"))
	f.Add([]byte("A\x00: 1\n\n"))
	f.Fuzz(func(t *testing.T, raw []byte) {
		end, scanned := -1, 0
		for n := 0; n <= len(raw) && end < 0; n++ {
			end = fields.End(raw[:n], scanned)
			scanned = n
		}
		if whole := fields.End(raw, 0); whole != end {
			t.Fatalf("ends at %d, piece by piece at %d", whole, end)
		}
		if end < 0 {
			return
		}
		h := http.Header{}
		if err := fields.Parse(h, string(raw[:end])); err != nil {
			return
		}
		for name, values := range h {
			if !fields.Token(name) {
				t.Errorf("the name %q", name)
			}
			for _, v := range values {
				if !fields.Value(v) || strings.ContainsAny(v, "\r\n\x00") {
					t.Errorf("the value %q", v)
				}
			}
		}
		std, err := textproto.NewReader(bufio.NewReader(strings.NewReader(string(raw[:end])))).ReadMIMEHeader()
		if err != nil {
			return
		}
		if diff := cmp.Diff(http.Header(std), h); diff != "" {
			t.Errorf("(-standard library +here):\n%s", diff)
		}
	})
}

func TestContentLength(t *testing.T) {
	t.Parallel()
	for _, tt := range []struct {
		values []string
		want   int64 // -2: an error
	}{
		{nil, -1}, {[]string{"0"}, 0}, {[]string{"7"}, 7}, {[]string{"7", "7"}, 7}, {[]string{"7, 7"}, 7}, {[]string{"007"}, 7},
		{[]string{""}, -2}, {[]string{"+7"}, -2}, {[]string{"-7"}, -2}, {[]string{"7", "8"}, -2}, {[]string{"7,"}, -2}, {[]string{"0x7"}, -2},
		{[]string{"9223372036854775808"}, -2},
	} {
		h := http.Header{}
		if tt.values != nil {
			h["Content-Length"] = tt.values
		}
		got, err := fields.ContentLength(h)
		if err != nil {
			got = -2
		}
		if got != tt.want {
			t.Errorf("%q: %d, want %d", tt.values, got, tt.want)
		}
	}
}
