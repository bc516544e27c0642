package main

import (
	"slices"

	"github.com/banyan-go/banyan/cmd/banyan/internal/evidence"
	"github.com/banyan-go/banyan/legacyproxy"
	"github.com/spf13/cobra"
)

func debtCommand(a *app) *cobra.Command {
	var format string
	var from []string
	cmd := &cobra.Command{
		Use:   "debt",
		Short: "List what is mended in PHP's answers: the contract's debt",
		Long: `Debt lists what normalisation mends in PHP's answers, by operation, place and rule,
beginning with what concerns most answers. Each line is something that PHP, or the
contract, could say right. Values of answers are not in it.

It asks a running server on its admin address, or reads a file that a server keeps
(--state). With --from several times the servers are added up.

Exit codes: 0 no debt, 100 there is some, 1 could not run.`,
		Example: `  banyan debt
  banyan debt --from http://10.0.0.5:8090 --from http://10.0.0.6:8090
  banyan debt --from observations.json --format markdown
  banyan debt --format json | jq '.debt[] | select(.share > 0.1)'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			seen, err := evidence.Read(cmd.Context(), from)
			if err != nil {
				return err
			}
			d := evidence.DebtOf(seen)
			if err := a.printDebt(d, seen, format); err != nil {
				return err
			}
			if len(d.Entries) > 0 {
				return errFindings
			}
			return nil
		},
	}
	formatFlag(cmd, &format, "text", "json", "markdown")
	fromFlag(cmd, &from)
	return cmd
}

// nothingSeen is no praise: without answers nothing is known.
const nothingSeen = "PHP has not answered anything yet: nothing is known"

// noDebt says why there is none.
func noDebt(seen legacyproxy.Observations) string {
	switch {
	case len(seen.Operations) == 0:
		return nothingSeen
	case !slices.ContainsFunc(seen.Operations, func(o legacyproxy.OperationObservations) bool { return o.Normalise != "" }):
		return "nothing was mended: no operation that PHP answered has normalise in legacy.yaml"
	}
	return "nothing was mended"
}

func (a *app) printDebt(d evidence.Debt, seen legacyproxy.Observations, format string) error {
	if format == "json" {
		return printJSON(a.stdout, d)
	}
	if len(d.Entries) == 0 {
		a.note("%s", noDebt(seen))
		return nil
	}
	if d.Uncounted > 0 {
		defer a.note("%d more coercions and violations were at further places", d.Uncounted)
	}
	if format == "markdown" {
		return d.Table().Markdown(a.stdout)
	}
	t := d.Table()
	return a.stdout.Table(t.Header, t.Rows)
}

// fromFlag adds --from.
func fromFlag(cmd *cobra.Command, into *[]string) {
	cmd.Flags().StringArrayVar(into, "from", nil, "admin `address` of a server, or a file that it keeps; several are added up (default "+evidence.DefaultSource+")")
	fileFlags(cmd, "from")
}
