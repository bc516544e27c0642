package phptext

import (
	"bytes"
	"testing"
	"unicode/utf8"
)

const (
	html  = "<br />\n<b>Warning</b>:  Undefined variable $x in <b>/var/www/a.php</b> on line <b>3</b><br />\n"
	plain = "\nNotice: Undefined index: \"a\" in /var/www/a.php on line 12\n"
	burst = "<br />\n<b>Fatal error</b>:  Uncaught Exception: no in /var/www/a.php:7\nStack trace:\n#0 {main}\n  thrown in <b>/var/www/a.php</b> on line <b>7</b><br />\n"
)

func TestSeparate(t *testing.T) {
	t.Parallel()
	for _, c := range []struct {
		name, text, json string
		messages         int
		fatal            bool
	}{
		{"nothing", `{"a":1}`, `{"a":1}`, 0, false},
		{"before", html + `{"a":1}`, `{"a":1}`, 1, false},
		{"two before", plain + html + `[1]`, "[1]", 2, false},
		{"after", `{"ok":true}` + html, `{"ok":true}`, 1, false},
		{"fatal after", `{"ok":true}` + burst, `{"ok":true}`, 1, true},
		{"around", plain + `[]` + "\n" + html + plain, `[]`, 3, false},
		{"only messages", html, "", 1, false},
		{"another page", `<html><b>Warning</b>: of snow</html>`, `<html><b>Warning</b>: of snow</html>`, 0, false},
		{"something after", `{"a":1} and more`, `{"a":1} and more`, 0, false},
		{"a message and something after", html + `{"a":1} and more`, `{"a":1} and more`, 1, false},
		{"a message within", `{"a":"` + "Warning: x in y on line 3" + `"}`, `{"a":"Warning: x in y on line 3"}`, 0, false},
		{"nothing at all", ``, ``, 0, false},
		{"line feeds in a message", "Warning: one\ntwo in /a b.php on line 3\n7", "7", 1, false},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			got := Separate([]byte(c.text))
			if string(got.JSON) != c.json || got.Messages != c.messages || got.Fatal != c.fatal {
				t.Errorf("%q, %d messages, fatal %v", got.JSON, got.Messages, got.Fatal)
			}
		})
	}
}

func TestCharset(t *testing.T) {
	t.Parallel()
	for contentType, want := range map[string]string{
		"application/json": "", "text/html; charset=ISO-8859-1": "iso-8859-1", "application/json;charset=\"UTF-8\"": "utf-8",
		"text/html; charset": "", ";;": "",
	} {
		if got := Charset(contentType); got != want {
			t.Errorf("%s: %q", contentType, got)
		}
	}
	for _, c := range []struct {
		text, charset, want string
		changed             bool
	}{
		{"caf\xe9 \x80", "windows-1252", "café €", true},
		{"caf\xe9", "iso-8859-1", "café", true},
		{"café", "iso-8859-1", "café", false},
		{"caf\xe9", "utf-8", "caf\xe9", false},
		{"cafe", "latin1", "cafe", false},
	} {
		got, changed := ToUTF8([]byte(c.text), c.charset)
		if string(got) != c.want || changed != c.changed {
			t.Errorf("%q in %s: %q, %v", c.text, c.charset, got, changed)
		}
	}
}

// FuzzSeparate: what comes out is a part of what goes in, and separating it
// again finds no message before it.
func FuzzSeparate(f *testing.F) {
	for _, s := range []string{html + `{"a":1}`, plain + `[]` + burst, `{"ok":true}` + html, "\xef\xbb\xbf{}", "Warning: "} {
		f.Add([]byte(s))
	}
	f.Fuzz(func(t *testing.T, text []byte) {
		got := Separate(text)
		if !bytes.Contains(text, got.JSON) || got.Messages == 0 && len(got.JSON) != len(text) || got.Fatal && got.Messages == 0 {
			t.Fatalf("%q: %+v", text, got)
		}
		if again := Separate(got.JSON); got.Messages < maxMessages && again.Messages > 0 && len(again.JSON) < len(got.JSON) {
			t.Fatalf("%q leaves %q, which leaves %q", text, got.JSON, again.JSON)
		}
		if out, changed := ToUTF8(text, "windows-1252"); !utf8.Valid(out) || changed == utf8.Valid(text) {
			t.Fatalf("%q becomes %q", text, out)
		}
	})
}
