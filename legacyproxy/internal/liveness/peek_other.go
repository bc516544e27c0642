//go:build !unix

package liveness

// peek believes every connection to be alive: sending will show.
func (p *Probe) peek(uintptr) bool {
	p.quiet = true
	return true
}

// read takes nothing: there is always an ordinary read to come.
func (p *Probe) read(uintptr) bool { return true }
