// Package resilience sends the requests of operations to upstreams that fail,
// stall and fill up. A Sender has the policies of one operation: which of
// several upstreams, how often, when to stop asking. An Upstream has what
// operations share: the room there is, and whether it is well.
//
//	upstream := resilience.NewUpstream("shop", "main", resilience.Room{Limit: 20, Queue: 50, Wait: 100 * time.Millisecond}, nil, log)
//	sender := resilience.NewSender(resilience.Policy{Class: op.Class, Targets: []resilience.Target{{upstream, transport, 1}}, ...})
//	res, err := sender.Send(&resilience.Exchange{Request: r})
//
// What may be sent twice catalog.Class alone decides. What was provably not
// sent the transports tell, through package unsent; no transport repeats a
// request by itself.
//
// An answer holds its place at the upstream until its body is read to the end
// or closed, and is judged by the breaker when it is closed, so that a body
// that breaks off counts and an envelope can be looked into first (Judge).
package resilience
