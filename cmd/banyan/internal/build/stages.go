package build

import (
	"slices"
	"sync"
	"time"

	"github.com/banyan-go/banyan/internal/codegen"
)

// Stages measures what a run spends its time on, one stage after the other. It
// is safe for concurrent use; nil measures nothing.
type Stages struct {
	// Finished, unless nil, hears of every service when a target is done with it.
	Finished func(Service)

	mu       sync.Mutex
	list     []Stage
	services []Service
	since    time.Time // when the last stage began; zero once it has ended
	lap      time.Time // when the last service's part in it was done
	doing    string
}

// Stage is a part of a run.
type Stage struct {
	Name    string  `json:"name"`
	Seconds float64 `json:"seconds"`
}

// Service is what a run made of one service, and how long that took.
type Service struct {
	Name       string `json:"name"`
	Operations int    `json:"operations"`
	Types      int    `json:"types"`
	Files      int    `json:"files"`
	// Stages are the service's parts in stages that go through services one by
	// one; Seconds is their sum.
	Stages  []Stage `json:"stages"`
	Seconds float64 `json:"seconds"`
}

// Part notes that what the running stage does for a service is done, and what it
// made, and returns all that is known about the service.
func (s *Stages) Part(made codegen.Part) Service {
	if s == nil {
		return Service{}
	}
	s.mu.Lock()
	defer s.mu.Unlock()
	i := slices.IndexFunc(s.services, func(v Service) bool { return v.Name == made.Service })
	if i < 0 {
		i = len(s.services)
		s.services = append(s.services, Service{Name: made.Service, Stages: []Stage{}})
	}
	v := &s.services[i]
	v.Operations, v.Types, v.Files = v.Operations+made.Operations, v.Types+made.Types, v.Files+made.Files
	if n := len(s.list); n > 0 && !s.since.IsZero() {
		now := time.Now()
		v.Stages = append(v.Stages, Stage{Name: s.list[n-1].Name, Seconds: now.Sub(s.lap).Seconds()})
		v.Seconds += now.Sub(s.lap).Seconds()
		s.lap = now
	}
	return *v
}

// finish is Part for the last part of a service.
func (s *Stages) finish(made codegen.Part) {
	if s == nil {
		return
	}
	if v := s.Part(made); s.Finished != nil {
		s.Finished(v)
	}
}

// Services are those with a part in a stage, in the order of their first.
func (s *Stages) Services() []Service {
	s.mu.Lock()
	defer s.mu.Unlock()
	return append([]Service{}, s.services...)
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
	s.lap = s.since
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
