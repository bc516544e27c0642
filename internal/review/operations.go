package review

import (
	"cmp"
	"fmt"
	"maps"
	"regexp"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/schema/jsonpointer"
)

// located is an operation with what only its path knows.
type located struct {
	method, path string
	op           *openapi.Operation
	item         *openapi.PathItem
	at           string     // its JSON pointer
	pathPos      config.Pos // where its path is named
}

func (l located) key() string { return l.method + " " + l.path }

var pathVariable = regexp.MustCompile(`\{([^{}]*)\}`)

// shape is a path without the names of its variables.
func shape(path string) string { return pathVariable.ReplaceAllString(path, "{}") }

func variables(path string) []string {
	var out []string
	for _, m := range pathVariable.FindAllStringSubmatch(path, -1) {
		out = append(out, m[1])
	}
	return out
}

// listOperations lists the operations of paths that stand at a JSON pointer; where
// tells the line of each path.
func listOperations(paths map[string]*openapi.PathItem, at string, where func(path string) config.Pos) []located {
	var out []located
	for _, path := range slices.Sorted(maps.Keys(paths)) {
		for _, method := range slices.Sorted(maps.Keys(paths[path].Operations)) {
			out = append(out, located{method, path, paths[path].Operations[method], paths[path], at + "/" + jsonpointer.Escape(path) + "/" + strings.ToLower(method), where(path)})
		}
	}
	return out
}

// pathsOf lists the operations of a document's paths.
func pathsOf(doc *openapi.Document) []located {
	return listOperations(doc.Paths, "/paths", func(path string) config.Pos { return doc.At("paths", path) })
}

// webhooksOf lists those of its webhooks.
func webhooksOf(doc *openapi.Document) []located {
	return listOperations(doc.Webhooks, "/webhooks", func(name string) config.Pos { return doc.At("webhooks", name) })
}

// callbacksOf lists those of a callback of an operation.
func callbacksOf(l located, name string) []located {
	cb := l.op.Callbacks[name]
	return listOperations(cb.Paths, held(l.at+"/callbacks/"+jsonpointer.Escape(name), cb.Ref), func(expression string) config.Pos { return l.op.At("callbacks", name, expression) })
}

// match pairs operations: by path, by path without the names of variables, and
// by operationId when nothing else is left.
func match(base, head []located) (pairs [][2]located, gone, come []located) {
	gone, come = slices.Clone(base), slices.Clone(head)
	for _, key := range []func(located) string{
		located.key,
		func(l located) string { return l.method + " " + shape(l.path) },
		func(l located) string { return l.op.OperationID },
	} {
		byKey := map[string]int{}
		for i, l := range come {
			if k := key(l); k != "" {
				if _, twice := byKey[k]; twice {
					byKey[k] = -1 // not clear which one is meant
					continue
				}
				byKey[k] = i
			}
		}
		taken := map[int]bool{}
		gone = slices.DeleteFunc(gone, func(l located) bool {
			i, ok := byKey[key(l)]
			if !ok || i < 0 || taken[i] {
				return false
			}
			taken[i] = true
			pairs = append(pairs, [2]located{l, come[i]})
			return true
		})
		kept := come[:0:0]
		for i, l := range come {
			if !taken[i] {
				kept = append(kept, l)
			}
		}
		come = kept
	}
	return pairs, gone, come
}

func (c *comparison) operations() {
	pairs, gone, come := match(pathsOf(c.base), pathsOf(c.head))
	for _, p := range pairs {
		c.operation(p[0], p[1], client, "")
	}
	for _, l := range gone {
		f := found{rule: "operation-removed", at: spot{place: l.key()}, message: "the operation is gone", old: l.op.OperationID, base: l.op.Pos, head: c.head.Pos,
			note: "keep it, mark it deprecated with x-sunset, and remove it after that day"}
		c.removal(f, l)
	}
	for _, l := range come {
		c.record(found{rule: "operation-added", at: spot{place: l.key()}, message: "the operation is new", new: l.op.OperationID, head: l.op.Pos}, OK, "", l.key())
	}
}

// removal judges an operation that is gone: announced in time it is no surprise.
func (c *comparison) removal(f found, l located) {
	sunset, has := sunsetOf(l.op)
	switch {
	case l.op.Deprecated && has && !c.options.Now.Before(sunset):
		f.rule, f.message = "operation-removed-after-sunset", "the operation is gone, as announced for "+sunset.Format(time.DateOnly)
		c.record(f, OK, "", l.key())
	case l.op.Deprecated && has:
		c.record(f, Breaks, "it was announced to stay until "+sunset.Format(time.DateOnly), l.key())
	default:
		c.record(f, Breaks, "a client that calls it finds nothing", l.key())
	}
}

// sunsetOf reads x-sunset: a date, or a date with a time (RFC 3339).
func sunsetOf(op *openapi.Operation) (time.Time, bool) {
	text, _ := op.Extensions["x-sunset"].(string)
	for _, layout := range []string{time.DateOnly, time.RFC3339} {
		if t, err := time.Parse(layout, text); err == nil {
			return t, true
		}
	}
	return time.Time{}, false
}

// operation compares one operation. Beneath names what it stands in, for
// callbacks and webhooks, whose requests the server sends.
func (c *comparison) operation(a, b located, caller sender, beneath string) {
	o := &operationDiff{comparison: c, a: a, b: b, caller: caller, beneath: beneath, place: beneath + b.key()}
	c.called[o.place] = beneath + a.key()
	c.pairs = append(c.pairs, &operationPair{key: o.place, base: a, head: b, caller: caller})
	o.identity()
	o.settle()
	o.servers()
	o.parameters()
	o.body()
	o.responses()
	o.security()
	o.callbacks()
	o.extensions()
}

// operationDiff compares one operation.
type operationDiff struct {
	*comparison
	a, b   located
	caller sender
	// beneath is what stands in front of the operation's key in its place.
	beneath, place string
}

func (o *operationDiff) at(tokens ...string) spot { return spot{place: o.place}.below(tokens...) }

// say records a change of the operation's request, or of what its caller sends.
func (o *operationDiff) say(f found, from sender) {
	if f.at.place == "" {
		f.at.place = o.place
	}
	if f.base.Line == 0 {
		f.base = o.a.op.Pos
	}
	if f.head.Line == 0 {
		f.head = o.b.op.Pos
	}
	o.add(f, from, o.place)
}

// identity compares names and what is said about the operation itself.
func (o *operationDiff) identity() {
	if o.a.path != o.b.path && shape(o.a.path) != shape(o.b.path) && (o.caller == client || o.beneath == webhookPrefix) {
		o.say(found{rule: "path-changed", message: "the path changed from " + o.a.path + " to " + o.b.path, old: o.a.path, new: o.b.path, base: o.a.pathPos, head: o.b.pathPos,
			effect: shifts("a client that calls the old path finds nothing"), note: "serve both paths and deprecate the old one"}, o.caller)
	}
	if o.caller == server && o.beneath != webhookPrefix && o.a.path != o.b.path {
		o.say(found{rule: "callback-url-changed", message: "the callback goes to " + o.b.path + " now, not to " + o.a.path, old: o.a.path, new: o.b.path, base: o.a.pathPos, head: o.b.pathPos, effect: shifts("a client that tells the address in the old way is not called any more"),
			note: "keep the expression, or declare a second callback"}, o.caller)
	}
	if x, y := o.a.method, o.b.method; x != y {
		o.say(found{rule: "method-changed", message: "the operation is called with " + y + " now, not " + x, old: x, new: y, effect: shifts("a client that uses the old method is refused"),
			note: "serve both methods and deprecate the old one"}, o.caller)
	}
	if x, y := o.a.op.OperationID, o.b.op.OperationID; x != y {
		o.say(found{rule: "operation-id-changed", message: "the operationId changed from " + x + " to " + y, old: x, new: y, base: o.a.op.At("operationId"), head: o.b.op.At("operationId"), note: "keep the operationId; summary and path may change freely"}, o.caller)
	}
	switch x, y := o.a.op, o.b.op; {
	case !x.Deprecated && y.Deprecated:
		f := found{rule: "operation-deprecated", message: "the operation is deprecated now", old: "false", new: "true", head: y.At("deprecated")}
		if t, ok := sunsetOf(y); ok {
			f.message += " and goes on " + t.Format(time.DateOnly)
			f.new = t.Format(time.DateOnly)
		}
		o.say(f, o.caller)
		o.notice()
	case x.Deprecated && !y.Deprecated:
		o.say(found{rule: "operation-undeprecated", message: "the operation is not deprecated any more", old: "true", new: "false", base: x.At("deprecated"), head: y.At("deprecated")}, o.caller)
	case x.Deprecated:
		s, had := sunsetOf(x)
		if t, has := sunsetOf(y); had && (!has || t.Before(s)) {
			f := found{rule: "sunset-moved-forward", message: "the sunset was " + s.Format(time.DateOnly), old: s.Format(time.DateOnly), base: x.At("x-sunset"), head: y.At("x-sunset"), effect: unclear("clients planned with the announced day")}
			if has {
				f.new = t.Format(time.DateOnly)
				f.message += " and is " + f.new + " now"
			} else {
				f.message += " and is open now"
			}
			o.say(f, o.caller)
		}
	}
}

// stability is an operation's x-stability-level; without one it is stable.
func stability(op *openapi.Operation) string {
	if level, ok := op.Extensions["x-stability-level"].(string); ok && slices.Contains(contract.StabilityLevels, level) {
		return level
	}
	return "stable"
}

// notice holds a new deprecation against the days that clients were promised.
func (o *operationDiff) notice() {
	days := o.options.Deprecation[stability(o.b.op)]
	if days == 0 {
		return
	}
	earliest := o.options.Now.AddDate(0, 0, days).Truncate(24 * time.Hour)
	sunset, has := sunsetOf(o.b.op)
	switch {
	case !has:
		o.say(found{rule: "sunset-missing", message: "the operation is deprecated without a day on which it goes", new: "x-sunset", head: o.b.op.At("deprecated"),
			effect: shifts("clients cannot plan"), note: "add x-sunset: " + strconv.Quote(earliest.Format(time.DateOnly)) + ", or a later day"}, o.caller)
	case sunset.Before(earliest):
		o.say(found{rule: "sunset-too-soon", message: fmt.Sprintf("the operation goes on %s, in less than the %d days that are promised", sunset.Format(time.DateOnly), days), new: sunset.Format(time.DateOnly), head: o.b.op.At("x-sunset"),
			effect: shifts("clients have less time than they were promised"), note: "set x-sunset: " + strconv.Quote(earliest.Format(time.DateOnly)) + ", or a later day"}, o.caller)
	}
}

// settle compares how stable an operation is said to be.
func (o *operationDiff) settle() {
	x, y := stability(o.a.op), stability(o.b.op)
	switch a, b := slices.Index(contract.StabilityLevels, x), slices.Index(contract.StabilityLevels, y); {
	case b < a:
		o.say(found{rule: "stability-lowered", message: "the operation was " + x + " and is " + y + " now", old: x, new: y, base: o.a.op.At("x-stability-level"), head: o.b.op.At("x-stability-level"),
			effect: shifts("clients were promised more"), note: "keep x-stability-level: " + x}, o.caller)
	case b > a:
		o.say(found{rule: "stability-raised", message: "the operation was " + x + " and is " + y + " now", old: x, new: y, base: o.a.op.At("x-stability-level"), head: o.b.op.At("x-stability-level")}, o.caller)
	}
}

// unstable makes undecided what breaks only operations that were announced as
// drafts: their clients were told.
func (c *comparison) unstable() {
	levels := map[string]string{}
	for _, p := range c.pairs {
		levels[p.key] = stability(p.base.op)
	}
	for _, l := range pathsOf(c.base) {
		if levels[l.key()] == "" {
			levels[l.key()] = stability(l.op)
		}
	}
	for _, ch := range c.byID {
		draft := len(ch.Affects) > 0 && !strings.HasPrefix(ch.Rule, "stability-")
		for _, op := range ch.Affects {
			draft = draft && (levels[op] == "draft" || levels[op] == "alpha")
		}
		if draft && ch.Wire == Breaks {
			ch.Wire, ch.answers, ch.told = Undecided, min(ch.answers, Undecided), true
			ch.Why = append(ch.Why, "all operations that it reaches were announced as unstable")
		}
	}
}

// generatorExtensions change what our generator writes.
var generatorExtensions = []string{"x-go-name", "x-go-type", "x-go-type-name", "x-go-type-import", "x-enum-varnames", "x-go-json-ignore", "x-validate", "x-safe", "x-effects", "x-problems"}

func (o *operationDiff) extensions() {
	at := func(name string) spots { return spots{o.a.op.At(name), o.b.op.At(name)} }
	o.extension(o.a.op.Extensions, o.b.op.Extensions, o.at(), at, o.place)
}

// extension compares the extensions that matter to the generator.
func (c *comparison) extension(a, b openapi.Extensions, at spot, where func(name string) spots, affects ...string) {
	for _, name := range generatorExtensions {
		x, y := a[name], b[name]
		if old, now := literal(x), literal(y); old != now {
			c.record(found{rule: "extension-changed", at: at.below(name), message: name + " changed", old: shown(old), new: shown(now), base: where(name).base, head: where(name).head}, OK, "", affects...)
		}
	}
}

// callbacks compares what the service calls at its clients.
func (o *operationDiff) callbacks() {
	renamed := o.renamedCallbacks()
	for _, name := range slices.Sorted(maps.Keys(o.a.op.Callbacks)) {
		to := cmp.Or(renamed[name], name)
		if to != name {
			o.say(found{rule: "callback-renamed", at: o.at("callbacks", name), message: "the callback " + name + " is called " + to + " now", old: name, new: to,
				base: o.a.op.At("callbacks", name), head: o.b.op.At("callbacks", to), same: true}, o.caller)
		}
		if o.b.op.Callbacks[to] == nil {
			o.say(found{rule: "callback-removed", at: o.at("callbacks", name), message: "the callback " + name + " is gone", old: name, base: o.a.op.Callbacks[name].Pos,
				effect: shifts("a client that waits to be called waits in vain")}, o.caller)
			continue
		}
		o.outgoing(callbacksOf(o.a, name), callbacksOf(o.b, to), o.place+" callback "+to+" ")
	}
	known := slices.Collect(maps.Values(renamed))
	for _, name := range slices.Sorted(maps.Keys(o.b.op.Callbacks)) {
		if o.a.op.Callbacks[name] == nil && !slices.Contains(known, name) {
			o.say(found{rule: "callback-added", at: o.at("callbacks", name), message: "the callback " + name + " is new", new: name, head: o.b.op.Callbacks[name].Pos}, o.caller)
		}
	}
}

// renamedCallbacks goes from callbacks that are gone to new ones that are called at the
// same addresses. A callback's name is for people: no request shows it.
func (o *operationDiff) renamedCallbacks() map[string]string {
	addresses := func(cb *openapi.Callback) string { return strings.Join(slices.Sorted(maps.Keys(cb.Paths)), "\n") }
	out, taken := map[string]string{}, map[string]bool{}
	for _, old := range slices.Sorted(maps.Keys(o.a.op.Callbacks)) {
		if o.b.op.Callbacks[old] != nil {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(o.b.op.Callbacks)) {
			if o.a.op.Callbacks[name] == nil && !taken[name] && addresses(o.a.op.Callbacks[old]) == addresses(o.b.op.Callbacks[name]) {
				out[old], taken[name] = name, true
				break
			}
		}
	}
	return out
}

// webhooks compares what the service sends to its clients (OpenAPI 3.1, section
// 4.8.1).
func (c *comparison) webhooks() {
	c.outgoing(webhooksOf(c.base), webhooksOf(c.head), webhookPrefix)
}

const webhookPrefix = "webhook "

// outgoing compares requests that the server sends: the roles are swapped.
func (c *comparison) outgoing(a, b []located, beneath string) {
	pairs, gone, come := match(a, b)
	for _, p := range pairs {
		c.operation(p[0], p[1], server, beneath)
	}
	for _, l := range gone {
		c.record(found{rule: "webhook-removed", at: spot{place: beneath + l.key()}, message: "the request is not sent any more", old: l.op.OperationID, base: l.op.Pos, head: c.head.Pos},
			Breaks, "a client that waits for it waits in vain", beneath+l.key())
	}
	for _, l := range come {
		c.record(found{rule: "webhook-added", at: spot{place: beneath + l.key()}, message: "the request is new", new: l.op.OperationID, head: l.op.Pos}, OK, "", beneath+l.key())
	}
}
