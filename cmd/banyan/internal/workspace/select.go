package workspace

import (
	"errors"
	"fmt"
	"path"
	"path/filepath"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// Names returns the services' names, sorted.
func (l *Loaded) Names() []string {
	names := make([]string, len(l.Services))
	for i, c := range l.Services {
		names[i] = c.Name
	}
	return names
}

// wanted returns a test for the named services, or one that all pass when none
// is named. An unknown name is an error.
func (l *Loaded) wanted(services []string) (func(name string) bool, error) {
	if len(services) == 0 {
		return func(string) bool { return true }, nil
	}
	for _, name := range services {
		if l.Service(name) == nil {
			return nil, l.unknownService(name)
		}
	}
	return func(name string) bool { return slices.Contains(services, name) }, nil
}

func (l *Loaded) unknownService(name string) error {
	for _, c := range l.Services {
		if file := path.Clean(filepath.ToSlash(name)); file == c.File || strings.HasSuffix(file, "/"+c.File) {
			return fmt.Errorf("%s is a file; name its service instead: %s", name, c.Name)
		}
	}
	return unknownService(name, l.Names())
}

func unknownService(name string, known []string) error {
	message := fmt.Sprintf("there is no service %q in %s", name, contract.WorkspaceFile)
	if hint := config.Suggest(name, known); hint != "" {
		message += "; " + hint
	}
	return errors.New(message)
}

// Only keeps the findings that concern the named services: those in their own
// files, and those in files that belong to no service alone. Without names it
// keeps all. An unknown name is an error.
func (l *Loaded) Only(list diag.List, services []string) (diag.List, error) {
	wanted, err := l.wanted(services)
	if err != nil {
		return nil, err
	}
	var mine, others []*contract.Contract
	for _, c := range l.Services {
		if wanted(c.Name) {
			mine = append(mine, c)
		} else {
			others = append(others, c)
		}
	}
	var kept diag.List
	for _, d := range list {
		if owns(mine, d.Pos.File) || !owns(others, d.Pos.File) {
			kept = append(kept, d)
		}
	}
	return kept, nil
}

// owns reports whether a file is one of the services' own: the contract, the
// mapping, or a file that the contract may refer to in its own folder.
func owns(services []*contract.Contract, file string) bool {
	for _, c := range services {
		dir := path.Dir(c.File)
		if file == c.File || file == c.LegacyFile || dir != "." && strings.HasPrefix(file, dir+"/") {
			return true
		}
	}
	return false
}
