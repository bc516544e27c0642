package main

import (
	"fmt"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/cmd/banyan/internal/build"
	"github.com/banyan-go/banyan/cmd/banyan/internal/scaffold"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// ownContract reads the contract that a workspace is to start with. What is wrong
// with it is printed, and nothing is written then.
func (a *app) ownContract(file string, names scaffold.Names) (*scaffold.Own, error) {
	done := a.stderr.Progress("reading the contract")
	defer done()
	own, dir, list, err := scaffold.ReadOwn(file)
	if err != nil {
		return nil, err
	}
	if own == nil {
		done()
		return nil, a.refuseOwn(dir, list)
	}
	ws, list, err := inMemory(names, own)
	if err != nil {
		return nil, err
	}
	if ws != nil {
		list = append(list, build.Findings(ws)...)
	}
	done()
	if contract.Broken(list) {
		folder := path.Join("api", names.Service) + "/"
		for i := range list {
			list[i].Pos.File = strings.TrimPrefix(list[i].Pos.File, folder)
		}
		return nil, a.refuseOwn(dir, list)
	}
	own.Unsupported = listings(list)
	return own, nil
}

// listings are the rules whose findings keep a contract from being used, each with
// the places that it is about.
func listings(list diag.List) (out []scaffold.Listing) {
	places := map[string][]string{}
	for _, d := range list.Sorted() {
		if d.Severity == diag.Error {
			places[d.Rule] = append(places[d.Rule], d.Pos.String())
		}
	}
	for _, rule := range slices.Sorted(maps.Keys(places)) {
		where := places[rule][0]
		if n := len(places[rule]); n > 1 {
			where = fmt.Sprintf("%d places, the first at %s", n, where)
		}
		out = append(out, scaffold.Listing{Rule: rule, Where: where})
	}
	return out
}

// refuseOwn prints what keeps a contract from being that of a workspace. What is
// not supported would be listed, and is no hindrance.
func (a *app) refuseOwn(dir string, list diag.List) error {
	list = slices.DeleteFunc(list, func(d diag.Diagnostic) bool {
		rule, _ := diag.Lookup(d.Rule)
		return d.Severity != diag.Error || rule.Unsupported != ""
	})
	if err := a.refuse(dir, list.Sorted(), allWarnings); err != nil {
		a.note("nothing was written: mend the contract first")
		return err
	}
	return nil
}

// noteOwn says what became of the contract, and what else there is to know of it.
func (a *app) noteOwn(names scaffold.Names, own *scaffold.Own) {
	more := ""
	if n := len(own.Parts) - 1; n > 0 {
		more = ", with " + count(n, "file") + " that it refers to"
	}
	a.note("the contract is %s from now on%s; PHP serves all of it", path.Join("api", names.Service, own.File), more)
	if len(own.Unsupported) > 0 {
		var rules []string
		for _, l := range own.Unsupported {
			rules = append(rules, fmt.Sprintf("%s (%s)", l.Rule, l.Where))
		}
		a.note("what Banyan does not do of it is listed in banyan.yaml: %s; \"banyan explain %s\" says what happens instead there",
			strings.Join(rules, ", "), own.Unsupported[0].Rule)
	}
}
