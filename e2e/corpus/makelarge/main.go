// Makelarge writes a document as big as the biggest public ones, made of the
// documents that it is given: see package large.
package main

import (
	"flag"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"testing/fstest"

	"github.com/banyan-go/banyan/e2e/corpus/large"
	"github.com/banyan-go/banyan/internal/contract"
)

func main() {
	operations := flag.Int("operations", 1200, "how many operations the document has")
	size := flag.Int("bytes", 13_000_000, "how many bytes it has at least")
	out := flag.String("o", "large.json", "the file to write")
	flag.Usage = func() {
		fmt.Fprintln(flag.CommandLine.Output(), "usage: makelarge [-operations N] [-bytes N] [-o FILE] DOCUMENT...")
		flag.PrintDefaults()
	}
	flag.Parse()
	if err := run(flag.Args(), large.Goal{Operations: *operations, Bytes: *size}, *out); err != nil {
		fmt.Fprintln(os.Stderr, "makelarge:", err)
		os.Exit(1)
	}
}

func run(names []string, goal large.Goal, out string) error {
	var bundles [][]byte
	for _, name := range names {
		w, findings := contract.LoadFS(workspace{os.DirFS(filepath.Dir(name)), filepath.Base(name)}, "")
		if findings.Errors() > 0 {
			return fmt.Errorf("%s has errors", name)
		}
		data, err := w.Services[0].Bundle()
		if err != nil {
			return err
		}
		bundles = append(bundles, data)
	}
	data, err := large.Build(bundles, goal)
	if err != nil {
		return err
	}
	return os.WriteFile(out, data, 0o644)
}

// workspace is a folder with a document, and the banyan.yaml that it lacks.
type workspace struct {
	fs.FS
	contract string
}

func (w workspace) Open(name string) (fs.File, error) {
	if name != contract.WorkspaceFile {
		return w.FS.Open(name)
	}
	text := fmt.Sprintf("version: 1\nservices: {it: {contract: %q}}\n", w.contract)
	return fstest.MapFS{name: {Data: []byte(text)}}.Open(name)
}
