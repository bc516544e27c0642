package legacyproxy

import (
	"errors"
	"net/http"
	"regexp"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/legacyproxy/internal/pcre"
)

// ruleFile is one entry of an error map.
type ruleFile struct {
	config.At
	Status    statusSet            `yaml:"status"`
	Code      codeSet              `yaml:"code"`
	Header    *headerFile          `yaml:"header"`
	Body      config.Value[string] `yaml:"body"`
	Problem   config.Value[string] `yaml:"problem"`
	Message   config.Value[string] `yaml:"message"`
	Detail    config.Value[string] `yaml:"detail"`
	Class     config.Value[string] `yaml:"class"`
	Retryable config.Value[bool]   `yaml:"retryable"`
}

type headerFile struct {
	config.At
	Name    config.Value[string] `yaml:"name"`
	Value   config.Value[string] `yaml:"value"`
	Pattern config.Value[string] `yaml:"pattern"`
}

// rules compiles an error map whose answers have the envelope e.
func (p *parser) rules(files []ruleFile, e *envelope) []rule {
	var rules []rule
	for i := range files {
		f, before := &files[i], len(p.faults)
		r := rule{
			pos: f.At.Pos, status: f.Status.spans, code: f.Code, problem: f.Problem,
			message:   messageMode(p.word(f.Message, "message", string(messageHide), string(messagePass), string(messageRedact))),
			detail:    f.Detail.V,
			class:     Class(p.word(f.Class, "class", "", string(ClassBusiness), string(ClassFault), string(ClassOverload))),
			retryable: f.Retryable.V,
			body:      p.pattern(f.Body, "errors: body"),
		}
		if f.Header != nil {
			r.header = p.ruleHeader(f.Header)
		}
		p.checkRule(f, e)
		if len(p.faults) > before || f.Status.Pos.Line > 0 && len(f.Status.spans) == 0 || f.Code.Pos.Line > 0 && f.Code.empty() {
			r.pos = config.Pos{} // it is not known what it matches
		}
		for j := range rules {
			if earlier := &rules[j]; earlier.pos.Line > 0 && r.pos.Line > 0 && earlier.covers(&r) {
				p.fault(r.pos, "remove it or put it first", "errors: this rule is never reached: the one in line %d matches all that it does", earlier.pos.Line)
				break
			}
		}
		rules = append(rules, r)
	}
	return rules
}

func (p *parser) ruleHeader(f *headerFile) headerMatch {
	switch {
	case !f.Name.Set():
		p.fault(f.At.Pos, "", "errors: header needs a name")
	case !isToken(f.Name.V):
		p.fault(f.Name.Pos, "", "errors: %q is not a header name", f.Name.V)
	}
	if f.Value.Set() && (!printable(f.Value.V) || f.Value.V == "") {
		p.fault(f.Value.Pos, "leave value out to match any", "errors: %q cannot be a header's value", f.Value.V)
	}
	if f.Value.Set() && f.Pattern.Set() {
		p.fault(f.Pattern.Pos, "keep one of them", "errors: header has a value and a pattern")
	}
	return headerMatch{http.CanonicalHeaderKey(f.Name.V), f.Value.V, p.pattern(f.Pattern, "errors: header")}
}

// maxPattern bounds what a pattern costs to compile and to match.
const maxPattern = 1000

// pattern compiles an expression as PHP means it; nil when there is none.
func (p *parser) pattern(v config.Value[string], where string) *regexp.Regexp {
	if !v.Set() {
		return nil
	}
	if len(v.V) > maxPattern {
		p.fault(v.Pos, "", "%s: the pattern is longer than %d bytes", where, maxPattern)
		return nil
	}
	re, err := pcre.Compile(v.V)
	if err != nil {
		repair := ""
		if refused := (*pcre.Refused)(nil); errors.As(err, &refused) {
			repair = refused.Repair
		}
		p.fault(v.Pos, repair, "%s: %v", where, err)
		return nil
	}
	return re
}

func (p *parser) checkRule(f *ruleFile, e *envelope) {
	hasCode, hasStatus := f.Code.Pos.Line > 0, f.Status.Pos.Line > 0
	if !f.Problem.Set() {
		p.fault(f.At.Pos, "name a problem code of the contract", "errors: this rule has no problem")
	}
	if !hasStatus && !hasCode && f.Header == nil && !f.Body.Set() {
		p.fault(f.At.Pos, "add status, code, header or body", "errors: this rule matches nothing")
	}
	if f.Status.success() && !hasCode && f.Header == nil && !f.Body.Set() {
		p.fault(f.Status.Pos, "add code, header or body", "errors: this rule makes every success an error")
	}
	if hasCode {
		switch {
		case e == nil || e.code == nil:
			p.fault(f.Code.Pos, "add code to the envelope of these answers: envelope: {code: /code}", "errors: no envelope says where the code is")
		case !e.success.empty() && !f.Code.empty() && e.success.covers(&f.Code) && (!hasStatus || f.Status.maySucceed()):
			p.fault(f.Code.Pos, "remove the rule, or take the code out of success", "errors: the envelope lists code %q as a success", f.Code.items[0].text)
		}
	}
	shown := f.Message.V == string(messagePass) || f.Message.V == string(messageRedact)
	if shown && (e == nil || e.message == nil && e.fields == nil) {
		p.fault(f.Message.Pos, "add message to the envelope of these answers: envelope: {message: /message}", "errors: no envelope says where the message is")
	}
	if f.Detail.Set() {
		switch {
		case shown:
			p.fault(f.Detail.Pos, "keep one of them", "errors: detail stands in the place of the message that message: %s shows", f.Message.V)
		case f.Detail.V == "" || !printable(f.Detail.V) || len(f.Detail.V) > maxMessage:
			p.fault(f.Detail.Pos, "", "errors: detail: want one line of 1 to %d bytes", maxMessage)
		}
	}
}
