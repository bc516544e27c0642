package legacyproxy

import "github.com/banyan-go/banyan/config"

// upstreamKeys say where PHP is.
type upstreamKeys struct {
	Upstream upstreamFile         `yaml:"upstream"`
	Host     config.Value[string] `yaml:"host"`
	FastCGI  fastcgiKeys          `yaml:"fastcgi"`
}

// upstreamSettings is where PHP is.
type upstreamSettings struct {
	upstream     config.Value[string] // not expanded; unset: the workspace's, or the chosen
	chosen       []string             // names of upstreams; empty: the one URL
	all          bool                 // chosen are all there are, for nothing is said
	upstreamHost bool                 // send the upstream's Host instead of the client's
	fastcgi      fastcgiKeys          // what is not set: the workspace's
}

func (p *parser) upstreamKeys(s *upstreamSettings, f *upstreamKeys) {
	p.choose(s, &f.Upstream)
	if f.Host.Set() {
		s.upstreamHost = p.word(f.Host, "host", "keep", "upstream") == "upstream"
	}
	p.fastcgiKeys(&f.FastCGI)
	s.fastcgi = f.FastCGI.over(s.fastcgi)
}

// upstream checks a URL as far as it can be known without the environment.
func (p *parser) upstream(v config.Value[string]) {
	needsEnv := false
	expanded, err := config.Expand(v.V, func(string) (string, bool) { return "", false })
	if err != nil { // broken, or a variable without a default
		_, err = config.Expand(v.V, func(string) (string, bool) { return "x", true })
		needsEnv = true
	}
	if err == nil && !needsEnv {
		_, err = parseUpstream(expanded)
	}
	if err != nil {
		p.fault(v.Pos, upstreamHint, "upstream: %v", err)
	}
}
