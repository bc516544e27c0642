package legacyproxy

import (
	"cmp"
	"fmt"
	"slices"

	"github.com/banyan-go/banyan/config"
)

// Parse reads a legacy.yaml and reports everything that is wrong with it by
// itself, in the order of the file; Mapping.Check compares it with a contract.
// An empty file is a mapping in which nothing differs. The mapping is usable
// only when there are no faults.
func Parse(name string, data []byte) (*Mapping, config.Faults) {
	m := &Mapping{name: name}
	p := &parser{m: m, faults: misplaced(config.Decode(name, data, &m.file))}
	p.decoded = len(p.faults)
	p.parse()
	return m, sorted(p.faults)
}

// misplaced says of keys that are looked for elsewhere, or under another name,
// where they belong.
func misplaced(faults config.Faults) config.Faults {
	for i := range faults {
		switch faults[i].Message {
		case `unknown key "fields"`:
			faults[i].Hint = "write envelope: {fields: /errors}"
		case `unknown key "success"`:
			faults[i].Hint = "write envelope: {code: /code, success: [0]}"
		case `unknown key "data"`:
			faults[i].Hint = "write envelope: {data: /data}"
		case `unknown key "errors"`: // of an envelope
			faults[i].Hint = "write fields: /errors"
		case `unknown key "msg"`:
			faults[i].Hint = "did you mean \"message\"?"
		}
	}
	return faults
}

// sorted orders faults as their places stand in the file.
func sorted(fs config.Faults) config.Faults {
	slices.SortStableFunc(fs, func(a, b config.Fault) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
	return fs
}

// parser checks a file and compiles it into its Mapping.
type parser struct {
	m       *Mapping
	faults  config.Faults
	decoded int // how many of them are about values that could not be read
}

// fault reports what is wrong at a place, unless what stands there could not
// even be read: all else follows from that.
func (p *parser) fault(pos config.Pos, hint, format string, args ...any) {
	if p.unreadable(pos) {
		return
	}
	p.faults = append(p.faults, config.Fault{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// faultOnce reports a fault unless one was reported at the place before.
func (p *parser) faultOnce(pos config.Pos, hint, format string, args ...any) {
	if !slices.ContainsFunc(p.faults, func(f config.Fault) bool { return f.Pos == pos }) {
		p.fault(pos, hint, format, args...)
	}
}

// unreadable reports whether there is no value at a place, for it is not of the
// kind that is wanted there.
func (p *parser) unreadable(pos config.Pos) bool {
	return slices.ContainsFunc(p.faults[:p.decoded], func(f config.Fault) bool { return f.Pos == pos })
}

func (p *parser) parse() {
	f := &p.m.file
	if f.At.Pos.Line > 0 && !f.Version.Set() { // an empty file needs none
		p.fault(f.At.Pos, "begin the file with version: 1", "version is missing")
	}
	p.word(f.Unlisted, "unlisted", "pass", "refuse")
	trustedProxies(f.Trusted, func(string) (string, bool) { return "127.0.0.1", true }, p.fault)
	p.named()
	p.m.defaults = p.settings(settings{sendingSettings: sendingSettings{maxResponse: int64(defaultMaxResponse)}}, &f.sharedKeys)
	p.m.defaults.envelope = p.envelope(f.Envelope)
	p.m.rules = p.rules(f.Errors, p.anyEnvelope())
	p.m.defaults.rules = p.m.rules
	for i := range f.Operations {
		e := &f.Operations[i]
		p.m.operations = append(p.m.operations, p.operation(e.Key, e.Pos, &e.Value))
	}
}

// operation compiles one entry under operations.
func (p *parser) operation(id string, pos config.Pos, f *operationFile) *operation {
	op := &operation{id: id, pos: pos, settings: p.settings(p.m.defaults, &f.sharedKeys)}
	if f.Envelope != nil {
		op.envelope = p.envelope(f.Envelope)
	}
	op.rules = slices.Concat(p.rules(f.Errors, op.envelope), p.m.rules)
	op.requestSettings = p.requestKeys(&f.requestKeys)
	op.envelope = op.envelope.undo(&op.requestSettings)
	return op
}

// word checks that a value is one of a few words; the first is the default.
func (p *parser) word(v config.Value[string], key string, words ...string) string {
	if !v.Set() {
		return words[0]
	}
	if !slices.Contains(words, v.V) {
		known := slices.DeleteFunc(slices.Clone(words), func(w string) bool { return w == "" })
		p.fault(v.Pos, config.Suggest(v.V, known), "%s: %q is not known", key, v.V)
		return words[0]
	}
	return v.V
}
