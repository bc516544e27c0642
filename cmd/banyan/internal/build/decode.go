package build

import (
	"slices"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/internal/openapi"
	"github.com/banyan-go/banyan/internal/review"
)

// Decoders returns how the client code of a workspace's targets reads what a service
// sends. A target that cannot generate the contract is left out.
func Decoders(ws *contract.Workspace, c *contract.Contract, doc *openapi.Document) map[string]review.Decode {
	out := map[string]review.Decode{}
	for _, t := range targets {
		d, ok := t.(codegen.Decoder)
		if !ok || !slices.ContainsFunc(ws.Targets, func(cfg contract.TargetConfig) bool { return cfg.Name == t.Name() }) {
			continue
		}
		if decode, err := d.Decoder(ws, c, doc); err == nil {
			out[t.Name()] = review.Decode(decode)
		}
	}
	return out
}
