package legacyproxy

import (
	"slices"

	"github.com/banyan-go/banyan/config"
)

// answerKeys say what PHP's answers look like.
type answerKeys struct {
	Envelope *envelopeFile `yaml:"envelope"`
	Errors   []ruleFile    `yaml:"errors"`
}

// answerSettings is what is known of PHP's answers.
type answerSettings struct {
	envelope *envelope
	rules    []rule
}

// mapped reports whether answers are read as PHP's and turned into the
// contract's; all others pass untouched.
func (s *answerSettings) mapped() bool { return s.envelope != nil || len(s.rules) > 0 }

// envelopeFile is an envelope, or the word none.
type envelopeFile struct {
	pos  config.Pos
	none bool
	body struct {
		Code    config.Value[string] `yaml:"code"`
		Message config.Value[string] `yaml:"message"`
		Data    config.Value[string] `yaml:"data"`
		Success []config.Value[code] `yaml:"success"`
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
	}
	switch {
	case !b.Code.Set() && !b.Data.Set():
		p.fault(f.pos, "name at least code or data", "envelope: it says neither where the code nor where the data is")
	case !b.Code.Set() && len(b.Success) > 0:
		p.fault(b.Success[0].Pos, "add code, the JSON pointer to the code", "envelope: success without code")
	}
	for i, s := range b.Success {
		if slices.Contains(e.success, string(s.V)) {
			p.fault(b.Success[i].Pos, "keep one of them", "envelope: success has %q twice", s.V)
		}
		e.success = append(e.success, string(s.V))
	}
	return e
}

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
