package main

import (
	"cmp"
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"os/exec"
	"path/filepath"
	"slices"
	"strings"
	"testing/fstest"

	"github.com/banyan-go/banyan/cmd/banyan/internal/build"
	"github.com/banyan-go/banyan/cmd/banyan/internal/scaffold"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/interrupt"
	"github.com/spf13/cobra"
)

type initOptions struct {
	module, service string
	contract        string
	checkout        string
}

func initCommand(a *app) *cobra.Command {
	var o initOptions
	cmd := &cobra.Command{
		Use:   "init [folder]",
		Short: "Start a workspace that builds, tests and runs at once",
		Long: `Init writes a workspace into the folder (default: the current one): a contract
with three operations, the mapping to PHP, a rollout plan, a stand-in for the PHP
application, one Go handler with its test, a server, a Makefile and a pipeline.
It then generates, so that "make test" and "make run" work at once.

With --contract it starts with an OpenAPI document of your own instead: that and
the files in its folder that it refers to are copied as they are to api/NAME, and
PHP serves all of its operations as they come, until you write a handler or say in
api/NAME/legacy.yaml how PHP differs. A document with errors is refused with the
place of each. What Banyan does not do of it is listed in banyan.yaml.

It never replaces a file: when one is in the way it lists all that are and writes
nothing.

The workspace requires the banyan module in the version of this command. A
development build, such as "go run ./cmd/banyan", refers to the checkout it was
built from instead, by a replace line in go.mod. The folder may be anywhere; one
outside the checkout is what you want:

  go run ./cmd/banyan init /tmp/shop             from the checkout
  go run -C ~/src/banyan ./cmd/banyan -C "$PWD" init shop    from elsewhere`,
		Example: `  banyan init shop
  banyan init shop --module github.com/acme/shop --service catalogue
  banyan init shop --contract ~/specs/shop.yaml    in front of the PHP that serves it
  banyan -C /srv init shop     creates /srv/shop`,
		Args: maxArgs(1),
		ValidArgsFunction: func(*cobra.Command, []string, string) ([]string, cobra.ShellCompDirective) {
			return nil, cobra.ShellCompDirectiveFilterDirs
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			dir := "."
			if len(args) == 1 {
				if dir = args[0]; strings.TrimSpace(dir) == "" {
					return &usageError{command: cmd.CommandPath(), message: "the folder has no name", hint: "leave it out for the current folder"}
				}
			}
			if info, err := os.Stat(cmp.Or(a.dir, ".")); err != nil || !info.IsDir() {
				return fmt.Errorf("-C: there is no folder %s; make it, or name another one", a.dir)
			}
			if !filepath.IsAbs(dir) {
				dir = filepath.Join(a.dir, dir)
			}
			names, err := o.names(cmd, dir)
			if err != nil {
				return err
			}
			var own *scaffold.Own
			if o.contract != "" {
				if own, err = a.ownContract(o.contract, names); err != nil {
					return err
				}
			}
			return a.init(cmd.Context(), dir, names, own, o.checkout)
		},
	}
	cmd.Flags().StringVar(&o.module, "module", "", "Go module `path` (default: example.com/ and the folder's name)")
	cmd.Flags().StringVar(&o.service, "service", "", "`name` of the first service (default: the folder's name)")
	cmd.Flags().StringVar(&o.contract, "contract", "", "OpenAPI `file` to start with, 3.0, 3.1 or 3.2 (default: a sample)")
	cmd.Flags().StringVar(&o.checkout, "banyan", "", "`folder` of a checkout of the banyan repository to build against (default: the one it was built from, if any)")
	must(cmd.MarkFlagDirname("banyan"))
	plainFlags(cmd, "module", "service")
	fileFlags(cmd, "contract")
	return cmd
}

// names are those given, or what the folder's name makes of itself.
func (o *initOptions) names(cmd *cobra.Command, dir string) (scaffold.Names, error) {
	abs, err := filepath.Abs(dir)
	if err != nil {
		return scaffold.Names{}, err
	}
	names := scaffold.Defaults(abs)
	if o.service != "" {
		names.Service = o.service
		names.Module = "example.com/" + o.service
	}
	if o.module != "" {
		names.Module = o.module
	}
	if err := names.Check(); err != nil {
		return names, &usageError{command: cmd.CommandPath(), message: err.Error()}
	}
	return names, nil
}

func (a *app) init(ctx context.Context, dir string, names scaffold.Names, own *scaffold.Own, checkout string) error {
	src, err := scaffold.FindSource(checkout)
	if err != nil {
		return err
	}
	done := a.stderr.Progress("preparing the workspace")
	files, tidied, err := stage(ctx, names, own, src)
	done()
	if err != nil {
		return err
	}
	files = own.Missing(dir, names, files)
	conflicts, err := scaffold.Conflicts(dir, files)
	if err != nil {
		return err
	}
	if len(conflicts) > 0 {
		return a.refuseConflicts(dir, conflicts)
	}
	if err := scaffold.Write(dir, files); err != nil {
		return err
	}
	for _, f := range files {
		fmt.Fprintf(a.stdout, "wrote %s%s\n", displayDir(dir), f.Path)
	}
	a.note("%s: service %s, module %s", count(len(files), "file"), names.Service, names.Module)
	if own != nil {
		a.noteOwn(names, own)
	}
	if !tidied {
		a.note("go.mod lists more than the workspace needs: run \"go mod tidy\" when you are online")
	}
	for _, note := range scaffold.Around(dir) {
		a.note("%s", note)
	}
	a.nextSteps(dir, own)
	return nil
}

// stage makes the whole workspace in a temporary folder, generated code
// included, so that every conflict is known before anything is written. A
// workspace that could not be tidied builds all the same.
func stage(ctx context.Context, names scaffold.Names, own *scaffold.Own, src scaffold.Source) (files []scaffold.File, tidied bool, err error) {
	dir, err := os.MkdirTemp("", "banyan-init-")
	if err != nil {
		return nil, false, err
	}
	defer interrupt.OnEnd(func() { _ = os.RemoveAll(dir) })()
	defer func() { err = errors.Join(err, os.RemoveAll(dir)) }()

	module, err := scaffold.ModuleFiles(names, src)
	if err != nil {
		return nil, false, err
	}
	made, err := generated(dir, names, own)
	if err != nil {
		return nil, false, err
	}
	if own != nil {
		own.Handler = scaffold.FindHandler(made.Write)
	}
	files, err = scaffold.Files(names, own)
	if err != nil {
		return nil, false, err
	}
	for _, f := range made.Write {
		files = append(files, scaffold.File(f))
	}
	if err := scaffold.Create(dir, slices.Concat(module, files)); err != nil {
		return nil, false, err
	}
	err = scaffold.Tidy(ctx, dir, src)
	if tidied = err == nil; !tidied && src.Checkout == "" {
		return nil, false, err // without go.sum nothing builds
	}
	files, err = readTree(dir)
	return files, tidied, err
}

// generated is what is to be generated in dir, where the workspace will be.
func generated(dir string, names scaffold.Names, own *scaffold.Own) (*build.Result, error) {
	ws, list, err := inMemory(names, own)
	if err != nil {
		return nil, err
	}
	if list.Errors() > 0 {
		return nil, fmt.Errorf("the template of the workspace has errors: %s", firstError(list))
	}
	made, list, err := build.Prepare(dir, ws, nil)
	if err == nil && list.Errors() > 0 {
		err = fmt.Errorf("the template of the workspace cannot be generated: %s", firstError(list))
	}
	return made, err
}

// inMemory reads the contracts of the workspace that is to be.
func inMemory(names scaffold.Names, own *scaffold.Own) (*contract.Workspace, diag.List, error) {
	files, err := scaffold.Files(names, own)
	if err != nil {
		return nil, nil, err
	}
	memory := fstest.MapFS{}
	for _, f := range files {
		memory[f.Path] = &fstest.MapFile{Data: f.Data, Mode: 0o644}
	}
	ws, list := contract.LoadFS(memory, names.Module)
	return ws, list, nil
}

func firstError(list diag.List) string {
	for _, d := range list {
		if d.Severity == diag.Error {
			return d.Pos.String() + ": " + d.Message
		}
	}
	return ""
}

// readTree returns all files below dir, sorted by path.
func readTree(dir string) ([]scaffold.File, error) {
	var files []scaffold.File
	err := filepath.WalkDir(dir, func(name string, entry fs.DirEntry, err error) error {
		if err != nil || entry.IsDir() {
			return err
		}
		data, err := os.ReadFile(name)
		if err != nil {
			return err
		}
		rel, err := filepath.Rel(dir, name)
		files = append(files, scaffold.File{Path: filepath.ToSlash(rel), Data: data})
		return err
	})
	return files, err
}

func (a *app) refuseConflicts(dir string, conflicts []string) error {
	for _, c := range conflicts {
		fmt.Fprintf(a.stderr, "exists already: %s\n", strings.TrimSuffix(displayDir(dir)+c, "/."))
	}
	return fmt.Errorf("nothing was written: %s in the way; choose another folder or move them away", count(len(conflicts), "file"))
}

// nextSteps says what to type, in the reader's folder.
func (a *app) nextSteps(dir string, own *scaffold.Own) {
	steps := []string{}
	if here := strings.TrimSuffix(displayDir(dir), "/"); here != "" {
		steps = append(steps, "cd "+quoted(here))
	}
	if steps = append(steps, "make test"); own != nil {
		steps = append(steps, "make run LEGACY_URL=http://127.0.0.1:8081")
		a.note("\nNext, with the address of your PHP:  %s", strings.Join(steps, " && "))
		return
	}
	a.note("\nNext:  %s", strings.Join(append(steps, "make run"), " && "))
	if _, err := exec.LookPath("php"); err != nil {
		a.note("php was not found: install it (Debian: apt install php-cli) to see both sides answer.")
	}
}

// quoted is a path as a shell reads it.
func quoted(path string) string {
	if strings.ContainsFunc(path, func(r rune) bool {
		return r < 0x80 && !('a' <= r && r <= 'z' || 'A' <= r && r <= 'Z' || '0' <= r && r <= '9' || strings.ContainsRune("/._-+:@", r))
	}) {
		return "'" + strings.ReplaceAll(path, "'", `'\''`) + "'"
	}
	return path
}
