package legacyproxy

import (
	"cmp"
	"errors"
	"fmt"
	"io/fs"
	"log/slog"
	"net/http"
	"net/netip"
	"os"
	"slices"
	"strings"
	"sync/atomic"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
	"github.com/banyan-go/banyan/legacyproxy/httpclient"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
	"github.com/banyan-go/banyan/problem"
)

// Options are what an Adapter needs beside the files. The zero value serves.
type Options struct {
	// Transport performs the exchanges over HTTP; nil means a client of
	// package httpclient. Another one must neither follow
	// redirects nor repeat requests nor decode answers. Upstreams that speak
	// FastCGI have transports of their own.
	Transport http.RoundTripper
	// Getenv looks up the variables in upstream URLs; nil means the environment.
	Getenv func(string) (string, bool)
	// TrustedProxies are peers whose X-Forwarded-* headers are believed beside
	// those of banyan.yaml and legacy.yaml.
	TrustedProxies []netip.Prefix
	// Log receives what no client can be told; nil means slog.Default().
	Log *slog.Logger
}

// Adapter serves operations by their PHP backends. It is safe for concurrent
// use.
type Adapter struct {
	routes     map[string]*route // by operation key
	outside    *route            // requests that no contract covers; nil when there is no upstream
	transports transports
	upstreams  []*resilience.Upstream // those of senders
	trusted    []netip.Prefix
	log        *slog.Logger
	since      time.Time                    // when it was loaded
	earlier    atomic.Pointer[Observations] // what others have seen before
}

// route is all that is known about one operation before a request comes.
type route struct {
	operation
	key      string             // for logs; empty outside the contract
	declared *catalog.Operation // nil outside the contract
	upstream *upstream
	contract pathPattern // nil unless a mapping has variables
	problems map[string]problem.Kind
	secrets  secretNames
	trusted  []netip.Prefix // peers whose word about the client counts

	queryValues *queryValues
	bodySchema  bodySchema
	unmapped    unmappedErrors
	sending     sending

	normaliser  *normaliser // nil unless legacy.yaml wants one
	conformance conformance
	statuses    []string // that the contract declares
	names       *knownNames
}

// Load reads the legacy.yaml of each service that has one from the workspace
// folder. Its error is a config.Faults with everything that is wrong in all of
// them, compared with the contracts and with the environment.
func Load(fsys fs.FS, ws *catalog.Workspace, o Options) (*Adapter, error) {
	if o.Getenv == nil {
		o.Getenv = os.LookupEnv
	}
	if o.Log == nil {
		o.Log = slog.Default()
	}
	if o.Transport == nil {
		o.Transport = httpclient.New(httpclient.Config{})
	}
	l := &loader{getenv: o.Getenv, workspace: ws, timeout: cmp.Or(ws.Timeout, defaultTimeout.duration()),
		a: &Adapter{routes: map[string]*route{}, since: time.Now().UTC().Truncate(time.Second), trusted: o.TrustedProxies, log: o.Log,
			transports: transports{http: o.Transport, fastcgi: map[fastcgiServer]*fastcgi.Client{}, log: o.Log}}}
	l.trust(ws.TrustedProxies)
	for _, s := range ws.Services {
		if s.LegacyFile != "" {
			l.service(fsys, s)
		}
	}
	l.outside(ws)
	if err := once(l.faults).Err(); err != nil {
		return nil, err
	}
	return l.a, nil
}

// once leaves of faults that several services share, such as one of banyan.yaml,
// the first.
func once(faults config.Faults) (out config.Faults) {
	for _, f := range faults {
		if !slices.Contains(out, f) {
			out = append(out, f)
		}
	}
	return out
}

type loader struct {
	a         *Adapter
	getenv    func(string) (string, bool)
	workspace *catalog.Workspace
	timeout   time.Duration
	faults    config.Faults
}

func (l *loader) service(fsys fs.FS, s *catalog.Service) {
	data, err := config.ReadFile(fsys, s.LegacyFile)
	if err != nil {
		l.faults = append(l.faults, config.Fault{Pos: config.Pos{File: s.LegacyFile},
			Message: fmt.Sprintf("the legacy mapping of service %s cannot be read: %v", s.Name, err)})
		return
	}
	m, faults := Parse(s.LegacyFile, data)
	faults = append(faults, m.Check(s)...)
	before := len(l.faults)
	problems, view := problemCodes(s), viewContract(s.Contract)
	secrets := view.secrets()
	trusted := slices.Concat(l.a.trusted, trustedProxies(m.file.Trusted, l.getenv, l.trustFault(m)))
	d := l.depot(s, m)
	said := map[config.Pos]bool{}
	for _, f := range faults {
		said[f.Pos] = true
	}
	say := func(f *config.Fault) {
		if f != nil && f.Message != "" && !said[f.Pos] {
			said[f.Pos] = true
			l.faults = append(l.faults, *f)
		}
	}
	for _, n := range m.named {
		say(d.named[n.name].fault)
	}
	for i := range s.Operations {
		op := &s.Operations[i]
		entry := m.find(op.ID)
		if entry == nil && m.refusesUnlisted() {
			continue
		}
		if entry == nil {
			entry = &operation{settings: m.defaults, id: op.ID, requestSettings: requestSettings{body: bodyMapping{form: bodyPass}}}
		}
		r := &route{operation: *entry, key: op.Key, declared: op, problems: problems, secrets: secrets, trusted: trusted}
		r.timeout = cmp.Or(r.timeout, l.timeout)
		say(d.equip(r))
		if entry.usesVariables() {
			r.contract, _ = newPathPattern(op.Path) // Check said what is wrong with it
		}
		l.identity(r, said)
		if r.body.form != bodyPass {
			r.bodySchema = view.body(op)
		}
		if r.values != nil {
			r.queryValues = view.newQueryValues(op.ID, r.values)
		}
		l.a.routes[op.Key] = r
	}
	faults = append(faults, l.normalisers(m, s, view)...)
	l.faults = append(l.faults[:before], sorted(append(faults, l.faults[before:]...))...)
}

// upstream expands the URL that counts for an operation.
func (l *loader) upstream(m *Mapping, op *operation, bodyLimit int64) (*upstream, *config.Fault) {
	text, pos := op.settings.upstream.V, op.settings.upstream.Pos
	if !op.settings.upstream.Set() {
		if l.workspace.Upstream == "" {
			return nil, &config.Fault{Pos: config.Pos{File: m.name, Line: 1, Col: 1}, Message: "no upstream is named", Hint: "set upstream here or in banyan.yaml"}
		}
		text, pos = l.workspace.Upstream, workspacePos
	}
	up, err := l.expand(text)
	if err != nil {
		return nil, &config.Fault{Pos: pos, Message: fmt.Sprintf("upstream: %v", err), Hint: upstreamHint}
	}
	if fault := l.connect(up, &op.fastcgi, bodyLimit); fault != nil {
		if fault.Pos.Line == 0 {
			fault.Pos = pos
		}
		return nil, fault
	}
	return up, nil
}

// workspacePos stands for places in banyan.yaml, which the catalog does not
// know.
var workspacePos = config.Pos{File: "banyan.yaml"}

// connect gives an upstream its transport.
func (l *loader) connect(up *upstream, keys *fastcgiKeys, bodyLimit int64) *config.Fault {
	var s fastcgiSettings
	if up.speaksFastCGI() {
		var fault *config.Fault
		if s, fault = keys.settle(l.workspace.FastCGI, l.getenv); fault != nil {
			return fault
		}
	}
	up.transport = l.a.transports.to(up, s, bodyLimit)
	return nil
}

func (l *loader) expand(text string) (*upstream, error) {
	expanded, err := config.Expand(text, l.getenv)
	if err != nil {
		return nil, err
	}
	return parseUpstream(expanded)
}

func (l *loader) fault(pos config.Pos, hint, format string, args ...any) {
	l.faults = append(l.faults, config.Fault{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint})
}

// trust takes in the peers that the workspace trusts.
func (l *loader) trust(peers []string) {
	l.a.trusted = slices.Clone(l.a.trusted)
	for _, text := range peers {
		expanded, err := config.Expand(text, l.getenv)
		var more []netip.Prefix
		if err == nil {
			more, err = catalog.ParsePeers(expanded)
		}
		if err != nil {
			l.fault(workspacePos, "", "trusted-proxies: %v", err)
		}
		l.a.trusted = append(l.a.trusted, more...)
	}
}

// trustFault reports what is wrong with trusted-proxies once variables are
// expanded. What is wrong without that Parse said.
func (l *loader) trustFault(m *Mapping) func(config.Pos, string, string, ...any) {
	return func(pos config.Pos, hint, format string, args ...any) {
		for _, v := range m.file.Trusted {
			if v.Pos == pos && strings.Contains(v.V, "${") {
				l.fault(pos, hint, format, args...)
			}
		}
	}
}

// identity expands the variables in what a route tells PHP. A fault that was
// said of one route is not said again of the others.
func (l *loader) identity(r *route, said map[config.Pos]bool) {
	expand := func(v config.Value[string], key string) string {
		text, err := config.Expand(v.V, l.getenv)
		if err == nil && !printable(text) {
			err = errors.New("a variable holds a line break or another control character")
		}
		if err != nil && !said[v.Pos] {
			said[v.Pos] = true
			l.fault(v.Pos, "", "%s: %v", key, err)
		}
		return text
	}
	if r.authorization.Set() {
		r.authorization.V = expand(r.authorization, "authorization")
	}
	if r.headers != nil {
		expanded := *r.headers
		expanded.set = slices.Clone(expanded.set)
		for i, s := range expanded.set {
			expanded.set[i].values = []string{expand(s.value, "headers: "+s.name)}
		}
		r.headers = &expanded
	}
}

// outside prepares for requests that no contract covers, which pass untouched.
func (l *loader) outside(ws *catalog.Workspace) {
	wanted := ws.Unmatched == catalog.Legacy
	if !wanted && ws.Upstream == "" {
		return
	}
	up, err := l.expand(ws.Upstream)
	switch {
	case err == nil:
		if fault := l.connect(up, &fastcgiKeys{}, ws.OutsideBodyLimit()); fault != nil {
			if wanted {
				if fault.Pos.Line == 0 {
					fault.Pos = workspacePos
				}
				l.faults = append(l.faults, *fault)
			}
			return
		}
		s := settings{sendingSettings: sendingSettings{timeout: l.timeout, maxResponse: int64(defaultMaxResponse)}}
		l.a.outside = &route{names: &knownNames{}, trusted: l.a.trusted, operation: operation{settings: s, requestSettings: requestSettings{body: bodyMapping{form: bodyPass}}}, upstream: up}
		l.a.outside.sending.single = resends(up)
	case wanted:
		l.faults = append(l.faults, config.Fault{Pos: workspacePos, Message: fmt.Sprintf("upstream: %v", err), Hint: upstreamHint})
	}
}

// usesVariables reports whether the path's parameters are needed.
func (op *operation) usesVariables() bool {
	if op.path != nil && len(op.path.variables()) > 0 {
		return true
	}
	if op.query != nil {
		for _, s := range op.query.set {
			if len(s.value.variables()) > 0 {
				return true
			}
		}
	}
	return slices.ContainsFunc(op.body.set, func(s bodySet) bool { return s.text != nil && len(s.text.variables()) > 0 })
}

// Handles reports whether PHP serves an operation; nil asks about requests
// that no contract covers.
func (a *Adapter) Handles(op *catalog.Operation) bool { return a.route(op) != nil }

// Upstream is the URL that serves an operation, or empty when PHP does not.
// Several are separated by spaces.
func (a *Adapter) Upstream(op *catalog.Operation) string {
	if r := a.route(op); r != nil {
		return r.addresses()
	}
	return ""
}

// Unmapped returns how many errors of PHP no rule of legacy.yaml named, by
// operation key. Operations without any are left out.
func (a *Adapter) Unmapped() map[string]uint64 {
	counts := map[string]uint64{}
	for key, r := range a.routes {
		if seen := r.unmapped.snapshot(); seen != nil {
			counts[key] = seen.Count
		}
	}
	return counts
}

// Close closes the connections that are idle and ends health checks. Exchanges
// under way go on.
func (a *Adapter) Close() {
	a.transports.closeIdle()
	for _, u := range a.upstreams {
		u.Close()
	}
}

func (a *Adapter) route(op *catalog.Operation) *route {
	if op == nil {
		return a.outside
	}
	return a.routes[op.Key]
}
