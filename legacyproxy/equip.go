package legacyproxy

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io"
	"net/http"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
)

// depot has what the routes of one service share.
type depot struct {
	l       *loader
	service string
	m       *Mapping
	named   map[string]*place
	plain   map[string]*place // of URLs without a name, by URL
	budgets map[config.Pos]*resilience.Budget
}

// place is an upstream that routes share.
type place struct {
	up     upstream
	shared *resilience.Upstream
	http   http.RoundTripper // for HTTP
	weight int
	pos    config.Pos    // of its URL
	fault  *config.Fault // what is wrong with it; it cannot be used then
}

func (l *loader) depot(s *catalog.Service, m *Mapping) *depot {
	d := &depot{l: l, service: s.Name, m: m, named: map[string]*place{},
		plain: map[string]*place{}, budgets: map[config.Pos]*resilience.Budget{}}
	for _, n := range m.named {
		if !n.url.Set() { // Parse said so
			d.named[n.name] = &place{fault: &config.Fault{Pos: n.pos}}
			continue
		}
		up, err := l.expand(n.url.V)
		if err != nil {
			d.named[n.name] = &place{fault: &config.Fault{Pos: n.url.Pos, Message: fmt.Sprintf("upstream: %v", err), Hint: upstreamHint}}
			continue
		}
		d.named[n.name] = d.place(n, up)
	}
	return d
}

// place makes an upstream that routes share, with connections of its own.
func (d *depot) place(n *named, up *upstream) *place {
	p := &place{up: *up, weight: n.weight, pos: n.url.Pos}
	if !up.speaksFastCGI() {
		p.http = d.l.a.transports.watch()
	}
	var health *resilience.Health
	if h := n.health; h != nil {
		if p.fault = d.connect(p, up, &d.m.defaults.fastcgi, 0); p.fault != nil {
			p.fault.Pos = n.url.Pos
			return p
		}
		health = &resilience.Health{Probe: probe(up, h.path), Interval: h.interval, Timeout: h.timeout, Down: h.down, Up: h.up}
	}
	p.shared = resilience.NewUpstream(d.service, n.name, n.room, health, d.l.a.log)
	d.l.a.upstreams = append(d.l.a.upstreams, p.shared)
	return p
}

func (d *depot) connect(p *place, up *upstream, keys *fastcgiKeys, bodyLimit int64) *config.Fault {
	if p.http != nil {
		up.transport = p.http
		return nil
	}
	return d.l.connect(up, keys, bodyLimit)
}

// equip gives a route its upstreams, and what is declared about sending.
func (d *depot) equip(r *route) *config.Fault {
	targets, fault := d.targets(r)
	if fault != nil {
		return fault
	}
	class := r.declared.Class
	r.sending.single = !class.Retry(false) && (resends(r.upstream) || slices.ContainsFunc(r.sending.targets, resends))
	if targets == nil {
		return nil
	}
	if fault := d.idle(r); fault != nil {
		return fault
	}
	p := resilience.Policy{Operation: r.key, Class: class, Targets: targets, Breaker: r.breaker, Log: d.l.a.log}
	if class.RetryUnsent() {
		p.Retry = r.retry
	}
	if class.Hedge() {
		p.Hedge = r.hedge
	}
	if p.Retry != nil || p.Hedge != nil {
		p.Budget = d.budget(r.budget)
		r.sending.holds = true
	}
	r.sending.resets = p.Retry != nil && p.Retry.On.Reset
	r.sending.rules = p.Retry != nil && slices.ContainsFunc(r.rules, func(r rule) bool { return r.retryable })
	r.sending.sender = resilience.NewSender(p)
	r.sending.key = r.headers.becomes(r.declared.IdempotencyKey)
	return nil
}

// targets finds a route's upstreams. There are no targets when there is one
// upstream and nothing is declared about it.
func (d *depot) targets(r *route) ([]resilience.Target, *config.Fault) {
	var places []*place
	for _, name := range r.chosen {
		places = append(places, d.named[name])
	}
	if r.all && !slices.ContainsFunc(d.m.named, func(n *named) bool { return n.weight > 0 }) {
		return nil, &config.Fault{Pos: d.m.named[0].pos, Message: "upstreams: none of them has a weight: nothing would be sent", Hint: "give one of them a weight"}
	}
	if len(places) == 0 {
		up, fault := d.l.upstream(d.m, &r.operation, r.declared.BodyLimit)
		if r.upstream = up; fault != nil || !r.repeats() {
			return nil, fault
		}
		p := d.plain[up.String()]
		if p == nil {
			p = d.place(&named{name: up.host + up.socket, weight: 1, url: r.settings.upstream}, up)
			d.plain[up.String()] = p
		}
		places = []*place{p}
	}
	var targets []resilience.Target
	for _, p := range places {
		if p.fault != nil {
			return nil, p.fault
		}
		up := p.up
		if fault := d.connect(p, &up, &r.fastcgi, r.declared.BodyLimit); fault != nil {
			if fault.Pos.Line == 0 {
				fault.Pos = p.pos
			}
			return nil, fault
		}
		r.sending.targets = append(r.sending.targets, &up)
		targets = append(targets, resilience.Target{Upstream: p.shared, Transport: up.transport, Weight: p.weight})
	}
	r.upstream = r.sending.targets[0]
	return targets, nil
}

// idle reports a wait of a route that is over only after its timeout, so that
// nothing would ever come of it. What an operation with a shorter timeout
// inherits is no fault of it.
func (d *depot) idle(r *route) *config.Fault {
	hint := fmt.Sprintf("write less than the timeout, %s, or raise that", r.timeout)
	common := &d.m.defaults
	usual := r.timeout == cmp.Or(common.timeout, d.l.timeout)
	if h := r.hedge; h != nil && h.After >= r.timeout && (usual || common.hedge == nil || common.hedge.After != h.After) {
		return &config.Fault{Pos: r.hedgePos, Hint: hint, Message: fmt.Sprintf("hedge: after: %s never comes: the answer is given up before", h.After)}
	}
	if p := r.retry; p != nil && p.TryTimeout > r.timeout && (usual || common.retry == nil || common.retry.TryTimeout != p.TryTimeout) {
		return &config.Fault{Pos: r.retryPos, Hint: hint, Message: fmt.Sprintf("retry: try-timeout: %s never comes: the answer is given up before", p.TryTimeout)}
	}
	return nil
}

// budget is the one of its place in the file: who inherits it shares it.
func (d *depot) budget(s share) *resilience.Budget {
	b := d.budgets[s.pos]
	if b == nil {
		b = resilience.NewBudget(cmp.Or(s.of, defaultBudget))
		d.budgets[s.pos] = b
	}
	return b
}

// becomes is the name that a client's header has for PHP; empty when PHP does
// not get it as the client sent it.
func (m *headerMapping) becomes(name string) string {
	switch {
	case m == nil || name == "":
		return name
	case slices.Contains(m.drop, name), slices.ContainsFunc(m.set, func(s headerSet) bool { return s.name == name }):
		return ""
	}
	for _, r := range m.rename {
		if r.from == name {
			return r.to
		}
	}
	return name
}

// resends reports whether an upstream's transport repeats requests by itself.
func resends(up *upstream) bool {
	switch up.transport.(type) {
	case *http.Transport, *unsent.Transport:
		return true
	}
	return up.speaksFastCGI() // where a connection of another request turns out to have ended
}

// addresses are the URLs that a route's requests go to.
func (rt *route) addresses() string {
	if len(rt.sending.targets) == 0 {
		return rt.upstream.String()
	}
	all := make([]string, len(rt.sending.targets))
	for i, up := range rt.sending.targets {
		all[i] = up.String()
	}
	return strings.Join(all, " ")
}

// probe asks an upstream whether it is well: every answer below 400 says yes.
func probe(up *upstream, path string) func(context.Context) error {
	return func(ctx context.Context) error {
		r := (&http.Request{
			Method: http.MethodGet, URL: up.urlFor(path, "", false), Host: up.name, Header: http.Header{"User-Agent": {"banyan-health"}},
			Proto: "HTTP/1.1", ProtoMajor: 1, ProtoMinor: 1,
		}).WithContext(ctx)
		res, err := up.transport.RoundTrip(r)
		if err != nil {
			return err
		}
		_, _ = io.CopyN(io.Discard, res.Body, drainBytes)
		res.Body.Close()
		if res.StatusCode >= http.StatusBadRequest {
			return errors.New("status " + res.Status)
		}
		return nil
	}
}

// Sending returns what was done about upstreams that fail, stall or are full,
// where something is declared about it. It may be called at any time.
func (a *Adapter) Sending() resilience.Snapshot {
	var s resilience.Snapshot
	for _, u := range a.upstreams {
		s.Upstreams = append(s.Upstreams, u.Stats())
	}
	slices.SortFunc(s.Upstreams, func(a, b resilience.UpstreamStats) int {
		return cmp.Or(cmp.Compare(a.Service, b.Service), cmp.Compare(a.Upstream, b.Upstream))
	})
	for _, r := range a.routes {
		if r.sending.sender != nil {
			s.Senders = append(s.Senders, r.sending.sender.Stats())
		}
	}
	slices.SortFunc(s.Senders, func(a, b resilience.SenderStats) int { return cmp.Compare(a.Operation, b.Operation) })
	return s
}
