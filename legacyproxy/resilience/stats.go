package resilience

// SenderStats is what a sender did since the start.
type SenderStats struct {
	Operation string
	// Retries are attempts after the first, by what made them worth it; empty
	// when nothing is retried.
	Retries []RetryCount
	// Hedged is whether it hedges at all.
	Hedged bool
	// Hedges are second copies; HedgesWon those that were the faster ones.
	Hedges, HedgesWon uint64
	// Exhausted counts retries and hedges that the budget forbade.
	Exhausted uint64
	// Breakers has one for each upstream of the operation, if it has any.
	Breakers []UpstreamBreaker
}

// RetryCount is how often requests were sent again for a cause: "unsent",
// "reset", "timeout", "status", or "rule" where Exchange.Look said so.
type RetryCount struct {
	Cause string
	Count uint64
}

// UpstreamBreaker is the breaker of an operation at an upstream.
type UpstreamBreaker struct {
	Upstream string
	BreakerStats
}

// Snapshot is what an adapter's senders and upstreams did and are doing.
type Snapshot struct {
	Upstreams []UpstreamStats // by service and name
	Senders   []SenderStats   // by operation
}

// Stats returns the sender as it is now.
func (s *Sender) Stats() SenderStats {
	out := SenderStats{
		Operation: s.policy.Operation, Hedged: s.policy.Hedge != nil,
		Hedges: s.stats.hedges.Load(), HedgesWon: s.stats.wins.Load(), Exhausted: s.stats.exhausted.Load(),
	}
	if s.policy.Retry != nil {
		for c := notSent; int(c) < causes; c++ {
			out.Retries = append(out.Retries, RetryCount{causeNames[c], s.stats.retries[c].Load()})
		}
	}
	for i := range s.set.targets {
		if t := &s.set.targets[i]; t.breaker != nil {
			out.Breakers = append(out.Breakers, UpstreamBreaker{t.name, t.breaker.Stats()})
		}
	}
	return out
}
