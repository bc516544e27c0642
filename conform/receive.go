package conform

import (
	"bytes"
	"errors"
	"fmt"
	"net/http"
	"strings"
	"sync"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform/bundle"
	"github.com/banyan-go/banyan/problem"
	"github.com/banyan-go/banyan/schema"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// Exchange names a webhook of a contract (OpenAPI 3.1.0, section 4.8.1), or a
// callback (section 4.8.18).
type Exchange struct {
	// Name is that of the webhook, or of the callback.
	Name string
	// Operation is the operationId of the operation that declares a callback,
	// and Expression the one of its URLs. Both are empty for a webhook.
	Operation, Expression string
	// Method is in upper case.
	Method string
}

// Handler serves a request. A returned error means that nothing was written.
type Handler = func(w http.ResponseWriter, r *http.Request) error

// Receivers returns what holds the requests of the webhooks and callbacks of a
// service against its contract, as those of operations are: a handler around
// another one, which gets only requests that are as the contract says, with the
// defaults of the contract. Other requests are answered with what is wrong with
// them, as an error that is a *problem.Error.
//
// It is the owner of the data who sends here: readOnly members are taken and
// writeOnly ones refused. Parameters of the path are not looked at, nor those
// of the query that the contract does not have: the URL is the receiver's own.
//
// Answers of next are looked at once they are sent, the share of them that the
// validation has for Go. One that is not as the contract says is a warning in the
// default logger: receivers have nobody else to tell.
//
// The validation is that of the workspace, over which the service has its own.
// Where it does not enforce the contract for Go, handlers are returned as they
// are. The contract is compiled with the first handler; what keeps it from that
// is the error of every request. All of it is safe for concurrent use.
func Receivers(s *catalog.Service, workspace catalog.Validation) func(Exchange, Handler) Handler {
	find, v := exchangesOf(s, workspace)
	return func(which Exchange, next Handler) Handler {
		o, err := find(which)
		switch {
		case err != nil:
			return func(http.ResponseWriter, *http.Request) error { return err }
		case o == nil:
			return next
		}
		return o.receive(o.lookAt(next, v.Answers.Go))
	}
}

// exchangesOf returns what finds the webhooks and callbacks of a service, nil where
// they are not checked, and what the workspace says about checking them.
func exchangesOf(s *catalog.Service, workspace catalog.Validation) (find func(Exchange) (*Operation, error), v catalog.Validation) {
	v = (&catalog.Workspace{Validation: workspace}).ValidationOf(s)
	compiled := sync.OnceValues(func() (*Exchanges, error) { return CompileExchanges(s, v) })
	return func(which Exchange) (*Operation, error) {
		if v.Requests.Go != catalog.Enforce || len(s.Contract) == 0 {
			return nil, nil
		}
		all, err := compiled()
		if err == nil && all.operations[which] == nil {
			err = fmt.Errorf("%s: the contract has no %s; run banyan generate", s.Name, which)
		}
		if err != nil {
			return nil, err
		}
		return all.operations[which], nil
	}, v
}

// receive lets those requests through to next that are as the contract says.
func (o *Operation) receive(next Handler) Handler {
	return func(w http.ResponseWriter, r *http.Request) error {
		own := *r // net/http looks at the body of its own request afterwards
		found, err := o.Request(&own, Fill)
		defer found.Release()
		if tooLarge := (*http.MaxBytesError)(nil); err != nil && !errors.As(err, &tooLarge) {
			err = problem.Malformed.Wrap(err, "the request body broke off")
		}
		if err != nil {
			return err
		}
		if p := found.Problem(); p != nil {
			return p
		}
		return next(w, &own)
	}
}

// String names the exchange for people.
func (e Exchange) String() string {
	if e.Operation == "" {
		return "webhook " + e.Name + " (" + e.Method + ")"
	}
	return "callback " + e.Name + " of " + e.Operation + " (" + e.Method + " " + e.Expression + ")"
}

// Exchanges are the compiled webhooks and callbacks of a contract. They are
// immutable and safe for concurrent use.
type Exchanges struct {
	operations map[Exchange]*Operation
}

// CompileExchanges compiles the messages of all webhooks and callbacks of a
// service. Answers that cannot be compiled are not looked at. The error is of type Faults; their Operation has the ID of the
// operation that declares a callback.
func CompileExchanges(s *catalog.Service, v catalog.Validation) (*Exchanges, error) {
	v.UnknownQuery = catalog.UnknownIgnore
	if !bytes.Contains(s.Contract, []byte(`"webhooks"`)) && !bytes.Contains(s.Contract, []byte(`"callbacks"`)) {
		return &Exchanges{}, nil // most contracts: not worth reading again
	}
	c, err := newCompiler(s.Contract, v)
	if err == nil {
		c.mode = schema.Answer
		c.findExchanges()
		err = c.load() // of operations nothing: c.ids is empty
	}
	if err != nil {
		return nil, Faults{{Operation: &catalog.Operation{Key: s.Name}, Message: err.Error()}}
	}
	out := &Exchanges{operations: make(map[Exchange]*Operation, len(c.exchanges))}
	for i, e := range c.exchanges {
		c.operation = &catalog.Operation{ID: e.Operation, Key: s.Name + "." + strings.TrimPrefix(e.Operation+"."+e.Name, ".")}
		out.operations[e.Exchange] = c.exchange(i)
	}
	if len(c.faults) > 0 {
		return nil, c.faults
	}
	return out, nil
}

// exchange is a webhook or callback, and where its Operation Object stands.
type exchange struct {
	Exchange
	at string
}

// findExchanges finds the webhooks of the contract, and the callbacks of its
// operations.
func (c *compiler) findExchanges() {
	add := func(item string, e Exchange) {
		for method, at := range c.doc.Item(item) {
			e.Method = strings.ToUpper(method)
			c.exchanges = append(c.exchanges, exchange{e, at})
		}
	}
	for _, name := range sortedKeys(bundle.Member[map[string]any](c.doc.Root, "webhooks")) {
		add("/webhooks/"+jsonpointer.Escape(name), Exchange{Name: name})
	}
	operations := c.doc.Operations()
	for _, id := range sortedKeys(operations) {
		for _, name := range sortedKeys(bundle.Member[map[string]any](c.doc.At(operations[id]), "callbacks")) {
			at, callback := c.doc.Follow(operations[id] + "/callbacks/" + jsonpointer.Escape(name))
			for _, expression := range sortedKeys(callback) {
				if !strings.HasPrefix(expression, "x-") {
					add(at+"/"+jsonpointer.Escape(expression), Exchange{Name: name, Operation: id, Expression: expression})
				}
			}
		}
	}
}

// parametersOfExchanges makes a Path Item Object for each exchange, with those
// of its parameters that are held against the contract.
func (c *compiler) parametersOfExchanges() []map[string]any {
	out := make([]map[string]any, len(c.exchanges))
	for i, e := range c.exchanges {
		list := []map[string]string{}
		for at, p := range c.doc.Parameters(e.at) {
			if p["in"] != "path" {
				list = append(list, map[string]string{"$ref": bundle.Ref(at)})
			}
		}
		out[i] = map[string]any{"get": map[string]any{"parameters": list}}
	}
	return out
}

// exchange compiles the i-th webhook or callback.
func (c *compiler) exchange(i int) *Operation {
	o := c.begin()
	o.at = c.exchanges[i].at
	c.parameters(o, fmt.Sprintf("%s/exchanges/%d/get", extra, i))
	c.body(o, o.at)
	faults := len(c.faults)
	if c.answers(o, o.at); len(c.faults) > faults {
		o.answers, c.faults = nil, c.faults[:faults]
	}
	return o
}
