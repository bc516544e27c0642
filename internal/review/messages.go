package review

import (
	"cmp"
	"maps"
	"mime"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/internal/openapi"
)

func (o *operationDiff) body() {
	a, b := o.a.op.RequestBody, o.b.op.RequestBody
	switch {
	case a == nil && b == nil:
		return
	case a == nil:
		f := found{rule: "body-added", at: o.at("body"), message: "the request may have a body now", new: "optional", head: b.Value.Pos, effect: effect{server: Undecided, why: "who receives it does not expect a body"}}
		if b.Value.Required {
			f.rule, f.message, f.new = "required-body-added", "the request needs a body now", "required"
			f.effect.client, f.effect.why, f.note = Breaks, "a client that sends none is refused", "make the body optional"
		}
		o.say(f, o.caller)
		return
	case b == nil:
		f := found{rule: "body-removed", at: o.at("body"), message: "the request has no body any more", old: requiredText(a.Value.Required), base: a.Value.Pos,
			effect: effect{client: Breaks, server: Breaks, serverWhy: "who reads the body finds none", why: "what clients send in the body is refused, or not looked at"}, note: "keep taking the body, and make it optional"}
		o.say(f, o.caller)
		return
	}
	at := o.at("body")
	if name, ok := strings.CutPrefix(b.Ref, "#/components/requestBodies/"); ok && b.Ref == a.Ref {
		at = spot{place: "body " + name, within: "/body"}
	}
	o.reference("the body", a.Ref, b.Ref, o.at("body"), spots{o.a.op.At("requestBody", "$ref"), o.b.op.At("requestBody", "$ref")})
	if a.Value.Required != b.Value.Required {
		f := found{rule: "body-became-required", at: at, message: "the body is required now", old: "optional", new: "required", base: a.Value.At("required"), head: b.Value.At("required"),
			effect: narrows("a client that sends none is refused now"), note: "leave the body optional"}
		if a.Value.Required {
			f.rule, f.message, f.old, f.new = "body-became-optional", "the body is optional now", "required", "optional"
			f.effect, f.note = widens("who receives it may find no body"), ""
		}
		o.say(f, o.caller)
	}
	at.value = &whole{baseAt: held(o.a.at+"/requestBody", a.Ref), headAt: held(o.b.at+"/requestBody", b.Ref)}
	o.content(a.Value.Content, b.Value.Content, at, o.caller, spots{a.Value.Pos, b.Value.Pos})
}

// reference tells that an operation names another component for something, or none.
// What differs between the two is told beside it.
func (o *operationDiff) reference(what, a, b string, at spot, where spots) {
	old, now := componentName(a), componentName(b)
	if a == b {
		return
	}
	o.say(found{rule: "component-reference-changed", at: at, message: what + " is " + calling(now) + " now, not " + calling(old), old: cmp.Or(old, "inline"), new: cmp.Or(now, "inline"), base: where.base, head: where.head, same: true}, o.caller)
}

func componentName(ref string) string { return ref[strings.LastIndexByte(ref, '/')+1:] }

func requiredText(required bool) string {
	if required {
		return "required"
	}
	return "optional"
}

// canonical is a media type in one spelling.
func canonical(media string) string {
	name, params, err := mime.ParseMediaType(media)
	if err != nil {
		return strings.ToLower(strings.TrimSpace(media))
	}
	delete(params, "charset")
	return mime.FormatMediaType(name, params)
}

// content compares bodies in all their media types.
func (o *operationDiff) content(a, b map[string]*openapi.MediaType, at spot, from sender, where spots) {
	old, now := spelled(a), spelled(b)
	word := "bodies"
	for _, media := range slices.Sorted(maps.Keys(old)) {
		y := now[media]
		if y == nil {
			e := effect{client: Breaks, server: Breaks, why: "a client that knows " + media + " only is not served any more"}
			switch {
			case covered(now, media):
				e = effect{server: Undecided, serverWhy: "it may come in another media type of the range"}
			case strings.HasSuffix(media, "/*") && slices.ContainsFunc(slices.Collect(maps.Keys(now)), func(m string) bool { return covered(map[string]*openapi.MediaType{media: old[media]}, m) }):
				e = effect{client: Breaks, why: "a client that sends another media type of the range is refused now"}
			}
			o.say(found{rule: "media-type-removed", at: at.below(media), message: word + " as " + media + " are not possible any more", old: media, base: old[media].Pos, head: where.head, effect: e,
				note: "keep serving " + media + " beside the others"}, from)
			continue
		}
		x := old[media]
		inner := at
		if len(old) > 1 || len(now) > 1 {
			inner = at.below(media)
		}
		inner.text = media == formMedia
		if at.value != nil {
			inner.value = at.value.content(a, b, media)
		}
		o.schema(x.Schema, y.Schema, inner, from, o.place)
		inner.text, inner.value = false, nil
		o.encodings(media, x, y, inner, from)
	}
	for _, media := range slices.Sorted(maps.Keys(now)) {
		if old[media] == nil {
			e := effect{}
			if o.caller == server && from == server {
				e = widens("a client that is called meets a media type it does not know")
			} else if name, _, _ := strings.Cut(media, ";"); slices.ContainsFunc(slices.Collect(maps.Keys(old)), func(m string) bool { return m == name || strings.HasPrefix(m, name+";") }) {
				e = unclear("messages that do not say which " + name + " they are may be taken for this one now")
			}
			o.say(found{rule: "media-type-added", at: at.below(media), message: word + " as " + media + " are possible now", new: media, base: where.base, head: now[media].Pos, effect: e}, from)
		}
	}
}

func spelled(content map[string]*openapi.MediaType) map[string]*openapi.MediaType {
	out := map[string]*openapi.MediaType{}
	for _, media := range slices.Sorted(maps.Keys(content)) {
		if name := canonical(media); out[name] == nil {
			out[name] = content[media]
		}
	}
	return out
}

// covered reports whether a range takes in a media type.
func covered(content map[string]*openapi.MediaType, media string) bool {
	main, _, _ := strings.Cut(media, "/")
	return content["*/*"] != nil || content[main+"/*"] != nil
}

// succeeds reports whether a status is one that clients wait for.
func succeeds(status string) bool { return status[0] == '2' || status[0] == '3' }

func (o *operationDiff) responses() {
	from := o.caller.other()
	a, b := o.a.op.Responses, o.b.op.Responses
	for _, status := range slices.Sorted(maps.Keys(a)) {
		x, y := a[status], b[status]
		if y == nil {
			f := found{rule: "answer-removed", at: o.at(status), message: "the answer " + status + " is gone", old: status, base: o.a.op.At("responses", status), head: o.b.op.At("responses")}
			if other := covering(b, status); other != "" && (other != "default" || !succeeds(status)) {
				f.message += "; " + other + " says what it holds"
				o.say(f, from)
				o.response(status, status, other, x, b[other], from)
				continue
			}
			if succeeds(status) {
				f.rule = "success-answer-removed"
				f.effect = shifts("a client that waits for " + status + " does not get it any more")
				f.note = "keep the status and what it holds"
				if from == client {
					f.effect = narrows("a client that answers " + status + " has failed now")
					f.note = "take both statuses"
				}
			}
			o.say(f, from)
			continue
		}
		o.response(status, status, status, x, y, from)
	}
	for _, status := range slices.Sorted(maps.Keys(b)) {
		if a[status] == nil {
			f := found{rule: "answer-added", at: o.at(status), message: "the answer " + status + " is new", new: status, base: o.a.op.At("responses"), head: o.b.op.At("responses", status)}
			if succeeds(status) && a["default"] == nil && a[status[:1]+"XX"] == nil {
				f.rule = "success-answer-added"
				f.effect = effect{server: Undecided, why: "a client may know the declared statuses only"}
			}
			o.say(f, from)
			if other := covering(a, status); other != "" && (other != "default" || !succeeds(status)) {
				o.response(status, other, status, a[other], b[status], from)
			}
		}
	}
}

// covering is the entry of answers that holds for a status without one of its
// own: a range, or the default (OpenAPI 3.0.3, section 4.7.16).
func covering(answers map[string]*openapi.ResponseRef, status string) string {
	for _, other := range []string{status[:1] + "XX", "default"} {
		if other != status && answers[other] != nil {
			return other
		}
	}
	return ""
}

// response compares two answers for a status; each contract may have it in a range.
func (o *operationDiff) response(status, baseStatus, headStatus string, a, b *openapi.ResponseRef, from sender) {
	at := o.at(status)
	if name, ok := strings.CutPrefix(b.Ref, "#/components/responses/"); ok && a.Ref == b.Ref {
		at = spot{place: "response " + name, within: spot{}.below(status).pointer}
	}
	if baseStatus == headStatus {
		o.reference("the answer "+status, a.Ref, b.Ref, o.at(status), spots{o.a.op.At("responses", status, "$ref"), o.b.op.At("responses", status, "$ref")})
	}
	where := spots{a.Value.Pos, b.Value.Pos}
	at.value = &whole{baseAt: held(o.a.at+"/responses/"+baseStatus, a.Ref), headAt: held(o.b.at+"/responses/"+headStatus, b.Ref)}
	switch {
	case len(a.Value.Content) > 0 && len(b.Value.Content) == 0:
		o.say(found{rule: "answer-body-removed", at: at, message: "the answer " + status + " has no body any more", old: strings.Join(slices.Sorted(maps.Keys(a.Value.Content)), ", "), base: a.Value.At("content"), head: where.head,
			effect: shifts("a client that reads the body finds none")}, from)
	case len(a.Value.Content) == 0 && len(b.Value.Content) > 0:
		o.say(found{rule: "answer-body-added", at: at, message: "the answer " + status + " has a body now", new: strings.Join(slices.Sorted(maps.Keys(b.Value.Content)), ", "), base: where.base, head: b.Value.At("content")}, from)
	default:
		o.content(a.Value.Content, b.Value.Content, at, from, where)
	}
	at.value = nil
	o.links(a.Value, b.Value, at)
	o.headers(a.Value.Headers, b.Value.Headers, at, from, where)
}

func (o *operationDiff) headers(a, b map[string]*openapi.HeaderRef, at spot, from sender, where spots) {
	old, now := lowered(a), lowered(b)
	for _, name := range slices.Sorted(maps.Keys(old)) {
		x, y := old[name], now[name]
		inner := at.below("header", name)
		if y == nil {
			f := found{rule: "header-removed", at: inner, message: "the header " + name + " is gone", old: requiredText(x.Required), base: x.Pos, head: where.head}
			if x.Required {
				f.effect = shifts("a client that counts on it does not find it")
			}
			o.say(f, from)
			continue
		}
		if x.Required != y.Required {
			f := found{rule: "header-became-optional", at: inner, message: "the header " + name + " is optional now", old: "required", new: "optional", base: x.At("required"), head: y.At("required"),
				effect: widens("a client that counts on it may not find it")}
			if y.Required {
				f.rule, f.message, f.old, f.new = "header-became-required", "the header "+name+" is always there now", "optional", "required"
				f.effect = narrows("a message without it is refused now")
			}
			o.say(f, from)
		}
		if p, q := x.Explode != nil && *x.Explode, y.Explode != nil && *y.Explode; p != q {
			f := found{rule: "header-explode-changed", at: inner, message: "explode of the header " + name + " is " + strconv.FormatBool(q) + " now", old: strconv.FormatBool(p), new: strconv.FormatBool(q), base: x.At("explode"), head: y.At("explode")}
			if o.schemas.base.of(x.Schema).types&o.schemas.head.of(y.Schema).types&objectType != 0 {
				f.effect = shifts("what is written in the other form cannot be read any more")
			}
			o.say(f, from)
		}
		inText := inner
		inText.text, inText.lists = true, joined
		o.schema(x.Schema, y.Schema, inText, from, o.place)
		o.content(x.Content, y.Content, inner, from, spots{x.Pos, y.Pos})
	}
	for _, name := range slices.Sorted(maps.Keys(now)) {
		if old[name] == nil {
			f := found{rule: "header-added", at: at.below("header", name), message: "the header " + name + " is new", new: requiredText(now[name].Required), base: where.base, head: now[name].Pos}
			if now[name].Required {
				f.effect.client, f.effect.why = Breaks, "a message without it is refused now"
			}
			o.say(f, from)
		}
	}
}

// lowered goes from header names in lower case to headers; Content-Type is the
// media type's.
func lowered(headers map[string]*openapi.HeaderRef) map[string]*openapi.Header {
	out := map[string]*openapi.Header{}
	for name, h := range headers {
		if name = strings.ToLower(name); name != "content-type" {
			out[name] = h.Value
		}
	}
	return out
}
