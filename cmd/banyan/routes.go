package main

import (
	"path"
	"strings"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/spf13/cobra"
)

func routesCommand(a *app) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "routes [service...]",
		Short: "List every operation: where it is served, and why",
		Long: `Routes lists the operations of the workspace: method, path, name, its write
class, the stage that rollout.yaml gives it, the side that serves it, the reason
and the line of rollout.yaml, the upstream it has at PHP, and where the contract
declares it.

The class says what may be repeated: R safe, I idempotent, W write, X effects
outside such as mail. "banyan explain write-class" has the rules.

Go handlers are compiled into servers and unknown to this command: the target is
what rollout.yaml says. A server that has no handler for an operation does not start
where rollout.yaml names the operation with "go" or "canary"; where "force" or
"default" sends it to Go, PHP keeps it, for the reason "no-handler". The target of
a canary depends on the request and reads "legacy+go".`,
		Example: `  banyan routes
  banyan routes orders
  banyan routes --format json | jq '.[] | select(.target == "go")'`,
		ValidArgsFunction: a.completeServices,
		RunE: func(_ *cobra.Command, args []string) error {
			_, ws, err := a.openSound()
			if err != nil {
				return err
			}
			routes, err := ws.Routes(args)
			if err != nil {
				return err
			}
			if format == "json" {
				return printJSON(a.stdout, routes)
			}
			return a.routeTable(routes)
		},
	}
	formatFlag(cmd, &format, "table", "json")
	return cmd
}

func (a *app) routeTable(routes []workspace.Route) error {
	rows := make([][]string, len(routes))
	for i, r := range routes {
		reason := r.Reason
		if r.Plan != "" {
			reason += " (" + fileAndLine(path.Base(r.Plan)) + ")"
		}
		rows[i] = []string{r.Method, r.Path, r.Operation, string(r.Class), r.Stage, r.Target, reason, r.Upstream, fileAndLine(r.Source)}
	}
	return a.stdout.Table([]string{"METHOD", "PATH", "OPERATION", "CLASS", "STAGE", "TARGET", "REASON", "UPSTREAM", "SOURCE"}, rows)
}

// fileAndLine takes the column off a place: a table has no room for it, and
// JSON has it.
func fileAndLine(place string) string {
	if cut := strings.LastIndexByte(place, ':'); cut > 0 {
		return place[:cut]
	}
	return place
}
