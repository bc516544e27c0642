package workspace

import (
	"errors"
	"fmt"
	"os"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/legacyproxy"
)

// readMappings reads every legacy.yaml, and the adapter when all are sound.
// before are the findings so far.
func (l *Loaded) readMappings(dir string, before diag.List) (list diag.List) {
	for _, s := range l.Catalog.Services {
		if s.LegacyFile != "" {
			list = append(list, l.readMapping(dir, s)...)
		}
	}
	for _, d := range before {
		if d.Pos.File == contract.WorkspaceFile && d.Severity == diag.Error {
			return list // what the adapter would say of its settings has been said
		}
	}
	if list.Errors() > 0 {
		return list
	}
	faults := slices.DeleteFunc(l.loadAdapter(dir), func(f config.Fault) bool {
		return f.Pos.Line > 0 && (l.unreadable(f.Pos.File) || strings.HasPrefix(f.Message, "normalise:") && l.faulty(f.Pos.File))
	})
	for i := range faults { // the adapter knows no places in banyan.yaml
		if f := &faults[i]; f.Pos == (config.Pos{File: contract.WorkspaceFile}) && !strings.HasPrefix(f.Message, "trusted-proxies:") {
			f.Pos = l.Workspace.UpstreamPos
		}
	}
	list.AddFaults(ruleLegacyMapping, faults)
	return list
}

// unreadable reports whether a mapping belongs to a contract that could not be
// read: its operations and problems exist, but not for us.
func (l *Loaded) unreadable(legacyFile string) bool {
	return slices.ContainsFunc(l.Catalog.Services, func(s *catalog.Service) bool {
		return s.LegacyFile == legacyFile && l.unread(s)
	})
}

// faulty reports whether a mapping belongs to a contract with errors, which have
// been told: there are no messages to mend by it.
func (l *Loaded) faulty(legacyFile string) bool {
	return slices.ContainsFunc(l.Catalog.Services, func(s *catalog.Service) bool { return s.LegacyFile == legacyFile && len(s.Contract) == 0 })
}

func (l *Loaded) readMapping(dir string, s *catalog.Service) (list diag.List) {
	data, fault := read(dir, s.LegacyFile)
	if fault != nil {
		list.AddFaults(ruleLegacyConfig, config.Faults{*fault})
		return list
	}
	m, faults := legacyproxy.Parse(s.LegacyFile, data)
	if len(faults) == 0 {
		l.mappings[s.Name] = m
	}
	list.AddFaults(ruleLegacyConfig, faults)
	// What could be read is compared with the contract even so, except with
	// one that could not be read itself: every name would be unknown.
	if !l.unread(s) {
		misfits := m.Check(s)
		if len(faults) > 0 { // a value that is missing is no misfit as well
			misfits = slices.DeleteFunc(misfits, func(f config.Fault) bool { return f.Pos.Line == 0 })
		}
		list.AddFaults(ruleLegacyMapping, misfits)
		if len(list) == 0 {
			for _, f := range m.Lint(s, l.Catalog) {
				list.Warn(ruleLegacyEffect, f.Pos, f.Message, f.Hint)
			}
		}
	}
	return list
}

// loadAdapter loads the adapter as a server would, and returns what only that
// brings up, such as an upstream that is no URL. A variable that is not set
// here is no fault of the files: it is the server's environment that counts.
func (l *Loaded) loadAdapter(dir string) config.Faults {
	env := &environment{}
	adapter, faults := load(dir, l.Catalog, env.lookup)
	if faults == nil {
		l.adapter = adapter
		return nil
	}
	ours := slices.DeleteFunc(slices.Clone(faults), func(f config.Fault) bool { return env.missing(f) != "" })
	if len(ours) == 0 {
		l.adapter = loadAnyhow(dir, l.Catalog)
	}
	return ours
}

// loadAnyhow loads the adapter with "$NAME" in place of what is not set, in
// one of the forms that can stand in a URL: a host, a URL, a port. It returns
// nil when none fits.
func loadAnyhow(dir string, ws *catalog.Workspace) *legacyproxy.Adapter {
	for _, form := range []string{"$%s", "http://$%s", "1%.0s"} {
		env := &environment{stand: map[string]string{}}
		// A URL names only the first variable that it misses.
		for found := true; found; {
			adapter, faults := load(dir, ws, env.lookup)
			if faults == nil {
				return adapter
			}
			found = false
			for _, f := range faults {
				if name := env.missing(f); name != "" {
					env.stand[name] = fmt.Sprintf(form, name)
					found = true
				}
			}
		}
	}
	return nil
}

// environment is the process's, and remembers what was asked for in vain.
type environment struct {
	stand map[string]string // values for names that are not set
	unset []string
}

func (e *environment) lookup(name string) (string, bool) {
	if value, ok := os.LookupEnv(name); ok && value != "" {
		return value, true
	}
	if value, ok := e.stand[name]; ok {
		return value, true
	}
	e.unset = append(e.unset, name)
	return "", false
}

// missing returns the variable whose absence is all that the fault is about,
// or "".
func (e *environment) missing(f config.Fault) string {
	for _, name := range e.unset {
		if _, given := e.stand[name]; given {
			continue
		}
		_, err := config.Expand("${"+name+"}", func(string) (string, bool) { return "", false })
		if err != nil && strings.HasSuffix(f.Message, err.Error()) {
			return name
		}
	}
	return ""
}

func load(dir string, ws *catalog.Workspace, lookup func(string) (string, bool)) (*legacyproxy.Adapter, config.Faults) {
	adapter, err := legacyproxy.Load(os.DirFS(dir), ws, legacyproxy.Options{Getenv: lookup})
	if err == nil {
		return adapter, nil
	}
	var faults config.Faults
	if !errors.As(err, &faults) {
		faults = config.Faults{{Message: err.Error()}}
	}
	return nil, faults
}
