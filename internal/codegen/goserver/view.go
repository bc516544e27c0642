package goserver

import (
	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/problem"
)

// The views hold what the templates print, decided to the last name: a template
// only loops.

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
	Validation string // as Go, or empty
	Dispatch   string // import path prefix of the run time
	Imports    map[string]string
}

type problemView struct {
	Var  string
	Kind problem.Kind
}

type opView struct {
	Index      int
	ID, Go     string
	Key        string
	Method     string
	Path       string
	Doc        []string
	Deprecated bool
	// PathFields stand in the request object, ParamFields in its Params.
	PathFields  []fieldView
	ParamFields []fieldView
	Params      []paramView
	Bodies      []*bodyView
	BodyNeeded  bool
	Answers     []*answerView
	Headers     []headersView

	Request, Response, Visit, ParamsType string
}

// fieldView is one field of a request object.
type fieldView struct {
	Name, Type string
	Doc        []string
}

// paramView is one parameter: Literal is its wire.Param, Field where it goes.
type paramView struct {
	Literal, Field string
}

// bodyKind says how a message is read and written.
type bodyKind string

const (
	jsonBody      bodyKind = "JSON"
	textBody      bodyKind = "Text"
	formBody      bodyKind = "Form"
	multipartBody bodyKind = "Multipart"
	streamBody    bodyKind = "Stream"
	noBody        bodyKind = "Empty"
)

type bodyView struct {
	Kind     bodyKind
	Media    string
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
	Chosen bool
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
}

type headersView struct {
	Type   string
	Fields []headerView
}

type headerView struct {
	Name, Field, Type string
	Explode, Required bool
	Doc               []string
}

// Structs returns the types with fields: only those have tags.
func (s *serviceView) Structs() []*decl {
	var out []*decl
	for _, d := range sortedDecls(s.Decls) {
		if d.object != nil {
			out = append(out, d)
		}
	}
	return out
}

// Type returns the declared name.
func (d *decl) Type() string { return d.name }

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

// Bare reports whether the answer says nothing but its status.
func (a *answerView) Bare() bool {
	return a.Body == "" && a.Headers == nil && !a.Ranged() && !a.Chosen
}

// Ranged reports whether the handler chooses the status.
func (a *answerView) Ranged() bool { return a.Code == "" }

// Single reports whether the body is the only one the operation takes.
func (o *opView) Single() bool { return len(o.Bodies) == 1 }

// Chosen reports whether the request object tells the body's media type.
func (o *opView) Chosen() bool {
	for _, b := range o.Bodies {
		if b.Chosen {
			return true
		}
	}
	return false
}

// Typed returns the answers that a port returns as they are: all but problem
// documents, which are errors.
func (o *opView) Typed() []*answerView {
	var out []*answerView
	for _, a := range o.Answers {
		if !a.Problem {
			out = append(out, a)
		}
	}
	return out
}
