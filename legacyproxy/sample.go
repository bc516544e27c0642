package legacyproxy

import (
	"bytes"
	"regexp"
	"strconv"
	"strings"

	"github.com/go-json-experiment/json/jsontext"
)

// Bounds of samples.
const (
	sampleBytes    = 4 << 10 // read
	sampleText     = 1 << 10 // kept
	sampleDepth    = 8
	sampleMembers  = 24
	sampleElements = 3
)

var (
	phpFatal   = regexp.MustCompile(`(?i)\b(fatal|parse) error\b|\buncaught \w*(error|exception)\b`)
	phpWarning = regexp.MustCompile(`(?:<b>|^|\n)\s*(?:PHP )?(Warning|Notice|Deprecated|Strict Standards)(?:</b>)?:`)
	markup     = regexp.MustCompile(`(?i)<\s*(!doctype|html|head|body|h1|br|p|div|b)\b`)
)

// bodyKind tells bodies apart as far as rules can.
func bodyKind(body read) BodyKind {
	doc := bytes.TrimSpace(body.doc)
	switch {
	case !body.done:
		return BodyUnread
	case len(doc) == 0:
		return BodyEmpty
	case phpFatal.Match(doc):
		return BodyPHPFatal
	case phpWarning.Match(doc):
		return BodyPHPWarning
	case doc[0] == '{', doc[0] == '[':
		return BodyJSON
	case jsontext.Value(doc).IsValid():
		return BodyString
	case markup.Match(doc):
		return BodyHTML
	}
	return BodyText
}

// secretNames are members whose values are not even shown as shapes.
type secretNames map[string]bool

// secretWords make a name a secret whatever the contract says of it.
var secretWords = regexp.MustCompile(`(?i)pass(word|wd|phrase)?$|^pwd$|secret|token|authorization|cookie|session|api_?key|credential|^iban$|^pin$|^cvv$`)

// sample is what a body looks like.
func (s secretNames) sample(kind BodyKind, doc []byte) string {
	var out []byte
	switch kind {
	case BodyUnread, BodyEmpty:
		return ""
	case BodyJSON, BodyString:
		w := &sampler{secrets: s, dec: newDecoder(doc)}
		w.value(0, false)
		out = w.out
	default:
		out = []byte(shape(plainText(doc)))
	}
	if len(out) > sampleText {
		out = append(out[:sampleText], "..."...)
	}
	return string(out)
}

var tags = regexp.MustCompile(`<[^>]*>`)

func plainText(doc []byte) string {
	return strings.TrimSpace(tags.ReplaceAllString(string(doc[:min(len(doc), sampleBytes)]), " "))
}

// sampler writes a JSON document with shapes in the place of values. What is
// cut off or broken ends with "...".
type sampler struct {
	secrets secretNames
	dec     *jsontext.Decoder
	out     []byte
}

// value writes the next value and reports whether there may be more.
func (w *sampler) value(depth int, secret bool) bool {
	if len(w.out) > sampleText {
		return false
	}
	kind := w.dec.PeekKind()
	if secret || depth == sampleDepth {
		if w.dec.SkipValue() != nil {
			return w.broken()
		}
		w.out = append(w.out, `"***"`...)
		return true
	}
	token, err := w.dec.ReadToken()
	if err != nil {
		return w.broken()
	}
	switch kind {
	case '{', '[':
		return w.children(depth, kind == '[')
	case '"':
		w.out = strconv.AppendQuote(w.out, shape(token.String()))
	case '0':
		w.out = append(w.out, '9')
	default:
		w.out = append(w.out, token.String()...)
	}
	return true
}

func (w *sampler) broken() bool {
	w.out = append(w.out, "..."...)
	return false
}

func (w *sampler) children(depth int, list bool) bool {
	opening, closing := byte('{'), byte('}')
	if list {
		opening, closing = '[', ']'
	}
	w.out = append(w.out, opening)
	for i := 0; ; i++ {
		switch w.dec.PeekKind() {
		case '}', ']':
			if _, err := w.dec.ReadToken(); err != nil {
				return w.broken()
			}
			w.out = append(w.out, closing)
			return true
		}
		if i > 0 {
			w.out = append(w.out, ',')
		}
		if i == sampleMembers || list && i == sampleElements {
			if w.skipRest() != nil {
				return w.broken()
			}
			w.out = append(append(w.out, "..."...), closing)
			return true
		}
		secret := false
		if !list {
			token, err := w.dec.ReadToken()
			if err != nil {
				return w.broken()
			}
			name := token.String()
			secret = w.secrets[name] || secretWords.MatchString(name)
			w.out = append(strconv.AppendQuote(w.out, memberName(name)), ':')
		}
		if !w.value(depth+1, secret) {
			return false
		}
	}
}

// skipRest reads an object or a list to its end.
func (w *sampler) skipRest() error {
	depth := w.dec.StackDepth()
	for w.dec.StackDepth() >= depth {
		if _, err := w.dec.ReadToken(); err != nil {
			return err
		}
	}
	return nil
}

var plainName = regexp.MustCompile(`^[A-Za-z_][A-Za-z_.-]{0,39}$`)

// memberName is a member's name, or its shape when it may be data: the keys of
// a map, such as addresses or ids.
func memberName(name string) string {
	if plainName.MatchString(name) {
		return name
	}
	return shape(name)
}
