package legacyproxy

import (
	"errors"
	"slices"
	"time"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/legacyproxy/internal/phptext"
	"github.com/banyan-go/banyan/schema"
)

// normaliseKeys say what is mended in PHP's JSON.
type normaliseKeys struct {
	Normalise *normaliseFile `yaml:"normalise"`
}

// normaliseFile is true, false or auto, or says what, in full.
type normaliseFile struct {
	pos  config.Pos
	word string // when it is one
	body struct {
		When          config.Value[string]   `yaml:"when"`
		Rules         []config.Value[string] `yaml:"rules"`
		Dates         layoutsFile            `yaml:"dates"`
		Charset       config.Value[string]   `yaml:"charset"`
		StripWarnings config.Value[bool]     `yaml:"strip-warnings"`
		Requests      config.Value[bool]     `yaml:"requests"`
	}
}

// UnmarshalConfig implements config.Unmarshaler.
func (f *normaliseFile) UnmarshalConfig(n *config.Node) {
	f.pos = n.Pos()
	if n.Kind() != config.Scalar {
		n.Decode(&f.body)
		return
	}
	f.word = n.Text()
	if words := []string{"true", "false", "auto"}; !slices.Contains(words, f.word) {
		n.Faultf(config.Suggest(f.word, words), "normalise: want true, false, auto or a mapping, found %q", f.word)
	}
}

// layoutsFile is one layout or a list of them.
type layoutsFile []layoutFile

type layoutFile struct {
	config.At
	Layout config.Value[string] `yaml:"layout"`
	Zone   config.Value[string] `yaml:"zone"`
}

// UnmarshalConfig implements config.Unmarshaler.
func (f *layoutsFile) UnmarshalConfig(n *config.Node) {
	if n.Kind() == config.Sequence {
		n.Decode((*[]layoutFile)(f))
		return
	}
	var one layoutFile
	n.Decode(&one)
	*f = layoutsFile{one}
}

// When answers are normalised.
type normaliseWhen uint8

const (
	never     normaliseWhen = iota
	always                  // each answer
	afterward               // each one after the first that broke the contract
)

// normaliseSettings is what is mended in PHP's JSON.
type normaliseSettings struct {
	when     normaliseWhen
	pos      config.Pos // where it is said; unset: nowhere
	how      schema.Normalisation
	text     textRules
	requests bool
}

// textRules are about the text that JSON stands in.
type textRules struct {
	bom, mediaType bool
	charset        string // empty: only what Content-Type says
	warnings       bool   // take them off
}

// Rules that are about the text that JSON stands in, as reports call them.
const (
	ruleBOM       = "byte-order-mark"
	ruleMediaType = "media-type"
	ruleCharset   = "charset"
	ruleWarnings  = "php-warnings"
)

// usualRules stands for all that need no declaration.
const usualRules = "usual"

func (p *parser) normaliseKeys(s *normaliseSettings, f *normaliseKeys) {
	n := f.Normalise
	if n == nil {
		return
	}
	*s = normaliseSettings{when: always, pos: n.pos, how: schema.Normalisation{Rules: schema.SafeRules},
		text: textRules{bom: true, mediaType: true}}
	switch n.word {
	case "auto":
		s.when = afterward
		return
	case "false":
		s.when = never
		return
	}
	b := &n.body
	if p.word(b.When, "normalise: when", "always", "auto") == "auto" {
		s.when = afterward
	}
	if b.Rules != nil {
		if len(b.Rules) == 0 {
			p.fault(n.pos, "name at least one, or leave the key out", "normalise: the list of rules is empty")
		}
		p.normaliseRules(s, b.Rules)
	}
	for i := range b.Dates {
		p.dateLayout(s, &b.Dates[i])
	}
	if s.text.charset = b.Charset.V; b.Charset.Set() && !phptext.Known(b.Charset.V) {
		p.fault(b.Charset.Pos, "iso-8859-1 and windows-1252 are; UTF-8 needs no declaration", "normalise: charset: %q is not known", b.Charset.V)
	}
	s.text.warnings, s.requests = b.StripWarnings.V, b.Requests.V
}

// normaliseRules reads the list of rules.
func (p *parser) normaliseRules(s *normaliseSettings, list []config.Value[string]) {
	s.how.Rules, s.text.bom, s.text.mediaType = 0, false, false
	known := append([]string{usualRules, ruleBOM, ruleMediaType}, schema.RuleNames()...)
	seen := map[string]bool{}
	for _, v := range list {
		rule, ok := schema.RuleNamed(v.V)
		switch {
		case seen[v.V]:
			p.fault(v.Pos, "keep one of them", "normalise: rules has %q twice", v.V)
		case ok:
			s.how.Rules |= schema.RuleSet(rule)
		case v.V == usualRules:
			s.how.Rules |= schema.SafeRules
			s.text.bom, s.text.mediaType = true, true
		case v.V == ruleBOM:
			s.text.bom = true
		case v.V == ruleMediaType:
			s.text.mediaType = true
		default:
			p.fault(v.Pos, config.Suggest(v.V, known), "normalise: there is no rule %q", v.V)
		}
		seen[v.V] = true
	}
}

// dateLayout reads one layout of dates.
func (p *parser) dateLayout(s *normaliseSettings, f *layoutFile) {
	if !f.Layout.Set() {
		p.fault(f.At.Pos, "write it as PHP's date() does: Y-m-d H:i:s", "normalise: dates: the layout is missing")
		return
	}
	var zone *time.Location
	if f.Zone.Set() {
		var err error
		if zone, err = time.LoadLocation(f.Zone.V); err != nil || f.Zone.V == "Local" || f.Zone.V == "" {
			p.fault(f.Zone.Pos, "write a name of the zone database such as Europe/Berlin, or UTC; this machine must have the database",
				"normalise: dates: the time zone %q is not known", f.Zone.V)
			return
		}
	}
	layout, err := schema.NewDateLayout(f.Layout.V, zone)
	if err != nil {
		hint := ""
		if errors.Is(err, schema.ErrNoZone) {
			hint = "add zone: Europe/Berlin, or wherever PHP's clocks stand"
		}
		p.fault(f.Layout.Pos, hint, "normalise: dates: layout %q: %v", f.Layout.V, err)
		return
	}
	s.how.Dates = append(s.how.Dates, layout)
}
