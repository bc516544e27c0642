package legacyproxy

import (
	"net/http"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// answerKeys say what PHP's answers look like.
type answerKeys struct {
	Envelope *envelopeFile `yaml:"envelope"`
	Errors   []ruleFile    `yaml:"errors"`

	Status          config.Map[config.Value[int]] `yaml:"status"`
	AnswerHeaders   *rewriteFile                  `yaml:"answer-headers"`
	RewriteLocation config.Value[string]          `yaml:"rewrite-location"`
}

// answerSettings is what is known of PHP's answers.
type answerSettings struct {
	envelope *envelope
	rules    []rule
	status   []statusChange

	answerHeaders *headerMapping
	links         links
}

// statusChange gives a success another status.
type statusChange struct {
	from, to int
	pos      config.Pos // of to
}

// answerKeys compiles what of answers does not depend on the envelope.
func (p *parser) answerKeys(s *answerSettings, f *answerKeys) {
	if f.AnswerHeaders != nil {
		s.answerHeaders = p.headers(f.AnswerHeaders, "answer-headers")
	}
	if f.RewriteLocation.Set() {
		s.links = links(p.word(f.RewriteLocation, "rewrite-location", string(linksKeep), string(linksHeaders), string(linksAll)))
	}
	if len(f.Status) > 0 {
		s.status = nil
	}
	for _, e := range f.Status {
		from, err := strconv.Atoi(e.Key)
		to := e.Value.V
		switch {
		case err != nil || from < 200 || from > 399 || from == http.StatusNotModified:
			p.fault(e.Pos, "errors have rules under errors", "status: %q is not the status of a success or a redirect", e.Key)
		case to < 200 || to > 399 || to == http.StatusNotModified:
			p.fault(e.Value.Pos, "errors have rules under errors", "status: %d is not the status of a success or a redirect", to)
		case from == to:
			p.fault(e.Value.Pos, "", "status: %d is what it is already", to)
		}
		s.status = append(s.status, statusChange{from, to, e.Value.Pos})
	}
}

// mapped reports whether answers are read as PHP's and turned into the
// contract's; all others pass untouched.
func (s *answerSettings) mapped() bool { return s.envelope != nil || len(s.rules) > 0 }

// looksAtBodies reports whether some rule is about bodies.
func (s *answerSettings) looksAtBodies() bool {
	return slices.ContainsFunc(s.rules, func(r rule) bool { return r.body != nil })
}

// envelopeFile is an envelope, or the word none.
type envelopeFile struct {
	pos  config.Pos
	none bool
	body struct {
		Code    config.Value[string] `yaml:"code"`
		Message config.Value[string] `yaml:"message"`
		Data    config.Value[string] `yaml:"data"`
		Status  config.Value[string] `yaml:"status"`
		Success codeSet              `yaml:"success"`
		Fields  *fieldsFile          `yaml:"fields"`
	}
}

// UnmarshalConfig implements config.Unmarshaler.
func (e *envelopeFile) UnmarshalConfig(n *config.Node) {
	e.pos = n.Pos()
	if n.Kind() != config.Scalar {
		n.Decode(&e.body)
		return
	}
	e.none = true
	if n.Text() != "none" {
		n.Faultf("", "envelope: want none or a mapping, found %q", n.Text())
	}
}

// fieldsFile says where PHP lists what is wrong with single fields. Written as
// a single value it is the pointer alone.
type fieldsFile struct {
	At      config.Value[string]             `yaml:"at"`
	Name    config.Value[string]             `yaml:"name"`
	Message config.Value[string]             `yaml:"message"`
	Rename  config.Map[config.Value[string]] `yaml:"rename"`
	pos     config.Pos
}

// UnmarshalConfig implements config.Unmarshaler.
func (f *fieldsFile) UnmarshalConfig(n *config.Node) {
	f.pos = n.Pos()
	if n.Kind() == config.Scalar {
		n.Decode(&f.At)
		return
	}
	type plain fieldsFile
	n.Decode((*plain)(f))
}

// envelope compiles an envelope; nil when there is none.
func (p *parser) envelope(f *envelopeFile) *envelope {
	if f == nil || f.none {
		return nil
	}
	b := &f.body
	e := &envelope{
		code:    p.pointer(b.Code, "code"),
		message: p.pointer(b.Message, "message"),
		data:    p.pointer(b.Data, "data"),
		status:  p.pointer(b.Status, "status"),
		success: b.Success,
		fields:  p.fields(b.Fields),
	}
	switch {
	case !b.Code.Set() && !b.Data.Set() && !b.Status.Set() && !b.Message.Set() && b.Fields == nil:
		p.fault(f.pos, "name code, data, status, message or fields", "envelope: it does not say where anything is")
	case !b.Code.Set() && !b.Success.empty():
		p.fault(b.Success.items[0].pos, "add code, the JSON pointer to the code", "envelope: success without code")
	}
	seen := map[string]bool{}
	for _, item := range b.Success.items {
		if seen[item.text] {
			p.fault(item.pos, "keep one of them", "envelope: success has %q twice", item.text)
		}
		seen[item.text] = true
	}
	return e
}

// pointer reads a JSON pointer. An empty one is the whole document.
func (p *parser) pointer(v config.Value[string], key string) pointer {
	if !v.Set() {
		return nil
	}
	ptr, err := parsePointer(v.V)
	if err != nil {
		p.fault(v.Pos, "write a JSON pointer such as /"+key, "envelope: %s: %v", key, err)
		return pointer{} // there is one, if no good one: rules may rely on it
	}
	return ptr
}

// fields compiles where the faults of single fields stand.
func (p *parser) fields(f *fieldsFile) *fieldFaults {
	if f == nil {
		return nil
	}
	if !f.At.Set() {
		p.fault(f.pos, "add at, the JSON pointer to them", "envelope: fields does not say where they are")
	}
	out := &fieldFaults{at: p.pointer(f.At, "fields"), name: p.pointer(f.Name, "name"), message: p.pointer(f.Message, "message")}
	for _, e := range f.Rename {
		out.rename = append(out.rename, fieldRename{fieldSteps(e.Key), e.Value.V})
		if _, err := parsePointer(e.Value.V); err != nil || !strings.HasPrefix(e.Value.V, "/") {
			p.fault(e.Value.Pos, "write the contract's place, such as /address/street or /query/limit", "envelope: fields: %q is no JSON pointer", e.Value.V)
		}
	}
	return out
}

// anyEnvelope is an envelope with all that some envelope of the file has, for
// checking rules that serve many operations.
func (p *parser) anyEnvelope() *envelope {
	merged := &envelope{}
	merge := func(f *envelopeFile) {
		if f == nil || f.none {
			return
		}
		if f.body.Code.Set() {
			merged.code = pointer{"code"}
		}
		if f.body.Message.Set() {
			merged.message = pointer{"message"}
		}
	}
	if merge(p.m.file.Envelope); p.m.defaults.envelope != nil {
		merged.success = p.m.defaults.envelope.success
	}
	for i := range p.m.file.Operations {
		merge(p.m.file.Operations[i].Value.Envelope)
	}
	return merged
}
