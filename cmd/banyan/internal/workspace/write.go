package workspace

import "github.com/banyan-go/banyan/internal/codegen"

// Write replaces files of the workspace at dir, or leaves all as they were. The
// names are relative to dir, with forward slashes.
func Write(dir string, files ...codegen.File) error {
	return (&codegen.Changes{Dir: dir, Write: files}).Apply()
}
