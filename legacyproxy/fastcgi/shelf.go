package fastcgi

import (
	"math"
	"sync"
	"time"
)

// keeping says what becomes of connections whose request has ended.
type keeping struct {
	most int           // how many may wait for a request
	idle time.Duration // how long each may wait
	age  time.Duration // how long it is used again, from its first answer on
	// contested is the age that counts while requests of the client have waited
	// for longer than idle for an answer on new connections: they may be in
	// php-fpm's queue, and would be overtaken.
	contested time.Duration
	// always asks the server for every connection to be left open; otherwise
	// it is asked while requests come so fast that one is due before idle is
	// over.
	always bool
}

// handingOn is for clients that are not told to keep connections. A connection
// that waits occupies one of php-fpm's children, so none waits for longer than
// the next request is likely to take, and none stays in use for longer than
// requests in php-fpm's queue, of whatever client, can be asked to wait.
// Where a script takes longer than that, a new connection costs nothing that
// anybody could notice.
var handingOn = keeping{most: 16, idle: 2 * time.Millisecond, age: 10 * time.Millisecond, contested: time.Millisecond}

// kept is for clients that may keep n connections.
func kept(n int) keeping {
	return keeping{most: n, idle: idleTime, age: math.MaxInt64, contested: math.MaxInt64, always: true}
}

// shelf holds the connections that wait for a request.
type shelf struct {
	rule keeping

	mu      sync.Mutex
	conns   []*conn       // the one put last at the end, and so in the order of their time
	last    time.Time     // of the last request that could have used one
	pause   time.Duration // between two such requests, as a running mean
	clearer *time.Timer   // runs at least while there are connections
	running bool

	unanswered int       // requests on new connections that have no answer yet
	waiting    time.Time // since when there has always been one
}

// dialled notes that a request goes out on a new connection.
func (s *shelf) dialled() {
	s.mu.Lock()
	defer s.mu.Unlock()
	if s.unanswered++; s.unanswered == 1 {
		s.waiting = time.Now()
	}
}

// answered notes that such a request waits no longer.
func (s *shelf) answered() {
	s.mu.Lock()
	defer s.mu.Unlock()
	s.unanswered--
}

// wanted notes that a request comes, which can use a connection of the shelf or
// not, and reports whether its own connection may come here afterwards.
func (s *shelf) wanted(usable bool) bool {
	if s.rule.always {
		return true
	}
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	since := now.Sub(s.last)
	if usable {
		s.pause += (min(since, 16*s.rule.idle) - s.pause) / 8
		s.last = now
	}
	return since < s.rule.idle && s.pause < s.rule.idle
}

// take returns the connection that has waited least, or nil.
func (s *shelf) take() *conn {
	s.mu.Lock()
	defer s.mu.Unlock()
	n := len(s.conns) - 1
	if n < 0 {
		return nil
	}
	c := s.conns[n]
	s.conns[n] = nil
	s.conns = s.conns[:n]
	return c
}

// put takes a connection in, or reports that there is no use for it.
func (s *shelf) put(c *conn) bool {
	now := time.Now()
	s.mu.Lock()
	defer s.mu.Unlock()
	age := s.rule.age
	if s.unanswered > 0 && now.Sub(s.waiting) > s.rule.idle {
		age = s.rule.contested
	}
	switch {
	case len(s.conns) >= s.rule.most, now.Sub(c.began) >= age:
		return false
	case !s.rule.always && now.Sub(s.last) >= s.rule.idle:
		return false // they have stopped coming
	}
	c.since = now
	s.conns = append(s.conns, c)
	if s.running {
		return true
	}
	s.running = true
	if s.clearer == nil {
		s.clearer = time.AfterFunc(s.rule.idle, s.clear)
	} else {
		s.clearer.Reset(s.rule.idle)
	}
	return true
}

// clear closes what has waited too long.
func (s *shelf) clear() {
	now := time.Now()
	s.mu.Lock()
	n := 0
	for n < len(s.conns) && now.Sub(s.conns[n].since) >= s.rule.idle {
		n++
	}
	over := append([]*conn(nil), s.conns[:n]...)
	left := copy(s.conns, s.conns[n:])
	clear(s.conns[left:])
	s.conns = s.conns[:left]
	if s.running = left > 0; s.running {
		s.clearer.Reset(s.rule.idle - now.Sub(s.conns[0].since))
	}
	s.mu.Unlock()
	for _, c := range over {
		c.discard()
	}
}

// empty closes everything.
func (s *shelf) empty() {
	s.mu.Lock()
	all := s.conns
	s.conns = nil
	s.mu.Unlock()
	for _, c := range all {
		c.discard()
	}
}
