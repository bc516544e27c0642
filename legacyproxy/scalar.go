package legacyproxy

import (
	"time"

	"github.com/banyan-go/banyan/config"
)

// What legacy.yaml means when it does not say otherwise, and its bounds.
const (
	defaultTimeout     = period(500 * time.Millisecond)
	maxTimeout         = period(time.Hour)
	defaultMaxResponse = bound(10 << 20)
	maxMaxResponse     = bound(1 << 30)
)

// version is the version of the file's format.
type version int

// UnmarshalConfig implements config.Unmarshaler.
func (v *version) UnmarshalConfig(n *config.Node) {
	if *v = 1; n.Text() != "1" {
		n.Faultf("this is version 1", "version: %q is not known", n.Text())
	}
}

// period is a timeout.
type period time.Duration

// UnmarshalConfig implements config.Unmarshaler.
func (p *period) UnmarshalConfig(n *config.Node) {
	d, err := time.ParseDuration(n.Text())
	switch {
	case err != nil:
		n.Faultf("", "timeout: want a duration such as 500ms or 2s, found %q", n.Text())
	case d <= 0 || period(d) > maxTimeout:
		n.Faultf("", "timeout: want more than 0 and at most 1h, found %s", n.Text())
	}
	*p = period(d)
}

// bound is the most bytes that an answer may have.
type bound int64

// UnmarshalConfig implements config.Unmarshaler.
func (b *bound) UnmarshalConfig(n *config.Node) {
	size := config.Size(-1)
	if size.UnmarshalConfig(n); size < 0 {
		return // it said so
	}
	if *b = bound(size); size == 0 || *b > maxMaxResponse {
		n.Faultf("", "max-response: want more than 0 and at most 1GiB, found %s", n.Text())
	}
}

func (p period) duration() time.Duration { return time.Duration(p) }
