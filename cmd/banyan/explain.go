package main

import (
	"fmt"
	"strings"
	"unicode/utf8"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/spf13/cobra"
)

func explainCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "explain [rule]",
		Short: "Say what a rule catches, why, and how to mend it",
		Long: `Explain prints the documentation of a rule: what it catches, what happens to
those who leave it, an example and the same example mended. Rule names stand in
parentheses behind each finding. Without a rule it lists all of them.`,
		Example: `  banyan explain
  banyan explain legacy-mapping`,
		Args: maxArgs(1),
		ValidArgsFunction: func(_ *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			var ids []string
			for _, r := range diag.Rules() {
				ids = append(ids, cobra.CompletionWithDesc(r.ID, r.Summary))
			}
			return ids, cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return a.listRules()
			}
			rule, ok := diag.Lookup(args[0])
			if !ok {
				return unknownRule(cmd, args[0])
			}
			rule.Summary, rule.Why = wrap(rule.Summary), wrap(rule.Why)
			return diag.Explain(a.stdout, rule, diag.Style{Color: a.stdout.Colour()})
		},
	}
}

func (a *app) listRules() error {
	var rows [][]string
	for _, r := range diag.Rules() {
		rows = append(rows, []string{r.ID, r.Summary})
	}
	return a.stdout.Table([]string{"RULE", "CATCHES"}, rows)
}

func unknownRule(cmd *cobra.Command, id string) error {
	var known []string
	for _, r := range diag.Rules() {
		known = append(known, r.ID)
	}
	u := &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("there is no rule %q", id)}
	if nearest, ok := config.Nearest(id, known); ok {
		u.hint = fmt.Sprintf("did you mean %q?", nearest)
	} else {
		u.hint = "\"banyan explain\" lists all"
	}
	return u
}

// wrap breaks prose into lines that fit a terminal.
func wrap(text string) string {
	const width = 78
	var b strings.Builder
	column := 0
	for _, word := range strings.Fields(text) {
		n := utf8.RuneCountInString(word)
		switch {
		case column == 0:
		case column+1+n > width:
			b.WriteByte('\n')
			column = 0
		default:
			b.WriteByte(' ')
			column++
		}
		b.WriteString(word)
		column += n
	}
	return b.String()
}
