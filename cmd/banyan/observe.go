package main

import (
	"fmt"

	"github.com/banyan-go/banyan/cmd/banyan/internal/evidence"
	"github.com/spf13/cobra"
)

func observeCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "observe",
		Short: "Say what was seen of PHP",
		Long: `Observe is about what servers have seen of PHP while they served its answers. Its
commands ask a running server on its admin address, or read a file that it keeps.`,
		Example: `  banyan observe report`,
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
		Args: cobra.ArbitraryArgs,
	}
	cmd.AddCommand(observeReportCommand(a))
	return cmd
}

func observeReportCommand(a *app) *cobra.Command {
	var format string
	var from []string
	cmd := &cobra.Command{
		Use:   "report",
		Short: "Say for each operation whether the contract is true of PHP",
		Long: fmt.Sprintf(`Report says for each operation whether the contract is true of PHP:

  true          of at least %d answers so few break the contract that their share
                is less than %.1f%%, at 95%% confidence
  normalised    that is so once PHP's answers are normalised: see "banyan debt"
  false         more than that break the contract, and where
  inconclusive  there is too little to tell; it is never a pass

Declared statuses that PHP has not answered with are listed: of them nothing is
known. How many answers are checked is said in banyan.yaml (validation: answers);
of operations that are normalised all are.

Exit codes: 0 true or normalised throughout, 100 not so, 1 could not run.`, evidence.Enough, 100*evidence.Tolerated),
		Example: `  banyan observe report
  banyan observe report --from http://10.0.0.5:8090
  banyan observe report --from observations.json --format markdown
  banyan observe report --format json | jq '.operations[] | select(.verdict == "false")'`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			seen, err := evidence.Read(cmd.Context(), from)
			if err != nil {
				return err
			}
			r := evidence.ReportOf(seen)
			if err := a.printReport(r, format); err != nil {
				return err
			}
			if !r.Passed() {
				return errFindings
			}
			return nil
		},
	}
	formatFlag(cmd, &format, "text", "json", "markdown")
	fromFlag(cmd, &from)
	return cmd
}

func (a *app) printReport(r evidence.Report, format string) error {
	if format == "json" {
		return printJSON(a.stdout, r)
	}
	if len(r.Operations) == 0 {
		a.note("there is no operation that PHP serves")
		return nil
	}
	t := r.Table()
	if format == "markdown" {
		if err := t.Markdown(a.stdout); err != nil {
			return err
		}
		fmt.Fprintln(a.stdout, "\n```")
		defer fmt.Fprintln(a.stdout, "```")
	} else {
		if err := a.stdout.Table(t.Header, t.Rows); err != nil {
			return err
		}
		fmt.Fprintln(a.stdout)
	}
	for _, line := range r.Reasons() {
		fmt.Fprintln(a.stdout, line)
	}
	return nil
}
