package session_test

import (
	"errors"
	"reflect"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/legacyproxy/session"
)

// TestBroken: what PHP did not write is refused with its place.
func TestBroken(t *testing.T) {
	t.Parallel()
	deep := strings.Repeat(`a:1:{i:0;`, 200)
	tests := []struct {
		handler    session.Handler
		data, want string
	}{
		{"php", `a`, "byte 0: want a name and |"},
		{"php", `a|`, "byte 2: it ends in the middle of a value"},
		{"php", `a|i:7`, `byte 4: want ';' after a number`},
		{"php", `a|i:x;`, `"x" is no value of kind 'i'`},
		{"php", `a|i:99999999999999999999;`, `is no value of kind 'i'`},
		{"php", `a|d:0x1p3;`, `is no value of kind 'd'`},
		{"php", `a|b:2;`, `is no value of kind 'b'`},
		{"php", `a|s:9:"x";`, `"9" is no length here`},
		{"php", `a|s:-1:"x";`, `is no length here`},
		{"php", `a|s:1:"xy";`, `want "\""`},
		{"php", `a|a:1000000000:{}`, `is no length here`},
		{"php", `a|a:1:{}`, `want a key`},
		{"php", `a|a:1:{d:1;i:1;}`, `'d' is no kind of key`},
		{"php", `a|x:1;`, `'x' does not begin a value`},
		{"php", `a|r:2;`, `there is no value "2" to refer to`},
		{"php", `a|R:0;`, `there is no value "0" to refer to`},
		{"php", `a|C:3:"Foo":3:{abc}`, `class "Foo" has a format of its own (Serializable), which only its own code can read`},
		{"php", `a|E:4:"Suit";`, `an enumeration without a case`},
		{"php", `a|` + deep, `nested more than 128 levels deep`},
		{"php", `a|S:1:"\zz";`, `a broken escape`},
		{"php_serialize", `i:1;`, `the session is an integer, not an array`},
		{"php_serialize", `a:0:{}x`, `something follows the session`},
		{"php_binary", "\x05ab", `a name is cut off`},
		{"json", `[1`, `not valid JSON`},
		{"json", `1`, `the session is an integer, not an object`},
		{"json", `{} {}`, `something follows the session`},
		{"json", strings.Repeat(`{"a":`, 200), `nested more than 128 levels deep`},
		{"igbinary", ``, `unknown handler "igbinary"`},
	}
	for _, tt := range tests {
		_, err := session.Parse([]byte(tt.data), tt.handler)
		if err == nil || !strings.Contains(err.Error(), tt.want) {
			t.Errorf("%.40s: %v, want %s", tt.data, err, tt.want)
		}
	}
}

// TestHandWritten reads what PHP can write but does not write every day.
func TestHandWritten(t *testing.T) {
	t.Parallel()
	tests := []struct {
		handler session.Handler
		data    string
		path    string
		want    any
	}{
		{"php", `a|S:3:"\61b\63";`, "a", "abc"},
		{"php", `a|i:1;a|i:2;`, "a", int64(2)},
		{"php", `a|a:2:{s:1:"7";i:1;i:7;i:2;}`, "a/7", int64(2)},
		{"php", `!gone|a|N;`, "a", nil},
		{"php", `x|O:1:"A":1:{s:1:"p";r:1;}y|r:1;`, "y/p/p/p", "object"},
		{"php", `x|a:2:{i:0;s:1:"v";i:1;R:2;}z|R:2;`, "z", "v"},
		{"php_serialize", ``, "", "array"},
		{"php_binary", "\x81ab\x01ai:5;", "", "error"},
		{"php_binary", "\x82ab\x01ai:5;", "a", int64(5)},
		{"json", `{"a":{"b":[1,2.5,"x",null,true]}}`, "a/b/1", 2.5},
		{"json", ` `, "", "array"},
	}
	for _, tt := range tests {
		s, err := session.Parse([]byte(tt.data), tt.handler)
		if err != nil {
			if tt.want != "error" {
				t.Errorf("%s: %v", tt.data, err)
			}
			continue
		}
		var path []string
		if tt.path != "" {
			path = strings.Split(tt.path, "/")
		}
		got, err := s.Value(path...)
		switch got.(type) {
		case *session.Object:
			got = "object"
		case *session.Array:
			got = "array"
		}
		if err != nil || !reflect.DeepEqual(got, tt.want) {
			t.Errorf("%s: %v %v, want %v", tt.data, got, err, tt.want)
		}
	}
}

// FuzzParse: no bytes make the reader panic or run away, and what it reads can
// be looked at.
func FuzzParse(f *testing.F) {
	for _, h := range []string{"php", "php_serialize", "php_binary", "json"} {
		f.Add([]byte(`a|a:2:{i:0;O:1:"A":1:{s:4:"`+"\x00*\x00"+`p";R:1;}s:1:"x";E:6:"Suit:H";}b|d:1.5E+25;c|r:2;`), h)
		f.Add([]byte(`a:2:{s:1:"u";a:1:{i:0;b:1;}i:5;N;}`), h)
		f.Add([]byte("\x01ai:5;\x81b"), h)
		f.Add([]byte(`{"a":{"b":[1,2.5,"x",null,true]}}`), h)
	}
	f.Fuzz(func(t *testing.T, data []byte, handler string) {
		s, err := session.Parse(data, session.Handler(handler))
		if err != nil {
			var syntax *session.SyntaxError
			if errors.As(err, &syntax) && (syntax.Offset < 0 || syntax.Offset > len(data)) {
				t.Fatalf("%v is outside of %d bytes", err, len(data))
			}
			return
		}
		type tree struct {
			A any            `php:"a"`
			M map[string]any `php:"b"`
			P *tree          `php:"p"`
		}
		var all map[string]any
		if err := s.Decode(&all); err != nil {
			t.Fatal(err)
		}
		_, _ = session.Get[tree](s)
		_, _ = session.Get[map[string]map[string]map[string]string](s)
		_, _ = session.Get[[][]int](s)
		for name := range all {
			if _, err := s.Value(name); err != nil {
				t.Fatal(err)
			}
		}
	})
}
