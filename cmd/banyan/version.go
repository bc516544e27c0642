package main

import (
	"fmt"
	"runtime"
	"runtime/debug"

	"github.com/banyan-go/banyan/wire"
	"github.com/spf13/cobra"
)

type versionInfo struct {
	Version  string `json:"version"`
	Commit   string `json:"commit,omitempty"`
	Modified bool   `json:"modified,omitempty"`
	Go       string `json:"go"`
	Platform string `json:"platform"`
	// Generated is the version of the handshake between generated code and
	// the run time.
	Generated int `json:"generated"`
}

func versionCommand(a *app) *cobra.Command {
	var format string
	cmd := &cobra.Command{
		Use:   "version",
		Short: "Print the version of banyan, of Go and of generated code",
		Long: `Version prints the module version this command was built from, the Go version
that built it, and the version of the handshake between generated code and the
run time: code generated for another version does not compile.`,
		Example: `  banyan version
  banyan version --format json`,
		Args: noArgs,
		RunE: func(*cobra.Command, []string) error {
			v := readVersion()
			if format == "json" {
				return printJSON(a.stdout, v)
			}
			fmt.Fprintf(a.stdout, "banyan %s", v.Version)
			if v.Commit != "" {
				fmt.Fprintf(a.stdout, " (%.12s", v.Commit)
				if v.Modified {
					fmt.Fprint(a.stdout, ", modified")
				}
				fmt.Fprint(a.stdout, ")")
			}
			_, err := fmt.Fprintf(a.stdout, "\n%s %s\ngenerated code v%d\n", v.Go, v.Platform, v.Generated)
			return err
		},
	}
	formatFlag(cmd, &format, "text", "json")
	return cmd
}

func readVersion() versionInfo {
	v := versionInfo{
		Version: "(devel)", Go: runtime.Version(), Platform: runtime.GOOS + "/" + runtime.GOARCH,
		Generated: wire.Generation,
	}
	info, ok := debug.ReadBuildInfo()
	if !ok {
		return v
	}
	if info.Main.Version != "" {
		v.Version = info.Main.Version
	}
	for _, s := range info.Settings {
		switch s.Key {
		case "vcs.revision":
			v.Commit = s.Value
		case "vcs.modified":
			v.Modified = s.Value == "true"
		}
	}
	return v
}
