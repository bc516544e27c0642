package workspace

import "github.com/banyan-go/banyan/internal/codegen"

// Write replaces a file of the workspace at dir, or leaves it as it was. The name
// is relative to dir, with forward slashes.
func Write(dir, name string, data []byte) error {
	c := codegen.Changes{Dir: dir, Write: []codegen.File{{Path: name, Data: data}}}
	return c.Apply()
}
