package legacyproxy

import (
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/legacyproxy/resilience"
)

// repeatKeys say what is done about a PHP that fails or stalls.
type repeatKeys struct {
	Retry   *retryFile   `yaml:"retry"`
	Hedge   *hedgeFile   `yaml:"hedge"`
	Breaker *breakerFile `yaml:"breaker"`
}

// retryFile, hedgeFile and breakerFile may each be the word none.
type retryFile struct {
	policyFile
	body struct {
		Attempts   config.Value[int]           `yaml:"attempts"`
		On         []config.Value[string]      `yaml:"on"`
		Backoff    config.Value[time.Duration] `yaml:"backoff"`
		MaxBackoff config.Value[time.Duration] `yaml:"max-backoff"`
		TryTimeout config.Value[time.Duration] `yaml:"try-timeout"`
		Budget     config.Value[string]        `yaml:"budget"`
		Buffer     config.Value[config.Size]   `yaml:"buffer"`
	}
}

type hedgeFile struct {
	policyFile
	body struct {
		After config.Value[string] `yaml:"after"`
	}
}

type breakerFile struct {
	policyFile
	body struct {
		Requests config.Value[int]           `yaml:"requests"`
		Failures config.Value[string]        `yaml:"failures"`
		Window   config.Value[time.Duration] `yaml:"window"`
		Open     config.Value[time.Duration] `yaml:"open"`
		Trials   config.Value[int]           `yaml:"trials"`
	}
}

type policyFile struct {
	pos  config.Pos
	none bool
}

func (f *policyFile) read(n *config.Node, key string, body any) {
	f.pos = n.Pos()
	if n.Kind() != config.Scalar {
		n.Decode(body)
		return
	}
	f.none = true
	if n.Text() != "none" {
		n.Faultf("", "%s: want none or a mapping, found %q", key, n.Text())
	}
}

// UnmarshalConfig implements config.Unmarshaler.
func (f *retryFile) UnmarshalConfig(n *config.Node) { f.read(n, "retry", &f.body) }

// UnmarshalConfig implements config.Unmarshaler.
func (f *hedgeFile) UnmarshalConfig(n *config.Node) { f.read(n, "hedge", &f.body) }

// UnmarshalConfig implements config.Unmarshaler.
func (f *breakerFile) UnmarshalConfig(n *config.Node) { f.read(n, "breaker", &f.body) }

// percent reads a share, written 10%; 0 when it is at fault.
func (p *parser) percent(v config.Value[string], key string) float64 {
	text, percent := strings.CutSuffix(v.V, "%")
	f, err := strconv.ParseFloat(strings.TrimSpace(text), 64)
	if !percent || err != nil || strings.Trim(text, "0123456789. ") != "" || f <= 0 || f > 100 {
		p.faultOnce(v.Pos, "", "%s: want more than 0%% and at most 100%%, found %q", key, v.V)
		return 0
	}
	return f / 100
}

// repeatSettings is what is done about a PHP that fails or stalls.
type repeatSettings struct {
	retry    *resilience.Retry // nil: requests are sent once
	retryPos config.Pos
	onPos    config.Pos // of what is written under on
	hedge    *resilience.Hedge
	hedgePos config.Pos
	breaker  *resilience.BreakerPolicy
	budget   share // of retries and hedges
	buffer   int64 // the largest body that is read before it is sent; 0: defaultBuffer
}

// share is a share of the requests, and where it is declared; zero where it is
// not.
type share struct {
	of  float64
	pos config.Pos
}

// repeats reports whether there is anything to do.
func (s *repeatSettings) repeats() bool {
	return s.retry != nil || s.hedge != nil || s.breaker != nil
}

// Defaults.
const (
	defaultBudget = 0.1
	defaultBuffer = 256 << 10
	maxBuffer     = 64 << 20 // each request under way may hold as much
)

var (
	defaultRetry = resilience.Retry{
		Attempts: 2, Backoff: 25 * time.Millisecond, MaxBackoff: time.Second,
		On: resilience.Conditions{Reset: true, Timeout: true, Statuses: []int{
			http.StatusBadGateway, http.StatusServiceUnavailable, http.StatusGatewayTimeout}},
	}
	defaultBreaker = resilience.BreakerPolicy{
		Requests: 20, Failures: 0.5, Window: 10 * time.Second, Open: 5 * time.Second, Trials: 3,
	}
)

func (p *parser) repeatKeys(s *repeatSettings, f *repeatKeys) {
	if f.Retry != nil {
		s.retryPos = f.Retry.pos
		s.retry = p.retry(s, f.Retry)
	}
	if f.Hedge != nil {
		s.hedgePos = f.Hedge.pos
		s.hedge = p.hedge(f.Hedge)
	}
	if f.Breaker != nil {
		s.breaker = p.breaker(s.breaker, f.Breaker)
	}
}

// retry lays what is written over what is inherited.
func (p *parser) retry(s *repeatSettings, f *retryFile) *resilience.Retry {
	if f.none {
		return nil
	}
	r, b := defaultRetry, &f.body
	if s.retry != nil {
		r = *s.retry
	}
	r.Attempts = p.number(b.Attempts, "retry: attempts", r.Attempts, 2, 5)
	r.Backoff = p.duration(b.Backoff, "retry: backoff", r.Backoff, time.Millisecond, time.Minute)
	r.MaxBackoff = p.duration(b.MaxBackoff, "retry: max-backoff", max(r.MaxBackoff, r.Backoff), time.Millisecond, time.Minute)
	r.TryTimeout = p.duration(b.TryTimeout, "retry: try-timeout", r.TryTimeout, time.Millisecond, time.Hour)
	if r.MaxBackoff < r.Backoff {
		p.fault(b.MaxBackoff.Pos, "", "retry: max-backoff is less than backoff, %s", r.Backoff)
	}
	if b.On != nil {
		r.On = p.conditions(b.On)
		if len(b.On) > 0 {
			s.onPos = b.On[0].Pos
		}
	}
	if b.Budget.Set() {
		s.budget = share{p.percent(b.Budget, "retry: budget"), b.Budget.Pos}
	}
	if b.Buffer.Set() {
		if s.buffer = int64(b.Buffer.V); s.buffer == 0 || s.buffer > maxBuffer {
			p.faultOnce(b.Buffer.Pos, "", "retry: buffer: want more than 0 and at most 64MiB, found %d bytes", s.buffer)
		}
	}
	return &r
}

// conditionWords are those beside statuses.
var conditionWords = []string{"connect", "reset", "timeout", "5xx"}

func (p *parser) conditions(words []config.Value[string]) (c resilience.Conditions) {
	seen := map[string]bool{}
	for _, w := range words {
		status, err := strconv.Atoi(w.V)
		switch {
		case seen[w.V]:
			p.fault(w.Pos, "keep one of them", "retry: on has %q twice", w.V)
		case w.V == "connect": // always
		case w.V == "reset":
			c.Reset = true
		case w.V == "timeout":
			c.Timeout = true
		case w.V == "5xx":
			for s := 500; s < 600; s++ {
				c.Statuses = append(c.Statuses, s)
			}
		case err == nil && (status == http.StatusTooManyRequests || status == http.StatusRequestTimeout || status >= 500 && status < 600):
			c.Statuses = append(c.Statuses, status)
		case err == nil:
			p.fault(w.Pos, "name one that a second attempt may change: 408, 429, 500 to 599", "retry: on: %s says that the request itself is refused", w.V)
		default:
			p.fault(w.Pos, suggestOr(w.V, conditionWords, "name connect, reset, timeout, 5xx or statuses such as 503"), "retry: on: %q is not known", w.V)
		}
		seen[w.V] = true
	}
	return c
}

func (p *parser) hedge(f *hedgeFile) *resilience.Hedge {
	if f.none {
		return nil
	}
	h, after := &resilience.Hedge{Quantile: 0.95}, f.body.After
	if !after.Set() {
		return h
	}
	const hint = "write a duration such as 100ms, or p95 for what 95% of the answers take at most"
	if text, ok := strings.CutPrefix(after.V, "p"); ok {
		percent, err := strconv.Atoi(text)
		if err != nil || percent < 50 || percent > 99 {
			p.fault(after.Pos, hint, "hedge: after: want p50 to p99, found %q", after.V)
			return h
		}
		h.Quantile = float64(percent) / 100
		return h
	}
	d, err := time.ParseDuration(after.V)
	if err != nil || d < time.Millisecond || d > time.Minute {
		p.fault(after.Pos, hint, "hedge: after: want 1ms to 1m or a percentile, found %q", after.V)
		return h
	}
	h.After = d
	return h
}

// breaker lays what is written over what is inherited.
func (p *parser) breaker(inherited *resilience.BreakerPolicy, f *breakerFile) *resilience.BreakerPolicy {
	if f.none {
		return nil
	}
	b, w := defaultBreaker, &f.body
	if inherited != nil {
		b = *inherited
	}
	b.Requests = p.number(w.Requests, "breaker: requests", b.Requests, 1, 1_000_000)
	if w.Failures.Set() {
		b.Failures = p.percent(w.Failures, "breaker: failures")
	}
	b.Window = p.duration(w.Window, "breaker: window", b.Window, time.Second, time.Hour)
	b.Open = p.duration(w.Open, "breaker: open", b.Open, 10*time.Millisecond, time.Hour)
	b.Trials = p.number(w.Trials, "breaker: trials", b.Trials, 1, 1000)
	return &b
}

// repeats checks what an operation declares itself against its write class:
// what the class forbids would have no effect, and somebody relies on it.
func (c *checker) repeats(op *operation, inherited *repeatSettings, declared *catalog.Operation) {
	class := declared.Class
	if r := op.retry; r != nil && op.retryPos != inherited.retryPos {
		switch {
		case !class.RetryUnsent():
			c.fault(op.retryPos, "remove it, or see banyan explain write-class", "retry: %s is of class %s, which is never sent again", declared.ID, class)
		case !class.Retry(true) && op.onPos != inherited.onPos && (r.On.Reset || r.On.Timeout || len(r.On.Statuses) > 0):
			c.fault(op.onPos, "write on: [connect], or see banyan explain write-class", "retry: %s is of class %s, which is sent again only when it was provably not sent", declared.ID, class)
		}
	}
	if op.hedge != nil && op.hedgePos != inherited.hedgePos && !class.Hedge() {
		c.fault(op.hedgePos, "remove it, or see banyan explain write-class", "hedge: %s is of class %s; only R is hedged", declared.ID, class)
	}
}
