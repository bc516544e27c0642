package legacyproxy

import (
	"fmt"
	"net/http"
	"net/http/httptrace"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/problem"
)

// Serve answers r by PHP; op is nil for a request that no contract covers. An
// error, always a *problem.Error, means that nothing was written. When PHP
// breaks off in the middle of an answer, Serve panics with
// http.ErrAbortHandler, so that the client sees a broken connection and not an
// answer that seems whole.
func (a *Adapter) Serve(w http.ResponseWriter, r *http.Request, op *catalog.Operation) error {
	rt, err := a.served(op)
	if err != nil {
		return err
	}
	if r.Method == http.MethodConnect {
		return problem.MethodNotAllowed.New("")
	}
	peer, trusted := rt.peer(r)
	header := requestHeader(r.Header, trusted)
	if !trusted {
		for _, name := range rt.trustedHeaders {
			delete(header, name)
		}
	}
	setForwarded(header, r, peer, trusted)
	m, err := rt.message(r, header, r.Host)
	if err != nil {
		return err
	}
	protocol := upgradeProtocol(r)
	if protocol != "" {
		m.upgrade(protocol)
	}

	x := exchange{Adapter: a, rt: rt, clock: startClock(r.Context(), rt.timeout)}
	defer x.clock.close()
	ctx := x.clock.ctx
	var early *earlyHints
	if r.ProtoAtLeast(1, 1) {
		early = &earlyHints{w: w}
		ctx = httptrace.WithClientTrace(ctx, &httptrace.ClientTrace{Got1xxResponse: early.relay})
	}
	out, body := m.request(ctx, x.clock)
	x.body = body
	defer body.end()
	out.Proto, out.RemoteAddr, out.TLS = r.Proto, r.RemoteAddr, r.TLS // HTTP has no use for them, FastCGI tells PHP

	res, err := x.send(m, out)
	early.end()
	if err != nil {
		return failure(err, x.clock, body)
	}
	if res.StatusCode == http.StatusSwitchingProtocols && protocol != "" {
		_ = x.clock.stop() // once switched, nothing ends it but the two sides
		return x.switchProtocols(w, out, res, protocol)
	}
	if err := x.answer(res); err != nil {
		return err
	}
	if !x.clock.stop() {
		res.Body.Close()
		return failure(errTimeout, x.clock, body)
	}
	x.relay(w, r, res)
	return nil
}

// served returns the route of an operation that PHP serves.
func (a *Adapter) served(op *catalog.Operation) (*route, error) {
	if rt := a.route(op); rt != nil {
		return rt, nil
	}
	what := "requests outside the contract"
	if op != nil {
		what = op.Key
	}
	return nil, problem.Internal.Wrap(fmt.Errorf("legacyproxy: no backend serves %s", what), "")
}
