package legacyproxy

import (
	"regexp"
	"strings"
	"time"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
)

// namedFile is one entry under upstreams.
type namedFile struct {
	config.At
	URL    config.Value[string] `yaml:"url"`
	Weight config.Value[int]    `yaml:"weight"`
	Limit  config.Value[int]    `yaml:"limit"`
	Queue  *queueFile           `yaml:"queue"`
	Health *healthFile          `yaml:"health"`
}

type queueFile struct {
	config.At
	Length config.Value[int]           `yaml:"length"`
	Wait   config.Value[time.Duration] `yaml:"wait"`
}

type healthFile struct {
	config.At
	Path     config.Value[string]        `yaml:"path"`
	Interval config.Value[time.Duration] `yaml:"interval"`
	Timeout  config.Value[time.Duration] `yaml:"timeout"`
	Down     config.Value[int]           `yaml:"down"`
	Up       config.Value[int]           `yaml:"up"`
}

// named is an upstream with a name, as read.
type named struct {
	name   string
	pos    config.Pos
	url    config.Value[string] // not expanded
	weight int
	room   resilience.Room
	health *healthSettings // nil: not looked after
}

type healthSettings struct {
	path              string
	interval, timeout time.Duration
	down, up          int
}

// Bounds and defaults of upstreams.
const (
	maxUpstreams    = resilience.MaxTargets
	maxWeight       = 100
	maxLimit        = 100_000
	defaultWait     = 100 * time.Millisecond
	defaultInterval = 5 * time.Second
	defaultProbe    = time.Second
	defaultDown     = 3
	defaultUp       = 2
)

var upstreamName = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

// named compiles upstreams.
func (p *parser) named() {
	files := p.m.file.Upstreams
	for i := range files {
		e := &files[i]
		f, n := &e.Value, &named{name: e.Key, pos: e.Pos, url: e.Value.URL, weight: 1}
		if !upstreamName.MatchString(e.Key) {
			p.fault(e.Pos, "use words of a-z and 0-9 joined by -, such as main", "upstreams: %q is no name of an upstream", e.Key)
		}
		if i == maxUpstreams {
			p.fault(e.Pos, "", "upstreams: there may be %d of them", maxUpstreams)
		}
		switch {
		case f.URL.Set():
			p.upstream(f.URL)
		case f.At.Pos.Line > 0: // otherwise it is no mapping, which was said
			p.fault(e.Pos, upstreamHint, "upstreams: %s has no url", e.Key)
		}
		n.weight = p.number(f.Weight, "weight", 1, 0, maxWeight)
		n.room.Limit = p.number(f.Limit, "limit", 0, 1, maxLimit)
		if n.room.Limit > 0 {
			n.room.Queue, n.room.Wait = n.room.Limit, defaultWait
		}
		if q := f.Queue; q != nil {
			if !f.Limit.Set() {
				p.fault(q.At.Pos, "add limit; as many as php-fpm has children (pm.max_children)", "upstreams: %s has a queue and no limit", e.Key)
			}
			n.room.Queue = p.number(q.Length, "queue: length", n.room.Queue, 0, maxLimit)
			n.room.Wait = p.duration(q.Wait, "queue: wait", n.room.Wait, time.Millisecond, time.Minute)
		}
		n.health = p.health(f.Health)
		p.m.named = append(p.m.named, n)
	}
}

func (p *parser) health(f *healthFile) *healthSettings {
	if f == nil {
		return nil
	}
	h := &healthSettings{
		path:     f.Path.V,
		interval: p.duration(f.Interval, "health: interval", defaultInterval, 100*time.Millisecond, time.Hour),
		timeout:  p.duration(f.Timeout, "health: timeout", defaultProbe, time.Millisecond, time.Minute),
		down:     p.number(f.Down, "health: down", defaultDown, 1, 100),
		up:       p.number(f.Up, "health: up", defaultUp, 1, 100),
	}
	if !f.Path.Set() {
		p.fault(f.At.Pos, "add one that is cheap and says whether PHP can work, such as path: /up.php", "health: there is no path")
	} else if p.path(f.Path) != nil && strings.ContainsAny(f.Path.V, "{}") {
		p.faultOnce(f.Path.Pos, "", "health: path: %q has a variable", f.Path.V)
	}
	return h
}

// number checks a number's bounds; unset, or when it is none, it is the default.
func (p *parser) number(v config.Value[int], key string, unset, least, most int) int {
	if !v.Set() || p.unreadable(v.Pos) {
		return unset
	}
	if v.V < least || v.V > most {
		p.fault(v.Pos, "", "%s: want %d to %d, found %d", key, least, most, v.V)
		return unset
	}
	return v.V
}

// duration checks a duration's bounds; unset, or when it is none, it is the
// default.
func (p *parser) duration(v config.Value[time.Duration], key string, unset, least, most time.Duration) time.Duration {
	if !v.Set() || p.unreadable(v.Pos) {
		return unset
	}
	if v.V < least || v.V > most {
		p.fault(v.Pos, "", "%s: want %s to %s, found %s", key, least, most, v.V)
		return unset
	}
	return v.V
}

// upstreamFile is what upstream: says: a URL, the name of an upstream, or a
// list of names.
type upstreamFile struct {
	values []config.Value[string]
	list   bool
	pos    config.Pos
}

// UnmarshalConfig implements config.Unmarshaler.
func (f *upstreamFile) UnmarshalConfig(n *config.Node) {
	f.pos = n.Pos()
	switch n.Kind() {
	case config.Scalar:
		f.values = make([]config.Value[string], 1)
		n.Decode(&f.values[0])
	case config.Sequence:
		f.list = true
		n.Decode(&f.values)
	default:
		n.Faultf("", "upstream: want a URL, a name or a list of names, found %s", n.Kind())
	}
}

// choose finds out where requests go. Where upstreams have names and nothing
// is said, they go to all of them by weight.
func (p *parser) choose(s *upstreamSettings, f *upstreamFile) {
	known := make([]string, len(p.m.named))
	for i, n := range p.m.named {
		known[i] = n.name
	}
	switch {
	case f.pos.Line == 0:
		if !s.upstream.Set() && s.chosen == nil {
			s.chosen, s.all = known, len(known) > 0
		}
		return
	case !f.list && len(f.values) == 1 && (len(known) == 0 || !upstreamName.MatchString(f.values[0].V)):
		p.upstream(f.values[0])
		s.upstream, s.chosen, s.all = f.values[0], nil, false
		return
	case f.list && len(f.values) == 0:
		p.fault(f.pos, "name at least one", "upstream: the list is empty")
	}
	s.upstream, s.chosen, s.all = config.Value[string]{}, nil, false
	weight, seen := 0, map[string]bool{}
	for _, v := range f.values {
		n := p.m.upstream(v.V)
		switch {
		case n == nil:
			p.fault(v.Pos, suggestOr(v.V, known, "declare it under upstreams"), "there is no upstream %q", v.V)
			weight = 1 // unknown
			continue
		case seen[v.V]:
			p.fault(v.Pos, "give it more weight under upstreams instead", "upstream: %q stands there twice", v.V)
			continue
		}
		seen[v.V] = true
		weight += n.weight
		s.chosen = append(s.chosen, v.V)
	}
	if weight == 0 && len(s.chosen) > 0 {
		p.fault(f.pos, "give one of them a weight", "upstream: none of them has a weight: nothing would be sent")
	}
}

func suggestOr(name string, known []string, otherwise string) string {
	if hint := config.Suggest(name, known); hint != "" {
		return hint
	}
	return otherwise
}

// upstream returns the upstream of that name, or nil.
func (m *Mapping) upstream(name string) *named {
	for _, n := range m.named {
		if n.name == name {
			return n
		}
	}
	return nil
}
