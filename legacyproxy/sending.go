package legacyproxy

import (
	"errors"
	"math"
	"net/http"
	"strconv"
	"strings"
	"time"

	"github.com/banyan-go/banyan/legacyproxy/resilience"
	"github.com/banyan-go/banyan/legacyproxy/unsent"
	"github.com/banyan-go/banyan/problem"
)

// sending is how the requests of a route get to PHP. The zero value sends to
// the route's upstream, once.
type sending struct {
	sender  *resilience.Sender // nil: nothing is declared
	targets []*upstream        // the sender's, in its order
	key     string             // the header of the idempotency key, as PHP gets it; empty: none
	holds   bool               // bodies of a moderate size are read before they are sent
	single  bool               // net/http must not repeat a request of its own accord
	rules   bool               // a rule may say that an answer is worth another attempt
	resets  bool               // one that breaks off is
}

// send performs one exchange with PHP.
func (x *exchange) send(m *message, out *http.Request) (*http.Response, error) {
	s := &x.rt.sending
	if s.single {
		unsent.Single(out)
	}
	if s.sender == nil {
		return x.rt.upstream.transport.RoundTrip(out)
	}
	e := &resilience.Exchange{
		Request: out, Keyed: s.keyed(m.header), Alone: m.header["Upgrade"] != nil,
		Deadline: time.Now().Add(x.rt.timeout),
	}
	if len(s.targets) > 1 {
		e.Aim = func(r *http.Request, i int) { m.aim(r, s.targets[i]) }
	}
	switch {
	case x.body != nil:
		e.Body = x.body
	case len(m.body) > 0:
		e.Body = held(m.body)
	}
	if s.rules || s.resets && x.rt.looksAhead() {
		e.Look = x.lookAhead
	}
	res, err := s.sender.Send(e)
	if err == nil && (x.seen == nil || x.seen.res != res) {
		x.sent = res.Body // as lookAhead knew it, otherwise
	}
	return res, err
}

// aim points a request at one of several upstreams.
func (m *message) aim(r *http.Request, to *upstream) {
	r.URL = to.urlFor(m.path, m.query, m.forceQuery)
	if m.ownHost {
		r.Host = to.name
	}
}

// keyed reports whether PHP gets an idempotency key.
func (s *sending) keyed(h http.Header) bool {
	if s.key == "" {
		return false
	}
	values, ok := h[s.key]
	if !ok {
		values = h[strings.ToLower(s.key)] // see adjustHeader
	}
	return len(values) == 1 && values[0] != ""
}

// judged tells the breaker what an error inside an answer says about PHP.
func (x *exchange) judged(err error) {
	var php *BackendError
	if x.sent == nil || !errors.As(err, &php) {
		return
	}
	x.tell(php.Class, php.Mapped)
}

// tell tells the breaker of which class an error of PHP is.
func (x *exchange) tell(class Class, mapped bool) {
	switch {
	case class == ClassBusiness:
		resilience.Judge(x.sent, resilience.Fine)
	case mapped:
		resilience.Judge(x.sent, resilience.Envelope)
	}
}

// rejection is the problem of a request that was not sent.
func rejection(r *resilience.Rejected) *problem.Error {
	kind := problem.LegacyUnavailable
	if r.Full {
		kind = problem.Unavailable
	}
	e := kind.Wrap(r, "")
	seconds := max(1, int64(math.Ceil(r.After.Seconds())))
	e.Header = http.Header{"Retry-After": {strconv.FormatInt(min(seconds, 3600), 10)}}
	return e
}
