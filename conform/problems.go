package conform

import (
	"bytes"
	"encoding/json"
	"fmt"
	"net/http"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/conform/bundle"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema/jsonpointer"
	"github.com/banyan-go/banyan/schema/media"
)

// formExtension is where a contract says how its errors are written that are no
// problem documents.
const formExtension = "x-problem-body"

// Problems writes problems as a contract has its errors. The nil Problems writes
// problem documents. It is safe for concurrent use.
type Problems struct {
	body    *problem.Body
	answers map[string]map[string]string // operationId, status in upper case: the media type
}

// ReadProblems returns how a bundled contract writes problems: nil where it has no
// x-problem-body. The error is about that.
func ReadProblems(contract []byte) (*Problems, error) {
	if !bytes.Contains(contract, []byte(`"`+formExtension+`"`)) {
		return nil, nil
	}
	var root struct {
		Form json.RawMessage `json:"x-problem-body"`
	}
	if err := json.Unmarshal(contract, &root); err != nil || root.Form == nil {
		return nil, err
	}
	body, err := problem.ParseBody(root.Form)
	if err != nil {
		return nil, fmt.Errorf("%s: %w", formExtension, err)
	}
	doc, err := bundle.Read(contract)
	if err != nil {
		return nil, err
	}
	return NewProblems(doc, body), nil
}

// NewProblems returns what writes problems in a form, as a contract has its errors.
func NewProblems(doc bundle.Document, form *problem.Body) *Problems {
	p := &Problems{form, map[string]map[string]string{}}
	for id, at := range doc.Operations() {
		answers := map[string]string{}
		for _, status := range bundle.Names(doc.At(at + "/responses")) {
			_, answer := doc.Follow(at + "/responses/" + jsonpointer.Escape(status))
			for _, name := range bundle.Names(answer["content"]) {
				switch t := media.Parse(name); {
				case t.Name == problem.ContentType:
					answers[strings.ToUpper(status)] = problem.ContentType
				case media.IsJSON(t.Name) && answers[strings.ToUpper(status)] == "":
					answers[strings.ToUpper(status)] = t.Name
				}
			}
		}
		p.answers[id] = answers
	}
	return p
}

// As writes the same problems in another form.
func (p *Problems) As(form *problem.Body) *Problems { return &Problems{form, p.answers} }

// Write answers a request of an operation with err, as problem.Write does: as a
// problem document where the contract declares one for the status, else as
// x-problem-body says, with the JSON media type that is declared for the status.
func (p *Problems) Write(w http.ResponseWriter, r *http.Request, operation string, err error) {
	if p == nil {
		problem.Write(w, r, err)
		return
	}
	status := http.StatusInternalServerError
	if e := problem.From(err); e != nil {
		status = e.Status
	}
	contentType := "application/json"
	exact := strconv.Itoa(status)
	for _, declared := range [...]string{exact, exact[:1] + "XX", "DEFAULT"} {
		if t := p.answers[operation][declared]; t != "" {
			contentType = t
			break
		}
	}
	if contentType == problem.ContentType {
		problem.Write(w, r, err)
		return
	}
	problem.WriteAs(w, r, err, p.body, contentType)
}
