package contract

import "github.com/banyan-go/banyan/internal/diag"

// The rules about banyan.yaml.
const (
	ruleWorkspaceMissing = "workspace-missing"
	ruleWorkspace        = "workspace-config"
	ruleServiceName      = "service-name"
	rulePathOutside      = "path-outside"
	ruleOutput           = "target-output"
	ruleUnmatched        = "unmatched-upstream"
	ruleUnknownOperation = "unknown-operation"
	ruleListing          = "unsupported-listing"
	ruleUnused           = "unsupported-unused"
)

var _ = diag.Register(
	diag.Rule{
		ID:      ruleWorkspaceMissing,
		Summary: "The folder has no banyan.yaml that can be read.",
		Why:     "Every command starts from banyan.yaml: it names the services, and its folder is what all paths are relative to.",
		Example: "$ banyan check\nbanyan.yaml: error: cannot read banyan.yaml: there is no such file",
		Fix:     "$ banyan init",
	},
	diag.Rule{
		ID:      ruleWorkspace,
		Summary: "banyan.yaml holds something that it cannot hold.",
		Why:     "A misspelt key that is skipped silently is a setting that never takes effect.",
		Example: "version: 1\nservice:\n  users: {}",
		Fix:     "version: 1\nservices:\n  users: {}",
	},
	diag.Rule{
		ID:      ruleServiceName,
		Summary: "The name of a service is not made of a-z, 0-9 and -, starting with a letter.",
		Why:     "The name becomes a folder, a Go package and the first half of every operation's name in rollout.yaml, logs and metrics.",
		Example: "services:\n  User_Accounts: {}",
		Fix:     "services:\n  user-accounts: {contract: api/User_Accounts/openapi.yaml}",
	},
	diag.Rule{
		ID:      rulePathOutside,
		Summary: "A path in banyan.yaml is absolute or leads out of the workspace.",
		Why:     "A workspace has to work on every machine and in every checkout, and the generator must never write outside it.",
		Example: "targets:\n  goserver: {output: ../gen}",
		Fix:     "targets:\n  goserver: {output: gen}",
	},
	diag.Rule{
		ID:      ruleOutput,
		Summary: "A target has no output folder of its own.",
		Why:     "A target owns its folder: it removes what it no longer produces. Two targets in one folder would delete each other's files.",
		Example: "targets:\n  goserver: {output: gen}\n  gosdk: {output: gen}",
		Fix:     "targets:\n  goserver: {output: gen}\n  gosdk: {output: sdk/go}",
	},
	diag.Rule{
		ID:      ruleUnmatched,
		Summary: "Requests outside the contracts go to PHP, but nothing says where PHP is.",
		Why:     "They belong to no service, so no service's legacy.yaml can tell; each of them would fail.",
		Example: "unmatched: legacy",
		Fix:     "unmatched: legacy\nupstream: ${SHOP_PHP:-http://127.0.0.1:8081}",
	},
	diag.Rule{
		ID:      ruleUnknownOperation,
		Summary: "banyan.yaml sets something for an operation that the contract does not have.",
		Why:     "The operation was renamed or misspelt; its limit is not in force.",
		Example: "orders:\n  operations:\n    createOder: {body-limit: 4MiB}",
		Fix:     "orders:\n  operations:\n    createOrder: {body-limit: 4MiB}",
	},
	diag.Rule{
		ID:      ruleListing,
		Summary: "banyan.yaml lists a rule under unsupported that cannot be listed.",
		Why:     "The list says which constructs a team does without knowingly. A misspelt rule accepts nothing, and other findings are faults to be mended, or warnings anyway. The latter is a warning: a later Banyan may have learnt what the rule was about.",
		Example: "services:\n  orders: {unsupported: [schema-dialekt]}",
		Fix:     "services:\n  orders: {unsupported: [schema-dialect]}",
	},
	diag.Rule{
		ID:      ruleUnused,
		Summary: "banyan.yaml lists a rule under unsupported that the service does not need.",
		Why:     "The construct is gone from the contract, or is supported by now. The next one of its kind would be accepted without anybody deciding so.",
		Example: "services:\n  orders: {unsupported: [dynamic-ref]}   # and no $dynamicRef in its contract",
		Fix:     "services:\n  orders: {}",
	},
)

// The rules about files and references.
const (
	ruleContractFile  = "contract-missing"
	ruleSyntax        = "syntax"
	ruleDuplicateKey  = "duplicate-key"
	ruleRefUnresolved = "ref-unresolved"
	ruleRefRemote     = "ref-remote"
	ruleRefOutside    = "ref-outside"
	ruleRefCycle      = "ref-cycle"
	ruleRefKind       = "ref-kind"
	ruleRefSibling    = "ref-sibling"
	ruleRefPlace      = "ref-place"
)

var _ = diag.Register(
	diag.Rule{
		ID:      ruleContractFile,
		Summary: "A service's contract cannot be read.",
		Why:     "Nothing can be generated, checked or served for the service. Unless banyan.yaml names another file it is api/<service>/openapi.yaml.",
		Example: "services:\n  users: {contract: api/user/openapi.yaml}",
		Fix:     "services:\n  users: {contract: api/users/openapi.yaml}",
	},
	diag.Rule{
		ID:      ruleSyntax,
		Summary: "A file is not valid YAML or JSON, or is beyond the limits.",
		Why:     "What a file means after its first syntax error is guesswork.",
		Example: "info:\n  title: Users: the API",
		Fix:     "info:\n  title: \"Users: the API\"",
	},
	diag.Rule{
		ID:      ruleDuplicateKey,
		Summary: "A mapping has the same key twice.",
		Why:     "Readers differ in which one they take: some the first, most the last. One of the two is lost silently. Two that say the same are a warning.",
		Example: "properties:\n  id: {type: integer}\n  id: {type: string}",
		Fix:     "properties:\n  id: {type: string}",
	},
	diag.Rule{
		ID:      ruleRefUnresolved,
		Summary: "A $ref leads nowhere.",
		Why:     "Generated code would lack a type, or worse, accept anything in its place.",
		Example: "schema: {$ref: '#/components/schemas/Usr'}",
		Fix:     "schema: {$ref: '#/components/schemas/User'}",
	},
	diag.Rule{
		ID:      ruleRefRemote,
		Summary: "A $ref leads to a URL that the workspace does not allow.",
		Why:     "What somebody else's server answers tomorrow would change your contract without a review, and a build would need the network.",
		Example: "schema: {$ref: 'https://example.com/common.yaml#/Money'}",
		Fix:     "schema: {$ref: '../common.yaml#/Money'}\n\nor in banyan.yaml:\n\nremote-refs: [https://example.com/]",
	},
	diag.Rule{
		ID:      ruleRefOutside,
		Summary: "A $ref leads to a file outside the workspace.",
		Why:     "The contract would mean something else, or nothing, on the next machine.",
		Example: "schema: {$ref: '../../../common/money.yaml'}",
		Fix:     "schema: {$ref: '../common/money.yaml'}",
	},
	diag.Rule{
		ID:      ruleRefCycle,
		Summary: "A $ref leads back to itself through nothing but other $refs.",
		Why:     "There is no schema at the end of the chain. A schema may well contain itself, but something has to be declared on the way.",
		Example: "A: {$ref: '#/components/schemas/B'}\nB: {$ref: '#/components/schemas/A'}",
		Fix:     "A: {$ref: '#/components/schemas/B'}\nB: {type: object}",
	},
	diag.Rule{
		ID:      ruleRefKind,
		Summary: "A $ref leads to another kind of thing than its place wants.",
		Why:     "A response cannot stand where a schema is wanted; the reference is most likely one section off. Where the two are alike, as responses and request bodies are, it is read as what is wanted, with a warning.",
		Example: "schema: {$ref: '#/components/responses/User'}",
		Fix:     "schema: {$ref: '#/components/schemas/User'}",
	},
	diag.Rule{
		ID:      ruleRefSibling,
		Summary: "Fields stand beside a $ref, where they are ignored.",
		Why:     "A description or nullable: true beside a $ref looks effective and is not, except in schemas of OpenAPI 3.1. Extensions (x-...) are kept.",
		Example: "owner:\n  $ref: '#/components/schemas/User'\n  nullable: true",
		Fix:     "owner:\n  oneOf:\n    - $ref: '#/components/schemas/User'\n    - {type: object, nullable: true, enum: [null]}",
	},
	diag.Rule{
		ID:      ruleRefPlace,
		Summary: "A $ref stands where OpenAPI allows none.",
		Why:     "Banyan reads it as if its contents stood there, but other tools may refuse the document or ignore it. One that leads nowhere is left out where nothing is said about messages, as in a description, and is an error elsewhere.",
		Example: "info:\n  description: {$ref: description.md}",
		Fix:     "info:\n  description: The users of the shop.",
	},
)
