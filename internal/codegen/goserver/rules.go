package goserver

import "github.com/banyan-go/banyan/internal/diag"

const (
	ruleGoName    = "go-name"
	ruleGoType    = "go-type-raw"
	rulePackage   = "go-package"
	ruleEnum      = "go-enum-value"
	ruleXValidate = "go-x-validate"
	ruleInternal  = "go-generate"
)

var _ = diag.Register(
	diag.Rule{
		ID:      ruleGoName,
		Summary: "A name that the contract asks for cannot be a Go name here.",
		Why:     "x-go-name decides what handlers and callers are compiled against. A name that is no exported Go identifier, or that something else already has, would not compile.",
		Example: "x-go-name: user-id",
		Fix:     "x-go-name: UserID",
	},
	diag.Rule{
		ID:      ruleGoType,
		Summary: "A schema has no Go type and becomes raw JSON.",
		Why:     "Its values pass unchanged in both directions, but handlers must decode and build them themselves. It is usually a slip: an allOf that demands two types at once can never be met.",
		Example: "allOf: [{type: string}, {type: integer}]",
		Fix:     "oneOf: [{type: string}, {type: integer}]",
	},
	diag.Rule{
		ID:      rulePackage,
		Summary: "The Go package of the output cannot be determined.",
		Why:     "Generated packages import one another by their full path, which follows from go.mod.",
		Example: "targets: {goserver: {output: gen}}   # and no go.mod above",
		Fix:     "go mod init example.com/shop",
	},
	diag.Rule{
		ID:      ruleEnum,
		Summary: "An enum value does not fit the Go type of the enum.",
		Why:     "The format of the schema or the precision of a JSON number excludes it, so it has no constant and can hardly ever arrive.",
		Example: "{type: integer, format: int32, enum: [1, 4294967296]}",
		Fix:     "{type: integer, format: int64, enum: [1, 4294967296]}",
	},
	diag.Rule{
		ID:      ruleXValidate,
		Summary: "A rule of x-validate names something that is not there, or can never do anything.",
		Why: "x-validate says what JSON Schema cannot: how properties of one object depend on each other. Its rules become validate tags of " +
			"the Go models, in which a wrong name would fail at the first request. docs/validation.md lists the rules.",
		Example: "passwordRepeat: {type: string, x-validate: eqfield=pasword}",
		Fix:     "passwordRepeat: {type: string, x-validate: eqfield=password}",
	},
	diag.Rule{
		ID:      ruleInternal,
		Summary: "The generator failed on a contract that it should have accepted.",
		Why:     "Nothing was written. The contract may be fine: please report it with the message.",
	},
)
