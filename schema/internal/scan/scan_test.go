package scan

import (
	"bytes"
	"encoding/json"
	"strings"
	"testing"

	"github.com/go-json-experiment/json/jsontext"
)

func TestString(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		text  string
		end   int
		shape Shape
		fault Fault
	}{
		{`abc"`, 3, 0, OK},
		{`"`, 0, 0, OK},
		{strings.Repeat("x", 31) + `"`, 31, 0, OK},
		{`a\n"`, 3, Escaped, OK},
		{`a\"b"`, 4, Escaped, OK},
		{`é"`, 2, Wide, OK},
		{`\ud83d\udc32"`, 12, Escaped, OK},
		{`\ud83d"`, 0, Escaped, LoneSurrogate},
		{`\ud83d\n"`, 0, Escaped, LoneSurrogate},
		{`\udc32"`, 0, Escaped, LoneSurrogate},
		{`\u12g4"`, 0, Escaped, BadEscape},
		{`\x"`, 0, Escaped, BadEscape},
		{"a\tb\"", 1, 0, ControlCharacter},
		{"aaaaaaaaaaa\x1f\"", 11, 0, ControlCharacter},
		{"a\xff\"", 1, Wide, InvalidUTF8},
		{"\xed\xa0\x80\"", 0, Wide, InvalidUTF8},
		{`abc`, 3, 0, Unterminated},
		{`abc\`, 3, Escaped, Unterminated},
		{`1234567` + "\x7f" + `"`, 8, 0, OK},
	} {
		end, shape, fault := String([]byte(c.text), 0)
		if end != c.end || shape != c.shape || fault != c.fault {
			t.Errorf("String(%q) = %d, %d, %v, want %d, %d, %v", c.text, end, shape, fault, c.end, c.shape, c.fault)
		}
	}
}

func FuzzString(f *testing.F) {
	for _, s := range []string{`a`, `é\u00e9\n`, `\ud83d\udc32`, "\x00", `\"\\\/\b\f\n\r\t`, "\xff\xfe"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		in := append(append([]byte{'"'}, text...), '"')
		end, _, fault := String(in, 1)
		whole := fault == OK && end == len(in)-1
		if want := jsontext.Value(in).IsValid(); whole != want {
			t.Fatalf("String(%q): %v at %d, jsontext says %v", in, fault, end, want)
		}
		if !whole {
			return
		}
		var want string
		if err := json.Unmarshal(in, &want); err != nil {
			t.Fatal(err)
		}
		if got := Unescape(nil, in[1:end]); string(got) != want {
			t.Fatalf("Unescape(%q) = %q, want %q", in, got, want)
		}
		if got := Skip(in, 0); got != len(in) {
			t.Fatalf("Skip(%q) = %d", in, got)
		}
	})
}

func FuzzNumber(f *testing.F) {
	for _, s := range []string{"0", "-0", "01", "1.", "1.5e+3", "1e", "999999999999999999", "-1234567890123456789", "1E9", "-"} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		if len(text) == 0 || text[0] != '-' && text[0]-'0' > 9 {
			return
		}
		n, fault := Number(text, 0)
		whole := fault == OK && n.End == len(text)
		if want := jsontext.Value(text).IsValid() && !bytes.ContainsAny(text, " \t\r\n"); whole != want {
			t.Fatalf("Number(%q) = %+v, %v, jsontext says %v", text, n, fault, want)
		}
		if whole && n.Small {
			var want int64
			if err := json.Unmarshal(text, &want); err != nil || want != n.Int {
				t.Fatalf("Number(%q) = %d, want %d (%v)", text, n.Int, want, err)
			}
		}
	})
}
