package workspace

import "github.com/banyan-go/banyan/internal/diag"

// Rules of the files that the run time reads. Their parsers live with the run
// time, which knows no rules: they are given theirs here.
const (
	ruleLegacyConfig  = "legacy-config"
	ruleLegacyMapping = "legacy-mapping"
	ruleLegacyEffect  = "legacy-no-effect"
	ruleRolloutConfig = "rollout-config"
	ruleRolloutPlan   = "rollout-plan"
	ruleValidation    = "validation"
	ruleErrorBody     = "error-body"
)

var _ = diag.Register(
	diag.Rule{
		ID:      ruleLegacyConfig,
		Summary: "legacy.yaml cannot be read as it is written: a syntax error, an unknown key, a value of the wrong kind.",
		Why: "The server refuses to start with such a file. A key that is quietly ignored would be worse: a mistyped " +
			"\"timeout\" leaves the default in force until the day it matters.",
		Example: `# api/orders/legacy.yaml
version: 1
timout: 2s
`,
		Fix: `version: 1
timeout: 2s
`,
	},
	diag.Rule{
		ID:      ruleLegacyMapping,
		Summary: "legacy.yaml is well formed but does not fit the contract: it names an operation, a problem code or a path parameter that the contract does not have.",
		Why: "A mapping of an operation that no longer exists is dead, and the operation it was meant for goes to PHP " +
			"unmapped. A problem code that the contract does not list is an answer that no client was told about.",
		Example: `# the contract declares the operation "calculateOrder"
operations:
  calculateOrders: {method: POST, path: /order.php}
`,
		Fix: `operations:
  calculateOrder: {method: POST, path: /order.php}
`,
	},
	diag.Rule{
		ID:      ruleLegacyEffect,
		Summary: "A setting of legacy.yaml has no effect with this contract, or PHP does not see what it does.",
		Why: "Whoever wrote it relies on it. A form that PHP gets with PUT is not in $_POST; a header that only trusted proxies " +
			"may send comes from nobody where no proxy is trusted; of two rules about one header the last wins.",
		Example: `# the contract declares the operation "replaceOrder" with PUT
operations:
  replaceOrder: {body: urlencoded}
`,
		Fix: `operations:
  replaceOrder: {body: urlencoded, method-override: header}
`,
	},
	diag.Rule{
		ID:      ruleRolloutConfig,
		Summary: "rollout.yaml cannot be read as it is written: a syntax error, an unknown key or stage, a share outside 0 to 100 percent.",
		Why: "A running server keeps the last good plan and reports the fault at /-/readyz; a starting server " +
			"refuses. Either way the change you meant to make does not happen.",
		Example: `# api/rollout.yaml
version: 1
operations:
  orders.getOrder: canary 5
`,
		Fix: `version: 1
sticky: {cookie: PHPSESSID}
operations:
  orders.getOrder: canary 5%
`,
	},
	diag.Rule{
		ID:      ruleRolloutPlan,
		Summary: "rollout.yaml is well formed but does not fit the workspace: it names an operation that no contract has, or sends one to a side that cannot serve it.",
		Why: "The plan is what you edit in an emergency. An entry that matches nothing looks like a rollback and is none. " +
			"Whether an operation has a Go handler is known to your server only, which checks it at the start.",
		Example: `# the operation is called orders.getOrder
operations:
  orders.getOrders: go
`,
		Fix: `operations:
  orders.getOrder: go
`,
	},
	diag.Rule{
		ID:      ruleErrorBody,
		Summary: "The contract declares errors as JSON of a form of its own, and what Banyan answers there by itself has another form.",
		Why: "Requests that break the contract, timeouts, and errors of PHP that legacy.yaml maps are answered with a problem document " +
			"(RFC 9457). A client that reads the declared form, such as Laravel's {message, errors}, finds nothing in it that it knows.",
		Example: `components:
  responses:
    Invalid:
      content: {application/json: {schema: {type: object, required: [message, errors]}}}
`,
		Fix: `# once, at the top of the contract: how all errors are written
x-problem-body: {message: "{message}", errors: {"{field}": ["{reason}"]}}
`,
	},
	diag.Rule{
		ID:      ruleValidation,
		Summary: "A part of the contract is valid as a document, but no message can be held against it: a multipleOf of 0, or a style that parameters of its place do not have.",
		Why: "The server checks requests before handlers see them and answers after they were sent, by programs made of the " +
			"contract at the start. What cannot be made into one would be checked by nobody, so the server refuses to start.",
		Example: `parameters:
  - {name: step, in: query, schema: {type: integer, multipleOf: 0}}
`,
		Fix: `parameters:
  - {name: step, in: query, schema: {type: integer, multipleOf: 5}}
`,
	},
)
