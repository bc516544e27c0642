package schema

import (
	"io"
)

// Mode is what a body is. It decides about readOnly and writeOnly.
type Mode uint8

// The modes.
const (
	Plain   Mode = iota // neither: readOnly and writeOnly say nothing
	Request             // readOnly properties are not required and not allowed
	Answer              // writeOnly properties are not required and not allowed
)

// Schema is a compiled schema. It is immutable and safe for concurrent use.
type Schema struct {
	doc  *Document
	root *node
}

// Validate checks one JSON text. It returns nil when body is valid, and then
// has allocated nothing once it is warm. It keeps no reference to body.
func (s *Schema) Validate(body []byte, mode Mode) Violations {
	st := newState(s.doc, body, mode)
	st.text(s.root)
	v := st.violations()
	st.release()
	return v
}

// ErrTooLarge is returned by ValidateReader for what is larger than its limit.
var ErrTooLarge = errTooLarge{}

type errTooLarge struct{}

func (errTooLarge) Error() string { return "the body is larger than its limit" }

// ValidateReader reads all of r, at most limit bytes, and checks it. It returns
// what it has read. The error is r's, or ErrTooLarge.
func (s *Schema) ValidateReader(r io.Reader, limit int64, mode Mode) ([]byte, Violations, error) {
	body, err := io.ReadAll(io.LimitReader(r, limit+1))
	if err == nil && int64(len(body)) > limit {
		body, err = body[:limit], ErrTooLarge
	}
	if err != nil {
		return body, nil, err
	}
	return body, s.Validate(body, mode), nil
}

// WithDefaults checks body as Validate does and returns it with the defaults
// of the contract for what is missing. It returns body itself when nothing is,
// or when body is not valid; otherwise the result is appended to dst, which
// may be nil. Whole numbers of integer schemas are written plainly (1.0 becomes 1), for decoders
// that know no better.
func (s *Schema) WithDefaults(dst, body []byte, mode Mode) ([]byte, Violations) {
	st := newState(s.doc, body, mode)
	st.fill = true
	st.text(s.root)
	v := st.violations()
	if len(v) == 0 && len(st.patches) > 0 {
		body = st.patched(dst)
	}
	st.release()
	return body, v
}
