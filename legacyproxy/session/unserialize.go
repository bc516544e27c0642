package session

import (
	"bytes"
	"fmt"
	"math"
	"strconv"
	"strings"
)

// Bounds of what is read.
const (
	maxDepth  = 128
	maxValues = 200_000
)

// SyntaxError says where a session is not what its handler writes.
type SyntaxError struct {
	Offset int
	What   string
}

// Error says what is wrong and where.
func (e *SyntaxError) Error() string { return fmt.Sprintf("session: byte %d: %s", e.Offset, e.What) }

// unserializer reads the format of PHP's serialize().
type unserializer struct {
	data  []byte
	pos   int
	slots []any // what r: and R: refer to, in PHP's counting from 1
	count int
}

func (u *unserializer) fail(format string, args ...any) error {
	return &SyntaxError{u.pos, fmt.Sprintf(format, args...)}
}

// value reads one value. PHP gives every value a number but those that are a
// reference to a variable (R:).
func (u *unserializer) value(depth int) (any, error) {
	if depth > maxDepth {
		return nil, u.fail("nested more than %d levels deep", maxDepth)
	}
	if u.count++; u.count > maxValues {
		return nil, u.fail("more than %d values", maxValues)
	}
	if u.pos+1 >= len(u.data) {
		return nil, u.fail("it ends in the middle of a value")
	}
	kind := u.data[u.pos]
	if kind == 'N' {
		if err := u.expect("N;"); err != nil {
			return nil, err
		}
		return u.slot(nil), nil
	}
	if u.data[u.pos+1] != ':' {
		return nil, u.fail("%q does not begin a value", kind)
	}
	u.pos += 2
	switch kind {
	case 'b', 'i', 'd':
		v, err := u.scalar(kind)
		return u.slot(v), err
	case 's', 'S':
		v, err := u.text(kind == 'S')
		if err == nil {
			err = u.expect(";")
		}
		return u.slot(v), err
	case 'a':
		a := &Array{}
		u.slot(a)
		return a, u.members(a, depth, false)
	case 'O':
		return u.object(depth)
	case 'E':
		return u.enum()
	case 'r', 'R':
		return u.reference(kind)
	case 'C':
		class, _ := u.text(false)
		return nil, u.fail("class %q has a format of its own (Serializable), which only its own code can read", class)
	}
	u.pos -= 2
	return nil, u.fail("%q does not begin a value", kind)
}

// slot numbers a value.
func (u *unserializer) slot(v any) any {
	u.slots = append(u.slots, v)
	return v
}

func (u *unserializer) expect(s string) error {
	if !bytes.HasPrefix(u.data[u.pos:], []byte(s)) {
		return u.fail("want %q", s)
	}
	u.pos += len(s)
	return nil
}

// until reads up to a delimiter, of which there is one close by.
func (u *unserializer) until(delimiter byte) (string, error) {
	rest := u.data[u.pos:]
	i := bytes.IndexByte(rest[:min(len(rest), 64)], delimiter)
	if i < 0 {
		return "", u.fail("want %q after a number", delimiter)
	}
	u.pos += i + 1
	return string(rest[:i]), nil
}

func (u *unserializer) scalar(kind byte) (any, error) {
	text, err := u.until(';')
	if err != nil {
		return nil, err
	}
	switch kind {
	case 'b':
		if text == "0" || text == "1" {
			return text == "1", nil
		}
	case 'i':
		if n, err := strconv.ParseInt(text, 10, 64); err == nil {
			return n, nil
		}
	case 'd':
		switch text {
		case "INF":
			return math.Inf(1), nil
		case "-INF":
			return math.Inf(-1), nil
		case "NAN":
			return math.NaN(), nil
		}
		if f, err := strconv.ParseFloat(text, 64); err == nil && strings.Trim(text, "+-.0123456789eE") == "" {
			return f, nil
		}
	}
	return nil, u.fail("%.32q is no value of kind %q", text, kind)
}

// length reads a count that stands before a colon.
func (u *unserializer) length() (int, error) {
	text, err := u.until(':')
	if err != nil {
		return 0, err
	}
	n, err := strconv.Atoi(text)
	// Whatever is counted needs at least a byte each.
	if err != nil || n < 0 || n > len(u.data)-u.pos {
		return 0, u.fail("%.32q is no length here", text)
	}
	return n, nil
}

// text reads 5:"hello", and with escapes 5:"h\65llo".
func (u *unserializer) text(escaped bool) (string, error) {
	n, err := u.length()
	if err != nil {
		return "", err
	}
	if err := u.expect(`"`); err != nil {
		return "", err
	}
	if escaped {
		return u.escapedText(n)
	}
	if n > len(u.data)-u.pos {
		return "", u.fail("a text of %d bytes is cut off", n)
	}
	s := string(u.data[u.pos : u.pos+n])
	u.pos += n
	return s, u.expect(`"`)
}

func (u *unserializer) escapedText(n int) (string, error) {
	out := make([]byte, 0, n)
	for len(out) < n && u.pos < len(u.data) {
		c := u.data[u.pos]
		if c == '\\' {
			if u.pos+2 >= len(u.data) {
				break
			}
			b, err := strconv.ParseUint(string(u.data[u.pos+1:u.pos+3]), 16, 8)
			if err != nil {
				return "", u.fail("a broken escape")
			}
			c = byte(b)
			u.pos += 2
		}
		u.pos++
		out = append(out, c)
	}
	return string(out), u.expect(`"`)
}

// members reads 2:{key value key value}.
func (u *unserializer) members(into *Array, depth int, properties bool) error {
	n, err := u.length()
	if err != nil {
		return err
	}
	if err := u.expect("{"); err != nil {
		return err
	}
	for range n {
		key, err := u.key()
		if err != nil {
			return err
		}
		if properties {
			key.Text = plainProperty(key.Text)
		}
		v, err := u.value(depth + 1)
		if err != nil {
			return err
		}
		into.put(key, v)
	}
	return u.expect("}")
}

func (u *unserializer) key() (Key, error) {
	if u.pos+1 >= len(u.data) || u.data[u.pos+1] != ':' {
		return Key{}, u.fail("want a key")
	}
	kind := u.data[u.pos]
	u.pos += 2
	switch kind {
	case 'i':
		v, err := u.scalar('i')
		n, _ := v.(int64)
		return Key{Int: n}, err
	case 's', 'S':
		s, err := u.text(kind == 'S')
		if err == nil {
			err = u.expect(";")
		}
		return keyOf(s), err
	}
	return Key{}, u.fail("%q is no kind of key", kind)
}

// plainProperty is a property's name without what marks it as private or
// protected: "\0Class\0name", "\0*\0name".
func plainProperty(name string) string {
	if rest, marked := strings.CutPrefix(name, "\x00"); marked {
		if _, plain, ok := strings.Cut(rest, "\x00"); ok {
			return plain
		}
	}
	return name
}

// object reads 8:"stdClass":1:{...}.
func (u *unserializer) object(depth int) (any, error) {
	class, err := u.text(false)
	if err != nil {
		return nil, err
	}
	if err := u.expect(":"); err != nil {
		return nil, err
	}
	o := &Object{Class: class, Properties: &Array{}}
	u.slot(o)
	return o, u.members(o.Properties, depth, true)
}

// enum reads 11:"Suit:Hearts";.
func (u *unserializer) enum() (any, error) {
	name, err := u.text(false)
	if err != nil {
		return nil, err
	}
	i := strings.LastIndexByte(name, ':')
	if i < 0 {
		return nil, u.fail("an enumeration without a case")
	}
	return u.slot(Enum{name[:i], name[i+1:]}), u.expect(";")
}

// reference reads the number of an earlier value. To whoever only reads it is
// that value; one that holds itself is a circle.
func (u *unserializer) reference(kind byte) (any, error) {
	text, err := u.until(';')
	if err != nil {
		return nil, err
	}
	n, err := strconv.Atoi(text)
	if err != nil || n < 1 || n > len(u.slots) {
		return nil, u.fail("there is no value %.32q to refer to", text)
	}
	v := u.slots[n-1]
	if kind == 'r' {
		u.slot(v)
	}
	return v, nil
}
