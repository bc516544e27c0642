//go:build !unix

package liveness

// peek believes every connection to be alive: sending will show.
func (p *Probe) peek(uintptr) bool {
	p.quiet = true
	return true
}
