package review

import (
	"maps"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/openapi"
)

// maxURLs bounds the URLs that one server's variables are written out to.
const maxURLs = 500

// Reasons and rewrites that all servers share.
const (
	serverGone = "a client that calls it does not reach the service any more"
	keepServer = "keep the old server until its clients have moved"
)

// servers compares the document's servers.
func (c *comparison) servers() {
	old := serverList{c.base.Servers, func(path ...string) config.Pos { return c.base.At(append([]string{"servers"}, path...)...) }}
	now := serverList{c.head.Servers, func(path ...string) config.Pos { return c.head.At(append([]string{"servers"}, path...)...) }}
	compareServers(old, now, func(f found) {
		f.at = spot{place: "servers"}
		if f.rule == "server-added" {
			f.base = config.Pos{}
		}
		wire, why := f.effect.on(client)
		c.record(f, wire, why)
	})
}

// servers compares the servers of one operation, where it or its path has some of
// its own (OpenAPI 3.0.3, sections 4.7.9 and 4.7.10).
func (o *operationDiff) servers() {
	if o.caller == server {
		return // the client tells where it is called
	}
	old, oldFrom := serversOf(o.base, o.a)
	now, nowFrom := serversOf(o.head, o.b)
	if oldFrom == ofDocument && nowFrom == ofDocument {
		return // compared once
	}
	at := o.at("servers")
	if oldFrom == ofPath && nowFrom == ofPath {
		at.place = "path " + o.b.path
	}
	compareServers(old, now, func(f found) {
		f.at = at
		o.say(f, o.caller)
	})
}

// owner is who names the servers of an operation.
type owner uint8

const (
	ofDocument owner = iota
	ofPath
	ofOperation
)

// serverList are servers, and where their parts stand.
type serverList struct {
	servers []*openapi.Server
	at      func(path ...string) config.Pos
}

// serversOf are the servers that hold for an operation.
func serversOf(doc *openapi.Document, l located) (serverList, owner) {
	locate := func(list []*openapi.Server, at func(path ...string) config.Pos) serverList {
		return serverList{list, func(path ...string) config.Pos { return at(append([]string{"servers"}, path...)...) }}
	}
	switch {
	case len(l.op.Servers) > 0:
		return locate(l.op.Servers, l.op.At), ofOperation
	case len(l.item.Servers) > 0:
		return locate(l.item.Servers, func(path ...string) config.Pos { return doc.At(append([]string{"paths", l.path}, path...)...) }), ofPath
	}
	return locate(doc.Servers, doc.At), ofDocument
}

// compareServers tells what differs between two lists of servers. A server of
// which nothing is left and one that is all new are one that changed, in order.
func compareServers(old, now serverList, tell func(found)) {
	before, after := old.urls(), now.urls()
	gone, come := before.without(after), after.without(before)
	moved, to := entirely(before, gone), entirely(after, come)
	if len(moved) == len(to) {
		for n, i := range moved {
			x, y := trimmed(old.servers[i].URL), trimmed(now.servers[to[n]].URL)
			tell(found{rule: "server-changed", message: "the server is " + y + " now, not " + x, old: x, new: y, base: old.at(strconv.Itoa(i), "url"), head: now.at(strconv.Itoa(to[n]), "url"), effect: shifts("a client that calls the old one does not reach the service any more"), note: keepServer})
		}
		gone = slices.DeleteFunc(gone, func(u serverURL) bool { return slices.Contains(moved, u.server) })
		come = slices.DeleteFunc(come, func(u serverURL) bool { return slices.Contains(to, u.server) })
	}
	for _, u := range gone {
		tell(found{rule: "server-removed", message: "the server " + u.text + " is gone", old: u.text, base: old.stands(u, now), head: now.facing(u, old), effect: shifts(serverGone), note: keepServer})
	}
	for _, u := range come {
		tell(found{rule: "server-added", message: "the server " + u.text + " is new", new: u.text, base: old.facing(u, now), head: now.stands(u, old)})
	}
	if len(gone)+len(come) == 0 {
		defaults(old, now, tell)
	}
}

// entirely are the servers of which all URLs are in a part of them.
func entirely(all, part urls) []int {
	count := func(list urls, i int) (n int) {
		for _, u := range list {
			if u.server == i {
				n++
			}
		}
		return n
	}
	var out []int
	for _, u := range part {
		if !slices.Contains(out, u.server) && count(all, u.server) == count(part, u.server) {
			out = append(out, u.server)
		}
	}
	return out
}

// defaults tells which variables mean another value where a client fills in none.
func defaults(old, now serverList, tell func(found)) {
	for i, x := range old.servers {
		j := now.like(x)
		if j < 0 {
			continue
		}
		for _, name := range slices.Sorted(maps.Keys(x.Variables)) {
			y := now.servers[j].Variables[name]
			if y == nil || y.Default == x.Variables[name].Default || !strings.Contains(x.URL, "{"+name+"}") {
				continue
			}
			tell(found{rule: "server-default-changed", message: "the default of " + name + " in " + trimmed(x.URL) + " is " + y.Default + " now", old: name + " " + x.Variables[name].Default, new: name + " " + y.Default,
				base: old.at(strconv.Itoa(i), "variables", name, "default"), head: now.at(strconv.Itoa(j), "variables", name, "default"),
				effect: unclear("a client that leaves the variable at its default calls another server now"), note: "keep the default, and add the value to the enum"})
		}
	}
}

// like is the server with the same template, or -1.
func (l serverList) like(x *openapi.Server) int {
	return slices.IndexFunc(l.servers, func(y *openapi.Server) bool { return trimmed(x.URL) == trimmed(y.URL) })
}

// stands is where a URL that others do not have comes from: the value of
// a variable that they do not list, or the server.
func (l serverList) stands(u serverURL, others serverList) config.Pos {
	mine, at := l.servers[u.server], strconv.Itoa(u.server)
	if j := others.like(mine); j >= 0 {
		for _, name := range slices.Sorted(maps.Keys(u.values)) {
			if other := others.servers[j].Variables[name]; other != nil && slices.Contains(other.Enum, u.values[name]) {
				continue
			}
			if i := slices.Index(mine.Variables[name].Enum, u.values[name]); i >= 0 {
				return l.at(at, "variables", name, "enum", strconv.Itoa(i))
			}
			return l.at(at, "variables", name)
		}
	}
	return l.at(at)
}

// facing is where a URL of the other list would stand in this one.
func (l serverList) facing(u serverURL, others serverList) config.Pos {
	if j := l.like(others.servers[u.server]); j >= 0 {
		for _, name := range slices.Sorted(maps.Keys(u.values)) {
			if v := l.servers[j].Variables[name]; v != nil && !slices.Contains(v.Enum, u.values[name]) {
				return l.at(strconv.Itoa(j), "variables", name, "enum")
			}
		}
		return l.at(strconv.Itoa(j))
	}
	return l.at()
}

// urls are where a service is found, with the variables of servers filled in.
type urls []serverURL

// serverURL is one URL, with the number of the server that it comes from and the
// values of its variables.
type serverURL struct {
	text   string
	server int
	values map[string]string
}

func trimmed(url string) string {
	if url = strings.TrimRight(url, "/"); url == "" {
		return "/"
	}
	return url
}

// urls writes out what the variables of servers allow: the values of their enums,
// or their default where there is no enum.
func (l serverList) urls() urls {
	var out urls
	for i, s := range l.servers {
		filled := urls{{text: s.URL, server: i}}
		for _, name := range slices.Sorted(maps.Keys(s.Variables)) {
			if strings.Contains(s.URL, "{"+name+"}") {
				filled = filled.fill(name, s.Variables[name])
			}
		}
		for _, u := range filled {
			u.text = trimmed(u.text)
			if !out.has(u) {
				out = append(out, u)
			}
		}
	}
	return out
}

// fill puts the values of one variable into URLs.
func (u urls) fill(name string, v *openapi.ServerVariable) urls {
	values := v.Enum
	if !slices.Contains(values, v.Default) {
		values = append([]string{v.Default}, values...)
	}
	if len(u)*len(values) > maxURLs {
		values = []string{v.Default}
	}
	var out urls
	for _, one := range u {
		for _, value := range values {
			chosen := maps.Clone(one.values)
			if chosen == nil {
				chosen = map[string]string{}
			}
			chosen[name] = value
			out = append(out, serverURL{strings.ReplaceAll(one.text, "{"+name+"}", value), one.server, chosen})
		}
	}
	return out
}

func (u urls) has(x serverURL) bool {
	return slices.ContainsFunc(u, func(y serverURL) bool { return x.text == y.text })
}

// without are the URLs that others do not have, in order. Where no server is named
// there is one at "/" (OpenAPI 3.0.3, section 4.7.1).
func (u urls) without(others urls) urls {
	return slices.DeleteFunc(slices.Clone(u), func(mine serverURL) bool {
		return len(others) == 0 && mine.text == "/" || others.has(mine)
	})
}
