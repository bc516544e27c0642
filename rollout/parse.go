package rollout

import (
	"net/textproto"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// version is the only version of the format so far.
const version = 1

// document is rollout.yaml as it is written.
type document struct {
	config.At
	Version    config.Value[int]    `yaml:"version"`
	Force      config.Value[side]   `yaml:"force"`
	Default    config.Value[side]   `yaml:"default"`
	Sticky     *stickyNode          `yaml:"sticky"`
	Select     *selectNode          `yaml:"select"`
	Salt       string               `yaml:"salt"`
	Operations config.Map[ruleNode] `yaml:"operations"`
}

// Parse reads a rollout.yaml and returns every fault in it. A file that says
// nothing is one: who emptied it may be about to write the rest. The plan is
// nil if and only if there is a fault.
func Parse(file string, data []byte) (*Plan, config.Faults) {
	p, faults := parse(file, data)
	if len(faults) > 0 {
		return nil, faults
	}
	return p, nil
}

// Lint returns what Check says of the operations in a rollout.yaml that Parse
// may have refused, so that both can be mended at once.
func Lint(file string, data []byte, known []string, has func(op string) Has) config.Faults {
	p, bad := parse(file, data)
	return slices.DeleteFunc(p.Check(known, has), func(f config.Fault) bool { return faultAt(bad, f.Pos) })
}

// parse returns the plan as far as it could be read.
func parse(file string, data []byte) (*Plan, config.Faults) {
	var doc document
	faults := config.Decode(file, data, &doc)
	if doc.Pos.Line == 0 && len(faults) == 0 {
		faults = append(faults, config.Fault{Pos: config.Pos{File: file, Line: 1, Col: 1}, Message: "the file is empty",
			Hint: `write "version: 1" to leave everything to legacy`})
	}
	if doc.Pos.Line > 0 && !doc.Version.Set() {
		faults = append(faults, config.Fault{Pos: doc.Pos, Message: "the version is missing", Hint: `add "version: 1" at the top`})
	}
	if doc.Version.Set() && doc.Version.V != version && !faultAt(faults, doc.Version.Pos) {
		faults = append(faults, config.Fault{Pos: doc.Version.Pos, Message: "this version is not known", Hint: "write version: 1"})
	}

	p := &Plan{forced: doc.Force.Set(), operations: make(map[string]*Rule, len(doc.Operations))}
	switch {
	case doc.Force.Set():
		p.fallback = fixed(Target(doc.Force.V), Forced, doc.Force.Pos)
	case doc.Default.Set():
		p.fallback = fixed(Target(doc.Default.V), Default, doc.Default.Pos)
	default:
		p.fallback = fixed(Legacy, Default, config.Pos{})
	}
	for i := range doc.Operations {
		e := &doc.Operations[i]
		r, bad := e.Value.rule(e.Key, &doc)
		faults = append(faults, bad...)
		r.keyPos = e.Pos
		p.operations[e.Key] = r
		p.order = append(p.order, e.Key)
	}
	sortFaults(faults)
	return p, faults
}

func fixed(t Target, why Reason, pos config.Pos) Rule {
	return Rule{stage: Stage(t.String()), pos: pos, decision: Decision{t, why}}
}

// rule makes the rule of one operation out of its entry and the file's
// defaults.
func (n *ruleNode) rule(op string, doc *document) (*Rule, config.Faults) {
	switch n.stage {
	case stageGo:
		r := fixed(Go, StageGo, n.pos)
		return &r, nil
	case stageCanary:
		return n.canaryRule(op, doc)
	default: // legacy, or a fault that is reported already
		r := fixed(Legacy, StageLegacy, n.pos)
		return &r, nil
	}
}

func (n *ruleNode) canaryRule(op string, doc *document) (*Rule, config.Faults) {
	r := &Rule{
		stage:    Stage("canary " + percent(n.share)),
		pos:      n.pos,
		decision: Decision{Legacy, CanaryOut},
		canary:   true,
		share:    n.share,
		seed:     seed(doc.Salt, op),
	}
	sticky, sel := n.sticky, n.choose
	if sticky == nil {
		sticky = doc.Sticky
	}
	if sel == nil {
		sel = doc.Select
	}
	if sticky != nil {
		r.sticky = source{cookie: sticky.Cookie.V, header: textproto.CanonicalMIMEHeaderKey(sticky.Header.V)}
	}
	if sel != nil {
		r.choose = choice{header: textproto.CanonicalMIMEHeaderKey(sel.Header.V), value: sel.Value.V}
	}
	switch {
	case sticky == nil && sel == nil:
		return r, config.Faults{{Pos: n.pos, Message: op + ": a canary needs sticky or select, so that somebody can be in it",
			Hint: "declare them at the top of the file or here, such as sticky: {cookie: sid}"}}
	case sticky == nil && n.share > 0:
		return r, config.Faults{{Pos: n.pos, Message: op + ": " + string(r.stage) + " has no sticky subject, so nobody would be in that share",
			Hint: "add sticky, or write canary 0% to go by select alone"}}
	}
	return r, nil
}

// faultAt reports whether a fault stands at pos already.
func faultAt(faults config.Faults, pos config.Pos) bool {
	for _, f := range faults {
		if f.Pos == pos {
			return true
		}
	}
	return false
}

// token reports whether s can be the name of a header or a cookie (RFC 9110,
// section 5.6.2).
func token(s string) bool {
	const others = "!#$%&'*+-.^_`|~"
	for _, c := range []byte(s) {
		if !('a' <= c && c <= 'z' || 'A' <= c && c <= 'Z' || '0' <= c && c <= '9' || strings.IndexByte(others, c) >= 0) {
			return false
		}
	}
	return s != ""
}
