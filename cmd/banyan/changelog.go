package main

import (
	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/review/render"
	"github.com/spf13/cobra"
)

func changelogCommand(a *app) *cobra.Command {
	var since string
	cmd := &cobra.Command{
		Use:   "changelog",
		Short: "Say what changed for clients, for a changelog",
		Long: `Changelog compares the contracts with what they were, as review does, and writes
what clients notice as Markdown: what breaks, what is gone, deprecated, new and
changed. What shows in generated code only is left out. Swagger 2.0 is read as it
would be imported.

Exit codes: 0 written, 100 a contract has errors, 1 could not run.`,
		Example: `  banyan changelog --since v1.4.0
  banyan changelog --since v1.4.0 >> CHANGELOG.md`,
		Args: noArgs,
		RunE: func(cmd *cobra.Command, _ []string) error {
			dir, err := workspace.Find(a.dir)
			if err != nil {
				return err
			}
			r, err := a.reviewWorkspace(cmd.Context(), dir, comparison{against: since})
			if err != nil {
				return err
			}
			defer r.Close()
			var faults diag.List
			for _, d := range r.Problems {
				if d.Severity == diag.Error && d.Rule != "approval-unused" && d.Rule != "approval-expired" {
					faults = append(faults, d)
				}
			}
			if len(faults) > 0 {
				return a.refuse(dir, faults, someWarnings)
			}
			return render.Changelog(a.stdout, r.Report)
		},
	}
	cmd.Flags().StringVar(&since, "since", "", "`revision` to start from: a tag, branch, commit, folder or archive (default: the remote's default branch)")
	revisionFlag(a, cmd, "since")
	return cmd
}
