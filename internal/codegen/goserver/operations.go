package goserver

import (
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
)

// operation pairs what the contract says of an operation with its view.
type operation struct {
	*opView
	model *contract.Operation
	node  *openapi.Operation
	item  *openapi.PathItem
	// bodies and answers are the schemas behind the views, in the same order.
	bodies  []*openapi.SchemaRef
	answers []answerSource
}

type answerSource struct {
	schema    *openapi.SchemaRef
	headers   map[string]*openapi.HeaderRef
	component string // response it comes from
	tag       string // of the media type
}

// nameOperations gives every operation and everything named after it Go names:
// x-go-name first, then operationIds that are Go names as they stand or but for
// their first letter, then the rest in order.
func (p *prep) nameOperations(c *contract.Contract) []*operation {
	taken := newNames(generatedItself, "Security")
	ops := make([]*operation, 0, len(c.Operations))
	for i, m := range c.Operations {
		item := p.doc.Paths[m.Template]
		if item == nil {
			p.list.Add(ruleInternal, m.Pos, fmt.Sprintf("the path %s is missing from the bundled document", m.Template), "")
			continue
		}
		node := item.Operations[strings.ToUpper(m.Method)]
		if node == nil {
			p.list.Add(ruleInternal, m.Pos, fmt.Sprintf("%s %s is missing from the bundled document", m.Method, m.Template), "")
			continue
		}
		ops = append(ops, &operation{model: m, node: node, item: ownItem(item), opView: &opView{
			Index: i, ID: oneLine(m.ID), Key: m.Key, Method: m.Method, Path: m.Path, Deprecated: m.Deprecated,
		}})
	}
	rank := func(op *operation) (int, string) {
		name := p.words.goName(op.ID)
		if asked, ok := p.askedOf(op.node); ok {
			return 0, asked
		}
		if strings.EqualFold(name[:1], op.ID[:min(1, len(op.ID))]) && name[1:] == op.ID[min(1, len(op.ID)):] {
			return 1, name
		}
		return 2, name
	}
	ranks := make([]int, len(ops))
	wanted := make([]string, len(ops))
	for i, op := range ops {
		ranks[i], wanted[i] = rank(op)
	}
	for r := range 3 {
		for i, op := range ops {
			if ranks[i] == r {
				op.Go = p.take(taken, wanted[i], "the operation "+op.ID, op.model.Pos)
			}
		}
	}
	for _, op := range ops {
		p.nameMessages(op)
	}
	return ops
}

// askedOf is the name that an operation asks for.
func (p *prep) askedOf(node *openapi.Operation) (string, bool) {
	asked, ok := node.Extensions["x-go-name"].(string)
	if ok && !validIdentifier(asked) {
		p.list.Add(ruleGoName, node.Pos, fmt.Sprintf("%q is not a Go name of letters and digits that starts with an upper case letter", asked), "use "+goName(asked))
		return "", false
	}
	return asked, ok
}

// nameMessages reserves the type names of an operation.
func (p *prep) nameMessages(op *operation) {
	op.Request = p.names.take(op.Go + "RequestObject")
	op.Response = p.names.take(op.Go + "ResponseObject")
	op.Visit, op.Shape = "Visit"+op.Go+"Response", "shape"+op.Go
	op.ParamsType = p.names.take(op.Go + "Params")
	p.findBodies(op)
	p.findAnswers(op)
}

// typeOperation decides the types of an operation's messages.
func (p *prep) typeOperation(op *operation) {
	op.Doc = operationDoc(op.node)
	if summary := commentLines(op.node.Summary); len(summary) > 0 {
		op.Summary = summary[0]
	}
	p.findGaps(op)
	p.typeParams(op)
	for i, b := range op.Bodies {
		p.typeBody(op, b, op.bodies[i])
	}
	for i, a := range op.Answers {
		p.typeAnswer(a, op.answers[i])
	}
}

func operationDoc(node *openapi.Operation) []string {
	out := commentLines(node.Summary)
	if more := commentLines(node.Description); len(more) > 0 && !slices.Equal(more, out) {
		if len(out) > 0 {
			out = append(out, "")
		}
		out = append(out, more...)
	}
	return out
}
