// Package contract reads a workspace: banyan.yaml and the OpenAPI contracts it
// names. It reports everything that is wrong in one run, each finding at its
// file:line:col, and hands the rest of the tool a model that is resolved,
// sorted and positioned, and never changes afterwards.
package contract

import (
	"strings"
	"sync"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/problem"
)

// WorkspaceFile is the name of the file that makes a folder a workspace.
const WorkspaceFile = "banyan.yaml"

// Workspace is what banyan.yaml says, with its contracts loaded. Paths in it
// are relative to Dir, with forward slashes. It is read-only and safe for
// concurrent use.
type Workspace struct {
	// Dir is the workspace's folder as it was given to LoadWorkspace.
	Dir string
	// File is banyan.yaml.
	File string
	// Services is sorted by name. A service whose contract could not be read
	// at all is in it, without operations.
	Services []*Contract
	// Targets is sorted by name.
	Targets []TargetConfig
	// Unmatched says what happens to requests outside all contracts.
	Unmatched catalog.Unmatched
	// Upstream is the legacy backend, unexpanded: it may hold ${NAME:-default}.
	Upstream string
	// UpstreamPos is where Upstream stands.
	UpstreamPos config.Pos
	// UnmatchedBodyLimit is the largest request body outside all contracts; 0
	// when banyan.yaml does not say it.
	UnmatchedBodyLimit int64
	// TrustedProxies are the peers whose word about the client counts,
	// unexpanded.
	TrustedProxies []string
	// FastCGI is how scripts are found where an upstream speaks FastCGI.
	FastCGI catalog.FastCGI
	// Timeout is how long the beginning of a legacy answer may take where no
	// legacy.yaml says it; 0 when banyan.yaml does not say it either.
	Timeout time.Duration
	// RolloutFile is rollout.yaml, or empty when there is none.
	RolloutFile string
	// Validation is what services check that say nothing of their own.
	Validation catalog.Validation
	// Inputs are what LoadWorkspace read, or nil where that cannot be told to
	// be unchanged: contracts may refer to URLs.
	Inputs *Inputs
	// Review is what the workspace wants of reviews.
	Review Review
	// RemoteRefs are the URL prefixes that remote $refs may start with.
	RemoteRefs []string
}

// TargetConfig is one entry under targets in banyan.yaml.
type TargetConfig struct {
	// Name is the target's name, such as "goserver".
	Name string
	// Output is the folder it writes, relative to the workspace.
	Output string
	// Package is the Go import path of Output: the one given, or the one that
	// follows from go.mod. Empty when no go.mod was found.
	Package string
	// Initialisms are words that names in the code have in capitals, such as SKU.
	Initialisms []string
	// Pos is where the target is named.
	Pos config.Pos
}

// Contract is one service's OpenAPI document.
type Contract struct {
	// Name is the service's name in banyan.yaml; Pos is where it stands there.
	Name string
	Pos  config.Pos
	// File is the document; LegacyFile is legacy.yaml, or empty.
	File, LegacyFile string
	// Title, Version and Description are those of the document's info.
	Title, Version, Description string
	// BasePath stands in front of every path; "" or "/v1", never ending in "/".
	BasePath string
	// BodyLimit is the service's limit in bytes; operations may differ.
	BodyLimit int64
	// Validation is what the service has its own way.
	Validation catalog.Validation
	// Unsupported are the rules that banyan.yaml lists for the service; see Settle.
	Unsupported []Listing
	// Operations is sorted by Key. Operations without a usable operationId are
	// left out, with a finding.
	Operations []*Operation
	// Problems is the closed list of x-problems, sorted by code, without the
	// built-in ones. ProblemPos has their places, in the same order.
	Problems   []problem.Kind
	ProblemPos []config.Pos
	// ProblemBody is where x-problem-body stands, which the run time reads.
	ProblemBody config.Pos

	bundle  *bundle
	faults  []Fault
	text    sync.Once
	printed []byte // by Bundle
}

// Operation is one operation of a contract.
type Operation struct {
	// Operation is what the run time knows of it. Its Path has the base path in
	// front, its Source is Pos.
	catalog.Operation
	// Service is the name of the service it belongs to.
	Service string
	// Pos is where the operation's method stands in the contract.
	Pos config.Pos
	// Template is the path as the contract writes it, without the base path.
	Template string

	Summary, Description string
	// Tags are in the order of the contract.
	Tags       []string
	Deprecated bool
	// Parameters are those of the operation and of its path, the operation's
	// own winning; sorted by place (path, query, header, cookie) and then in the
	// order of the path template or by name.
	Parameters []Parameter
	// Body is nil when the operation takes none.
	Body *Body
	// Responses is sorted by status, "default" last.
	Responses []Response
}

// Parameter is one parameter of an operation, references resolved.
type Parameter struct {
	Name string
	// In is "path", "query", "header" or "cookie".
	In         string
	Required   bool
	Deprecated bool
	Pos        config.Pos
}

// Is reports whether two parameters are one, of which an operation has its own
// and its path's: names of headers fold case (RFC 9110, section 5.1).
func (p Parameter) Is(q Parameter) bool { return p.key() == q.key() }

func (p Parameter) key() [2]string {
	if p.In == "header" {
		return [2]string{p.In, strings.ToLower(p.Name)}
	}
	return [2]string{p.In, p.Name}
}

// Body is an operation's request body.
type Body struct {
	Required bool
	// MediaTypes is sorted.
	MediaTypes []string
	Pos        config.Pos
}

// Response is one declared answer of an operation.
type Response struct {
	// Status is "200", "4XX" or "default".
	Status string
	// MediaTypes is sorted; empty when the answer has no body.
	MediaTypes []string
	Pos        config.Pos
}

// Service returns the service with that name, or nil.
func (w *Workspace) Service(name string) *Contract {
	for _, c := range w.Services {
		if c.Name == name {
			return c
		}
	}
	return nil
}

// Operation returns the operation with that operationId, or nil.
func (c *Contract) Operation(id string) *Operation {
	for _, op := range c.Operations {
		if op.ID == id {
			return op
		}
	}
	return nil
}

// Catalog returns what generated code hands to the run time.
func (w *Workspace) Catalog() *catalog.Workspace {
	ws := &catalog.Workspace{Unmatched: w.Unmatched, UnmatchedBodyLimit: w.UnmatchedBodyLimit, TrustedProxies: w.TrustedProxies,
		Upstream: w.Upstream, FastCGI: w.FastCGI, Timeout: w.Timeout, RolloutFile: w.RolloutFile, Validation: w.Validation}
	for _, c := range w.Services {
		ws.Services = append(ws.Services, c.Catalog())
	}
	return ws
}

// Catalog returns the service as the run time knows it.
func (c *Contract) Catalog() *catalog.Service {
	s := &catalog.Service{Name: c.Name, Problems: append([]problem.Kind(nil), c.Problems...), LegacyFile: c.LegacyFile, Validation: c.Validation}
	s.Contract, _ = c.Bundle()
	for _, op := range c.Operations {
		s.Operations = append(s.Operations, op.Operation)
	}
	return s
}
