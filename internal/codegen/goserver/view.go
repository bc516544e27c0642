package goserver

import (
	"slices"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/problem"
)

// The views hold what is printed, decided to the last name: printing only loops.

type serviceView struct {
	Header  string
	Package string
	Name    string // of the service
	Title   string
	Doc     []string // of the package
	Ops     []*opView
	Decls   []*decl

	Operations []catalog.Operation
	Problems   []problemView
	LegacyFile string
	Validation string            // as Go, or empty
	Imports    map[string]string // of x-go-type-import, by local name

	// Shared are the answers of components, and their headers by component.
	Shared        []*answerView
	SharedHeaders map[string]*headersView
	Schemes       []schemeView
	// Exchanges are webhooks and callbacks, and Receiving the fields of
	// catalog.Validation that the workspace has for their receivers.
	Exchanges []*opView
	Receiving string
	BodyLimit int64
}

// schemeView is a security scheme that some operation asks for.
type schemeView struct {
	Method  string // of the interface Security
	Literal string // its wire.Scheme
	Doc     []string
}

type problemView struct {
	Var  string
	Kind problem.Kind
}

type opView struct {
	Index      int
	ID         string // for people, on one line
	Go         string
	Key        string
	Method     string
	Path       string
	Summary    string
	Doc        []string
	Deprecated bool
	// PathFields stand in the request object, ParamFields in its Params.
	PathFields  []fieldView
	ParamFields []fieldView
	Params      []string // literals of wire.Param
	Bodies      []*bodyView
	BodyNeeded  bool
	Answers     []*answerView
	Headers     []*headersView
	Security    []string // literals of wire.Requirement
	// Schemes are what a webhook or callback asks of its sender, and Guard the
	// interface that has them.
	Schemes []schemeView
	Guard   string
	// Outgoing says that it is a webhook or callback, and Exchange which one.
	Outgoing bool
	Exchange conform.Exchange

	Request, Response, Visit, ParamsType, Shape string
}

// fieldView is one field of a request object.
type fieldView struct {
	Name, Type string
	Doc        []string
}

// bodyKind says how a message is read and written: the name of a wire.Kind.
type bodyKind string

const (
	jsonBody   bodyKind = "JSONBody"
	textBody   bodyKind = "TextBody"
	formBody   bodyKind = "FormBody"
	rawParts   bodyKind = "RawParts"
	partsBody  bodyKind = "PartsBody"
	streamBody bodyKind = "StreamBody"
	eventsBody bodyKind = "EventsBody"
	linesBody  bodyKind = "LinesBody"
	switchBody bodyKind = "SwitchBody"
	noBody     bodyKind = "NoBody"
)

type bodyView struct {
	Kind     bodyKind
	Media    string
	Tag      string // of the media type, for names
	Field    string // in the request object
	Alias    string // the body's type, or empty for raw ones
	Type     string // what the alias stands for; empty when it is declared
	Nullable bool
	// Ruled says that there are rules of x-validate to run on the decoded body,
	// which RuleTag finds in a list or map.
	Ruled   bool
	RuleTag string
	// Chosen says that the media type is a range, so that ContentType tells
	// which one it is.
	Chosen   bool
	Encoding []string // literals of wire.Encoding
}

type answerView struct {
	Type   string
	Status string // as in the contract
	Code   string // the number, or empty for a class and default
	Media  string
	Kind   bodyKind
	// Body is the type of the payload; Plain says that Type is defined from it
	// rather than a struct around it.
	Body    string
	Plain   bool
	Headers *headersView
	// Chosen says that the media type is a range that the handler fills.
	Chosen  bool
	Problem bool
	Index   int
	Doc     []string
	// Shared is the type that Type is another name of, one for all operations
	// that refer to the same component, or nil.
	Shared *answerView
}

// headersView is the struct of an answer's headers, or another name of Shared.
type headersView struct {
	Type   string
	Fields []headerView
	Shared *headersView
}

type headerView struct {
	Name, Field, Type string
	Explode, Required bool
	JSON              bool // rather than a style
	Doc               []string
}

// Structs returns the types that have tags for validator.
func (s *serviceView) Structs() []*decl {
	var out []*decl
	for _, d := range sortedDecls(s.Decls) {
		if o := d.object; o != nil && (o.tuple != nil || o.restTag != "" || slices.ContainsFunc(o.fields, fieldDecl.validated)) {
			out = append(out, d)
		}
	}
	return out
}

// validated reports whether the field has a tag for validator.
func (f fieldDecl) validated() bool {
	tags, _ := f.extensions[extraTags].(map[string]any)
	return tags["validate"] != nil
}

// StructValues lists an empty value of each of Structs.
func (s *serviceView) StructValues() string {
	structs := s.Structs()
	values := make([]string, len(structs))
	for i, d := range structs {
		values[i] = d.name + "{}"
	}
	return wrapped(values, "\t\t")
}

// Ruled returns the bodies that are lists or maps of what has rules.
func (s *serviceView) Ruled() []*bodyView {
	var out []*bodyView
	for _, op := range s.Ops {
		for _, b := range op.Bodies {
			if b.RuleTag != "" {
				out = append(out, b)
			}
		}
	}
	return out
}

// bare reports whether the answer says nothing but its status.
func (a *answerView) bare() bool {
	return a.Body == "" && a.Headers == nil && !a.ranged() && !a.Chosen
}

// statusOnly reports whether the answer is a body with the status that the
// handler chooses, and nothing else.
func (a *answerView) statusOnly() bool {
	return a.Body != "" && a.ranged() && a.Headers == nil && !a.Chosen && a.Kind != streamBody
}

// ranged reports whether the handler chooses the status.
func (a *answerView) ranged() bool { return a.Code == "" }

// own is the type that the answer's methods are on.
func (a *answerView) own() *answerView {
	if a.Shared != nil {
		return a.Shared
	}
	return a
}

// typed reports whether the body's field is a pointer to a type of its own.
func (b *bodyView) typed() bool { return b.Alias != "" }

// chosen reports whether the request object tells the body's media type.
func (o *opView) chosen() bool {
	for _, b := range o.Bodies {
		if b.Chosen {
			return true
		}
	}
	return false
}

// negotiated reports whether there are several media types that a success may
// have.
func (o *opView) negotiated() bool {
	first := ""
	for _, a := range o.Answers {
		if a.Media == "" || a.Status[0] != '2' {
			continue
		}
		if first != "" && first != a.Media {
			return true
		}
		first = a.Media
	}
	return false
}
