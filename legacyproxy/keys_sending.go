package legacyproxy

import (
	"time"

	"github.com/banyan-go/banyan/config"
)

// sendingKeys bound an exchange with PHP.
type sendingKeys struct {
	Timeout     config.Value[period] `yaml:"timeout"`
	MaxResponse config.Value[bound]  `yaml:"max-response"`
}

// sendingSettings are the bounds of an exchange with PHP.
type sendingSettings struct {
	timeout     time.Duration // 0: the workspace's
	maxResponse int64
}

func (p *parser) sendingKeys(s *sendingSettings, f *sendingKeys) {
	if f.Timeout.Set() {
		s.timeout = f.Timeout.V.duration()
	}
	if f.MaxResponse.Set() {
		s.maxResponse = int64(f.MaxResponse.V)
	}
}
