// Command corpus holds Banyan against real contracts: every document of a folder
// is loaded, generated from twice, built and vetted in a workspace of its own.
// It prints a line per document, which ends in "ok" or in what went wrong.
//
//	go run ./e2e/corpus [-json] [-peer] [-work DIR] [FOLDER]
//
// Without a folder it is the one that BANYAN_CORPUS names, or the small ones
// beside this file. A folder in it is a document with the files beside it; a
// file in it is a document, which may be compressed (.gz). Swagger 2.0 documents
// are imported first. With -peer each package is also built beside what
// oapi-codegen makes of the document, and beside empty ones with the imports of both,
// three times in turn, and a second table has their CPU (user and system), peaks of
// memory and ratios. The exit code is 1 when a document fails.
package main

import (
	"bytes"
	"cmp"
	"context"
	"encoding/json"
	"flag"
	"fmt"
	"io"
	"os"
	"os/signal"
	"path/filepath"
	"runtime"
)

func main() {
	asJSON := flag.Bool("json", false, "print one JSON object")
	work := flag.String("work", "", "keep the workspaces in this `folder`")
	compared := flag.Bool("peer", false, "compare building with oapi-codegen's output, where that compiles")
	flag.Parse()
	if flag.NArg() > 1 {
		fmt.Fprintln(os.Stderr, "corpus: name one folder")
		os.Exit(2)
	}
	ctx, stop := signal.NotifyContext(context.Background(), os.Interrupt)
	code, err := run(ctx, os.Stdout, flag.Arg(0), *work, *asJSON, *compared)
	stop()
	if err != nil {
		fmt.Fprintln(os.Stderr, "corpus:", err)
	}
	os.Exit(code)
}

func run(ctx context.Context, out io.Writer, folder, work string, asJSON, compared bool) (int, error) {
	checkout, err := findCheckout()
	if err != nil {
		return 2, err
	}
	folder = cmp.Or(folder, os.Getenv("BANYAN_CORPUS"), filepath.Join(checkout, "e2e", "corpus", "testdata"))
	docs, err := find(folder)
	if err != nil {
		return 2, err
	}
	if work == "" {
		if work, err = os.MkdirTemp("", "corpus-"); err != nil {
			return 2, err
		}
		defer os.RemoveAll(work)
	}
	bench, err := newBench(ctx, checkout, work, compared)
	if err != nil {
		return 2, err
	}
	report := Report{Documents: []Result{}}
	if !asJSON {
		fmt.Fprintln(out, header)
	}
	for _, d := range docs {
		r := bench.measure(ctx, d)
		report.add(r)
		if !asJSON {
			fmt.Fprintln(out, r.line())
		}
		if ctx.Err() != nil {
			return 2, ctx.Err()
		}
	}
	if asJSON {
		enc := json.NewEncoder(out)
		enc.SetIndent("", "  ")
		if err := enc.Encode(report); err != nil {
			return 2, err
		}
	} else {
		if compared {
			fmt.Fprint(out, report.peers())
		}
		fmt.Fprintln(out, report.last())
	}
	if report.Passed < report.Total {
		return 1, nil
	}
	return 0, nil
}

// findCheckout finds the source of Banyan, which the workspaces build against: around
// the working directory, or where this file was compiled, which -trimpath leaves out.
func findCheckout() (string, error) {
	dir, err := os.Getwd()
	if err != nil {
		return "", err
	}
	for of := dir; ; of = filepath.Dir(of) {
		if isCheckout(of) {
			return of, nil
		}
		if of == filepath.Dir(of) {
			break
		}
	}
	_, here, _, _ := runtime.Caller(0)
	if built := filepath.Join(filepath.Dir(here), "..", ".."); isCheckout(built) {
		return built, nil
	}
	return "", fmt.Errorf("%s is not within a checkout of Banyan, against which the workspaces are built: run it from there", dir)
}

func isCheckout(dir string) bool {
	mod, err := os.ReadFile(filepath.Join(dir, "go.mod"))
	return err == nil && bytes.HasPrefix(mod, []byte("module github.com/banyan-go/banyan\n"))
}
