package dispatch

import (
	"cmp"
	"context"
	"log/slog"
	"math/rand/v2"
	"net/http"
	"sync"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/conform"
	"github.com/banyan-go/banyan/rollout"
)

// Message says which half of an exchange a Check is about.
type Message string

// The halves.
const (
	Request Message = "request"
	Answer  Message = "answer"
)

// Check is what came of holding a message against its contract. There is one
// for every answer that was picked, and one for every request that breaks the
// contract.
type Check struct {
	Operation string
	Target    rollout.Target
	Message   Message
	// Status is the answer's; 0 for a request.
	Status int
	// Violations is everything that is not as the contract says.
	Violations []conform.Violation
	// Skipped is why the body was not looked at, or conform.Checkable.
	Skipped conform.Skip
	// Refused: the client was told, and nobody served the request.
	Refused bool
}

// LogChecks writes a line for each way in which messages break the contract,
// once: level Warn, with the place in the message and in the contract. Values
// are not in it. What clients were told is not logged, and neither is what
// comes after a thousand different lines.
func LogChecks(log *slog.Logger) func(*Check) {
	type shape struct {
		operation       string
		target          rollout.Target
		message         Message
		keyword, schema string
	}
	const most = 1000
	var mu sync.Mutex
	seen := map[shape]bool{}
	return func(c *Check) {
		if c.Refused {
			return
		}
		for _, v := range c.Violations {
			s := shape{c.Operation, c.Target, c.Message, v.Keyword, v.Schema}
			if v.Schema == "" {
				s.schema = v.Pointer // of a parameter, or nothing
			}
			mu.Lock()
			known := seen[s] || len(seen) >= most
			if !known {
				seen[s] = true
			}
			mu.Unlock()
			if !known {
				log.LogAttrs(context.Background(), slog.LevelWarn, "the "+string(c.Message)+" is not what the contract says",
					slog.String("operation", c.Operation), slog.String("target", c.Target.String()), slog.Int("status", c.Status),
					slog.String("pointer", v.Pointer), slog.String("keyword", v.Keyword), slog.String("limit", v.Limit),
					slog.String("contract", v.Schema))
			}
		}
	}
}

// checks is what a route is held against, for one side.
type checks struct {
	requests catalog.RequestCheck
	answers  catalog.Share
	canary   catalog.Share // of answers, while the operation is on canary
}

// share is how many of the answers that were decided so are checked.
func (c checks) share(why rollout.Reason) catalog.Share {
	if why.Canary() {
		return c.canary
	}
	return c.answers
}

// validation returns what applies to a service.
func (d *Dispatcher) validation(s *catalog.Service) catalog.Validation {
	v := d.workspace.ValidationOf(s)
	if d.answers != 0 {
		v.Answers = catalog.AnswerChecks{Go: d.answers, Legacy: d.answers, Canary: d.answers}
	}
	return v
}

// compile compiles the contract of a service, unless nothing is checked.
func (d *Dispatcher) compile(s *catalog.Service) (*conform.Service, config.Faults) {
	v := d.validation(s)
	if len(s.Contract) == 0 || v.Requests == (catalog.RequestChecks{Go: catalog.Off, Legacy: catalog.Off}) &&
		v.Answers.None() {
		return nil, nil
	}
	compiled, err := conform.Compile(s, v)
	if err == nil {
		return compiled, nil
	}
	var faults config.Faults
	for _, f := range err.(conform.Faults) {
		faults = append(faults, config.Fault{
			Pos:     config.Pos{File: f.Operation.Source},
			Message: f.Operation.Key + ": the contract cannot be checked at #" + f.Pointer + ": " + f.Message,
		})
	}
	return nil, faults
}

// hold tells a route what its messages are held against.
func (rt *route) hold(s *conform.Service, v catalog.Validation) {
	if s == nil {
		return
	}
	rt.contract = s.Operation(rt.op.ID)
	rt.checks[rollout.Go] = checks{v.Requests.Go, v.Answers.Go, cmp.Or(v.Answers.Canary, v.Answers.Go)}
	rt.checks[rollout.Legacy] = checks{v.Requests.Legacy, v.Answers.Legacy, cmp.Or(v.Answers.Canary, v.Answers.Legacy)}
}

// picks reports whether this answer is one of the share that is checked.
func picks(share catalog.Share) bool {
	return share >= catalog.All || share > 0 && rand.IntN(int(catalog.All)) < int(share)
}

// checked serves the request once it was checked as the policy says. A Go
// handler gets it with defaults.
func (x *exchange) checked(rt *route, target rollout.Target, r *http.Request) error {
	if rt.contract == nil {
		return x.serve(rt, target, r)
	}
	switch rt.checks[target].requests {
	case catalog.Enforce:
		purpose := conform.Fill
		if target == rollout.Legacy {
			purpose = conform.Keep
		}
		found, err := rt.contract.Request(r, purpose)
		defer found.Release()
		if err != nil {
			return err
		}
		if len(found.Violations)+len(found.Warnings) > 0 {
			refusal := found.Problem()
			x.report(&Check{Message: Request, Violations: append(found.Violations, found.Warnings...), Refused: refusal != nil})
			if refusal != nil {
				return refusal
			}
		}
		err = x.serve(rt, target, r)
		if broken := found.Broken(); broken != nil {
			x.report(&Check{Message: Request, Violations: broken, Refused: true})
		}
		return err
	case catalog.Observe:
		x.watched = watch(r)
	}
	return x.serve(rt, target, r)
}

func (x *exchange) report(c *Check) {
	c.Operation, c.Target = x.event.Operation, x.event.Target
	x.d.checked(c)
}

// settle hands what is to be checked, now that the answer is out, to the
// background: nobody waits for it.
func (x *exchange) settle(rt *route) {
	about := Check{Operation: x.event.Operation, Target: x.event.Target}
	if x.watched != nil {
		x.d.look(rt.contract, x.watched, about)
	}
	if status, _, _ := x.Written(); x.recorded != nil && status != http.StatusSwitchingProtocols { // then it went past the recorder
		x.recorded.finish(x.Request().Method, x.abort)
		x.d.compare(x.recorded, about)
	}
}

// look checks a request that was watched.
func (d *Dispatcher) look(contract *conform.Operation, w *watched, c Check) {
	c.Message = Request
	d.later.do(len(w.kept), func(busy bool) {
		if !busy {
			c.Violations = contract.Observed(w.request, w.kept, w.whole())
		} else {
			c.Skipped = conform.Busy
		}
		if busy || len(c.Violations) > 0 {
			d.checked(&c)
		}
	})
}

// compare checks an answer that was recorded.
func (d *Dispatcher) compare(rec *recorder, c Check) {
	c.Message, c.Status = Answer, rec.status
	d.later.do(len(rec.kept), func(busy bool) {
		if c.Skipped = rec.expected.Body; busy {
			c.Skipped = conform.Busy
		} else {
			c.Violations = rec.expected.Check(rec.kept)
		}
		rec.release()
		d.checked(&c)
	})
}

// Settle waits until everything that was sent so far has been checked.
func (d *Dispatcher) Settle() { d.later.wait() }
