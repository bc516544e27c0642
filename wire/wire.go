// Package wire carries values between Go and HTTP as an OpenAPI contract
// describes it: parameters in all their styles, JSON, forms, multipart, text and
// streams. Generated code is a table of shapes plus calls into this package, so
// that what it does wrong is mended by an upgrade and not by regenerating.
//
// A request is read strictly: names match exactly, nothing may follow a JSON
// document, and every fault of a request is reported at once in a
// problem.Malformed. An answer of a legacy backend is read leniently, and what
// cannot be read is a problem.LegacyInvalid.
package wire

import "net/http"

// Handler serves one operation. A returned error means that nothing was
// written.
type Handler func(w http.ResponseWriter, r *http.Request) error

// Place is where a parameter stands.
type Place uint8

const (
	InPath Place = iota
	InQuery
	InHeader
	InCookie
)

// String returns the name that OpenAPI and fault pointers use.
func (p Place) String() string { return placeNames[p] }

var placeNames = [...]string{"path", "query", "header", "cookie"}

// Style is how a parameter is written (OpenAPI 3.0.3, section 4.7.12.3).
type Style uint8

const (
	Simple Style = iota
	Label
	Matrix
	Form
	SpaceDelimited
	PipeDelimited
	DeepObject
	// JSON is a parameter with an application/json content.
	JSON
)

// Param is one parameter of an operation.
type Param struct {
	Name     string
	In       Place
	Style    Style
	Explode  bool
	Required bool
	// AllowEmpty lets "?flag" stand for true, or for nothing.
	AllowEmpty bool
	// AllowReserved leaves :/?#[]@!$&'()*+,;= unescaped in a query.
	AllowReserved bool
}

// Answer is one declared answer: Status is "200", "4XX" or "default", Media a
// media type, possibly with wildcards, or empty when the answer has no body.
type Answer struct{ Status, Media string }

// Shape is what an operation's messages look like.
type Shape struct {
	Path    *Path
	Params  []Param
	Answers []Answer
}
