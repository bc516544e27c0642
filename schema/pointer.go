package schema

import (
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/schema/internal/scan"
)

// escapeToken and unescapeToken are RFC 6901, sections 3 and 4.
func escapeToken(token string) string {
	if !strings.ContainsAny(token, "~/") {
		return token
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~", "~0"), "/", "~1")
}

func unescapeToken(token string) string {
	if !strings.Contains(token, "~") {
		return token
	}
	return strings.ReplaceAll(strings.ReplaceAll(token, "~1", "/"), "~0", "~")
}

// at returns the element that a JSON pointer leads to; nil when there is none.
func (e *element) at(pointer string) *element {
	if pointer == "" {
		return e
	}
	for token := range strings.SplitSeq(pointer[1:], "/") {
		switch {
		case e.is(kindObject):
			e = e.get(unescapeToken(token))
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
	next    int
	path    []byte
	out     map[int]string
}

// locate returns the pointer of the value at each of the offsets. The text up
// to the last of them must have been scanned without a fault.
func locate(data []byte, offsets []int) map[int]string {
	slices.Sort(offsets)
	l := &locator{data: data, targets: slices.Compact(offsets), out: make(map[int]string, len(offsets))}
	l.value(scan.Space(data, 0))
	return l.out
}

func (l *locator) value(i int) int {
	if l.next < len(l.targets) && i == l.targets[l.next] {
		l.out[i] = string(l.path)
		l.next++
	}
	if l.next == len(l.targets) || i >= len(l.data) {
		return len(l.data)
	}
	if c := l.data[i]; c != '{' && c != '[' {
		return scan.Skip(l.data, i)
	}
	object := l.data[i] == '{'
	depth := len(l.path)
	i = scan.Space(l.data, i+1)
	for n := 0; l.next < len(l.targets) && i < len(l.data); n++ {
		if c := l.data[i]; c == '}' || c == ']' {
			return i + 1
		}
		l.path = append(l.path, '/')
		if object {
			end, _, _ := scan.String(l.data, i+1)
			l.path = append(l.path, escapeToken(string(scan.Unescape(nil, l.data[i+1:end])))...)
			i = scan.Space(l.data, scan.Space(l.data, end+1)+1)
		} else {
			l.path = strconv.AppendInt(l.path, int64(n), 10)
		}
		i = scan.Space(l.data, l.value(i))
		l.path = l.path[:depth]
		if i < len(l.data) && l.data[i] == ',' {
			i = scan.Space(l.data, i+1)
		}
	}
	return len(l.data)
}
