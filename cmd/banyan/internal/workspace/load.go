package workspace

import (
	"errors"
	"io/fs"
	"os"
	"path"
	"slices"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/rollout"
)

// Loaded is a workspace with the files that stand beside its contracts.
type Loaded struct {
	*contract.Workspace
	// Catalog is what a server of this workspace would start with.
	Catalog *catalog.Workspace
	// Plan is nil when rollout.yaml is at fault.
	Plan *rollout.Plan

	// adapter is nil when a mapping is at fault.
	adapter *legacyproxy.Adapter
	// broken says that contracts have errors.
	broken bool
	// mappings are those that are sound, by service.
	mappings map[string]*legacyproxy.Mapping
}

// Load reads and cross-checks the workspace in dir. The list holds everything
// that is wrong, sorted. Loaded is nil only when banyan.yaml itself cannot be
// used.
func Load(dir string) (*Loaded, diag.List) {
	ws, list := contract.LoadWorkspace(dir)
	return Around(dir, ws, list)
}

// Around is Load for those who have read the contracts already: ws and list are
// what contract.LoadWorkspace returned for dir.
func Around(dir string, ws *contract.Workspace, list diag.List) (*Loaded, diag.List) {
	if ws == nil {
		return nil, list.Sorted()
	}
	list = slices.Clip(list) // it stays the caller's
	l := &Loaded{Workspace: ws, Catalog: ws.Catalog(), broken: list.Errors() > 0, mappings: map[string]*legacyproxy.Mapping{}}
	list = append(list, l.readMappings(dir, list)...)
	list = append(list, l.readPlan(dir)...)
	compiled, unchecked := l.readValidation(list)
	list = append(list, unchecked...)
	list = append(list, l.readErrors(compiled)...)
	return l, list.Sorted()
}

func (l *Loaded) readPlan(dir string) (list diag.List) {
	if l.RolloutFile == "" {
		l.Plan = rollout.Unplanned()
		return nil
	}
	data, fault := read(dir, l.RolloutFile)
	if fault != nil {
		list.AddFaults(ruleRolloutConfig, config.Faults{*fault})
		return list
	}
	plan, faults := rollout.Parse(l.RolloutFile, data)
	list.AddFaults(ruleRolloutConfig, faults)
	l.Plan = plan
	var known []string
	has := map[string]rollout.Has{}
	for _, s := range l.Catalog.Services {
		if l.unread(s) {
			return list
		}
		for i := range s.Operations {
			op := &s.Operations[i]
			known = append(known, op.Key)
			has[op.Key] = l.has(s, op)
		}
	}
	misfits := rollout.Lint(l.RolloutFile, data, known, func(key string) rollout.Has { return has[key] })
	list.AddFaults(ruleRolloutPlan, misfits)
	return list
}

// unread reports whether a contract could not be read: its operations and problems
// exist, but not for us.
func (l *Loaded) unread(s *catalog.Service) bool {
	return len(s.Operations) == 0 && (l.broken || len(s.Contract) == 0)
}

// has says what the tool can know: handlers are compiled into servers, so
// every operation may have one.
func (l *Loaded) has(s *catalog.Service, op *catalog.Operation) rollout.Has {
	legacy := s.LegacyFile != ""
	if l.adapter != nil {
		legacy = l.adapter.Handles(op)
	}
	return rollout.Has{Handler: true, Legacy: legacy}
}

// read returns a file of the workspace, or what is wrong with it.
func read(dir, file string) ([]byte, *config.Fault) {
	data, err := config.ReadFile(os.DirFS(dir), file)
	if err == nil {
		return data, nil
	}
	fault := &config.Fault{Pos: config.Pos{File: path.Clean(file)}, Message: "cannot be read: " + reason(err)}
	if errors.Is(err, fs.ErrNotExist) {
		fault.Message, fault.Hint = "there is no such file", "create it, or correct its name in "+contract.WorkspaceFile
	}
	return nil, fault
}

// reason is an error without the path, which the finding's place tells.
func reason(err error) string {
	var pe *fs.PathError
	if errors.As(err, &pe) {
		return pe.Err.Error()
	}
	return err.Error()
}
