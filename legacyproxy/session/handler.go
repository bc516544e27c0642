package session

import (
	"bytes"
	"encoding/json"
	"fmt"
	"io"
)

// Handler is one of PHP's ways to write a session (session.serialize_handler).
type Handler string

// The handlers that can be read.
const (
	// PHP is the default: each variable by its name and what serialize() says.
	PHP Handler = "php"
	// PHPSerialize is all of $_SESSION as serialize() says it.
	PHPSerialize Handler = "php_serialize"
	// PHPBinary is PHP with the length of names in a byte.
	PHPBinary Handler = "php_binary"
	// JSON is an object. PHP has no such handler, frameworks do.
	JSON Handler = "json"
)

// Parse reads what a handler wrote. Its error is a *SyntaxError, or says that
// the handler is unknown.
func Parse(data []byte, h Handler) (*Session, error) {
	var root *Array
	var err error
	switch h {
	case PHP:
		root, err = parsePHP(data)
	case PHPSerialize:
		root, err = parseSerialized(data)
	case PHPBinary:
		root, err = parseBinary(data)
	case JSON:
		root, err = parseJSON(data)
	default:
		return nil, fmt.Errorf("session: unknown handler %q; known are php, php_serialize, php_binary and json", h)
	}
	if err != nil {
		return nil, err
	}
	return &Session{root}, nil
}

// maxName bounds the name of a variable.
const maxName = 4096

// parsePHP reads name|value name|value. A name after ! has no value.
func parsePHP(data []byte) (*Array, error) {
	u, root := &unserializer{data: data}, &Array{}
	for u.pos < len(data) {
		rest := data[u.pos:]
		i := bytes.IndexByte(rest[:min(len(rest), maxName)], '|')
		if i < 0 {
			return nil, u.fail("want a name and |")
		}
		name := string(rest[:i])
		u.pos += i + 1
		if len(name) > 0 && name[0] == '!' {
			continue
		}
		v, err := u.value(0)
		if err != nil {
			return nil, err
		}
		root.put(keyOf(name), v)
	}
	return root, nil
}

// parseBinary reads names by their length. The highest bit says that there is
// no value.
func parseBinary(data []byte) (*Array, error) {
	u, root := &unserializer{data: data}, &Array{}
	for u.pos < len(data) {
		length, undefined := int(data[u.pos]&0x7f), data[u.pos]&0x80 != 0
		if u.pos++; length > len(data)-u.pos {
			return nil, u.fail("a name is cut off")
		}
		name := string(data[u.pos : u.pos+length])
		u.pos += length
		if undefined {
			continue
		}
		v, err := u.value(0)
		if err != nil {
			return nil, err
		}
		root.put(keyOf(name), v)
	}
	return root, nil
}

func parseSerialized(data []byte) (*Array, error) {
	if len(data) == 0 {
		return &Array{}, nil // a session that nothing was put in
	}
	u := &unserializer{data: data}
	v, err := u.value(0)
	if err != nil {
		return nil, err
	}
	root, ok := v.(*Array)
	switch {
	case !ok:
		return nil, u.fail("the session is %s, not an array", describe(v))
	case u.pos != len(data):
		return nil, u.fail("something follows the session")
	}
	return root, nil
}

func parseJSON(data []byte) (*Array, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		return &Array{}, nil
	}
	r := &jsonReader{dec: json.NewDecoder(bytes.NewReader(data))}
	r.dec.UseNumber()
	v, err := r.value(0)
	if err == nil {
		if _, more := r.dec.Token(); more != io.EOF {
			err = r.fail("something follows the session")
		}
	}
	if err != nil {
		return nil, err
	}
	root, ok := v.(*Array)
	if !ok {
		return nil, r.fail("the session is %s, not an object", describe(v))
	}
	return root, nil
}

// jsonReader reads JSON as json_decode($text, true) does.
type jsonReader struct {
	dec   *json.Decoder
	count int
}

func (r *jsonReader) fail(format string, args ...any) error {
	return &SyntaxError{int(r.dec.InputOffset()), fmt.Sprintf(format, args...)}
}

func (r *jsonReader) value(depth int) (any, error) {
	token, err := r.dec.Token()
	if err != nil {
		return nil, r.fail("not valid JSON")
	}
	if r.count++; r.count > maxValues {
		return nil, r.fail("more than %d values", maxValues)
	}
	switch t := token.(type) {
	case json.Number:
		if n, err := t.Int64(); err == nil {
			return n, nil
		}
		f, err := t.Float64()
		if err != nil {
			return nil, r.fail("a number that is too large")
		}
		return f, nil
	case json.Delim:
		if depth == maxDepth {
			return nil, r.fail("nested more than %d levels deep", maxDepth)
		}
		return r.container(t == '{', depth)
	}
	return token, nil // nil, bool, string
}

func (r *jsonReader) container(object bool, depth int) (any, error) {
	a := &Array{}
	for i := int64(0); r.dec.More(); i++ {
		key := Key{Int: i}
		if object {
			token, err := r.dec.Token()
			name, ok := token.(string)
			if err != nil || !ok {
				return nil, r.fail("not valid JSON")
			}
			key = keyOf(name)
		}
		v, err := r.value(depth + 1)
		if err != nil {
			return nil, err
		}
		a.put(key, v)
	}
	if _, err := r.dec.Token(); err != nil {
		return nil, r.fail("not valid JSON")
	}
	return a, nil
}
