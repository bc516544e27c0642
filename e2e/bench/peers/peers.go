// Package peers measures a whole Banyan server, validation included, beside
// servers that other generators make of the same contract. It is a module of
// its own, so that its dependencies are nobody else's; the peers' code is
// generated when it runs (`go generate ./...`) and not committed.
package peers

import (
	"net/http"
	"strings"
	"time"

	"github.com/banyan-go/banyan/e2e/bench/peers/oapi"
	"github.com/banyan-go/banyan/e2e/bench/peers/ogen"
)

//go:generate mkdir -p oapi/api
//go:generate go tool ogen --config ogen.yml --target ogen/api --package api --clean ../../../conform/testdata/items/api/items/openapi.yaml
//go:generate go tool oapi-codegen --config oapi-codegen.yml ../../../conform/testdata/items/api/items/openapi.yaml

const (
	id = "6f1c2a52-0d5e-4c43-9a55-2f2c3b8f9e10"

	// input is a valid ItemInput: ten members, three parts.
	input = `{"availableAt":"2026-12-01T09:30:00Z","contact":"orders@warehouse.example.com",` +
		`"description":"Countersunk wood screws, zinc plated, sold by the box of two hundred. Keep dry; recycle the box.",` +
		`"name":"Wood screw 4x40 mm","ownerId":"0b8a7d7c-4f4b-4f0e-8d3a-7f1de5a0c2b4",` +
		`"parts":[{"code":"screw-4x40","count":200,"note":"zinc plated, partially threaded"},` +
		`{"code":"box-small","count":1,"note":"recycled board, printed on one side"},` +
		`{"code":"label","count":2}],"priority":3,"quantity":1250,"sku":"SCR-40040","status":"active"}`
)

var updatedAt = time.Date(2026, 11, 22, 8, 0, 0, 0, time.UTC)

// item is what every server answers for input.
var item = strings.NewReplacer(
	`"name":`, `"id":"`+id+`","name":`,
	`"status":"active"`, `"status":"active","updatedAt":"2026-11-22T08:00:00Z"`,
).Replace(input)

type request struct {
	name, method, target, body string
	status                     int
	want                       string // the exact answer, when not empty
}

var requests = []request{
	{"get", "GET", "/items/" + id + "?expand=owner&depth=2&fields=name,sku,status", "", 200, item},
	{"list", "GET", "/items?limit=10&offset=20&tags=steel&tags=zinc", "", 200, `{"items":[` + strings.TrimSuffix(strings.Repeat(item+",", 10), ",") + `],"total":40}`},
	{"put", "PUT", "/items/" + id, input, 200, item},
	{"batch", "POST", "/items", `{"items":[` + strings.TrimSuffix(strings.Repeat(input+",", 40), ",") + `]}`, 200, `{"stored":40}`},
	{"refused", "PUT", "/items/" + id, strings.Replace(input, "SCR-40040", "SCR40040", 1), 0, ""},
}

// servers are the contestants. All of them validate.
func servers() map[string]http.Handler {
	return map[string]http.Handler{
		"banyan":   newBanyan(),
		"ogen":     ogen.New([]byte(item), updatedAt),
		"oapi-kin": oapi.New([]byte(item), updatedAt),
	}
}
