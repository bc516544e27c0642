package main

import (
	"bytes"
	"errors"
	"fmt"
	"io"
	"io/fs"
	"os"
	"path"
	"path/filepath"
	"regexp"
	"strings"
	"testing/fstest"

	"github.com/banyan-go/banyan/cmd/banyan/internal/workspace"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/diag"
	"github.com/banyan-go/banyan/internal/swagger2"
	"github.com/spf13/cobra"
)

func importCommand(a *app) *cobra.Command {
	cmd := &cobra.Command{
		Use:   "import",
		Short: "Make a contract of a document in another format",
		Long: `Import reads a document of another format and writes a contract, which is checked
like any other.

Exit codes: 0 written, 100 refused, or written with errors to mend, 1 could not run.`,
		Example: "  banyan import swagger2 swagger.json",
		Args:    cobra.ArbitraryArgs, // RunE says what is wrong with them
		RunE: func(cmd *cobra.Command, args []string) error {
			if len(args) == 0 {
				return cmd.Help()
			}
			return unknownFormat(cmd, args[0])
		},
	}
	cmd.AddCommand(importSwagger2Command(a))
	return cmd
}

// unknownFormat says what to write in the place of a format that there is not.
func unknownFormat(cmd *cobra.Command, name string) error {
	u := &usageError{command: cmd.CommandPath(), message: fmt.Sprintf("unknown format %q", name), hint: config.Suggest(name, commandNames(cmd))}
	switch low := strings.ToLower(name); {
	case exists(name) || path.Ext(name) != "":
		u.message, u.hint = name+" is no format but a file", fmt.Sprintf("of Swagger 2.0 it is imported with %s swagger2 %s", cmd.CommandPath(), name)
	case strings.HasPrefix(low, "openapi"):
		u.hint = "OpenAPI 3 needs no import: banyan init --contract starts a workspace with it, and one that exists names it under services in " + contract.WorkspaceFile
	}
	return u
}

// importing is what the command line of an import says.
type importing struct {
	source, output string
	force, add     bool
}

func importSwagger2Command(a *app) *cobra.Command {
	var i importing
	cmd := &cobra.Command{
		Use:   "swagger2 FILE",
		Short: "Upgrade a Swagger 2.0 document to OpenAPI 3.0",
		Long: `Swagger2 reads a Swagger 2.0 document, YAML or JSON ("-" is standard input), with
the files that it refers to, and writes it as one of OpenAPI 3.0.3. Order,
comments and extensions stay. What OpenAPI 3.0 cannot say is reported with its
place in the source, and is a comment in the new file. The result is then checked
like any contract.

The output is below the workspace's folder, or the current one where there is no
workspace yet: api/NAME/openapi.yaml, with a name made from the title, unless -o
says otherwise.

Exit codes: 0 written, 100 refused, or written with errors to mend, 1 could not run.`,
		Example: `  banyan import swagger2 swagger.json
  banyan import swagger2 old/api.yaml -o api/shop/openapi.yaml --add
  curl -s https://petstore.swagger.io/v2/swagger.json | banyan import swagger2 -`,
		Args: func(cmd *cobra.Command, args []string) error {
			if len(args) != 1 {
				return &usageError{command: cmd.CommandPath(), message: "name one file, or - for standard input"}
			}
			return nil
		},
		RunE: func(cmd *cobra.Command, args []string) error {
			i.source = args[0]
			return a.importSwagger2(cmd.InOrStdin(), i)
		},
	}
	cmd.Flags().StringVarP(&i.output, "output", "o", "", "`file` to write (default: api/NAME/openapi.yaml)")
	cmd.Flags().BoolVar(&i.force, "force", false, "write over a file that exists")
	fileFlags(cmd, "output")
	cmd.Flags().BoolVar(&i.add, "add", false, "add the service to banyan.yaml")
	return cmd
}

// maxImport is how many bytes an imported document may have; a contract may not
// have more.
const maxImport = 32 << 20

func (a *app) importSwagger2(stdin io.Reader, i importing) error {
	dir, err := a.importFolder(i)
	if err != nil {
		return err
	}
	name, data, err := readSource(stdin, i.source)
	if err != nil {
		return err
	}
	doc, list := swagger2.Upgrade(name, data, i.beside())
	if len(list) > 0 { // places in the source, which is no part of the workspace
		if err := diag.Print(a.stderr, diag.Text, list, diag.Style{Color: a.stderr.Colour()}); err != nil {
			return err
		}
	}
	if doc == nil {
		return errFindings
	}
	if i.output == "" {
		i.output = "api/" + serviceName(doc.Title) + "/openapi.yaml"
	}
	i.output = path.Clean(filepath.ToSlash(i.output))
	if !filepath.IsLocal(i.output) {
		return fmt.Errorf("%s is outside of %s; contracts are part of the workspace", i.output, dir)
	}
	if ext := path.Ext(i.output); ext != ".yaml" && ext != ".yml" {
		return fmt.Errorf("the contract is written as YAML, to a file such as %s: -o %s does not end in .yaml", "api/"+serviceName(doc.Title)+"/openapi.yaml", i.output)
	}
	config, entry, err := a.importEntry(dir, i)
	if err != nil {
		return err
	}
	var files []codegen.File
	same, err := i.there(dir, doc.YAML)
	if err != nil {
		return err
	}
	if !same {
		files = append(files, codegen.File{Path: i.output, Data: doc.YAML})
	}
	if config != nil {
		files = append(files, codegen.File{Path: contract.WorkspaceFile, Data: config})
	}
	if err := workspace.Write(dir, files...); err != nil {
		return err
	}
	here := displayDir(dir)
	if same {
		a.note("%s%s says this already", here, i.output)
	} else {
		a.note("wrote %s%s", here, i.output)
	}
	if config != nil {
		a.note("added the service to %s%s", here, contract.WorkspaceFile)
	} else if entry != "" {
		a.note("name it in %s%s, or run this with --add:\n\nservices:\n  %s\n", here, contract.WorkspaceFile, entry)
	}
	_, found := contract.LoadFS(fstest.MapFS{
		contract.WorkspaceFile: {Data: []byte("version: 1\nservices: {it: {contract: " + quote(i.output) + "}}\n"), Mode: 0o444},
		i.output:               {Data: doc.YAML, Mode: 0o444},
	}, "")
	if len(found) == 0 {
		a.printf("no findings in %s%s\n", here, i.output) // there may have been some in the source
	} else if err := printFindings(a.stdout, diag.Text, dir, found, someWarnings); err != nil {
		return err
	}
	if mapping := "api/" + i.service() + "/legacy.yaml"; !exists(filepath.Join(dir, filepath.FromSlash(mapping))) {
		a.note("banyan serve passes its operations to PHP once there is %s%s; the line \"version: 1\" is enough to begin with", here, mapping)
	}
	if found.Errors() > 0 {
		return errFindings
	}
	return nil
}

// importFolder is the workspace, or the current folder where there is none yet.
func (a *app) importFolder(i importing) (string, error) {
	dir, err := workspace.Find(a.dir)
	switch {
	case err == nil:
		return dir, nil
	case a.dir != "" || i.add:
		return "", err
	}
	return ".", nil
}

func exists(name string) bool {
	_, err := os.Lstat(name)
	return err == nil
}

var notInServiceName = regexp.MustCompile(`[^a-z0-9]+`)

// serviceName makes a service's name from a title: "Swagger Petstore - v2" is
// swagger-petstore-v2.
func serviceName(title string) string {
	name := strings.Trim(notInServiceName.ReplaceAllString(strings.ToLower(title), "-"), "-")
	if name == "" {
		return "imported"
	}
	if name[0] <= '9' {
		name = "api-" + name
	}
	return name
}

// service is the name that the service gets, after where its file is.
func (i importing) service() string {
	if path.Dir(i.output) == "." {
		return serviceName(strings.TrimSuffix(path.Base(i.output), path.Ext(i.output)))
	}
	return serviceName(path.Base(path.Dir(i.output)))
}

// importEntry is what banyan.yaml is to say of the file, and with --add the file
// that says so. Both are empty when it does already.
func (a *app) importEntry(dir string, i importing) (config []byte, entry string, err error) {
	data, err := os.ReadFile(filepath.Join(dir, contract.WorkspaceFile))
	if err != nil && (i.add || !errors.Is(err, fs.ErrNotExist)) {
		return nil, "", err
	}
	name := i.service()
	entry = name + ": {}"
	if i.output != "api/"+name+"/openapi.yaml" {
		entry = name + ": {contract: " + quote(i.output) + "}"
	}
	if data == nil {
		return nil, entry, nil
	}
	ws, _ := contract.LoadServices(fstest.MapFS{contract.WorkspaceFile: {Data: data}}, "", func(*contract.Contract) bool { return false })
	if ws != nil {
		for _, c := range ws.Services {
			if c.File == i.output {
				return nil, "", nil
			}
			if c.Name == name && i.add {
				return nil, "", fmt.Errorf("%s has a service %s already, of %s; give the file another folder with -o", contract.WorkspaceFile, name, c.File)
			}
		}
	}
	if !i.add {
		return nil, entry, nil
	}
	if config = addService(data, entry); config == nil {
		return nil, "", fmt.Errorf("%s has no list of services that a line can be added to; add %q by hand", contract.WorkspaceFile, entry)
	}
	return config, entry, nil
}

var servicesLine = regexp.MustCompile(`(?m)^services:[ \t]*(\{[ \t]*\})?[ \t]*(#.*)?\r?\n?$`)

// addService puts an entry under services, and leaves the rest as it is. It
// returns nil where that takes more than a line.
func addService(config []byte, entry string) []byte {
	at := servicesLine.FindSubmatchIndex(config)
	if at == nil {
		return nil
	}
	line := string(config[at[0]:at[1]])
	if at[2] >= 0 { // {}
		line = string(config[at[0]:at[2]]) + string(config[at[3]:at[1]])
	}
	line = strings.TrimRight(line, "\r\n")
	indent := "  "
	if next := regexp.MustCompile(`^\r?\n?(?:[ \t]*(?:#.*)?\r?\n)*( +)[^ #\r\n]`).FindSubmatch(config[at[1]:]); next != nil {
		indent = string(next[1])
	}
	rest := bytes.TrimPrefix(bytes.TrimPrefix(config[at[1]:], []byte("\r")), []byte("\n"))
	out := append([]byte{}, config[:at[0]]...)
	out = append(out, strings.TrimRight(line, " ")+"\n"+indent+entry+"\n"...)
	return append(out, rest...)
}

// quote writes a path for YAML where it needs quotes.
func quote(p string) string {
	if regexp.MustCompile(`^[A-Za-z0-9][A-Za-z0-9_./-]*$`).MatchString(p) {
		return p
	}
	return "'" + strings.ReplaceAll(p, "'", "''") + "'"
}

// there reports whether the output is there as it is to be. Another one is an
// error, unless it may be written over.
func (i importing) there(dir string, data []byte) (bool, error) {
	root, err := os.OpenRoot(dir)
	if err != nil {
		return false, err
	}
	defer root.Close()
	if _, err := root.Lstat(i.output); err != nil {
		return false, nil
	}
	is, err := root.ReadFile(i.output)
	switch {
	case err == nil && bytes.Equal(is, data):
		return true, nil
	case !i.force:
		return false, fmt.Errorf("%s exists; write over it with --force, or choose another file with -o", i.output)
	}
	return false, nil
}
