package legacyproxy

import "github.com/banyan-go/banyan/config"

// file is legacy.yaml as written. Each group of keys has a file of its own,
// keys_*.go, with what they mean (its settings) and how they are checked.
type file struct {
	config.At
	Version    config.Value[version]     `yaml:"version"`
	Unlisted   config.Value[string]      `yaml:"unlisted"`
	Trusted    []config.Value[string]    `yaml:"trusted-proxies"`
	Operations config.Map[operationFile] `yaml:"operations"`
	Upstreams  config.Map[namedFile]     `yaml:"upstreams"`

	sharedKeys
}

// operationFile is one entry under operations.
type operationFile struct {
	config.At

	sharedKeys
	requestKeys
}

// sharedKeys stand at the top of the file, for all operations, and under an
// operation, for that one.
type sharedKeys struct {
	upstreamKeys

	sendingKeys

	repeatKeys

	answerKeys

	identityKeys

	valueKeys

	normaliseKeys
}

// settings is what an operation has of its own or from the top of the file.
type settings struct {
	upstreamSettings

	sendingSettings

	repeatSettings

	answerSettings

	identitySettings

	valueSettings

	normalise normaliseSettings
}

// settings lays what a part of the file says over what it inherits.
func (p *parser) settings(s settings, f *sharedKeys) settings {
	p.upstreamKeys(&s.upstreamSettings, &f.upstreamKeys)

	p.sendingKeys(&s.sendingSettings, &f.sendingKeys)

	p.repeatKeys(&s.repeatSettings, &f.repeatKeys)

	p.answerKeys(&s.answerSettings, &f.answerKeys)

	p.identityKeys(&s.identitySettings, &f.identityKeys)

	p.valueKeys(&s.valueSettings, &f.valueKeys)

	p.normaliseKeys(&s.normalise, &f.normaliseKeys)

	return s
}
