package schema

import (
	"slices"
	"strconv"
	"strings"
	"sync"

	"github.com/banyan-go/banyan/schema/internal/scan"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// at returns the element that a JSON pointer leads to; nil when there is none.
func (e *element) at(pointer string) *element {
	if pointer == "" {
		return e
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		switch {
		case e.is(kindObject):
			e = e.get(jsonpointer.Unescape(token))
		case e.is(kindArray):
			i, err := strconv.Atoi(token)
			if err != nil || i < 0 || i >= len(e.members) || strconv.Itoa(i) != token {
				return nil
			}
			e = e.members[i]
		default:
			return nil
		}
		if e == nil {
			return nil
		}
	}
	return e
}

// locator finds the JSON pointers of offsets. Validation keeps no path: a body
// that is fine never needs one.
type locator struct {
	data    []byte
	targets []int // ascending
	out     []string
	path    []byte

	shape bool      // steps other than these names are *
	names *sync.Map // nil: none
}

// locate returns the pointers of the values at offsets, which it sorts and
// compacts. The text up to the last of them must have been scanned without a
// fault.
func locate(data []byte, offsets []int) (sorted []int, pointers []string) {
	l := locator{data: data}
	return l.locate(offsets)
}

func (l *locator) locate(offsets []int) (sorted []int, pointers []string) {
	slices.Sort(offsets)
	l.targets = slices.Compact(offsets)
	l.out = make([]string, 0, len(l.targets))
	l.path = make([]byte, 0, 64)
	l.value(scan.Space(l.data, 0))
	for len(l.out) < len(l.targets) { // offsets of no value: the whole
		l.out = append(l.out, "")
	}
	return l.targets, l.out
}

func (l *locator) done() bool { return len(l.out) == len(l.targets) }

func (l *locator) value(i int) int {
	if !l.done() && i == l.targets[len(l.out)] {
		l.out = append(l.out, string(l.path))
	}
	if l.done() || i >= len(l.data) {
		return len(l.data)
	}
	if c := l.data[i]; c != '{' && c != '[' {
		return scan.Skip(l.data, i)
	}
	object := l.data[i] == '{'
	depth := len(l.path)
	i = scan.Space(l.data, i+1)
	for n := 0; !l.done() && i < len(l.data); n++ {
		if c := l.data[i]; c == '}' || c == ']' {
			return i + 1
		}
		var name []byte
		var shape scan.Shape
		if object {
			start, end := i+1, 0
			end, shape, _ = scan.String(l.data, start)
			name = l.data[start:end]
			i = scan.Space(l.data, scan.Space(l.data, end+1)+1)
		}
		// Most members are on no path.
		if c := byteAt(l.data, i); c != '{' && c != '[' && i != l.targets[len(l.out)] {
			i = scan.Skip(l.data, i)
		} else {
			l.path = append(l.path, '/')
			if object {
				l.name(name, shape)
			} else if l.shape {
				l.path = append(l.path, '*')
			} else {
				l.path = strconv.AppendInt(l.path, int64(n), 10)
			}
			i = l.value(i)
			l.path = l.path[:depth]
		}
		if i = scan.Space(l.data, i); i < len(l.data) && l.data[i] == ',' {
			i = scan.Space(l.data, i+1)
		}
	}
	return len(l.data)
}

func byteAt(data []byte, i int) byte {
	if i < len(data) {
		return data[i]
	}
	return 0
}

// name appends a name to the path, escaped as a token.
func (l *locator) name(name []byte, shape scan.Shape) {
	if shape&scan.Escaped != 0 {
		name = scan.Unescape(nil, name)
	}
	if l.shape && !l.known(name) {
		l.path = append(l.path, '*')
		return
	}
	for _, c := range name {
		switch c {
		case '~':
			l.path = append(l.path, '~', '0')
		case '/':
			l.path = append(l.path, '~', '1')
		default:
			l.path = append(l.path, c)
		}
	}
}

// known reports whether a step of a shape keeps its name.
func (l *locator) known(name []byte) bool {
	if l.names == nil {
		return false
	}
	_, ok := l.names.Load(string(name))
	return ok
}
