package legacyproxy

import (
	"github.com/banyan-go/banyan/config"
)

// file is legacy.yaml as written.
type file struct {
	config.At
	Version     config.Value[version]     `yaml:"version"`
	Upstream    config.Value[string]      `yaml:"upstream"`
	Timeout     config.Value[period]      `yaml:"timeout"`
	Host        config.Value[string]      `yaml:"host"`
	Unlisted    config.Value[string]      `yaml:"unlisted"`
	MaxResponse config.Value[bound]       `yaml:"max-response"`
	Envelope    *envelopeFile             `yaml:"envelope"`
	Errors      []ruleFile                `yaml:"errors"`
	Operations  config.Map[operationFile] `yaml:"operations"`
}

// operationFile is one entry under operations.
type operationFile struct {
	config.At
	Upstream    config.Value[string] `yaml:"upstream"`
	Timeout     config.Value[period] `yaml:"timeout"`
	Host        config.Value[string] `yaml:"host"`
	MaxResponse config.Value[bound]  `yaml:"max-response"`
	Method      config.Value[string] `yaml:"method"`
	Path        config.Value[string] `yaml:"path"`
	Query       rewriteFile          `yaml:"query"`
	Headers     rewriteFile          `yaml:"headers"`
	Body        config.Value[string] `yaml:"body"`
	Envelope    *envelopeFile        `yaml:"envelope"`
	Errors      []ruleFile           `yaml:"errors"`
}

// rewriteFile says what becomes of named values, in a query or in a header.
type rewriteFile struct {
	Set    config.Map[config.Value[string]] `yaml:"set"`
	Rename config.Map[config.Value[string]] `yaml:"rename"`
	Drop   []config.Value[string]           `yaml:"drop"`
}

// envelopeFile is an envelope, or the word none.
type envelopeFile struct {
	pos  config.Pos
	none bool
	body struct {
		Code    config.Value[string] `yaml:"code"`
		Message config.Value[string] `yaml:"message"`
		Data    config.Value[string] `yaml:"data"`
		Success []config.Value[code] `yaml:"success"`
	}
}

// UnmarshalConfig implements config.Unmarshaler.
func (e *envelopeFile) UnmarshalConfig(n *config.Node) {
	e.pos = n.Pos()
	if n.Kind() != config.Scalar {
		n.Decode(&e.body)
		return
	}
	e.none = true
	if n.Text() != "none" {
		n.Faultf("", "envelope: want none or a mapping, found %q", n.Text())
	}
}

// ruleFile is one entry of an error map.
type ruleFile struct {
	config.At
	Status  config.Value[statusMatch] `yaml:"status"`
	Code    config.Value[code]        `yaml:"code"`
	Header  *headerFile               `yaml:"header"`
	Problem config.Value[string]      `yaml:"problem"`
	Message config.Value[string]      `yaml:"message"`
}

type headerFile struct {
	config.At
	Name  config.Value[string] `yaml:"name"`
	Value config.Value[string] `yaml:"value"`
}
