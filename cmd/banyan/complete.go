package main

import (
	"os/exec"
	"strings"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/internal/review"
	"github.com/spf13/cobra"
	"github.com/spf13/pflag"
)

// revisionFlag completes a flag with git's branches and tags, and with files.
func revisionFlag(a *app, cmd *cobra.Command, name string) {
	must(cmd.RegisterFlagCompletionFunc(name, func(cmd *cobra.Command, _ []string, _ string) ([]string, cobra.ShellCompDirective) {
		git := exec.CommandContext(cmd.Context(), "git", "for-each-ref", "--count=500", "--format=%(refname:short)", "refs/heads", "refs/remotes", "refs/tags")
		git.Dir = a.dir
		out, err := git.Output()
		if err != nil {
			return nil, cobra.ShellCompDirectiveDefault
		}
		return strings.Fields(string(out)), cobra.ShellCompDirectiveDefault
	}))
}

// plainFlags are flags whose values nobody can guess.
func plainFlags(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		must(cmd.RegisterFlagCompletionFunc(name, cobra.NoFileCompletions))
	}
}

// fileFlags are flags whose values are files.
func fileFlags(cmd *cobra.Command, names ...string) {
	for _, name := range names {
		must(cmd.MarkFlagFilename(name))
	}
}

// completes reports whether a shell knows what to offer for a flag.
func completes(cmd *cobra.Command, f *pflag.Flag) bool {
	if _, ok := cmd.GetFlagCompletionFunc(f.Name); ok {
		return true
	}
	_, files := f.Annotations[cobra.BashCompFilenameExt]
	_, folders := f.Annotations[cobra.BashCompSubdirsInDir]
	return files || folders
}

// completeChanges completes the ids of changes that break somebody without
// approval.
func (a *app) completeChanges(against *string) cobra.CompletionFunc {
	return func(cmd *cobra.Command, args []string, _ string) ([]string, cobra.ShellCompDirective) {
		const nothing = cobra.ShellCompDirectiveNoFileComp
		dir, err := workspace.Find(a.dir)
		if err != nil {
			return nil, nothing
		}
		r, err := a.reviewWorkspace(cmd.Context(), dir, comparison{against: *against})
		if err != nil {
			return nil, nothing
		}
		defer r.Close()
		given := strings.Join(args, " ")
		var out []string
		for _, c := range r.Blocking(review.Parties()...) {
			if !strings.Contains(given, c.ID) {
				out = append(out, cobra.CompletionWithDesc(c.ID, described(c)))
			}
		}
		return out, nothing
	}
}
