package legacyproxy

import (
	"strings"
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

// code is an envelope's code as text. PHP writes the same code as a number
// here and as a string there, so 40001 and "40001" are one code.
type code string

// UnmarshalConfig implements config.Unmarshaler.
func (c *code) UnmarshalConfig(n *config.Node) {
	if n.Kind() != config.Scalar {
		n.Faultf("", "want a code such as 40001 or out_of_stock, found %s", n.Kind())
		return
	}
	*c = code(n.Text())
}

// statusMatch is an exact status (404) or a class (5 for 5xx).
type statusMatch struct{ exact, class int }

// UnmarshalConfig implements config.Unmarshaler.
func (s *statusMatch) UnmarshalConfig(n *config.Node) {
	text := n.Text()
	digit := func(i int) int { return int(text[i] - '0') }
	switch {
	case len(text) != 3 || text[0] < '2' || text[0] > '5':
	case strings.EqualFold(text[1:], "xx"):
		s.class = digit(0)
		return
	case text[1] >= '0' && text[1] <= '9' && text[2] >= '0' && text[2] <= '9':
		s.exact = 100*digit(0) + 10*digit(1) + digit(2)
		return
	}
	if n.Kind() != config.Scalar {
		text = n.Kind().String()
	}
	n.Faultf("", "status: want a status such as 404 or a class such as 5xx, found %s", text)
}

func (s statusMatch) matches(status int) bool {
	return status == s.exact || status/100 == s.class
}

// covers reports whether s matches all that t matches.
func (s statusMatch) covers(t statusMatch) bool {
	return s == t || s.class != 0 && s.class == t.exact/100
}

// success reports whether s is about answers that are successes.
func (s statusMatch) success() bool { return s.class == 2 || s.exact/100 == 2 }

func (p period) duration() time.Duration { return time.Duration(p) }
