package goserver

import (
	"net/http"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
)

// nameExchanges gives the webhooks of the contract and the callbacks of its
// operations names as if they were operations. They are no part of the service:
// it sends them, and whoever asked for them receives them. Nearly all are POST, whose
// name stays as it is; other methods end theirs.
func (p *prep) nameExchanges(c *contract.Contract, ops []*operation) []*operation {
	taken := newNames(generatedItself)
	for _, op := range ops {
		taken.scope[op.Go], taken.owner[op.Go] = true, "the operation "+op.ID+" at "+op.model.Pos.String()
	}
	var out []*operation
	shared := map[openapi.Source]bool{} // the operations of callbacks that are components
	add := func(base, key string, item *openapi.PathItem, what string, which conform.Exchange) {
		for _, method := range sortedKeys(item.Operations) {
			node := item.Operations[method]
			name := base
			if method != http.MethodPost {
				name += goName(strings.ToLower(method))
			}
			if asked, ok := p.askedOf(node); ok {
				name = asked
			}
			if shared[node.Source] {
				node = ownOperation(node)
			}
			shared[node.Source] = true
			m := &contract.Operation{
				Operation: catalog.Operation{ID: key, Key: c.Name + "." + key, Method: method, Path: "/"},
				Service:   c.Name, Pos: node.Pos, Deprecated: node.Deprecated, Parameters: exchangeParameters(node, item),
			}
			which.Method = method
			op := &operation{model: m, node: node, item: ownItem(item), opView: &opView{
				Exchange: which, ID: oneLine(key), Key: m.Key, Method: method, Path: what, Deprecated: node.Deprecated, Outgoing: true,
				Go: p.take(taken, name, which.Method+" of "+key, node.Pos),
			}}
			p.nameMessages(op)
			if op.Schemes = p.nameSchemes([]*operation{op}); len(op.Schemes) > 0 {
				op.Guard = p.names.take(op.Go + "Security")
			}
			out = append(out, op)
		}
	}
	for _, name := range sortedKeys(p.doc.Webhooks) {
		add(p.words.goName(name)+"Webhook", name, p.doc.Webhooks[name], "the webhook "+name, conform.Exchange{Name: name})
	}
	for _, op := range ops {
		for _, name := range sortedKeys(op.node.Callbacks) {
			callback := op.node.Callbacks[name]
			if callback == nil {
				continue
			}
			for _, expression := range sortedKeys(callback.Paths) {
				which := conform.Exchange{Name: name, Operation: op.model.ID, Expression: expression}
				add(op.Go+p.words.goName(name)+"Callback", op.model.ID+"."+name, callback.Paths[expression], expression, which)
			}
		}
	}
	return out
}

func exchangeParameters(node *openapi.Operation, item *openapi.PathItem) []contract.Parameter {
	var out []contract.Parameter
	for _, list := range [][]*openapi.ParameterRef{node.Parameters, item.Parameters} {
		for _, ref := range list {
			if ref == nil || ref.Value == nil || ref.Value.In == "path" {
				continue
			}
			v := ref.Value
			if one := (contract.Parameter{Name: v.Name, In: v.In, Pos: v.Pos}); !slices.ContainsFunc(out, one.Is) {
				out = append(out, one)
			}
		}
	}
	slices.SortStableFunc(out, func(a, b contract.Parameter) int { return strings.Compare(a.In+"\x00"+a.Name, b.In+"\x00"+b.Name) })
	return out
}

// exchangeFile prints a sender and a receiver for each webhook and callback.
func exchangeFile(v *serviceView) map[string][]byte {
	if len(v.Exchanges) == 0 {
		return nil
	}
	e := &emitter{}
	e.printf("// received holds requests of webhooks and callbacks against the contract.\n")
	e.printf("var received = %s.Receivers(Service, %s.Validation{%s})\n", e.use("conform"), e.use("catalog"), v.Receiving)
	e.end("received")
	for _, op := range v.Exchanges {
		what := op.Summary
		if what == "" {
			what = op.ID
		}
		e.printf("// Send%s sends %s to a URL that its receiver gave: %s\n", op.Go, op.ID, what)
		e.printf("func Send%s(ctx %s.Context, client *%s.Client, url string, request %s) (answer %s, err error) {\n", op.Go, e.use("context"), e.use("http"), op.Request, op.Response)
		e.printf("\terr = wire.Deliver(ctx, &%s, client, %q, url, &request, &answer)\n\treturn answer, err\n}\n", op.Shape, op.Method)
		e.use("wire")
		security, guard, end := "", "", ")"
		if op.Guard != "" {
			e.guard(op)
			security, end = "security "+op.Guard+", ", "))"
			guard = "wire.Guard(&" + op.Shape + ", " + op.guardTable() + ", " + op.checks("security") + ", "
		}
		e.printf("\n// Receive%s serves those who receive %s, at any path. What is not as the\n// contract says is answered with a problem, and handle is not called.\n", op.Go, op.ID)
		e.printf("func Receive%s(%shandle func(context.Context, %s) (%s, error)) http.Handler {\n", op.Go, security, op.Request, op.Response)
		e.printf("\treturn wire.Receiver(%q, %sreceived(%s, wire.Serve(wire.Served{Shape: &%s, Request: (*%s)(nil), Answer: (*%s)(nil), Serve: func(ctx context.Context, request any) (any, error) {\n", op.Method, guard, exchangeLiteral(op.Exchange, e.use("conform")), op.Shape, op.Request, op.Response)
		e.printf("\t\treturn handle(ctx, *request.(*%s))\n\t}})%s, %d)\n}\n", op.Request, end, v.BodyLimit)
		e.end(op.Go)
	}
	return e.files("exchanges", v)
}

// exchangeLiteral is an exchange as Go.
func exchangeLiteral(x conform.Exchange, pkg string) string {
	return literal(pkg+".Exchange", field("Name", x.Name), field("Operation", x.Operation), field("Expression", x.Expression), field("Method", x.Method))
}

// guard prints the interface that lets the sender of a webhook or callback in.
func (e *emitter) guard(op *opView) {
	e.printf("\n// %s decides who may send %s, as Security does about operations.\ntype %s interface {\n", op.Guard, op.ID, op.Guard)
	for _, s := range op.Schemes {
		e.WriteString(s.method())
	}
	e.printf("}\n\nvar %s = []wire.Scheme{\n", op.guardTable())
	for _, s := range op.Schemes {
		e.printf("\t%s,\n", s.Literal)
	}
	e.WriteString("}\n")
}

func (op *opView) guardTable() string { return "schemes" + op.Go }

// checks lists the methods of a value.
func (op *opView) checks(of string) string {
	methods := make([]string, len(op.Schemes))
	for i, s := range op.Schemes {
		methods[i] = of + "." + s.Method
	}
	return "[]wire.Check{" + strings.Join(methods, ", ") + "}"
}
