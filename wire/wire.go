// Package wire carries values between Go and HTTP as an OpenAPI contract
// describes it: parameters in all their styles, JSON, forms, multipart, text,
// streams, server-sent events and lines of JSON. Generated code is a table of
// shapes plus calls into this package, so that what it does wrong is mended by
// an upgrade and not by regenerating.
//
// A request is read strictly: names match exactly, nothing may follow a JSON
// document, and every fault of a request is reported at once in a
// problem.Malformed. An answer of a legacy backend is read leniently, and what
// cannot be read is a problem.LegacyInvalid.
package wire

import "net/http"

// Handler serves one operation. A returned error means that nothing was
// written.
type Handler = func(w http.ResponseWriter, r *http.Request) error

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

// Param is one parameter of an operation. One in the path is required; Simple in a
// query or cookie, where no contract can have it, is Form with Explode: what a
// contract means that says nothing.
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

// Kind is how a body is read and written, and so what it is in Go.
type Kind uint8

const (
	// NoBody is nothing at all.
	NoBody Kind = iota
	// JSONBody is a value of the schema's type.
	JSONBody
	// TextBody is a string.
	TextBody
	// FormBody is an urlencoded object of the schema's type.
	FormBody
	// RawParts is a multipart body: a *multipart.Reader in a request, a
	// func(*multipart.Writer) error in an answer.
	RawParts
	// PartsBody is a multipart/form-data request as a struct with a field for
	// each part, in which files are a *File.
	PartsBody
	// StreamBody is an io.Reader.
	StreamBody
	// EventsBody is a text/event-stream as an Events.
	EventsBody
	// LinesBody is one JSON document a line as a Lines.
	LinesBody
	// SwitchBody is the answer 101, which has none, as a Switch.
	SwitchBody
)

// Shape is what an operation's messages look like. Generated code declares one
// for each operation, as data that costs nothing at start; a program fills in
// nothing and changes nothing. The types it names are those of one package:
//
//   - A request has a field for each path parameter, in the order of Params,
//     then Params with a field for each other one, then ContentType and Accept
//     where they are needed, then a field for each of Bodies.
//   - An answer is defined from its body's type, or a struct with some of Body,
//     Headers, StatusCode, ContentType and ContentLength.
type Shape struct {
	// Key is "service.operationId".
	Key    string
	Path   string
	Params []Param
	// Bodies are those that a request may have; BodyNeeded that it must.
	Bodies     []Body
	BodyNeeded bool
	Answers    []Answer
	// Security lists the ways to be let in, one of which is enough. Nil asks
	// for nothing.
	Security []Requirement
	// Outgoing says that this is a webhook or callback: the service sends the
	// requests, and the other side answers.
	Outgoing bool

	planned lazily
}

// Body is one declared body of a request, Media possibly with wildcards.
type Body struct {
	Media string
	Kind  Kind
	// Nullable says that null is a value and no mistake.
	Nullable bool
	// Ruled says that there are rules of x-validate to run on the decoded body,
	// which Rules finds in a list or map.
	Ruled bool
	Rules string
	// Encoding says how parts of a form are written that have their own way.
	Encoding []Encoding
}

// Encoding is how one part of a form is written (OpenAPI 3.0.3, section
// 4.7.15). Media is set in multipart forms only, and Style where it is not
// the default: lists as repeated names, objects in brackets.
type Encoding struct {
	Name, Media string
	Style       Style
	Explode     bool
}

// Answer is one declared answer: Status is "200", "4XX" or "default", Media a
// media type, possibly with wildcards, or empty when the answer has no body.
type Answer struct {
	Status, Media string
	Kind          Kind
	// Type is a nil pointer to the answer's type, Body one to the type that it
	// is defined from, or nil when it is a struct around it.
	Type, Body any
	Headers    []Header
}

// Header is one declared header of an answer, in the order of the fields of its
// Headers. The style is simple, or JSON; a list in Set-Cookie is a field line
// each.
type Header struct {
	Name                    string
	Explode, Required, JSON bool
}
