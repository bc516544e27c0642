package problem

import (
	"bytes"
	"encoding/json"
	"errors"
	"fmt"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// Body is another form for errors than the problem document: that of an API which
// had errors of its own before it had problems. It is safe for concurrent use.
type Body struct{ root part }

// Bounds of a form, which somebody wrote by hand.
const (
	maxBody  = 64 << 10
	maxDepth = 32
)

// ParseBody reads a form: a JSON document with names in braces where something of
// an error stands.
//
//	{"message": "{message}", "errors": {"{field}": ["{reason}"]}}
//
// {title}, {detail}, {code}, {status}, {type}, {instance}, {traceId} and
// {legacyCode} are the members of an Error, and {message} is the detail, or the
// title where there is none. {status} that stands alone is a number; all else is
// text, and empty where an error does not have it.
//
// A list with one element that has {field}, {pointer}, {reason} or {keyword} in it
// has that element for each Fault, and an object whose one name has, that member
// for each field, with lists in it for all faults of the field.
func ParseBody(form []byte) (*Body, error) {
	if len(form) > maxBody {
		return nil, fmt.Errorf("it is larger than %d bytes", maxBody)
	}
	dec := json.NewDecoder(bytes.NewReader(form))
	dec.UseNumber()
	root, err := parsePart(dec, 0)
	if err != nil {
		return nil, err
	}
	if root.ofFault() {
		return nil, errors.New("{field}, {pointer}, {reason} and {keyword} are about one of many: they stand in a list, or under {field}")
	}
	return &Body{root}, nil
}

// part is a value of a form.
type part struct {
	open     byte   // '{', '[', '"', or 0 for what is written as it stands
	literal  string // of 0
	text     []word // of '"'
	names    [][]word
	children []part
	each     bool // the one child is there for each fault, or each field
}

// word is a piece of a text: something of an error, or what stands there.
type word struct {
	name string // empty: text as it stands
	text string
}

var (
	ofError = []string{"title", "detail", "message", "code", "status", "type", "instance", "traceId", "legacyCode"}
	ofFault = []string{"field", "pointer", "reason", "keyword"}
)

func parsePart(dec *json.Decoder, depth int) (p part, err error) {
	if depth > maxDepth {
		return p, fmt.Errorf("it is more than %d levels deep", maxDepth)
	}
	token, err := dec.Token()
	if err != nil {
		return p, err
	}
	switch v := token.(type) {
	case string:
		p.open = '"'
		p.text, err = parseWords(v)
		return p, err
	case json.Delim:
		p.open = byte(v)
	default:
		literal, err := json.Marshal(v)
		p.literal = string(literal)
		return p, err
	}
	for dec.More() {
		if p.open == '{' {
			name, err := dec.Token()
			if err != nil {
				return p, err
			}
			words, err := parseWords(name.(string))
			if err != nil {
				return p, err
			}
			p.names = append(p.names, words)
		}
		child, err := parsePart(dec, depth+1)
		if err != nil {
			return p, err
		}
		p.children = append(p.children, child)
	}
	if _, err = dec.Token(); err != nil {
		return p, err
	}
	named := slices.ContainsFunc(p.names, aboutFault)
	p.each = len(p.children) == 1 && (named || p.open == '[' && p.children[0].ofFault())
	if named && !p.each {
		return p, errors.New("an object with {field} for a name has no other members")
	}
	return p, nil
}

func parseWords(s string) (words []word, err error) {
	for s != "" {
		before, rest, found := strings.Cut(s, "{")
		if before != "" {
			words = append(words, word{text: before})
		}
		if !found {
			break
		}
		name, after, closed := strings.Cut(rest, "}")
		if !closed || !slices.Contains(ofError, name) && !slices.Contains(ofFault, name) {
			return nil, fmt.Errorf("{%s} is nothing of an error: there are {%s}, and of each fault {%s}", strings.TrimSuffix(name, "}"), strings.Join(ofError, "}, {"), strings.Join(ofFault, "}, {"))
		}
		words, s = append(words, word{name: name}), after
	}
	return words, nil
}

func aboutFault(words []word) bool {
	return slices.ContainsFunc(words, func(w word) bool { return slices.Contains(ofFault, w.name) })
}

// ofFault reports whether something of a fault stands in the part, outside what is
// there for each.
func (p *part) ofFault() bool {
	return !p.each && (aboutFault(p.text) || slices.ContainsFunc(p.children, func(c part) bool { return c.ofFault() }))
}

// WriteAs is Write in another form, with the media type that it has.
func WriteAs(w http.ResponseWriter, r *http.Request, err error, b *Body, contentType string) {
	write(w, r, err, contentType, func(dst []byte, e *Error, title string, status int) []byte {
		whole := *e
		whole.Title, whole.Status = title, status
		return b.root.append(dst, &whole, whole.Errors)
	})
}

// append appends the part as it is for an error. faults are those that it is
// about.
func (p *part) append(dst []byte, e *Error, faults []Fault) []byte {
	switch {
	case p.open == 0:
		return append(dst, p.literal...)
	case p.open == '"':
		if len(p.text) == 1 && p.text[0].name == "status" {
			return strconv.AppendInt(dst, int64(e.Status), 10)
		}
		return quote(dst, say(p.text, e, faults))
	}
	dst = append(dst, p.open)
	switch {
	case p.each && p.open == '{':
		names, groups := p.byName(e, faults)
		for i, group := range groups {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = append(quote(dst, names[i]), ':')
			dst = p.children[0].append(dst, e, group)
		}
	case p.each:
		for i := range faults {
			if i > 0 {
				dst = append(dst, ',')
			}
			dst = p.children[0].append(dst, e, faults[i:i+1])
		}
	default:
		for i := range p.children {
			if i > 0 {
				dst = append(dst, ',')
			}
			if p.open == '{' {
				dst = append(quote(dst, say(p.names[i], e, faults)), ':')
			}
			dst = p.children[i].append(dst, e, faults)
		}
	}
	return append(dst, p.open+2) // the closing one, in ASCII
}

// byName groups faults by the name that the part has for each, in the order in
// which these come.
func (p *part) byName(e *Error, faults []Fault) (names []string, groups [][]Fault) {
	at := map[string]int{}
	for i := range faults {
		name := say(p.names[0], e, faults[i:i+1])
		n, ok := at[name]
		if !ok {
			n, at[name] = len(groups), len(groups)
			names, groups = append(names, name), append(groups, nil)
		}
		groups[n] = append(groups[n], faults[i])
	}
	return names, groups
}

// say puts words together.
func say(words []word, e *Error, faults []Fault) string {
	var fault Fault
	if len(faults) > 0 {
		fault = faults[0]
	}
	var out strings.Builder
	for _, w := range words {
		switch w.name {
		case "":
			out.WriteString(w.text)
		case "title":
			out.WriteString(e.Title)
		case "detail":
			out.WriteString(e.Detail)
		case "message":
			if e.Detail != "" {
				out.WriteString(e.Detail)
			} else {
				out.WriteString(e.Title)
			}
		case "code":
			out.WriteString(e.Code)
		case "status":
			out.WriteString(strconv.Itoa(e.Status))
		case "type":
			out.WriteString(e.Type)
		case "instance":
			out.WriteString(e.Instance)
		case "traceId":
			out.WriteString(e.TraceID)
		case "legacyCode":
			out.WriteString(e.LegacyCode)
		case "field":
			out.WriteString(field(fault.Pointer))
		case "pointer":
			out.WriteString(fault.Pointer)
		case "reason":
			out.WriteString(fault.Message)
		case "keyword":
			out.WriteString(fault.Code)
		}
	}
	return out.String()
}

// field is a pointer as PHP's frameworks write places: items.0.sku, and limit for
// the parameter of that name.
func field(pointer string) string {
	for _, in := range [...]string{"/query/", "/path/", "/header/", "/cookie/"} {
		if name, ok := strings.CutPrefix(pointer, in); ok && !strings.Contains(name, "/") {
			pointer = name
		}
	}
	steps := strings.Split(strings.TrimPrefix(pointer, "/"), "/")
	for i, s := range steps {
		steps[i] = strings.NewReplacer("~1", "/", "~0", "~").Replace(s)
	}
	return strings.Join(steps, ".")
}
