package rollout

import (
	"cmp"
	"fmt"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
)

// The stages an operation can have.
const (
	stageLegacy = "legacy"
	stageGo     = "go"
	stageCanary = "canary"
)

// reserved are the stages that the format will get: they deserve a better
// answer than "unknown".
var reserved = []string{"shadow"}

const phpIsLegacy = "PHP is called legacy here"

// side is a Target as a plan writes it.
type side Target

func (s *side) UnmarshalConfig(n *config.Node) {
	switch text := n.Text(); text {
	case stageLegacy:
		*s = side(Legacy)
	case stageGo:
		*s = side(Go)
	default:
		hint := near(text, stageLegacy, stageGo)
		switch {
		case strings.EqualFold(text, "php"):
			hint = phpIsLegacy
		case strings.HasPrefix(text, stageCanary):
			hint = "a canary is what single operations have: list them under operations"
		}
		n.Faultf(hint, "want legacy or go, found %s", describe(n))
	}
}

// stickyNode says where requests carry their subject.
type stickyNode struct {
	Cookie config.Value[string] `yaml:"cookie"`
	Header config.Value[string] `yaml:"header"`
}

func (s *stickyNode) UnmarshalConfig(n *config.Node) {
	if kind := n.Kind(); kind != config.Mapping {
		n.Faultf("such as sticky: {cookie: sid}", "sticky wants a cookie or a header, found %s", kind)
		return
	}
	type plain stickyNode
	n.Decode((*plain)(s))
	if s.Cookie.Set() == s.Header.Set() {
		n.Faultf("such as sticky: {cookie: sid}", "sticky wants a cookie or a header, one of them")
		return
	}
	if name := s.Cookie.V + s.Header.V; !token(name) {
		n.Faultf("", "%q cannot be the name of a cookie or header", name)
	}
}

// selectNode names the header value that asks for the canary.
type selectNode struct {
	Header config.Value[string] `yaml:"header"`
	Value  config.Value[string] `yaml:"value"`
}

func (s *selectNode) UnmarshalConfig(n *config.Node) {
	if kind := n.Kind(); kind != config.Mapping {
		n.Faultf("such as select: {header: x-env, value: canary}", "select wants a header and a value, found %s", kind)
		return
	}
	type plain selectNode
	n.Decode((*plain)(s))
	switch {
	case s.Header.V == "" || s.Value.V == "":
		n.Faultf("such as select: {header: x-env, value: canary}", "select wants a header and a value")
	case !token(s.Header.V):
		n.Faultf("", "%q cannot be the name of a header", s.Header.V)
	}
}

// ruleNode is one operation's entry: "go", "canary 5%" or a mapping.
type ruleNode struct {
	pos    config.Pos
	stage  string // empty when it is at fault
	share  uint64
	sticky *stickyNode
	choose *selectNode
}

func (r *ruleNode) UnmarshalConfig(n *config.Node) {
	r.pos = n.Pos()
	switch n.Kind() {
	case config.Scalar:
		r.stage, r.share, _ = readStage(n, true)
	case config.Mapping:
		r.mapping(n)
	default:
		n.Faultf("", "want a stage such as go or canary 5%%, found %s", n.Kind())
	}
}

func (r *ruleNode) mapping(n *config.Node) {
	var m struct {
		Stage   config.Value[stageText] `yaml:"stage"`
		Percent config.Value[shareText] `yaml:"percent"`
		Sticky  *stickyNode             `yaml:"sticky"`
		Select  *selectNode             `yaml:"select"`
	}
	n.Decode(&m)
	r.stage, r.share, r.sticky, r.choose = m.Stage.V.stage, m.Stage.V.share, m.Sticky, m.Select
	switch {
	case !m.Stage.Set():
		n.Faultf("add stage: legacy, go or canary", "the stage is missing")
	case m.Percent.Set() && m.Stage.V.hasShare:
		n.Faultf("keep one of them", "the share is given twice")
	case m.Percent.Set() && r.stage == stageGo:
		// Harmless beside legacy, where it waits for the next try. Beside go
		// somebody may believe that only so many percent go there.
		n.Faultf("write stage: canary, or drop percent", "percent has no effect at stage go: every request goes there")
	case m.Percent.Set():
		r.share = uint64(m.Percent.V)
	case r.stage == stageCanary && !m.Stage.V.hasShare:
		n.Faultf("add percent: 5", "a canary wants a percent")
	}
}

// stageText is a stage within a mapping: the share may stand beside it.
type stageText struct {
	stage    string
	share    uint64
	hasShare bool
}

func (s *stageText) UnmarshalConfig(n *config.Node) {
	s.stage, s.share, s.hasShare = readStage(n, false)
}

// shareText is a percentage in hundredths.
type shareText uint64

func (s *shareText) UnmarshalConfig(n *config.Node) {
	if n.Kind() != config.Scalar {
		n.Faultf("", "want a percent from 0 to 100, found %s", n.Kind())
		return
	}
	*s = shareText(readShare(n, n.Text()))
}

// readStage reads "legacy", "go" or "canary 5%". It returns an empty stage
// for what it reports as a fault.
func readStage(n *config.Node, needShare bool) (stage string, share uint64, hasShare bool) {
	name, rest, _ := strings.Cut(strings.TrimSpace(n.Text()), " ")
	rest = strings.TrimSpace(rest)
	switch {
	case n.Kind() == config.Scalar && slices.Contains(reserved, name):
		n.Faultf("use legacy, go or canary 5%", "the stage %q is not supported yet", name)
		return "", 0, false
	case name != stageLegacy && name != stageGo && name != stageCanary:
		hint := near(name, stageLegacy, stageGo, stageCanary)
		switch {
		case strings.EqualFold(name, "php"):
			hint = phpIsLegacy
		case strings.Trim(name, "0123456789.%") == "" && name != "":
			hint = "write canary " + strings.TrimSuffix(clip(name), "%") + "%"
		}
		n.Faultf(hint, "want a stage such as legacy, go or canary 5%%, found %s", describe(n))
		return "", 0, false
	case name != stageCanary && rest != "":
		n.Faultf("", "%s takes no %q", name, clip(rest))
		return "", 0, false
	case name == stageCanary && rest != "":
		return name, readShare(n, rest), true
	case name == stageCanary && needShare:
		n.Faultf("write canary 5%", "a canary wants a percent")
		return "", 0, false
	}
	return name, 0, false
}

// readShare reads a percentage with at most two decimals, exactly.
func readShare(n *config.Node, text string) uint64 {
	digits := strings.TrimSpace(strings.TrimSuffix(text, "%"))
	whole, fraction, point := strings.Cut(digits, ".")
	w, err := strconv.ParseUint(whole, 10, 64)
	if err != nil || (point && strings.Trim(fraction, "0123456789") != "") || (point && fraction == "") || len(whole) > 9 {
		n.Faultf("", "want a percent from 0 to 100, found %q", clip(text))
		return 0
	}
	fraction = strings.TrimRight(fraction, "0")
	if len(fraction) > 2 {
		n.Faultf("give at most two decimals", "%s%% is finer than 0.01%%", clip(digits))
		return 0
	}
	f, _ := strconv.ParseUint((fraction + "00")[:2], 10, 64)
	share := w*100 + f
	if share > buckets {
		n.Faultf("", "want a percent from 0 to 100, found %q", clip(text))
		return 0
	}
	return share
}

// near is a hint for what was probably meant. The message lists the choices.
func near(text string, known ...string) string {
	if k, ok := config.Nearest(text, known); ok {
		return fmt.Sprintf("did you mean %q?", k)
	}
	return ""
}

// describe names what stands at a node for a message.
func describe(n *config.Node) string {
	if n.Kind() != config.Scalar {
		return n.Kind().String()
	}
	return fmt.Sprintf("%q", clip(n.Text()))
}

// clip keeps a hostile value from filling the screen.
func clip(s string) string {
	if r := []rune(s); len(r) > 60 {
		return string(r[:60]) + "..."
	}
	return s
}

func sortFaults(fs config.Faults) {
	slices.SortStableFunc(fs, func(a, b config.Fault) int {
		return cmp.Or(cmp.Compare(a.Pos.Line, b.Pos.Line), cmp.Compare(a.Pos.Col, b.Pos.Col))
	})
}
