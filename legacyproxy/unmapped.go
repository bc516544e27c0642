package legacyproxy

import (
	"cmp"
	"errors"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
	"sync"
	"time"

	"github.com/banyan-go/banyan/problem"
)

// UnmappedErrors are the errors of one operation that no rule names.
type UnmappedErrors struct {
	// Count is how many there were.
	Count uint64 `json:"count"`
	// Kinds are the different ones, the most frequent first; there are at most
	// MaxUnmappedKinds.
	Kinds []UnmappedKind `json:"kinds"`
	// Uncounted is how many were of yet other kinds.
	Uncounted uint64 `json:"uncounted,omitempty"`
}

// MaxUnmappedKinds bounds how many kinds of errors an operation keeps apart.
const MaxUnmappedKinds = 32

// UnmappedKind are errors that one rule can name.
type UnmappedKind struct {
	Count  uint64 `json:"count"`
	Status int    `json:"status"`
	// Code is the envelope's; empty when there is none.
	Code string `json:"code,omitempty"`
	// Header is one that looks like it says what is wrong; empty when there is
	// none.
	Header string `json:"header,omitempty"`
	// Value is the header's, where it looks like a code.
	Value string `json:"value,omitempty"`
	// Body is what the body is.
	Body BodyKind `json:"body"`
	// Sample is what the first such body looked like: every text and number is
	// a shape, such as "a a 9", and secrets are left out.
	Sample string `json:"sample,omitempty"`
}

// BodyKind says what an unmapped error's body is.
type BodyKind string

// What bodies are.
const (
	BodyUnread     BodyKind = "unread"      // it did not come in time
	BodyEmpty      BodyKind = "empty"       // nothing, or white space
	BodyJSON       BodyKind = "json"        // an object or a list
	BodyString     BodyKind = "json-string" // a JSON string, number or word
	BodyPHPFatal   BodyKind = "php-fatal"   // PHP's own words of a fatal error
	BodyPHPWarning BodyKind = "php-warning" // PHP's warnings and notices
	BodyHTML       BodyKind = "html"
	BodyText       BodyKind = "text"
)

// unmappedErrors counts them. The zero value is ready.
type unmappedErrors struct {
	mu        sync.Mutex
	count     uint64
	uncounted uint64
	kinds     map[unmappedKey]*unmappedKind
	others    announcer // of the kinds that are not kept apart
}

type unmappedKind struct {
	UnmappedKind
	announcer
}

// announceEvery is how often there is a log line about errors of one kind.
const announceEvery = time.Minute

// announcer says when there should be a log line about errors of one kind: about
// the first, and then so seldom that they cannot fill the log.
type announcer struct {
	at     time.Time // of the last line; zero before the first
	unsaid uint64    // errors since then
}

// another counts an error. It returns how many the log line about it stands for,
// and 0 when there should be none.
func (a *announcer) another(now time.Time) uint64 {
	a.unsaid++
	if !a.at.IsZero() && now.Sub(a.at) < announceEvery {
		return 0
	}
	n := a.unsaid
	a.at, a.unsaid = now, 0
	return n
}

type unmappedKey struct {
	status              int
	code, header, value string
	body                BodyKind
}

// add counts an error; sample makes the sample where it is the first of its
// kind. It returns for how many errors there should be a log line now.
func (u *unmappedErrors) add(key unmappedKey, sample func() string) (announce uint64) {
	now := time.Now()
	u.mu.Lock()
	defer u.mu.Unlock()
	u.count++
	kind := u.kinds[key]
	switch {
	case kind != nil:
		kind.Count++
	case len(u.kinds) == MaxUnmappedKinds:
		u.uncounted++
		return u.others.another(now)
	default:
		if u.kinds == nil {
			u.kinds = map[unmappedKey]*unmappedKind{}
		}
		kind = &unmappedKind{UnmappedKind: UnmappedKind{Count: 1, Status: key.status, Code: key.code, Header: key.header, Value: key.value, Body: key.body, Sample: sample()}}
		u.kinds[key] = kind
	}
	return kind.another(now)
}

func (u *unmappedErrors) snapshot() *UnmappedErrors {
	u.mu.Lock()
	defer u.mu.Unlock()
	if u.count == 0 {
		return nil
	}
	out := &UnmappedErrors{Count: u.count, Uncounted: u.uncounted}
	for _, kind := range u.kinds {
		out.Kinds = append(out.Kinds, kind.UnmappedKind)
	}
	slices.SortFunc(out.Kinds, func(a, b UnmappedKind) int {
		return cmp.Or(-cmp.Compare(a.Count, b.Count), cmp.Compare(a.Status, b.Status), cmp.Compare(a.Code, b.Code),
			cmp.Compare(a.Header, b.Header), cmp.Compare(a.Value, b.Value), cmp.Compare(a.Body, b.Body))
	})
	return out
}

// unmapped is the problem of an error that no rule names. Clients learn its
// class and nothing else.
func (x *exchange) unmapped(res *http.Response, body read, c content) error {
	code := legacyCode(c.code)
	e := problem.LegacyError.Wrap(&BackendError{Status: res.StatusCode, Code: code, Class: unmappedClass(res.StatusCode)}, "")
	if res.StatusCode >= 400 && res.StatusCode < 500 {
		e.Status = res.StatusCode
	}
	e.LegacyCode, e.Header = code, carried(res.Header)
	if !body.done && res.Request.Method != http.MethodHead {
		// Whoever waits for this error does not wait for its sample.
		x.clock.shorten(drainTime)
		if head, err := x.peek(res, sampleBytes); err == nil {
			body = head
		}
	}
	if n := x.rt.note(res, body, code); n > 0 {
		x.log.WarnContext(res.Request.Context(), "no rule maps this error of the legacy backend",
			"operation", x.rt.key, "status", res.StatusCode, "legacyCode", code, "body", bodyKind(body), "count", n)
	}
	return e
}

// unmappedClass is the class of what no rule names: an error in a 200 is a
// refusal as far as anybody knows.
func unmappedClass(status int) Class {
	if status < 400 {
		return ClassBusiness
	}
	return classOf(status)
}

// note counts an unmapped error. It returns for how many of its kind there
// should be a log line now.
func (rt *route) note(res *http.Response, body read, code string) (announce uint64) {
	kind := bodyKind(body)
	if opaque(code) {
		code = ""
	}
	key := unmappedKey{status: res.StatusCode, code: code, body: kind}
	key.header, key.value = errorHeader(res.Header)
	return rt.unmapped.add(key, func() string { return rt.secrets.sample(kind, body.doc) })
}

// errorHeader is the header of an answer that looks like it says what is
// wrong, such as MediaWiki-API-Error or X-Error-Code.
func errorHeader(h http.Header) (name, value string) {
	for _, name := range slices.Sorted(maps.Keys(h)) {
		lower := strings.ToLower(name)
		if !strings.Contains(lower, "error") && !strings.Contains(lower, "fault") || len(h[name]) == 0 {
			continue
		}
		if value := legacyCode(h[name][0]); !opaque(value) {
			return name, value
		}
		return name, ""
	}
	return "", ""
}

// opaque reports whether a code looks like a token or an id, of which there
// would be one for every request.
func opaque(code string) bool {
	digits, letters := 0, 0
	for _, c := range code {
		switch {
		case '0' <= c && c <= '9':
			digits++
		case c != '_' && c != '-' && c != '.' && c != ':' && c != '/':
			letters++
		}
	}
	_, err := strconv.ParseInt(code, 10, 64)
	return len(code) > 40 || len(code) > 12 && digits >= 4 && letters > 0 || digits > 10 || err != nil && errors.Is(err, strconv.ErrRange)
}
