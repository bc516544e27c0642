package legacyproxy

import (
	"net/http"
	"slices"
	"strconv"

	"github.com/banyan-go/banyan/config"
)

// answerKeys say what PHP's answers look like.
type answerKeys struct {
	Envelope *envelopeFile `yaml:"envelope"`
	Errors   []ruleFile    `yaml:"errors"`

	Status          config.Map[config.Value[int]] `yaml:"status"`
	AnswerHeaders   *rewriteFile                  `yaml:"answer-headers"`
	RewriteLocation config.Value[string]          `yaml:"rewrite-location"`
}

// answerSettings is what is known of PHP's answers.
type answerSettings struct {
	envelope *envelope
	rules    []rule
	status   []statusChange

	answerHeaders *headerMapping
	links         links
}

// statusChange gives a success another status.
type statusChange struct {
	from, to int
	pos      config.Pos // of to
}

// answerKeys compiles what of answers does not depend on the envelope.
func (p *parser) answerKeys(s *answerSettings, f *answerKeys) {
	if f.AnswerHeaders != nil {
		s.answerHeaders = p.headers(f.AnswerHeaders, "answer-headers")
	}
	if f.RewriteLocation.Set() {
		s.links = links(p.word(f.RewriteLocation, "rewrite-location", string(linksKeep), string(linksHeaders), string(linksAll)))
	}
	if len(f.Status) > 0 {
		s.status = nil
	}
	for _, e := range f.Status {
		from, err := strconv.Atoi(e.Key)
		to := e.Value.V
		switch {
		case err != nil || from < 200 || from > 399 || from == http.StatusNotModified:
			p.fault(e.Pos, "errors have rules under errors", "status: %q is not the status of a success or a redirect", e.Key)
		case to < 200 || to > 399 || to == http.StatusNotModified:
			p.fault(e.Value.Pos, "errors have rules under errors", "status: %d is not the status of a success or a redirect", to)
		case from == to:
			p.fault(e.Value.Pos, "", "status: %d is what it is already", to)
		}
		s.status = append(s.status, statusChange{from, to, e.Value.Pos})
	}
}

// mapped reports whether answers are read as PHP's and turned into the
// contract's; all others pass untouched.
func (s *answerSettings) mapped() bool { return s.envelope != nil || len(s.rules) > 0 }

// looksAtBodies reports whether some rule is about bodies.
func (s *answerSettings) looksAtBodies() bool {
	return slices.ContainsFunc(s.rules, func(r rule) bool { return r.body != nil })
}
