package review

import (
	"maps"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// maxURLs bounds the URLs that one server's variables are written out to.
const maxURLs = 500

// servers compares the document's servers.
func (c *comparison) servers() {
	old, now := urlsOf(c.base.Servers), urlsOf(c.head.Servers)
	gone, come := old.without(now), now.without(old)
	if len(old) == 1 && len(now) == 1 && len(gone) == 1 && len(come) == 1 {
		c.record(found{rule: "server-changed", at: spot{place: "servers"}, message: "the server is " + come[0].text + " now", old: gone[0].text, new: come[0].text, base: gone[0].pos, head: come[0].pos,
			note: "keep the old server until its clients have moved"}, Breaks, "a client that calls the old one does not reach the service any more")
		return
	}
	for _, u := range gone {
		c.record(found{rule: "server-removed", at: spot{place: "servers"}, message: "the server " + u.text + " is gone", old: u.text, base: u.pos, head: c.head.At("servers"),
			note: "keep the old server until its clients have moved"}, Breaks, "a client that calls it does not reach the service any more")
	}
	for _, u := range come {
		c.record(found{rule: "server-added", at: spot{place: "servers"}, message: "the server " + u.text + " is new", new: u.text, head: u.pos}, OK, "")
	}
}

// servers compares the servers of one operation, where it or its path has some of
// its own (OpenAPI 3.0.3, sections 4.7.9 and 4.7.10).
func (o *operationDiff) servers() {
	old, had := ownServers(o.base, o.a)
	now, has := ownServers(o.head, o.b)
	if !had && !has {
		return // the document's are compared once
	}
	for _, u := range old.without(now) {
		o.say(found{rule: "server-removed", at: o.at("servers"), message: "the operation is not served at " + u.text + " any more", old: u.text, base: u.pos, head: o.b.op.At("servers"),
			effect: shifts("a client that calls it there does not reach it any more"), note: "keep the old server until its clients have moved"}, o.caller)
	}
	for _, u := range now.without(old) {
		o.say(found{rule: "server-added", at: o.at("servers"), message: "the operation is served at " + u.text, new: u.text, base: o.a.op.At("servers"), head: u.pos}, o.caller)
	}
}

func ownServers(doc *openapi.Document, l located) (list urls, own bool) {
	servers := l.op.Servers
	if len(servers) == 0 {
		servers = l.item.Servers
	}
	if own = len(servers) > 0; !own {
		servers = doc.Servers
	}
	return urlsOf(servers), own
}

// urls are where a service is found, with the variables of servers filled in.
type urls []serverURL

// serverURL is one URL, with the server that it comes from.
type serverURL struct {
	text string
	pos  config.Pos
}

// urlsOf writes out what the variables of servers allow: the values of their
// enums, or their default where there is no enum.
func urlsOf(servers []*openapi.Server) urls {
	var out urls
	add := func(text string, pos config.Pos) {
		if !slices.ContainsFunc(out, func(u serverURL) bool { return u.text == text }) {
			out = append(out, serverURL{text, pos})
		}
	}
	for _, s := range servers {
		texts := []string{s.URL}
		for _, name := range slices.Sorted(maps.Keys(s.Variables)) {
			v := s.Variables[name]
			values := v.Enum
			if !slices.Contains(values, v.Default) {
				values = append([]string{v.Default}, values...)
			}
			if !strings.Contains(s.URL, "{"+name+"}") {
				continue
			}
			if len(texts)*len(values) > maxURLs {
				values = []string{v.Default}
			}
			var filled []string
			for _, text := range texts {
				for _, value := range values {
					filled = append(filled, strings.ReplaceAll(text, "{"+name+"}", value))
				}
			}
			texts = filled
		}
		for _, text := range texts {
			add(strings.TrimRight(text, "/"), s.Pos)
		}
	}
	for i := range out {
		if out[i].text == "" {
			out[i].text = "/"
		}
	}
	return out
}

// without are the URLs that others do not have, in order. Where no server is named
// there is one at "/" (OpenAPI 3.0.3, section 4.7.1).
func (u urls) without(others urls) urls {
	return slices.DeleteFunc(slices.Clone(u), func(mine serverURL) bool {
		return len(others) == 0 && mine.text == "/" || slices.ContainsFunc(others, func(other serverURL) bool { return other.text == mine.text })
	})
}
