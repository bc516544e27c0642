package resilience

import "time"

const slots = 10

// window counts outcomes over a span of time that slides in tenths.
type window struct {
	width time.Duration // of one slot
	slots [slots]slot
}

type slot struct {
	epoch int64
	counts
}

func newWindow(span time.Duration) window { return window{width: max(span/slots, 1)} }

func (w *window) add(now time.Duration, o Outcome) {
	epoch := int64(now / w.width)
	s := &w.slots[epoch%slots]
	if s.epoch != epoch {
		*s = slot{epoch: epoch}
	}
	s.counts[o]++
}

func (w *window) sum(now time.Duration) (sum counts) {
	epoch := int64(now / w.width)
	for i := range w.slots {
		if s := &w.slots[i]; s.epoch > epoch-slots {
			for o, n := range s.counts {
				sum[o] += n
			}
		}
	}
	return sum
}

func (w *window) clear() { w.slots = [slots]slot{} }
