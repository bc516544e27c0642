package contract

import (
	"cmp"
	"fmt"
	"maps"
	"net/http"
	"regexp"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// The extensions of an operation that say what executing it does.
const (
	safeExtension    = "x-safe"
	effectsExtension = "x-effects"
	keyExtension     = "x-idempotency-key"
)

const idempotencyKey = "Idempotency-Key"

var effectName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// class derives an operation's class and the header of its idempotency key,
// canonical, or empty when it has none.
func (s *surveyor) class(v *value, method string, params []Parameter) (catalog.Class, string) {
	method = strings.ToUpper(method)
	key := s.idempotencyKey(v, method, params)
	effects := s.effects(v)
	safe, declared := s.safe(v)
	switch {
	case effects && safe:
		s.list.Add(ruleWriteClass, v.field(safeExtension).pos, "the operation is called safe and has x-effects", "remove one of the two: a safe operation changes nothing, inside or outside")
		return catalog.Effect, key
	case effects:
		return catalog.Effect, key
	case safe:
		return catalog.Safe, key
	}
	switch method {
	case http.MethodGet, http.MethodHead, http.MethodOptions, http.MethodTrace:
		if !declared {
			return catalog.Safe, key
		}
	case http.MethodPut, http.MethodDelete:
		return catalog.Idempotent, key
	}
	if key != "" {
		return catalog.Idempotent, key
	}
	return catalog.Write, ""
}

// safe reads x-safe; declared is whether the operation has it.
func (s *surveyor) safe(v *value) (safe, declared bool) {
	f := v.field(safeExtension)
	if f == nil {
		return false, false
	}
	n := f.value.raw
	if n == nil || n.kind != boolNode {
		s.list.Add(ruleWriteClass, placeOf(f), fmt.Sprintf("x-safe: want true or false, found %s", foundIn(n)), "")
		return false, true // of the two the one that permits less
	}
	return n.text == "true", true
}

// effects reads x-effects and reports whether the operation has it, sound or
// not.
func (s *surveyor) effects(v *value) bool {
	f := v.field(effectsExtension)
	if f == nil {
		return false
	}
	const hint = "list what it does outside, such as x-effects: [mail, payment]"
	n := f.value.raw
	switch {
	case n == nil || n.kind != listNode:
		s.list.Add(ruleWriteClass, placeOf(f), fmt.Sprintf("x-effects: want a list, found %s", foundIn(n)), hint)
		return true
	case len(n.items) == 0:
		s.list.Add(ruleWriteClass, placeOf(f), "x-effects: the list is empty", "name an effect, or remove it")
	}
	seen := map[string]bool{}
	for _, item := range n.items {
		switch name := item.source(); {
		case item.kind != stringNode || !effectName.MatchString(name):
			s.list.Add(ruleWriteClass, item.pos(), fmt.Sprintf("x-effects: %s is no name of an effect", foundIn(item)), "use words of a-z and 0-9 joined by -, such as mail")
		case seen[name]:
			s.list.Add(ruleWriteClass, item.pos(), fmt.Sprintf("x-effects has %q twice", name), "keep one of them")
		default:
			seen[name] = true
		}
	}
	return true
}

// idempotencyKey is the header that x-idempotency-key names, or
// Idempotency-Key where that is declared. What makes a POST repeatable has to
// be required; PUT and DELETE are repeated where the request has one.
func (s *surveyor) idempotencyKey(v *value, method string, params []Parameter) string {
	headers := map[string]Parameter{}
	for _, p := range params {
		if p.In == "header" {
			headers[http.CanonicalHeaderKey(p.Name)] = p
		}
	}
	optional := method == http.MethodPut || method == http.MethodDelete
	f := v.field(keyExtension)
	if f == nil {
		if p, ok := headers[idempotencyKey]; ok && (p.Required || optional) {
			return idempotencyKey
		}
		return ""
	}
	n := f.value.raw
	if n == nil || n.kind != stringNode {
		s.list.Add(ruleWriteClass, placeOf(f), fmt.Sprintf("x-idempotency-key: want the name of a header parameter, found %s", foundIn(n)), "")
		return ""
	}
	name := http.CanonicalHeaderKey(n.text)
	switch p, ok := headers[name]; {
	case !ok:
		s.list.Add(ruleWriteClass, n.pos(), fmt.Sprintf("x-idempotency-key: the operation has no header parameter %q", n.text),
			cmp.Or(config.Suggest(name, slices.Collect(maps.Keys(headers))), "declare it under parameters, in: header, required: true"))
		return ""
	case !p.Required && !optional:
		s.list.Add(ruleWriteClass, n.pos(), fmt.Sprintf("x-idempotency-key: the header parameter %q is not required", n.text), "declare it with required: true; a request without a key cannot be recognised")
		return ""
	}
	return name
}

// misplacedEffects reports the extensions above where they have no effect:
// somebody relies on them.
func (s *surveyor) misplacedEffects(v *value) {
	for _, name := range []string{effectsExtension, keyExtension, safeExtension} {
		if f := v.field(name); f != nil {
			s.list.Add(ruleWriteClass, f.pos, name+" has no effect here", "write it into each operation that it is about")
		}
	}
}

// placeOf is where a field's value stands, or its name when nothing does.
func placeOf(f *valueField) config.Pos {
	if n := f.value.raw; n != nil && n.pos().Line > 0 {
		return n.pos()
	}
	return f.pos
}

func foundIn(n *node) string {
	switch {
	case n == nil:
		return "nothing"
	case n.kind == stringNode:
		return fmt.Sprintf("%q", n.source())
	}
	return describeValue(n)
}

const ruleWriteClass = "write-class"

var _ = diag.Register(diag.Rule{
	ID:      ruleWriteClass,
	Summary: "What an operation says about its effects cannot be right.",
	Why: "Whether a request may be sent to PHP again, hedged or mirrored follows from the operation's write class, and from nothing else. " +
		"R (safe): GET, HEAD, OPTIONS and TRACE, or x-safe: true. I (idempotent): PUT and DELETE, or an operation that requires the header Idempotency-Key or the one that x-idempotency-key names. " +
		"W (write): POST and PATCH, and a GET with x-safe: false. X (effect): any operation with x-effects. U: what no contract covers. " +
		"R is retried; I with its key; W only when provably no byte was sent; X and U never. A wrong declaration ends in a second payment.",
	Example: "post:\n  operationId: searchOrders\n  x-safe: 'yes'",
	Fix:     "post:\n  operationId: searchOrders\n  x-safe: true",
})
