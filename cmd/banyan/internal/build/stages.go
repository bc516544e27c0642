package build

import (
	"sync"
	"time"
)

// Stages measures what a run spends its time on, one stage after the other. It
// is safe for concurrent use; nil measures nothing.
type Stages struct {
	mu    sync.Mutex
	list  []Stage
	since time.Time
	doing string
}

// Stage is a part of a run.
type Stage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Begin ends the stage before and starts one. Doing says what it is about, for
// people: "reading 3 contracts".
func (s *Stages) Begin(name, doing string) {
	if s == nil {
		return
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
	s.list = append(s.list, Stage{Name: name})
	s.since, s.doing = time.Now(), doing
}

// end notes how long the last stage took so far.
func (s *Stages) end() {
	if n := len(s.list); n > 0 && !s.since.IsZero() {
		s.list[n-1].Seconds += time.Since(s.since).Seconds()
		s.since = time.Time{}
	}
}

// Doing is what the run is about just now.
func (s *Stages) Doing() string {
	s.mu.Lock()
	defer s.mu.Unlock()
	return s.doing
}

// Done ends the last stage and returns all, in order.
func (s *Stages) Done() []Stage {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.end()
	return s.list
}
