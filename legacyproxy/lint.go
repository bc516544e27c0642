package legacyproxy

import (
	"fmt"
	"net/http"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
)

// Lint returns settings of a sound mapping that have no effect with this
// contract, or another one than they seem to have. Nothing is wrong with them
// for a server.
func (m *Mapping) Lint(s *catalog.Service, ws *catalog.Workspace) config.Faults {
	l := &linter{m: m, view: viewContract(s.Contract)}
	l.nobodyTrusted = len(m.file.Trusted) == 0 && len(ws.TrustedProxies) == 0
	l.trustedHeaders(&m.file.sharedKeys)
	unchecked := ws.ValidationOf(s).Answers.Legacy == catalog.None
	l.asleep(unchecked, &m.defaults.normalise, config.Pos{})
	for i, op := range m.operations {
		f := &m.file.Operations[i].Value
		l.trustedHeaders(&f.sharedKeys)
		if declared := s.Operation(op.id); declared != nil {
			l.owned(op, f)
			l.bodies(op, f, declared)
			l.asleep(unchecked, &op.normalise, m.defaults.normalise.pos)
		}
	}
	return sorted(l.found)
}

// linter collects what Lint finds.
type linter struct {
	m             *Mapping
	view          *contractView
	nobodyTrusted bool
	found         config.Faults
}

func (l *linter) warn(pos config.Pos, hint, format string, args ...any) {
	l.found = append(l.found, config.Fault{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint})
}

func (l *linter) trustedHeaders(f *sharedKeys) {
	if l.nobodyTrusted && len(f.TrustedHeaders) > 0 {
		l.warn(f.TrustedHeaders[0].Pos, "add trusted-proxies with the addresses of the edge, here or in banyan.yaml; to keep the headers from PHP, write headers: drop",
			"trusted-headers: no peer is trusted, so PHP gets these headers from nobody but Go code")
	}
}

// asleep finds answers that are normalised after the first violation, of which
// nobody would hear.
func (l *linter) asleep(unchecked bool, s *normaliseSettings, inherited config.Pos) {
	if unchecked && s.when == afterward && s.pos != inherited {
		l.warn(s.pos, "write when: always, or let answers be checked: validation: {answers: {legacy: sample 1%}} in banyan.yaml",
			"normalise: auto never begins: no answer of PHP is checked")
	}
}

// owned finds headers that have a rule beside the key that is about them. The
// header's rule comes last and wins.
func (l *linter) owned(op *operation, f *operationFile) {
	check := func(name string, pos config.Pos) {
		key, hint, effect := "", "keep one of them", "has no effect on what PHP gets"
		switch http.CanonicalHeaderKey(name) {
		case "Authorization":
			if op.authorization.Set() && op.authorization.V != authorizationPass {
				key = "authorization"
			}
		case "Cookie":
			if op.cookies != nil && (len(op.cookies.set)+len(op.cookies.rename)+len(op.cookies.drop) > 0) {
				key, hint = "cookies", "write single cookies under cookies: set and drop"
			}
		case "X-Http-Method-Override":
			if op.override == overrideHeader {
				key = "method-override"
			}
		case "Content-Type":
			if op.body.form != bodyPass {
				key, hint, effect = "body", "remove it: a body that is converted says what it is", "is read by PHP as something else"
			}
		}
		if key != "" {
			l.warn(pos, hint, "headers: %q has a rule here, so %s %s", name, key, effect)
		}
	}
	for _, e := range f.Headers.Set {
		check(e.Key, e.Pos)
	}
	for _, d := range f.Headers.Drop {
		check(d.V, d.Pos)
	}
}

// bodies finds conversions of bodies that do not come to pass, or that PHP does
// not look at.
func (l *linter) bodies(op *operation, f *operationFile, declared *catalog.Operation) {
	if f.Body == nil || op.body.form == bodyPass || l.view.operations[op.id] == "" {
		return
	}
	wanted := declared.Method
	if op.method != "" {
		wanted = op.method
	}
	sent := wanted
	if op.override != overrideNone && wanted != http.MethodGet && wanted != http.MethodHead {
		sent = http.MethodPost
	}
	given, convertible := l.view.takes(declared)
	makes := len(op.body.set) > 0 || op.override == overrideForm
	switch {
	case !given && (sent == http.MethodGet || sent == http.MethodHead):
		l.warn(f.Body.pos, "remove it, or write method: POST", "body: %s has no body in the contract, and none is made for %s", op.id, sent)
		return
	case !given && !makes:
		l.warn(f.Body.pos, "remove it, or add what PHP wants under body: set", "body: %s has no body in the contract: there is nothing to convert", op.id)
		return
	case given && !convertible:
		l.warn(f.Body.pos, "remove it: bodies pass as they come", "body: the contract's body is neither JSON nor a form, so that each is refused with 415")
		return
	}
	if sent != http.MethodPost && (op.body.form == bodyURLEncoded || op.body.form == bodyMultipart) {
		l.warn(f.Body.pos, "add method-override: header, or write method: POST, unless PHP reads php://input itself",
			"body: PHP fills $_POST and $_FILES for POST alone; %s comes to it as %s", op.id, sent)
	}
	l.parts(op, f, declared)
}

// parts finds fields that no body has when PHP gets it.
func (l *linter) parts(op *operation, f *operationFile, declared *catalog.Operation) {
	known := l.view.properties(declared)
	if len(known) == 0 {
		return // the contract does not say which
	}
	known = slices.DeleteFunc(known, func(name string) bool {
		return slices.Contains(op.body.drop, name) || slices.ContainsFunc(op.body.rename, func(r bodyRename) bool { return r.from == name })
	})
	for _, r := range op.body.rename {
		known = append(known, r.to)
	}
	for _, s := range op.body.set {
		known = append(known, s.path[0])
	}
	for _, e := range f.Body.Parts {
		if !slices.Contains(known, e.Key) && !strings.ContainsAny(e.Key, "[]") {
			l.warn(e.Pos, suggestOr(e.Key, known, "name the field as PHP gets it"), "body: parts: no body has a field %q", e.Key)
		}
	}
}
