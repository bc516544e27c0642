package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

// links compares what an answer says about where to go on (OpenAPI 3.0.3, section
// 4.7.20). No byte of an answer follows from it; only programs that read the
// contract while they run mind.
func (o *operationDiff) links(a, b *openapi.Response, at spot) {
	for _, name := range slices.Sorted(maps.Keys(a.Links)) {
		x, y := a.Links[name], b.Links[name]
		inner := at.below("links", name)
		if y == nil {
			o.say(found{rule: "link-removed", at: inner, message: "the link " + name + " is gone", old: linkText(x), base: a.At("links", name), head: b.At("links")}, o.caller)
			continue
		}
		if old, now := linkText(x), linkText(y); old != now {
			field := linkField(x, y)
			path := append([]string{"links", name}, field...)
			o.say(found{rule: "link-changed", at: inner, message: "the link " + name + " leads to " + shown(now) + " now", old: old, new: now, base: a.At(path...), head: b.At(path...)}, o.caller)
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Links)) {
		if a.Links[name] == nil {
			o.say(found{rule: "link-added", at: at.below("links", name), message: "the link " + name + " is new", new: linkText(b.Links[name]), base: a.At("links"), head: b.At("links", name)}, o.caller)
		}
	}
}

// linkText is where a link leads, and with what.
func linkText(l *openapi.Link) string {
	out := l.OperationID
	if out == "" {
		out = l.OperationRef
	}
	var with []string
	for _, name := range slices.Sorted(maps.Keys(l.Parameters)) {
		with = append(with, name+"="+literal(l.Parameters[name]))
	}
	if l.RequestBody != nil {
		with = append(with, "body="+literal(l.RequestBody))
	}
	if len(with) > 0 {
		out += " with " + strings.Join(with, ", ")
	}
	return out
}

// linkField is the field in which two links differ.
func linkField(a, b *openapi.Link) []string {
	switch {
	case a.OperationID != b.OperationID:
		return []string{"operationId"}
	case a.OperationRef != b.OperationRef:
		return []string{"operationRef"}
	}
	for _, name := range slices.Sorted(maps.Keys(a.Parameters)) {
		if literal(a.Parameters[name]) != literal(b.Parameters[name]) {
			return []string{"parameters", name}
		}
	}
	for _, name := range slices.Sorted(maps.Keys(b.Parameters)) {
		if _, had := a.Parameters[name]; !had {
			return []string{"parameters", name}
		}
	}
	return []string{"requestBody"}
}
