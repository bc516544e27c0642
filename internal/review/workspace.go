package review

import (
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"slices"
	"sync"
	"time"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/openapi"
)

// Side is one of the two workspaces.
type Side struct {
	// Name is what people call it.
	Name string
	// FS has the workspace's folder as its root.
	FS fs.FS
	// Module is the folder's Go import path, or empty.
	Module string
}

// Settings are what the workspaces do not tell.
type Settings struct {
	Now time.Time
	// Progress is told what is being done; nil is silent.
	Progress func(what string)
	// Surfaces compares what is generated, target by target, and returns the names
	// that were given out on either side; nil leaves the verdicts about source open.
	Surfaces func(ws *contract.Workspace, base, head *contract.Contract) (changes map[string][]SurfaceChange, names []string)
	// Stems returns what each of those names starts with that may be given to a part of
	// a contract; see narrow.Stems. Where it is nil, whole contracts are generated.
	Stems func(ws *contract.Workspace, section, name string, text []byte) []string
	// Decoders returns what client code that was generated from the base does with
	// JSON, target by target. Where there is none, or Decoders is nil, the kind of
	// change tells what it does to decoders.
	Decoders func(ws *contract.Workspace, base *contract.Contract, doc *openapi.Document) map[string]Decode
	// deprecation is what the head's banyan.yaml says.
	deprecation map[string]int
}

// Workspaces reviews what differs between two workspaces. Services whose files
// are the same are not read. The error says why there is no review at all;
// whatever else is wrong is in the report's Problems.
func Workspaces(base, head Side, s Settings) (*Report, error) {
	if s.Progress == nil {
		s.Progress = func(string) {}
	}
	r := &Report{Base: base.Name, Head: head.Name}
	nothing := func(*contract.Contract) bool { return false }
	was, baseList := contract.LoadServices(base.FS, base.Module, nothing)
	is, headList := contract.LoadServices(head.FS, head.Module, nothing)
	if is == nil {
		r.Problems = headList
		return r, nil
	}
	if was == nil {
		if _, err := fs.Stat(base.FS, contract.WorkspaceFile); !errors.Is(err, fs.ErrNotExist) {
			return nil, fmt.Errorf("%s has a %s that cannot be read: %s", base.Name, contract.WorkspaceFile, firstError(baseList))
		}
		was = &contract.Workspace{} // the workspace is new
	}
	l := &loader{base: base, head: head, was: was, is: is}
	if s.Surfaces != nil && len(is.Targets) > 0 {
		l.surfaces, l.stems = s.Surfaces, s.Stems
	}
	l.look()
	s.Progress("reading " + base.Name + " and " + head.Name)
	l.load()
	was, is = l.was, l.is
	if l.baseList != nil {
		baseList = l.baseList
	}
	headList = l.headList
	r.Problems = append(append(r.Problems, l.passed(headList)...), l.notes...)
	s.deprecation = is.Review.Deprecation
	r.FailOn = is.Review.FailOn
	CheckRules(is, &r.Problems)
	names := map[string]bool{}
	for _, ws := range []*contract.Workspace{was, is} {
		for _, c := range ws.Services {
			names[c.Name] = true
		}
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		s.Progress("comparing " + name)
		svc := r.service(was.Service(name), is.Service(name), l.touched[name], s, baseList)
		if svc.Status == Changed {
			svc.Surface = l.surface(name)
		}
		svc.renamed(is.Service(name), judge(svc.Changes, svc.Surface))
		if s.Decoders != nil && svc.Status == Changed && !faulty(was.Service(name)) {
			svc.try(s.Decoders, was, is)
		}
		svc.base = nil // nobody needs it any more
		override(svc.Changes, is.Review.Rules)
		sortChanges(svc.Changes)
		r.Services = append(r.Services, svc)
	}
	sortServices(r.Services)
	ReadApprovals(head.FS, &r.Problems).apply(r, s.Now)
	r.versions()
	r.Problems = r.Problems.Sorted()
	return r, nil
}

func firstError(list diag.List) string {
	for _, d := range list {
		if d.Severity == diag.Error {
			return d.Pos.String() + ": " + d.Message
		}
	}
	return "unknown"
}

// service reviews one contract; one of the two may be nil.
func (r *Report) service(was, is *contract.Contract, touched bool, s Settings, baseList diag.List) *Service {
	out := &Service{Needs: map[string]Step{}, Changes: []*Change{}}
	if is != nil {
		out.Name, out.File, out.HeadVersion = is.Name, is.File, is.Version
	}
	if was != nil {
		out.BaseVersion = was.Version
		if is == nil {
			out.Name, out.File = was.Name, was.File
		}
	}
	if !touched {
		out.Status = Unchanged
		return out
	}
	var old, now *openapi.Document
	var oldErr, nowErr error
	var both sync.WaitGroup
	if was != nil {
		both.Go(func() { old, oldErr = was.Spec() })
	}
	if is != nil {
		both.Go(func() { now, nowErr = is.Spec() })
	}
	both.Wait()
	if was != nil {
		if oldErr != nil {
			out.Status = Unreadable
			r.Problems.Add(ruleReviewBase, was.Pos, fmt.Sprintf("the contract of %s at %s has errors: %s", was.Name, r.Base, firstErrorIn(baseList, was.File)), "compare with a revision that banyan check accepts")
			return out
		}
	}
	var known faults
	if is != nil {
		if nowErr == nil {
			if was != nil {
				known = compareFaults(was, is)
			} else {
				known.introduced = is.Faults()
			}
		}
		if nowErr != nil || len(known.introduced) > 0 {
			out.Status = Unreadable // its faults are problems already
			return out
		}
	}
	switch {
	case was == nil:
		out.Status = Added
		c := &Change{Rule: "service-added", Service: out.Name, Place: "service " + out.Name, Message: "the service is new", New: out.Name, Head: is.Pos}
		c.identify()
		out.Changes = append(out.Changes, c)
	case is == nil:
		out.Status = Removed
		c := &Change{Rule: "service-removed", Service: out.Name, Place: "service " + out.Name, Message: "the service is gone", Old: out.Name, Base: was.Pos,
			Wire: Breaks, Why: []string{"clients that call it find nothing"}, Source: map[string]Verdict{"goserver": Breaks}}
		c.identify()
		out.Changes = append(out.Changes, c)
	default:
		out.versionPos, out.base = now.At("info", "version"), old
		out.Changes = append(out.Changes, Compare(old, now, Options{Service: out.Name, Now: s.Now, Deprecation: s.deprecation})...)
		out.Changes = append(out.Changes, blanks(out.Name, known.mended)...)
		const notFound = "clients that call the old paths find nothing"
		moved := slices.IndexFunc(out.Changes, func(c *Change) bool { return c.Place == "servers" && c.Rule != "server-added" })
		switch {
		case was.BasePath == is.BasePath:
		case moved >= 0 && out.Changes[moved].Rule == "server-default-changed":
			out.Changes[moved].Wire, out.Changes[moved].Why = Breaks, []string{notFound}
		case moved < 0:
			c := &Change{Rule: "base-path-changed", Service: out.Name, Place: "service " + out.Name, Message: fmt.Sprintf("the base path changed from %q to %q", was.BasePath, is.BasePath),
				Old: was.BasePath, New: is.BasePath, Base: was.Pos, Head: is.Pos, Wire: Breaks, Why: []string{notFound}}
			c.identify()
			out.Changes = append(out.Changes, c)
		}
		extra, err := secondOpinion(out.Changes, was, is)
		if err != nil {
			r.Problems = append(r.Problems, diag.Diagnostic{Rule: ruleReviewSecond, Severity: diag.Note, Pos: is.Pos, Message: "oasdiff cannot compare " + is.Name + ": " + err.Error()})
		}
		out.Changes = append(out.Changes, extra...)
		out.Status = Changed
		if len(out.Changes) == 0 {
			out.Status = Unchanged
		}
	}
	return out
}

func firstErrorIn(list diag.List, file string) string {
	for _, d := range list {
		if d.Severity == diag.Error && d.Pos.File == file {
			return d.Pos.String() + ": " + d.Message
		}
	}
	return firstError(list)
}

// override gives changes the verdicts that banyan.yaml wants for their rules.
func override(changes []*Change, levels map[string]string) {
	for _, c := range changes {
		switch levels[c.Rule] {
		case "ignore":
			c.Wire, c.Decode, c.Source, c.Undecodable = OK, OK, nil, nil
			c.Why = append(c.Why, "banyan.yaml ignores "+c.Rule)
		case "undecided":
			c.Wire, c.Decode = min(c.Wire, Undecided), min(c.Decode, Undecided)
			for target, v := range c.Source {
				c.Source[target] = min(v, Undecided)
			}
		case "breaks":
			if c.Wire != Breaks {
				c.Wire = Breaks
				c.Why = append(c.Why, "banyan.yaml wants "+c.Rule+" to count as breaking")
			}
		}
	}
}

// versions works out what each artefact's version needs, and holds info.version
// against it.
func (r *Report) versions() {
	for _, s := range r.Services {
		if s.Status != Changed {
			continue
		}
		s.Needs["contract"] = needed(s.Changes, func(c *Change) Verdict { return c.Wire })
		targets := map[string]bool{}
		for _, c := range s.Changes {
			for target := range c.Source {
				targets[target] = true
			}
		}
		for target := range targets {
			s.Needs[target] = needed(s.Changes, func(c *Change) Verdict { return c.Source[target] })
		}
		old, ok := parseVersion(s.BaseVersion)
		if !ok {
			if s.HeadVersion == "" && s.Needs["contract"] > NoStep {
				r.Problems.Warn(ruleReviewVersion, s.versionPos,
					fmt.Sprintf("info.version of %s is empty: nobody can tell from it that the contract changed (%s)", s.Name, s.Needs["contract"]), "set info.version, to 1.0.0 for a service that is in use; the next review says what follows it")
			}
			continue
		}
		next := old.next(s.Needs["contract"])
		s.NextVersion = next.String()
		if now, ok := parseVersion(s.HeadVersion); ok && now.less(next) {
			r.Problems.Warn(ruleReviewVersion, s.versionPos,
				fmt.Sprintf("info.version of %s is %s, but the changes need %s", s.Name, s.HeadVersion, next), "set info.version: "+next.String())
		}
	}
}

// CheckRules reports the rules of banyan.yaml that no kind of change has.
func CheckRules(ws *contract.Workspace, list *diag.List) {
	for _, rule := range slices.Sorted(maps.Keys(ws.Review.RulePos)) {
		if _, known := rules[rule]; !known {
			list.Add(ruleReviewRule, ws.Review.RulePos[rule], fmt.Sprintf("there is no rule %q", rule), config.Suggest(rule, slices.Collect(maps.Keys(rules))))
		}
	}
}
