package main

import (
	"bytes"
	"encoding/json"
	"fmt"
	"time"

	"github.com/banyan-go/banyan/cmd/banyan/internal/build"
	"github.com/banyan-go/banyan/cmd/banyan/internal/scaffold"
	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/spf13/cobra"
)

func generateCommand(a *app) *cobra.Command {
	var g generation
	cmd := &cobra.Command{
		Use:   "generate",
		Short: "Write the generated code from the contracts",
		Long: `Generate runs the targets of banyan.yaml. It writes only the files that change,
removes those it wrote earlier and no longer produces, and never touches a file
without its header. When anything fails, nothing on disk has changed; Ctrl-C takes
effect before all changes or after them.

With --check it writes nothing and fails when a file is stale: for pipelines.
With --dry-run it writes nothing and lists what it would do.
With --format json it prints one object: findings, files, and seconds of each
stage and of each service in it. On a terminal each service is shown as soon as
its code is made. The other formats print the findings alone, as check does.

Exit codes: 0 fine, 100 findings or, with --check, stale files, 1 could not run.`,
		Example: `  banyan generate
  banyan generate --check     fail when gen is not what the contracts say
  banyan generate --dry-run   list what would change`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			if g.check && g.dryRun {
				return &usageError{command: cmd.CommandPath(), message: "--check and --dry-run exclude each other"}
			}
			return a.generate(&g)
		},
	}
	var formats []string
	for _, f := range diag.Formats() {
		formats = append(formats, string(f))
	}
	formatFlag(cmd, &g.format, formats...)
	cmd.Flags().BoolVar(&g.check, "check", false, "write nothing, fail when a file is stale")
	cmd.Flags().BoolVar(&g.dryRun, "dry-run", false, "write nothing, list what would change")
	cmd.Flags().BoolVarP(&g.verbose, "verbose", "v", false, "also list what has another Go name than it would have alone, and every warning")
	return cmd
}

// generation is one run of generate: what was asked for, and what it takes.
type generation struct {
	check, dryRun, verbose bool
	format                 string
	stages                 build.Stages
	// services and operations are those that were read.
	services, operations int
	began                time.Time
	// findings and summary are what was said, as JSON.
	findings, summary json.RawMessage
}

// said prints findings in the format that was asked for, and returns errFindings
// when there is an error among them. What is one JSON object is printed at the
// end, or here when there is an error.
func (a *app) said(dir string, list diag.List, g *generation) error {
	switch diag.Format(g.format) {
	case diag.Text:
		most := someWarnings
		if g.verbose {
			most = allWarnings
		}
		return a.refuse(dir, list, most)
	case diag.JSON:
		var out bytes.Buffer
		if err := diag.Print(&out, diag.JSON, list, diag.Style{Base: displayDir(dir)}); err != nil {
			return err
		}
		var report struct{ Findings, Summary json.RawMessage }
		if err := json.Unmarshal(out.Bytes(), &report); err != nil {
			return err
		}
		g.findings, g.summary = report.Findings, report.Summary
		if list.Errors() == 0 {
			return nil
		}
		if err := g.print(a, nil); err != nil {
			return err
		}
	default:
		if err := printFindings(a.stdout, diag.Format(g.format), dir, list, allWarnings); err != nil {
			return err
		}
	}
	if list.Errors() > 0 {
		return errFindings
	}
	return nil
}

func (a *app) generate(g *generation) error {
	g.began = time.Now()
	done := a.stderr.Watch(g.stages.Doing)
	defer done()
	g.stages.Begin("stamp", "looking for changes")
	if !g.check && !g.dryRun {
		if same, err := a.unchanged(g, done); same || err != nil {
			return err
		}
	}
	dir, made, remember, err := a.prepare(g, done)
	if err != nil {
		return err
	}
	switch {
	case g.check:
		return a.reportStale(dir, made, g)
	case g.dryRun:
		return a.reportChanges(dir, made, g, "would write", "would remove")
	}
	g.stages.Begin("write", "writing "+count(len(made.Write), "file"))
	done = a.stderr.Watch(g.stages.Doing)
	err = made.Apply()
	done()
	if err != nil {
		return err
	}
	remember()
	if err := a.reportChanges(dir, made, g, "wrote", "removed"); err != nil {
		return err
	}
	if get := scaffold.Missing(dir); get != "" && len(made.Write) > 0 && g.format == string(diag.Text) {
		a.note("go.mod does not require the module that this code needs; this adds it: %s", get)
	}
	return nil
}

// unchanged repeats what the last run said when a run would do nothing, and
// reports whether it did.
func (a *app) unchanged(g *generation, quiet func()) (bool, error) {
	dir, err := workspace.Find(a.dir)
	if err != nil {
		return false, err
	}
	made, list := build.Last(dir)
	if made == nil {
		return false, nil
	}
	quiet()
	if !g.verbose {
		list = list.WithoutNotes()
	}
	if refused := a.said(dir, list, g); refused != nil {
		return true, refused
	}
	return true, a.reportChanges(dir, made, g, "wrote", "removed")
}

// prepare runs the targets and changes nothing. It needs the contracts only:
// mappings and plan are not what code is made of. Notes are for those who ask.
// Quiet is called before anything is printed.
// Remember is to be called once the result is applied.
func (a *app) prepare(g *generation, quiet func()) (dir string, made *build.Result, remember func(), err error) {
	if dir, err = workspace.Find(a.dir); err != nil {
		return "", nil, nil, err
	}
	g.stages.Begin("read", "reading the contracts")
	ws, list := contract.LoadWatched(dir, func(service string) { g.stages.Part(codegen.Part{Service: service}) })
	if ws != nil {
		list = append(list, build.Check(ws)...)
		g.services = len(ws.Services)
		for _, c := range ws.Services {
			g.operations += len(c.Operations)
		}
	}
	switch {
	case list.Errors() == 0:
		g.stages.Finished = a.finished(ws)
		var more diag.List
		made, more, err = build.Prepare(dir, ws, &g.stages)
		list = append(list, more...)
	case ws != nil:
		list = append(list, build.Findings(ws)...)
	}
	quiet()
	list = list.Sorted()
	said := list
	if !g.verbose {
		list = list.WithoutNotes()
	}
	if refused := a.said(dir, list, g); refused != nil {
		return "", nil, nil, refused
	}
	return dir, made, func() { made.Remember(dir, ws, said) }, err
}

// reportChanges lists what happened, or would happen, and ends with a count.
func (a *app) reportChanges(dir string, made *build.Result, g *generation, wrote, removed string) error {
	if g.format == "json" {
		return g.print(a, made)
	}
	if g.format != "text" { // stdout has the findings
		a.summarise(made, g)
		return nil
	}
	here := displayDir(dir)
	for _, f := range made.Write {
		fmt.Fprintf(a.stdout, "%s %s%s\n", wrote, here, f.Path)
	}
	for _, p := range made.Remove {
		fmt.Fprintf(a.stdout, "%s %s%s\n", removed, here, p)
	}
	a.summarise(made, g)
	return nil
}

// summarise ends a run with a count, and for those who watch with its time.
func (a *app) summarise(made *build.Result, g *generation) {
	a.note("%s generated, %d changed, %d removed%s", count(made.Total, "file"), len(made.Write), len(made.Remove), a.took(g))
}

func (a *app) took(g *generation) string {
	if !a.stderr.Terminal() {
		return ""
	}
	return fmt.Sprintf(" in %.1f s", time.Since(g.began).Seconds())
}

// finished shows people each service when its code is made.
func (a *app) finished(ws *contract.Workspace) func(build.Service) {
	width := 0
	for _, c := range ws.Services {
		width = max(width, len(c.Name))
	}
	return func(s build.Service) {
		size := count(s.Types, "type") + ", " + count(s.Operations, "operation")
		a.stderr.Step(fmt.Sprintf("%-*s  %-26s  %9s  %5.1f s", width, s.Name, size, count(s.Files, "file"), s.Seconds))
	}
}

// reportStale fails when the disk does not hold what the contracts say.
func (a *app) reportStale(dir string, made *build.Result, g *generation) error {
	switch {
	case g.format == "json":
		if err := g.print(a, made); err != nil || made.Empty() {
			return err
		}
		return errFindings
	case made.Empty():
		a.note("%s generated, all up to date%s", count(made.Total, "file"), a.took(g))
		return nil
	}
	here := displayDir(dir)
	to := a.stdout
	if g.format != "text" {
		to = a.stderr // stdout has the findings
	}
	for _, p := range made.Paths() {
		fmt.Fprintf(to, "stale %s%s\n", here, p)
	}
	a.note("%s stale; run \"banyan generate\" and commit the result", count(len(made.Paths()), "file"))
	return errFindings
}

// generationReport is what --format json prints.
type generationReport struct {
	// Findings and Summary are as check prints them.
	Findings json.RawMessage `json:"findings"`
	Summary  json.RawMessage `json:"summary"`
	// Services and Operations are 0 when nothing had to be read.
	Services   int `json:"services"`
	Operations int `json:"operations"`
	Files      int `json:"files"`
	// Write and Remove are paths below the workspace, of files that change.
	Write  []string `json:"write"`
	Remove []string `json:"remove"`
	// Applied says that they have been changed.
	Applied bool `json:"applied"`
	// Stages are in their order; a target has one of its own name.
	Stages []build.Stage `json:"stages"`
	// PerService are the services that had to be read, by name, and their parts
	// in the stages that read and generate.
	PerService []build.Service `json:"perService"`
	Seconds    float64         `json:"seconds"`
}

func (g *generation) print(a *app, made *build.Result) error {
	out := generationReport{
		Findings: g.findings, Summary: g.summary, Services: g.services, Operations: g.operations,
		Write: []string{}, Remove: []string{}, Stages: g.stages.Done(), PerService: g.stages.Services(),
	}
	if made != nil { // without errors
		out.Files, out.Applied, out.Remove = made.Total, !g.check && !g.dryRun, append(out.Remove, made.Remove...)
		for _, f := range made.Write {
			out.Write = append(out.Write, f.Path)
		}
	}
	for _, s := range out.Stages {
		out.Seconds += s.Seconds
	}
	return printJSON(a.stdout, out)
}
