// Oasdiff is what a careful team writes around oasdiff's library: it reads two
// documents, compares them, and prints what breaks clients. The bench runs it as
// the peer of banyan review.
package main

import (
	"bufio"
	"fmt"
	"os"

	"github.com/getkin/kin-openapi/openapi3"
	"github.com/oasdiff/oasdiff/checker"
	"github.com/oasdiff/oasdiff/diff"
	"github.com/oasdiff/oasdiff/load"
)

func main() {
	if len(os.Args) != 3 {
		fmt.Fprintln(os.Stderr, "usage: oasdiff OLD NEW")
		os.Exit(2)
	}
	if err := run(os.Args[1], os.Args[2]); err != nil {
		fmt.Fprintln(os.Stderr, "oasdiff:", err)
		os.Exit(1)
	}
}

func run(base, head string) error {
	var specs [2]*load.SpecInfo
	for i, name := range []string{base, head} {
		spec, err := load.NewSpecInfo(openapi3.NewLoader(), load.NewSource(name))
		if err != nil {
			return err
		}
		specs[i] = spec
	}
	report, sources, err := diff.GetWithOperationsSourcesMap(diff.NewConfig(), specs[0], specs[1])
	if err != nil {
		return err
	}
	out := bufio.NewWriter(os.Stdout)
	localizer := checker.NewDefaultLocalizer()
	for _, c := range checker.CheckBackwardCompatibilityUntilLevel(checker.NewConfig(checker.GetAllChecks()), report, sources, checker.INFO) {
		fmt.Fprintln(out, c.GetLevel(), c.GetId(), c.GetOperation(), c.GetPath(), c.GetUncolorizedText(localizer))
	}
	return out.Flush()
}
