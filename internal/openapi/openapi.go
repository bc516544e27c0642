// Package openapi is an OpenAPI document as a program wants it: typed, every
// reference followed, one form for what the versions of the specification write
// differently, and a place in the source files for everything. Package contract
// makes documents; generators and reviewers read them.
//
// A document is a graph: schemas refer to each other and to themselves. It is
// never changed once it is made and is safe for concurrent use. Maps have no
// order of their own; iterate over sorted keys where order shows.
package openapi

import (
	"encoding/json"

	"github.com/banyan-go/banyan/config"
)

// Extensions are the fields whose names start with "x-". Values are what JSON
// holds: nil, bool, string, json.Number, []any and map[string]any.
type Extensions map[string]any

// Document is a whole contract (OpenAPI 3.0.3, section 4.7.1).
type Document struct {
	// Version is the document's own, such as "3.0.3".
	Version                     string
	Title, Description, Release string // of info; Release is info.version
	Servers                     []*Server
	// Paths goes from templates to path items, Webhooks from names.
	Paths, Webhooks map[string]*PathItem
	Components      Components
	Security        []Requirement
	Tags            []*Tag
	Extensions      Extensions
	Pos             config.Pos
	// Source tells where its fields stand, or is nil; see At.
	Source Source
}

// Components are what references can name (section 4.7.7). Every reference in a
// document leads to one of these, but for schemas' own recursion.
type Components struct {
	Schemas         map[string]*SchemaRef
	Parameters      map[string]*ParameterRef
	RequestBodies   map[string]*RequestBodyRef
	Responses       map[string]*ResponseRef
	Headers         map[string]*HeaderRef
	SecuritySchemes map[string]*SecurityScheme
	Callbacks       map[string]*Callback
	Extensions      Extensions
}

// Server is a place where the service is found (section 4.7.5).
type Server struct {
	URL, Description string
	Variables        map[string]*ServerVariable
	Pos              config.Pos
}

// ServerVariable fills in a part of a server's URL (section 4.7.6).
type ServerVariable struct {
	Default, Description string
	Enum                 []string
}

// Tag groups operations (section 4.7.22).
type Tag struct {
	Name, Description string
	Pos               config.Pos
}

// PathItem holds the operations of one path (section 4.7.9).
type PathItem struct {
	Summary, Description string
	// Operations goes from methods in upper case to operations.
	Operations map[string]*Operation
	Parameters []*ParameterRef
	Servers    []*Server
	Extensions Extensions
	Pos        config.Pos
}

// Operation is one operation (section 4.7.10).
type Operation struct {
	OperationID          string
	Summary, Description string
	Tags                 []string
	Deprecated           bool
	Parameters           []*ParameterRef
	RequestBody          *RequestBodyRef
	// Responses goes from "200", "4XX" and "default" to answers.
	Responses map[string]*ResponseRef
	Callbacks map[string]*Callback
	// Security is nil when the document's own holds; an empty list means none.
	Security   []Requirement
	Servers    []*Server
	Extensions Extensions
	Pos        config.Pos
	// Source tells where its fields stand, or is nil; see At.
	Source Source
}

// ParameterRef is a parameter, or a reference to one.
type ParameterRef struct {
	// Ref is "#/components/parameters/Name", or empty for one that stands here.
	Ref   string
	Value *Parameter
}

// Parameter is one parameter (section 4.7.12).
type Parameter struct {
	Name, In, Description                                string
	Required, Deprecated, AllowEmptyValue, AllowReserved bool
	// Style is empty and Explode nil where the contract leaves them out.
	Style      string
	Explode    *bool
	Schema     *SchemaRef
	Content    map[string]*MediaType
	Extensions Extensions
	Pos        config.Pos
	// Source tells where its fields stand, or is nil; see At.
	Source Source
}

// HeaderRef is a header, or a reference to one.
type HeaderRef struct {
	Ref   string
	Value *Header
}

// Header is a parameter without a name and a place (section 4.7.21).
type Header struct {
	Description          string
	Required, Deprecated bool
	Style                string
	Explode              *bool
	Schema               *SchemaRef
	Content              map[string]*MediaType
	Extensions           Extensions
	Pos                  config.Pos
	// Source tells where its fields stand, or is nil; see At.
	Source Source
}

// RequestBodyRef is a request body, or a reference to one.
type RequestBodyRef struct {
	Ref   string
	Value *RequestBody
}

// RequestBody is what a request may hold (section 4.7.13).
type RequestBody struct {
	Description string
	Required    bool
	Content     map[string]*MediaType
	Extensions  Extensions
	Pos         config.Pos
	// Source tells where its fields stand, or is nil; see At.
	Source Source
}

// ResponseRef is an answer, or a reference to one.
type ResponseRef struct {
	Ref   string
	Value *Response
}

// Response is one answer (section 4.7.17).
type Response struct {
	Description string
	Headers     map[string]*HeaderRef
	Content     map[string]*MediaType
	Links       map[string]*Link
	Extensions  Extensions
	Pos         config.Pos
	// Source tells where its fields stand, or is nil; see At.
	Source Source
}

// Link is how an answer leads to another operation (section 4.7.20). Values are
// what JSON holds, expressions as texts.
type Link struct {
	OperationID, OperationRef string
	Parameters                map[string]any
	RequestBody               any
}

// MediaType is a body in one media type (section 4.7.14). Schema is nil where
// nothing is said about it.
type MediaType struct {
	Schema     *SchemaRef
	Encoding   map[string]*Encoding
	Extensions Extensions
	Pos        config.Pos
}

// Encoding is how a part of a form is written (section 4.7.15).
type Encoding struct {
	ContentType, Style string
	Explode            *bool
	AllowReserved      bool
	Headers            map[string]*HeaderRef
	Extensions         Extensions
	Pos                config.Pos
	// Source tells where its fields stand, or is nil; see At.
	Source Source
}

// Callback goes from runtime expressions to what the client serves (section
// 4.7.18).
type Callback struct {
	// Ref is "#/components/callbacks/Name", or empty.
	Ref        string
	Paths      map[string]*PathItem
	Extensions Extensions
	Pos        config.Pos
}

// Requirement goes from the names of security schemes to scopes, all of which a
// request needs (section 4.7.30).
type Requirement map[string][]string

// SecurityScheme is how a client proves who it is (section 4.7.27).
type SecurityScheme struct {
	// Type is "apiKey", "http", "oauth2", "openIdConnect" or "mutualTLS".
	Type, Description string
	Name, In          string // of apiKey
	Scheme            string // of http, in lower case
	BearerFormat      string
	OpenIDConnectURL  string
	// Flows goes from "implicit" and its like to OAuth flows.
	Flows      map[string]*Flow
	Extensions Extensions
	Pos        config.Pos
	// Source tells where its fields stand, or is nil; see At.
	Source Source
}

// Flow is one OAuth flow (section 4.7.29). Scopes goes from names to sentences.
type Flow struct {
	AuthorizationURL, TokenURL, RefreshURL string
	Scopes                                 map[string]string
}

// Number is a number as the contract writes it, exact; empty when absent.
type Number = json.Number
