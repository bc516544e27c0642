package main

import (
	"context"
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/cmd/banyan/internal/evidence"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/banyan-go/banyan/problem"
	"github.com/spf13/cobra"
)

func legacyCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "legacy",
		Short: "What legacy.yaml does not say of PHP yet",
		Long: `Legacy has the commands that help to complete legacy.yaml from what running servers
see of PHP.`,
		Example: `  banyan legacy unmapped    errors that no rule names, and rules for them`,
		Args:    cobra.ArbitraryArgs, // RunE says what is wrong with them
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	cmd.AddCommand(unmappedCommand(a))
	return cmd
}

func unmappedCommand(a *app) *cobra.Command {
	var format string
	var from []string
	cmd := &cobra.Command{
		Use:   "unmapped [service|operation...]",
		Short: "Errors of PHP that no rule of legacy.yaml names, with rules to paste",
		Long: `Unmapped lists the errors of PHP that no rule of legacy.yaml names, as running servers
count them, by what a rule can tell apart: status, code, header and kind of body. For
each it has a sample, in which every text and number is a shape ("a a 9") and secrets
are left out, and the rule that would name it. Rules have the problem of the contract
that has PHP's status; where there is none, or a choice, they have legacy-error: put
the right code in its place.

--format yaml prints the rules alone, as entries of each service's legacy.yaml.

Exit codes: 0 every error has a rule, 100 some have none, 1 could not run.`,
		Example: `  banyan legacy unmapped
  banyan legacy unmapped orders --format yaml
  banyan legacy unmapped --from http://10.0.0.7:8090 --from http://10.0.0.8:8090
  banyan legacy unmapped --from observations.json --format markdown`,
		ValidArgsFunction: a.completeServices,
		RunE: func(cmd *cobra.Command, args []string) error {
			return a.unmapped(cmd.Context(), from, format, args)
		},
	}
	formatFlag(cmd, &format, "text", "json", "markdown", "yaml")
	fromFlag(cmd, &from)
	return cmd
}

// unmappedOperation is what is left to map of one operation.
type unmappedOperation struct {
	Operation string                       `json:"operation"`
	Unmapped  *legacyproxy.UnmappedErrors  `json:"unmapped"`
	Rules     []legacyproxy.RuleSuggestion `json:"rules"`

	service *catalog.Service
	id      string
}

func (a *app) unmapped(ctx context.Context, from []string, format string, only []string) error {
	_, ws, err := a.openSound()
	if err != nil {
		return err
	}
	if err := knownOperations(ws.Catalog, only); err != nil {
		return err
	}
	seen, err := evidence.Read(ctx, from)
	if err != nil {
		return err
	}
	left := unmappedOperations(ws.Catalog, seen, only)
	if len(left) == 0 && len(seen.Operations) == 0 && format != "json" {
		a.note("%s", nothingSeen)
		return nil
	}
	if err := a.printUnmapped(left, format); err != nil {
		return err
	}
	if len(left) > 0 {
		return errFindings
	}
	return nil
}

func (a *app) printUnmapped(left []unmappedOperation, format string) error {
	switch {
	case format == "json":
		return printJSON(a.stdout, map[string]any{"operations": left})
	case len(left) == 0:
		a.note("every error of PHP has a rule")
		return nil
	case format == "yaml":
		a.unmappedYAML(left)
		return nil
	case format == "markdown":
		return a.unmappedMarkdown(left)
	}
	return a.unmappedText(left)
}

// knownOperations refuses a name that is neither a service nor an operation.
func knownOperations(ws *catalog.Workspace, names []string) error {
	var known []string
	for _, s := range ws.Services {
		known = append(known, s.Name)
		for i := range s.Operations {
			known = append(known, s.Operations[i].Key)
		}
	}
	for _, name := range names {
		if !slices.Contains(known, name) {
			return &usageError{command: "banyan legacy unmapped", message: fmt.Sprintf("there is no service or operation %q", name), hint: config.Suggest(name, known)}
		}
	}
	return nil
}

// unmappedOperations joins what was seen with the contracts, in their order.
func unmappedOperations(ws *catalog.Workspace, seen legacyproxy.Observations, only []string) []unmappedOperation {
	out := []unmappedOperation{}
	for _, s := range ws.Services {
		for _, op := range seen.Operations {
			id, ours := strings.CutPrefix(op.Operation, s.Name+".")
			if !ours || op.Unmapped == nil || s.Operation(id) == nil ||
				len(only) > 0 && !slices.Contains(only, s.Name) && !slices.Contains(only, op.Operation) {
				continue
			}
			out = append(out, unmappedOperation{
				Operation: op.Operation, Unmapped: op.Unmapped, Rules: legacyproxy.SuggestRules(op.Unmapped, s.Problems), service: s, id: id,
			})
		}
	}
	return out
}

func (a *app) unmappedText(left []unmappedOperation) error {
	for i, op := range left {
		if i > 0 {
			fmt.Fprintln(a.stdout)
		}
		fmt.Fprintf(a.stdout, "%s: %s, %s\n\n", op.Operation, count(int(op.Unmapped.Count), "error"), count(len(op.Unmapped.Kinds), "kind"))
		var rows [][]string
		for _, k := range op.Unmapped.Kinds {
			rows = append(rows, kindCells(k))
		}
		if err := a.stdout.Table(kindColumns, rows); err != nil {
			return err
		}
		if n := op.Unmapped.Uncounted; n > 0 {
			fmt.Fprintf(a.stdout, "and %d of other kinds\n", n)
		}
		fmt.Fprintf(a.stdout, "\nrules for %s, under operations: %s: errors:\n\n", op.service.LegacyFile, op.id)
		a.rules(op.Rules, "  ")
	}
	return nil
}

var kindColumns = []string{"COUNT", "STATUS", "CODE", "HEADER", "BODY", "SAMPLE"}

func kindCells(k legacyproxy.UnmappedKind) []string {
	header := k.Header
	if k.Value != "" {
		header += ": " + k.Value
	}
	cells := []string{fmt.Sprint(k.Count), fmt.Sprint(k.Status), k.Code, header, string(k.Body), k.Sample}
	for i, c := range cells {
		if c == "" {
			cells[i] = "-"
		}
	}
	return cells
}

// rules prints entries of an error map, each with what to choose from.
func (a *app) rules(rules []legacyproxy.RuleSuggestion, indent string) {
	for _, r := range rules {
		comment := fmt.Sprintf("# %dx", r.Count)
		switch {
		case r.Rule == "":
			fmt.Fprintf(a.stdout, "%s%s: %s\n", indent, comment, r.Note)
			continue
		case strings.HasSuffix(r.Rule, problem.LegacyError.Code+"}") && len(r.Problems) > 0:
			comment += "; which of " + strings.Join(r.Problems, ", ") + "?"
		}
		fmt.Fprintf(a.stdout, "%s- %s   %s\n", indent, r.Rule, comment)
	}
}

// unmappedYAML prints what to paste into each legacy.yaml.
func (a *app) unmappedYAML(left []unmappedOperation) {
	var file string
	for _, op := range left {
		if op.service.LegacyFile != file {
			file = op.service.LegacyFile
			fmt.Fprintf(a.stdout, "# %s\noperations:\n", file)
		}
		fmt.Fprintf(a.stdout, "  %s:\n", op.id)
		if slices.ContainsFunc(op.Rules, func(r legacyproxy.RuleSuggestion) bool { return r.Rule != "" }) {
			fmt.Fprintln(a.stdout, "    errors:")
		}
		a.rules(op.Rules, "      ")
	}
}

func (a *app) unmappedMarkdown(left []unmappedOperation) error {
	fmt.Fprintln(a.stdout, "# Errors of PHP that no rule names")
	for _, op := range left {
		fmt.Fprintf(a.stdout, "\n## %s\n\n", op.Operation)
		t := evidence.Table{Header: kindColumns}
		for _, k := range op.Unmapped.Kinds {
			t.Rows = append(t.Rows, kindCells(k))
		}
		if err := t.Markdown(a.stdout); err != nil {
			return err
		}
		fmt.Fprintf(a.stdout, "\nRules for `%s`, under `operations: %s: errors:`\n\n```yaml\n", op.service.LegacyFile, op.id)
		a.rules(op.Rules, "")
		fmt.Fprintln(a.stdout, "```")
	}
	return nil
}
