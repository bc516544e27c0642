package main

import (
	"fmt"

	"github.com/banyan-go/banyan/config"
	"github.com/spf13/cobra"
)

var shells = []string{"bash", "zsh", "fish", "powershell"}

func completionCommand(a *app) *cobra.Command {
	return &cobra.Command{
		Use:   "completion bash|zsh|fish|powershell",
		Short: "Print a shell's completion script",
		Long: `Completion prints a script that teaches your shell to complete commands, flags,
formats, the service names of the workspace you are in, and rules. In bash that
takes the package bash-completion, loaded before the script (Debian: apt install
bash-completion, and a new shell).`,
		Example: `  source <(banyan completion bash)                             # this shell only
  banyan completion bash > /etc/bash_completion.d/banyan
  banyan completion zsh > "${fpath[1]}/_banyan"
  banyan completion fish > ~/.config/fish/completions/banyan.fish
  banyan completion powershell | Out-String | Invoke-Expression`,
		ValidArgs: shells,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return &usageError{command: cmd.CommandPath(), message: "no shell is named", hint: "known are bash, fish, powershell, zsh"}
			}
			return maxArgs(1)(cmd, args)
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			switch root := cmd.Root(); args[0] {
			case "bash":
				return root.GenBashCompletionV2(a.stdout, true)
			case "zsh":
				return root.GenZshCompletion(a.stdout)
			case "fish":
				return root.GenFishCompletion(a.stdout, true)
			case "powershell":
				return root.GenPowerShellCompletionWithDesc(a.stdout)
			}
			return &usageError{
				command: cmd.CommandPath(),
				message: fmt.Sprintf("unknown shell %q", args[0]),
				hint:    config.Suggest(args[0], shells),
			}
		},
	}
}
