package main

import (
	"errors"
	"fmt"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

func newRoot(a *app) *cobra.Command {
	root := &cobra.Command{
		Use:   "banyan",
		Short: "Replace a PHP backend by Go, one operation at a time",
		Long: `Banyan replaces a PHP backend by Go, one operation at a time, without its
clients noticing. OpenAPI contracts are the single source: servers, the adapter
to PHP and the checks all come from them.

Exit codes: 0 fine, 100 findings in your files, 1 could not run, 130 interrupted.`,
		Example: `  banyan init shop          a workspace that runs
  banyan check              everything that is wrong, in one run
  banyan generate           write gen from the contracts
  banyan routes             who serves what, and why
  banyan serve              the workspace in front of PHP, without any Go handler`,
		SilenceErrors:     true,
		SilenceUsage:      true,
		DisableAutoGenTag: true,
		CompletionOptions: cobra.CompletionOptions{DisableDefaultCmd: true},
		Args:              cobra.ArbitraryArgs, // RunE says what is wrong with them
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownCommand(cmd, args[0])
		},
	}
	root.PersistentFlags().StringVarP(&a.dir, "workspace", "C", "", "workspace `folder` (default: the nearest one upwards with banyan.yaml)")
	must(root.MarkPersistentFlagDirname("workspace"))
	root.SetFlagErrorFunc(flagError)
	root.AddCommand(
		checkCommand(a), generateCommand(a), routesCommand(a), explainCommand(a),
		versionCommand(a), completionCommand(a), initCommand(a), serveCommand(a), reviewCommand(a), changelogCommand(a),
		debtCommand(a), observeCommand(a), legacyCommand(a), importCommand(a),
	)
	root.SetHelpCommand(helpCommand())
	help := root.HelpFunc()
	root.SetHelpFunc(func(cmd *cobra.Command, args []string) {
		// In "banyan chek --help" nobody asks for the help of banyan.
		if rest := cmd.Flags().Args(); isGroup(cmd) && len(rest) > 0 {
			a.misread = unknownCommand(cmd, rest[0])
			return
		}
		help(cmd, args)
	})
	return root
}

func helpCommand() *cobra.Command {
	return &cobra.Command{
		Use:     "help [command]",
		Short:   "Print the help of a command",
		Example: "  banyan help check",
		ValidArgsFunction: func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
			if len(args) > 0 {
				return nil, cobra.ShellCompDirectiveNoFileComp
			}
			return commandNames(cmd.Root()), cobra.ShellCompDirectiveNoFileComp
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			target, rest, err := cmd.Root().Find(args)
			switch {
			case err != nil:
				return unknownCommand(cmd.Root(), args[0])
			case len(rest) > 0 && isGroup(target):
				return unknownCommand(target, rest[0])
			case len(rest) > 0:
				return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("%s has no command %q", target.CommandPath(), rest[0])}
			}
			target.InitDefaultHelpFlag()
			return target.Help()
		},
	}
}

// isGroup reports whether a command does nothing but hold others: it takes no
// arguments of its own.
func isGroup(cmd *cobra.Command) bool { return cmd.HasSubCommands() && cmd.Use == cmd.Name() }

func commandNames(root *cobra.Command) []string {
	var names []string
	for _, c := range root.Commands() {
		if c.IsAvailableCommand() {
			names = append(names, c.Name())
		}
	}
	return names
}

func unknownCommand(root *cobra.Command, name string) error {
	return &usageError{
		command: root.CommandPath(),
		message: fmt.Sprintf("unknown command %q", name),
		hint:    config.Suggest(name, commandNames(root)),
	}
}

// flagError turns what pflag says into a usage error, with the nearest flag.
func flagError(cmd *cobra.Command, err error) error {
	// In "banyan chek --format json" the command is what is wrong: the root
	// never had a chance to know the flag.
	if args := cmd.Flags().Args(); !cmd.HasParent() && len(args) > 0 {
		return unknownCommand(cmd, args[0])
	}
	u := &usageError{command: cmd.CommandPath(), message: err.Error()}
	var missing *pflag.NotExistError
	if errors.As(err, &missing) && missing.GetSpecifiedShortnames() == "" {
		var known []string
		cmd.Flags().VisitAll(func(f *pflag.Flag) { known = append(known, f.Name) })
		if nearest, ok := config.Nearest(missing.GetSpecifiedName(), known); ok {
			u.hint = fmt.Sprintf("did you mean --%s?", nearest)
		} else if name := missing.GetSpecifiedName(); slices.Contains(commandNames(cmd), name) {
			u.hint = fmt.Sprintf("did you mean %s %s?", cmd.CommandPath(), name)
		}
	}
	return u
}

// noArgs refuses arguments, saying which.
func noArgs(cmd *cobra.Command, args []string) error {
	if len(args) > 0 {
		return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("%s takes no arguments, but got %q", cmd.CommandPath(), args[0])}
	}
	return nil
}

// maxArgs refuses more than n arguments.
func maxArgs(n int) cobra.PositionalArgs {
	return func(cmd *cobra.Command, args []string) error {
		if len(args) > n {
			return &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("%s takes at most %d argument, but got %q too", cmd.CommandPath(), n, args[n])}
		}
		return nil
	}
}

// formatFlag adds --format with a closed list of values; the first is the
// default.
func formatFlag(cmd *cobra.Command, into *string, formats ...string) {
	f := &choice{value: into, of: formats}
	*into = formats[0]
	cmd.Flags().Var(f, "format", "output `format`: "+strings.Join(formats, ", "))
	must(cmd.RegisterFlagCompletionFunc("format", cobra.FixedCompletions(formats, cobra.ShellCompDirectiveNoFileComp)))
}

// choice is a flag value from a closed list.
type choice struct {
	value *string
	of    []string
}

func (c *choice) String() string {
	if c.value == nil {
		return ""
	}
	return *c.value
}
func (c *choice) Type() string { return "format" }
func (c *choice) Set(s string) error {
	for _, known := range c.of {
		if s == known {
			*c.value = s
			return nil
		}
	}
	return errors.New(config.Suggest(s, c.of))
}

// must is for mistakes in our own wiring of commands; a test walks all of it.
func must(err error) {
	if err != nil {
		panic(err)
	}
}
