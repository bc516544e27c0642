package goserver

import (
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
