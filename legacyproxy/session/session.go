// Package session reads the sessions that PHP keeps, for Go code that serves
// the same users. It never writes one, never takes PHP's lock on one, and never
// makes one live longer: a request to PHP that holds its session open for
// seconds does not hold up a Go handler.
//
//	reader := session.NewReader(session.Files{Dir: "/var/lib/php/sessions"}, session.Options{})
//	s, err := reader.FromRequest(r)               // ErrNotFound: there is no session
//	id, err := session.Get[int](s, "user", "id")  // $_SESSION['user']['id']
//	var cart Cart
//	err = s.Decode(&cart, "cart")                 // fields by their php tags
//
// As middleware it hands the session on in the request's context, and reads it
// only when somebody asks:
//
//	e.Use(echo.WrapMiddleware(reader.Middleware))
//	s, err := session.From(ctx)
//
// What is read is a snapshot: PHP writes a session when a request ends, so what
// a request that is under way has changed is not in it.
package session

import (
	"context"
	"errors"
	"fmt"
	"net/http"
	"sync"
)

// ErrNotFound says that there is no session, or no value at a path.
var ErrNotFound = errors.New("session: not found")

// Store is where PHP keeps sessions. Read returns what PHP wrote for an id that
// ValidID accepts, at most limit bytes of it, or ErrNotFound; an error that is
// ErrTooLarge says that there is more. It must be safe for concurrent use.
type Store interface {
	Read(ctx context.Context, id string, limit int) ([]byte, error)
}

// ErrTooLarge says that a session has more bytes than Options allow.
var ErrTooLarge = errors.New("session: larger than allowed")

// Options say how PHP writes sessions. The zero value is PHP's own default.
type Options struct {
	// Cookie is session.name; empty means PHPSESSID.
	Cookie string
	// Handler is session.serialize_handler; empty means PHP.
	Handler Handler
	// MaxBytes bounds a session; 0 means 1 MiB.
	MaxBytes int
}

// Reader reads sessions. It is safe for concurrent use.
type Reader struct {
	store Store
	o     Options
}

// NewReader returns a Reader of what a store keeps.
func NewReader(store Store, o Options) *Reader {
	if o.Cookie == "" {
		o.Cookie = "PHPSESSID"
	}
	if o.Handler == "" {
		o.Handler = PHP
	}
	if o.MaxBytes <= 0 {
		o.MaxBytes = 1 << 20
	}
	return &Reader{store, o}
}

// Read reads the session with an id. An id that PHP would not take is
// ErrNotFound: it comes from a client.
func (r *Reader) Read(ctx context.Context, id string) (*Session, error) {
	if !ValidID(id) {
		return nil, ErrNotFound
	}
	data, err := r.store.Read(ctx, id, r.o.MaxBytes)
	if err != nil {
		return nil, err
	}
	if len(data) > r.o.MaxBytes {
		return nil, ErrTooLarge
	}
	return Parse(data, r.o.Handler)
}

// FromRequest reads the session that a request's cookie names. Of several
// cookies the first counts, as in PHP.
func (r *Reader) FromRequest(req *http.Request) (*Session, error) {
	c, err := req.Cookie(r.o.Cookie)
	if err != nil {
		return nil, ErrNotFound
	}
	return r.Read(req.Context(), c.Value)
}

// Middleware hands the session of each request on, for From. It is read at the
// first From, once per request.
func (r *Reader) Middleware(next http.Handler) http.Handler {
	return http.HandlerFunc(func(w http.ResponseWriter, req *http.Request) {
		read := sync.OnceValues(func() (*Session, error) { return r.FromRequest(req) })
		next.ServeHTTP(w, req.WithContext(context.WithValue(req.Context(), contextKey{}, read)))
	})
}

type contextKey struct{}

// From returns the session of the request that ctx belongs to. Without
// Middleware on the way there is none.
func From(ctx context.Context) (*Session, error) {
	read, ok := ctx.Value(contextKey{}).(func() (*Session, error))
	if !ok {
		return nil, fmt.Errorf("session: the request did not pass through Reader.Middleware: %w", ErrNotFound)
	}
	return read()
}

// ValidID reports whether PHP can have made an id: 22 to 256 letters, digits,
// commas and dashes (session.sid_length). No such id leads out of a folder.
func ValidID(id string) bool {
	if len(id) < 22 || len(id) > 256 {
		return false
	}
	for i := range len(id) {
		c := id[i]
		if !('0' <= c && c <= '9' || 'a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || c == ',' || c == '-') {
			return false
		}
	}
	return true
}

// Session is $_SESSION as it was when it was read. It is immutable and safe
// for concurrent use.
type Session struct{ root *Array }

// Value returns the value at a path of keys: nil, bool, int64, float64,
// string, *Array, *Object or Enum. Integer keys are written in digits.
func (s *Session) Value(path ...string) (any, error) {
	var v any = s.root
	for i, key := range path {
		container, ok := children(v)
		if !ok {
			return nil, fmt.Errorf("%w: %s is %s", ErrNotFound, at(path[:i]), describe(v))
		}
		if v, ok = container.Get(key); !ok {
			return nil, fmt.Errorf("%w: %s", ErrNotFound, at(path[:i+1]))
		}
	}
	return v, nil
}

// Decode stores the value at a path in what into points to. See Get for what
// fits what. A *TypeError says what does not.
func (s *Session) Decode(into any, path ...string) error {
	v, err := s.Value(path...)
	if err != nil {
		return err
	}
	return decode(v, into, path)
}

// Get returns the value at a path as a T:
//
//   - string: texts and integers; []byte: texts
//   - integers: integers and texts that are one in decimal; floats: numbers and
//     numeric texts; bool: booleans, and 0 and 1, as an integer or a text
//   - slices: lists, which have the keys 0 to n-1 in order
//   - maps with string or integer keys: arrays and objects
//   - structs: arrays and objects, by the field's tag `php:"name"`, or else its
//     name as it is, with a small first letter, or in small letters; what PHP
//     does not have stays as it was, `php:"-"` is left alone
//   - time.Time: DateTime objects
//   - pointers: null is nil
//   - any: as Value returns it
func Get[T any](s *Session, path ...string) (T, error) {
	var out T
	err := s.Decode(&out, path...)
	return out, err
}
