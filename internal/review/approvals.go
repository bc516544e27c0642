package review

import (
	"errors"
	"fmt"
	"io/fs"
	"slices"
	"strconv"
	"strings"
	"time"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// ApprovalsFile is where accepted changes are written down, below the
// workspace.
const ApprovalsFile = "api/approvals.yaml"

// Approval is one accepted change.
type Approval struct {
	// Change is the ID of the change.
	Change string `json:"change"`
	// Parties are those whom it may break.
	Parties []Party `json:"parties"`
	Reason  string  `json:"reason"`
	By      string  `json:"by"`
	// Until is the last day on which it counts, as 2026-12-31.
	Until string `json:"until"`

	pos config.Pos
	// at has where the values stand; of the parties, the first.
	at map[string]config.Pos
}

// approvalsFile is approvals.yaml as written.
type approvalsFile struct {
	Version   config.Value[int] `yaml:"version"`
	Approvals []approvalFile    `yaml:"approvals"`
}

type approvalFile struct {
	config.At
	Change  config.Value[string]   `yaml:"change"`
	Parties []config.Value[string] `yaml:"parties"`
	Reason  config.Value[string]   `yaml:"reason"`
	By      config.Value[string]   `yaml:"by"`
	Until   config.Value[string]   `yaml:"until"`
}

// Approvals are what approvals.yaml says.
type Approvals struct{ list []*Approval }

// ReadApprovals reads the approvals of a workspace; without a file there are
// none.
func ReadApprovals(fsys fs.FS, list *diag.List) *Approvals {
	data, err := config.ReadFile(fsys, ApprovalsFile)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		return &Approvals{}
	case err != nil:
		list.Add(ruleApprovals, config.Pos{File: ApprovalsFile}, "cannot read the approvals: "+err.Error(), "")
		return &Approvals{}
	}
	a, faults := ParseApprovals(ApprovalsFile, data)
	list.AddFaults(ruleApprovals, faults)
	return a
}

// ParseApprovals reads a file of approvals and reports everything that is wrong
// with it by itself.
func ParseApprovals(name string, data []byte) (*Approvals, config.Faults) {
	var f approvalsFile
	faults := config.Decode(name, data, &f)
	fault := func(pos config.Pos, hint, format string, args ...any) {
		faults = append(faults, config.Fault{Pos: pos, Message: fmt.Sprintf(format, args...), Hint: hint})
	}
	if len(f.Approvals) > 0 && !f.Version.Set() {
		fault(config.Pos{File: name, Line: 1, Col: 1}, "begin the file with version: 1", "version is missing")
	} else if f.Version.Set() && f.Version.V != 1 {
		fault(f.Version.Pos, "", "version %d is not known; this tool reads version 1", f.Version.V)
	}
	out := &Approvals{}
	seen := map[string]config.Pos{}
	for i := range f.Approvals {
		e := &f.Approvals[i]
		if e.At.Pos.Line == 0 {
			e.At.Pos = config.Pos{File: name, Line: 1, Col: 1} // no mapping stands there
		}
		a := &Approval{Change: e.Change.V, Reason: e.Reason.V, By: e.By.V, Until: e.Until.V, pos: e.At.Pos,
			at: map[string]config.Pos{"reason": e.Reason.Pos, "by": e.By.Pos, "until": e.Until.Pos}}
		for _, field := range []struct {
			name string
			v    config.Value[string]
		}{{"change", e.Change}, {"reason", e.Reason}, {"by", e.By}, {"until", e.Until}} {
			if strings.TrimSpace(field.v.V) == "" {
				fault(e.At.Pos, "banyan review approve ID --reason ... --until ... writes a whole one", "the approval has no %s", field.name)
			}
		}
		if e.Until.Set() {
			if _, err := time.Parse(time.DateOnly, e.Until.V); err != nil {
				fault(e.Until.Pos, "write a day like 2026-12-31", "until: %q is no day", e.Until.V)
			}
		}
		if len(e.Parties) == 0 {
			fault(e.At.Pos, "name whom it may break: parties: [wire]", "the approval has no parties")
		}
		for i, p := range e.Parties {
			if i == 0 {
				a.at["parties"] = p.Pos
			}
			if !slices.Contains(Parties(), Party(p.V)) {
				fault(p.Pos, config.Suggest(p.V, contract.ReviewParties), "%q is no party", p.V)
				continue
			}
			a.Parties = append(a.Parties, Party(p.V))
		}
		if first, twice := seen[a.Change]; twice && a.Change != "" {
			fault(e.Change.Pos, "it stands at "+first.String()+" already", "the change %s is approved twice", a.Change)
		}
		seen[a.Change] = e.Change.Pos
		out.list = append(out.list, a)
	}
	return out, faults
}

// apply marks the approved changes, and reports the approvals that do not hold:
// those that expired, and those whose change is not there any more.
func (a *Approvals) apply(r *Report, now time.Time) {
	byID := map[string]*Change{}
	for _, c := range r.All() {
		byID[c.ID] = c
	}
	for _, entry := range a.list {
		c := byID[entry.Change]
		_, err := time.Parse(time.DateOnly, entry.Until)
		switch {
		case err != nil:
			continue // reported
		case c == nil:
			r.Problems.Add(ruleApprovalUnused, entry.pos, fmt.Sprintf("no change has the id %s: the approval is stale", entry.Change), "remove the entry; it has merged, or the change is another one now")
		case entry.expired(now):
			r.Problems.Add(ruleApprovalExpired, entry.pos, fmt.Sprintf("the approval of %s ended on %s", entry.Change, entry.Until),
				"decide anew: banyan review approve "+entry.Change+" --reason ... --until ... renews it")
		default:
			for _, p := range entry.Parties {
				if c.For(p) != Breaks {
					r.Problems.Warn(ruleApprovalUnused, entry.pos, fmt.Sprintf("the change %s does not break %s", entry.Change, p), "remove "+string(p)+" from its parties")
				}
			}
			c.Approved = entry
		}
	}
}

// Block is the entry of approvals.yaml that accepts a change.
func (a *Approval) Block() string {
	return fmt.Sprintf("  - change: %s\n    parties: %s\n    reason: %s\n    by: %s\n    until: %s\n", quoted(a.Change), a.partyList(), quoted(a.Reason), quoted(a.By), quoted(a.Until))
}

func (a *Approval) partyList() string {
	var parties []string
	for _, p := range a.Parties {
		parties = append(parties, string(p))
	}
	return "[" + strings.Join(parties, ", ") + "]"
}

func quoted(text string) string { return strconv.Quote(text) }
