package goserver

import (
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// switching is the status of an answer after which both sides speak another
// protocol. It is the only one below 200 that a handler can give: what else there
// is comes before an answer (RFC 9110, section 15.2).
const switching = "101"

// informational reports the statuses below 200, as a contract writes them.
func informational(status string) bool {
	return len(status) == 3 && status[0] == '1'
}

// findSwitch adds the answer 101. It has no body, and a type of its own in each
// operation.
func (p *prep) findSwitch(op *operation, r *openapi.Response) {
	headers := map[string]*openapi.HeaderRef{}
	for name, h := range r.Headers {
		// wire.Switch writes these.
		if !strings.EqualFold(name, "Connection") && !strings.EqualFold(name, "Upgrade") {
			headers[name] = h
		}
	}
	a := &answerView{Status: switching, Code: switching, Kind: switchBody, Index: len(op.Answers), Doc: commentLines(r.Description)}
	a.Headers = p.findHeaders(op, headers, "", switching)
	a.Type = p.names.take(op.Go + switching + "Response")
	op.Answers = append(op.Answers, a)
	op.answers = append(op.answers, answerSource{headers: headers})
}

// earlyGaps reports what of an answer below 200 is not in Go.
func (p *prep) earlyGaps(op *operation, status string, r *openapi.Response) {
	pos := op.node.At("responses", status)
	switch {
	case status != switching:
		p.list.Warn(ruleEarly, pos, op.ID+": status "+status+" comes before the answer: servers and proxies send it by themselves, and there is no Go for it", "")
	case len(r.Content) > 0:
		p.list.Warn(ruleEarly, pos, op.ID+": status "+status+" has no body: what follows it is another protocol", "leave the content out")
	}
}
