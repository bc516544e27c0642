package legacyproxy

import (
	"net/http"
	"slices"

	"github.com/banyan-go/banyan/config"
)

// ruleFile is one entry of an error map.
type ruleFile struct {
	config.At
	Status  config.Value[statusMatch] `yaml:"status"`
	Code    config.Value[code]        `yaml:"code"`
	Header  *headerFile               `yaml:"header"`
	Problem config.Value[string]      `yaml:"problem"`
	Message config.Value[string]      `yaml:"message"`
}

type headerFile struct {
	config.At
	Name  config.Value[string] `yaml:"name"`
	Value config.Value[string] `yaml:"value"`
}

// rules compiles an error map whose answers have the envelope e.
func (p *parser) rules(files []ruleFile, e *envelope) []rule {
	var rules []rule
	for i := range files {
		f, before := &files[i], len(p.faults)
		r := rule{pos: f.At.Pos, status: f.Status.V, problem: f.Problem,
			message: p.word(f.Message, "message", "hide", "pass") == "pass"}
		if f.Code.Set() {
			r.code = string(f.Code.V)
		}
		if f.Header != nil {
			r.header, r.value = p.ruleHeader(f.Header)
		}
		p.checkRule(f, e)
		if len(p.faults) > before || f.Status.Set() && f.Status.V == (statusMatch{}) {
			r.pos = config.Pos{} // it is not known what it matches
		}
		for _, earlier := range rules {
			if earlier.pos.Line > 0 && r.pos.Line > 0 && earlier.covers(&r) {
				p.fault(r.pos, "remove it or put it first", "errors: this rule is never reached: the one in line %d matches all that it does", earlier.pos.Line)
				break
			}
		}
		rules = append(rules, r)
	}
	return rules
}

func (p *parser) ruleHeader(f *headerFile) (name, value string) {
	switch {
	case !f.Name.Set():
		p.fault(f.At.Pos, "", "errors: header needs a name")
	case !isToken(f.Name.V):
		p.fault(f.Name.Pos, "", "errors: %q is not a header name", f.Name.V)
	}
	if f.Value.Set() && (!printable(f.Value.V) || f.Value.V == "") {
		p.fault(f.Value.Pos, "leave value out to match any", "errors: %q cannot be a header's value", f.Value.V)
	}
	return http.CanonicalHeaderKey(f.Name.V), f.Value.V
}

func (p *parser) checkRule(f *ruleFile, e *envelope) {
	if !f.Problem.Set() {
		p.fault(f.At.Pos, "name a problem code of the contract", "errors: this rule has no problem")
	}
	if !f.Status.Set() && !f.Code.Set() && f.Header == nil {
		p.fault(f.At.Pos, "add status, code or header", "errors: this rule matches nothing")
	}
	if f.Status.V.success() && !f.Code.Set() && f.Header == nil {
		p.fault(f.Status.Pos, "add code or header", "errors: this rule makes every success an error")
	}
	if f.Code.Set() {
		switch {
		case e == nil || e.code == nil:
			p.fault(f.Code.Pos, "declare envelope: code", "errors: no envelope says where the code is")
		case slices.Contains(e.success, string(f.Code.V)) && (!f.Status.Set() || f.Status.V.success()):
			p.fault(f.Code.Pos, "", "errors: the envelope lists code %q as a success", f.Code.V)
		}
	}
	if f.Message.V == "pass" && (e == nil || e.message == nil) {
		p.fault(f.Message.Pos, "declare envelope: message", "errors: no envelope says where the message is")
	}
}
