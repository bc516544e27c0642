package resilience

import (
	"math/bits"
	"sync/atomic"
	"time"
)

// latencies remembers how long answers took to begin, in steps of a quarter
// of an octave. Old ones fade: when enough new ones have come, all are halved.
type latencies struct {
	steps [maxStep + 1]atomic.Uint32
	n     atomic.Uint32
}

const (
	maxStep    = 4 * 26 // 2^26 microseconds: a minute
	fadeAfter  = 4096
	enoughSeen = 100
)

func stepOf(d time.Duration) int {
	us := uint64(max(d.Microseconds(), 1))
	octave := bits.Len64(us) - 1
	quarter := int(us<<2>>octave) & 3
	return min(octave*4+quarter, maxStep)
}

// top is where a step ends.
func top(step int) time.Duration {
	return time.Duration(uint64(5+step&3)<<(step>>2)) * (time.Microsecond / 4)
}

func (l *latencies) add(d time.Duration) {
	l.steps[stepOf(d)].Add(1)
	if l.n.Add(1) != fadeAfter {
		return
	}
	sum := uint32(0)
	for i := range l.steps {
		half := l.steps[i].Load() / 2
		l.steps[i].Store(half)
		sum += half
	}
	l.n.Store(sum)
}

// quantile is what a share of the answers stay below; false when there were
// too few to say.
func (l *latencies) quantile(share float64) (time.Duration, bool) {
	n := l.n.Load()
	if n < enoughSeen {
		return 0, false
	}
	rest := uint32(float64(n) * (1 - share))
	above := uint32(0)
	for i := maxStep; i >= 0; i-- {
		if above += l.steps[i].Load(); above > rest {
			return top(i), true
		}
	}
	return 0, false
}
