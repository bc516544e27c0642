// Package goserver generates Go packages from contracts: the types, a strict
// server, the table of operations and a typed port. Every name and type is
// decided before anything is printed, and what is printed calls package wire.
package goserver

import (
	"cmp"
	"fmt"
	"go/format"
	"maps"
	"path"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
)

// Target generates the Go server.
type Target struct{}

var (
	_ codegen.Target  = Target{}
	_ codegen.Checker = Target{}
)

// name is the target's in banyan.yaml.
const name = "goserver"

// Name returns "goserver".
func (Target) Name() string { return name }

// Generate returns a package for each service, and one that lists them.
func (Target) Generate(ws *contract.Workspace, cfg contract.TargetConfig, each func(codegen.Part)) ([]codegen.File, diag.List) {
	list := packages(ws, cfg)
	if list.Errors() > 0 {
		return nil, list
	}
	var files []codegen.File
	view := workspaceView{
		Header: codegen.Header(ws.File), Unmatched: unmatched(ws.Unmatched), UnmatchedBodyLimit: ws.UnmatchedBodyLimit, TrustedProxies: ws.TrustedProxies,
		Upstream: ws.Upstream, FastCGI: fastCGI(ws.FastCGI), Timeout: int64(ws.Timeout), RolloutFile: ws.RolloutFile,
		Validation: validation(ws.Validation),
	}
	for _, c := range ws.Services {
		pkg := packageName(c.Name)
		view.Services = append(view.Services, serviceRef{Alias: pkg, Path: path.Join(cfg.Package, pkg)})
		made, out, found := build(c, pkg, settingsOf(ws, cfg, c))
		list = append(list, c.Settle(name, found)...)
		files = append(files, out...)
		part := codegen.Part{Service: c.Name, Files: len(out)}
		if made != nil {
			part.Types, part.Operations = len(made.decls), len(made.operations)
		}
		each(part)
	}
	src, err := execute("workspace.tmpl", view)
	if err == nil {
		var data []byte
		if data, err = tidy("workspace.gen.go", src); err == nil {
			files = append(files, codegen.File{Path: "workspace.gen.go", Data: data})
		}
	}
	if err != nil {
		list.Add(ruleInternal, cfg.Pos, err.Error(), "")
	}
	return files, list.Sorted()
}

// packages reports what keeps the services from being Go packages.
func packages(ws *contract.Workspace, cfg contract.TargetConfig) (list diag.List) {
	if cfg.Package == "" {
		list.Add(rulePackage, cfg.Pos, "the Go import path of "+cfg.Output+" is not known: there is no go.mod", "run go mod init in the workspace")
	}
	taken := map[string]string{}
	for _, c := range ws.Services {
		pkg := packageName(c.Name)
		if other, twice := taken[pkg]; twice {
			list.Add(rulePackage, c.Pos, fmt.Sprintf("the services %q and %q would both be the Go package %s", other, c.Name, pkg), "rename one of them")
			continue
		}
		taken[pkg] = c.Name
	}
	return list
}

type workspaceView struct {
	Header, Unmatched, Upstream, RolloutFile string
	FastCGI, Validation                      string // Go literals
	Timeout                                  int64  // in nanoseconds, as Go prints it
	UnmatchedBodyLimit                       int64
	TrustedProxies                           []string
	Services                                 []serviceRef
}

type serviceRef struct{ Alias, Path string }

func unmatched(u catalog.Unmatched) string {
	if u == catalog.Legacy {
		return "catalog.Legacy"
	}
	return "catalog.Deny"
}

// Check returns what Generate says about the contracts, without printing any
// code. Contracts with errors are left out.
func (Target) Check(ws *contract.Workspace, cfg contract.TargetConfig) diag.List {
	out := packages(ws, cfg)
	for _, c := range ws.Services {
		doc, err := c.Spec()
		if err != nil {
			continue
		}
		var list diag.List
		p := newPrep(doc, &list, slices.Sorted(maps.Keys(fixedNames))...)
		p.settings = settingsOf(ws, cfg, c)
		p.view(c, packageName(c.Name))
		out = append(out, c.Settle(name, list)...)
	}
	return out.Sorted()
}

// build generates the package of one contract, and returns what was decided for
// it; nil when there is no package.
func build(c *contract.Contract, pkg string, set settings) (*prep, []codegen.File, diag.List) {
	var list diag.List
	doc, err := c.Spec()
	if err != nil {
		list.Add(ruleInternal, c.Pos, err.Error(), "")
		return nil, nil, list
	}
	bundle, err := c.Bundle()
	if err != nil {
		list.Add(ruleInternal, c.Pos, err.Error(), "")
		return nil, nil, list
	}
	p := newPrep(doc, &list, slices.Sorted(maps.Keys(fixedNames))...)
	p.settings = set
	v := p.view(c, pkg)
	files := []codegen.File{{Path: path.Join(pkg, "openapi.json"), Data: bundle}}
	handlers, err := format.Source(serviceFile(v))
	if err != nil {
		list.Add(ruleInternal, c.Pos, fmt.Sprintf("service %s: %v", c.Name, err), "please report this")
		return nil, nil, list
	}
	for _, printed := range []map[string][]byte{typeFiles(v), operationFiles(v), portFile(v), exchangeFile(v), {"handlers.gen.go": handlers}} {
		for _, name := range sortedKeys(printed) {
			files = append(files, codegen.File{Path: path.Join(pkg, name), Data: printed[name]})
		}
	}
	if len(v.Structs()) == 0 {
		return p, files, list
	}
	src, err := execute("validate.tmpl", v)
	if err == nil {
		var data []byte
		if data, err = tidy(testFile, src); err == nil {
			files = append(files, codegen.File{Path: path.Join(pkg, testFile), Data: data})
		}
	}
	if err != nil {
		list.Add(ruleInternal, c.Pos, fmt.Sprintf("service %s: %v", c.Name, err), "please report this")
	}
	return p, files, list
}

// testFile tests that no tag of the models makes validator panic.
const testFile = "validate_gen_test.go"

// view decides everything about a service: names first, from those that people
// type most to those that nobody chose, then types.
func (p *prep) view(c *contract.Contract, pkg string) *serviceView {
	v := &serviceView{
		Header: codegen.Header(c.File), Package: pkg, Name: c.Name, Title: c.Title,
		LegacyFile: c.LegacyFile, Validation: validation(c.Validation), Imports: p.own.imports, BodyLimit: c.BodyLimit,
	}
	for _, kind := range c.Problems {
		v.Problems = append(v.Problems, problemView{Var: p.names.take("Problem" + p.words.goName(kind.Code)), Kind: kind})
	}
	p.nameShared()
	ops := p.nameOperations(c)
	p.operations = ops
	exchanges := p.nameExchanges(c, ops)
	p.exchanges = exchanges
	p.nameAnswers()
	if v.Schemes = p.nameSchemes(ops); len(v.Schemes) > 0 {
		p.names.take("Security")
	}
	p.nameComponents()
	p.declareComponents()
	for _, op := range ops {
		p.typeOperation(op)
		v.Ops = append(v.Ops, op.opView)
	}
	for _, op := range exchanges {
		p.typeOperation(op)
		v.Exchanges = append(v.Exchanges, op.opView)
	}
	v.Receiving = strings.TrimSuffix(strings.TrimPrefix(validation(p.receivers), "catalog.Validation{"), "}")
	p.exchangeGaps(exchanges)
	p.reportImports()
	p.reportRaw()
	p.reportBrackets()
	p.nameConstants()
	p.breakAliases()
	p.spellOut()
	p.breakCycles()
	p.tagFields()
	p.markUnions()
	if slices.ContainsFunc(p.decls, func(d *decl) bool { return d.object != nil && d.object.ruled }) { // few contracts have rules, and to look for them takes a while
		for _, op := range slices.Concat(ops, exchanges) {
			p.ruleBodies(op)
		}
	}
	v.Decls, v.SharedHeaders = p.decls, p.sharedHeaders
	v.Shared = slices.SortedFunc(maps.Values(p.sharedAnswers), func(a, b *answerView) int { return strings.Compare(a.Type, b.Type) })
	for _, m := range c.Operations {
		v.Operations = append(v.Operations, m.Operation)
	}
	v.Doc = packageDoc(v)
	return v
}

// packageDoc lists the operations.
func packageDoc(v *serviceView) []string {
	out := []string{fmt.Sprintf("Package %s serves and calls the service %q%s.", v.Package, v.Name, titled(v.Title)), ""}
	if len(v.Ops) == 0 {
		return append(out, "The contract has no operations.")
	}
	for _, op := range v.Ops {
		line := fmt.Sprintf("  - %s: %s %s", op.Go, op.Method, op.Path)
		if op.Summary != "" {
			line += " - " + op.Summary
		}
		out = append(out, line)
	}
	return out
}

func titled(title string) string {
	if lines := commentLines(title); len(lines) > 0 {
		return ", " + lines[0]
	}
	return ""
}

func sortedKeys[V any](m map[string]V) []string {
	keys := slices.Collect(maps.Keys(m))
	slices.SortFunc(keys, cmp.Compare[string])
	return keys
}
