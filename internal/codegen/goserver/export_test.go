package goserver

import (
	"fmt"
	"strings"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/openapi"
)

// TypesOf returns the Go names of a contract's component schemas, and the files
// of its types.
func TypesOf(c *contract.Contract, pkg string) (*openapi.Document, map[string]string, map[string][]byte, diag.List) {
	var list diag.List
	doc, err := c.Spec()
	if err != nil {
		list.Add(ruleInternal, c.Pos, err.Error(), "")
		return nil, nil, nil, list
	}
	p := newPrep(doc, &list, sortedKeys(fixedNames)...)
	v := p.view(c, pkg)
	return doc, p.components, typeFiles(v), c.Settle(name, list)
}

// Messages are what an operation's requests and answers have in Go: parameters
// as "query name", media types, and by status media types and headers.
type Messages struct {
	Parameters, Bodies []string
	BodyNeeded         bool
	Answers, Headers   map[string][]string
}

// OperationsOf returns what was decided for each operation, by operationId.
func OperationsOf(c *contract.Contract) (*openapi.Document, map[string]Messages) {
	var list diag.List
	doc, err := c.Spec()
	if err != nil {
		return nil, nil
	}
	p := newPrep(doc, &list, sortedKeys(fixedNames)...)
	p.view(c, "svc")
	out := map[string]Messages{}
	for _, op := range p.operations {
		m := Messages{BodyNeeded: op.BodyNeeded, Answers: map[string][]string{}, Headers: map[string][]string{}}
		for _, declared := range op.model.Parameters {
			for _, literal := range op.Params {
				if strings.HasPrefix(literal, fmt.Sprintf("{Name: %q, In: wire.In%s", declared.Name, goName(declared.In))) {
					m.Parameters = append(m.Parameters, declared.In+" "+declared.Name)
				}
			}
		}
		for _, b := range op.Bodies {
			m.Bodies = append(m.Bodies, b.Media)
		}
		for _, a := range op.Answers {
			m.Answers[a.Status] = append(m.Answers[a.Status], a.Media)
			if h := a.Headers; h != nil {
				if h.Shared != nil {
					h = h.Shared
				}
				for _, f := range h.Fields {
					m.Headers[a.Status] = append(m.Headers[a.Status], f.Name)
				}
			}
		}
		out[op.ID] = m
	}
	return doc, out
}
