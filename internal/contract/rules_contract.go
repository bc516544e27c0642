package contract

import "github.com/banyan-go/banyan/internal/diag"

// The rules about what a contract says.
const (
	ruleVersion              = "openapi-version"
	ruleInvalid              = "openapi-invalid"
	ruleWrongType            = "wrong-type"
	ruleMissingField         = "missing-field"
	ruleUnknownField         = "unknown-field"
	ruleLaterField           = "openapi-31-field"
	ruleUnquoted             = "unquoted-text"
	ruleComponentName        = "component-name"
	ruleNoOperationID        = "operation-id-missing"
	ruleDuplicateOperationID = "operation-id-duplicate"
	rulePathSyntax           = "path-syntax"
	rulePathParameter        = "path-parameter"
	rulePathCollision        = "path-collision"
	ruleParameter            = "parameter"
	ruleDuplicateParameter   = "parameter-duplicate"
	ruleProblem              = "problem"
	ruleServer               = "server"
	ruleExample              = "example"
	rulePattern              = "pattern"
	rulePatternDialect       = "pattern-dialect"
	ruleSecurity             = "security-scheme"
	ruleNullable             = "nullable"
	ruleYAML                 = "yaml-type"
	ruleDialect              = "schema-dialect"
	ruleDynamicRef           = "dynamic-ref"
	ruleOnly32               = "openapi-32-field"
	ruleDiscriminator        = "discriminator"
	ruleCircle               = "schema-circle"
)

var _ = diag.Register(
	diag.Rule{
		ID:      ruleVersion,
		Summary: "The document is neither OpenAPI 3.0 nor 3.1.",
		Why:     "Swagger 2.0 means other things by the same words, bodies and files among them; banyan import swagger2 converts it. OpenAPI 3.2 is read as 3.1, with a warning; what only 3.2 has is told where it stands. Later versions are not known.",
		Example: "swagger: '2.0'",
		Fix:     "openapi: 3.0.3",
	},
	diag.Rule{
		ID:      ruleInvalid,
		Summary: "The document breaks a rule of the OpenAPI specification.",
		Why:     "Tools disagree about documents that break the rules, so your clients and your server would too.",
		Example: "schema: {type: strng}",
		Fix:     "schema: {type: string}",
	},
	diag.Rule{
		ID:      ruleCircle,
		Summary: "A schema holds itself, and means the same value again.",
		Why: "Whoever checks a value against it has to check that value against it first. A choice of itself (oneOf, anyOf, not) has no meaning and is an error. In allOf it " +
			"adds nothing, and is read so, with a warning: other tools may go round without end. Schemas that hold themselves in properties or items are fine.",
		Example: "Node: {allOf: [{$ref: '#/components/schemas/Node'}, {type: object}]}",
		Fix:     "Node: {type: object, properties: {next: {$ref: '#/components/schemas/Node'}}}",
	},
	diag.Rule{
		ID:      ruleWrongType,
		Summary: "A field has a value of the wrong type.",
		Why:     "Where only one thing can be meant, such as a number in quotes, Banyan reads that and warns. Elsewhere guessing is how a limit ends up not being one, and it is an error.",
		Example: "maxLength: '20'",
		Fix:     "maxLength: 20",
	},
	diag.Rule{
		ID:      ruleMissingField,
		Summary: "An object lacks a field that OpenAPI requires.",
		Why:     "Where a harmless value can stand in, as an empty description does, Banyan takes it and warns. Without a parameter's name and place there is nothing to generate or to check against, and it is an error.",
		Example: "get:\n  operationId: listUsers",
		Fix:     "get:\n  operationId: listUsers\n  responses:\n    '200': {description: The users}",
	},
	diag.Rule{
		ID:      ruleUnknownField,
		Summary: "An object has a field that OpenAPI does not know there.",
		Why:     "It is ignored, by this tool and by all others. Where it looks like a misspelling or stands one level off, what you meant is lost. A status that is none is an error.",
		Example: "schema:\n  type: object\n  requred: [id]",
		Fix:     "schema:\n  type: object\n  required: [id]",
	},
	diag.Rule{
		ID:      ruleLaterField,
		Summary: "A field of OpenAPI 3.1 stands in a 3.0 document.",
		Why:     "const and exclusive limits with a number are read as they are meant; what OpenAPI 3.0 has nothing for is ignored: patternProperties does not restrict anything there.",
		Example: "kind: {type: string, const: user}",
		Fix:     "kind: {type: string, enum: [user]}",
	},
	diag.Rule{
		ID:      ruleUnquoted,
		Summary: "YAML reads a value as a number or a truth value where OpenAPI wants text.",
		Why:     "Banyan takes it as it is written, but other tools turn 1.10 into 1.1.",
		Example: "info: {title: Users, version: 1.10}",
		Fix:     "info: {title: Users, version: '1.10'}",
	},
	diag.Rule{
		ID:      ruleComponentName,
		Summary: "The name of a component holds other characters than letters, digits, '.', '-' and '_'.",
		Why:     "OpenAPI forbids it. Banyan replaces the characters, so the name in generated code differs from yours.",
		Example: "schemas:\n  Page<User>: {type: object}",
		Fix:     "schemas:\n  UserPage: {type: object}",
	},
	diag.Rule{
		ID:      ruleNoOperationID,
		Summary: "An operation has no operationId.",
		Why:     "It is the operation's name everywhere: in generated code and clients, in legacy.yaml and rollout.yaml, in logs and metrics. Banyan makes one up from method and path, which changes when the path does.",
		Example: "/users:\n  get:\n    summary: List users",
		Fix:     "/users:\n  get:\n    operationId: listUsers\n    summary: List users",
	},
	diag.Rule{
		ID:      ruleDuplicateOperationID,
		Summary: "Two operations of a contract have the same operationId.",
		Why:     "Nothing could tell them apart: a rollout of one would move the other. The second is called after its method and path.",
		Example: "/users: {get: {operationId: list}}\n/orders: {get: {operationId: list}}",
		Fix:     "/users: {get: {operationId: listUsers}}\n/orders: {get: {operationId: listOrders}}",
	},
	diag.Rule{
		ID:      rulePathSyntax,
		Summary: "A path is not a valid path template.",
		Why:     "The router could not match it. A path starts with /, names its variables in braces, and holds no query.",
		Example: "users/{id:\n  get: {}",
		Fix:     "/users/{id}:\n  get: {}",
	},
	diag.Rule{
		ID:      rulePathParameter,
		Summary: "The variables of a path and its declared parameters differ.",
		Why:     "A variable without declaration is read as text; a parameter without variable never gets a value and is ignored.",
		Example: "/users/{id}:\n  get:\n    parameters: [{name: userId, in: path, required: true, schema: {type: string}}]",
		Fix:     "/users/{userId}:\n  get:\n    parameters: [{name: userId, in: path, required: true, schema: {type: string}}]",
	},
	diag.Rule{
		ID:      rulePathCollision,
		Summary: "Two operations answer the same method and path.",
		Why:     "/users/{id} and /users/{name} match the same requests. Within a contract the operation that is declared first takes them, and no request reaches the other. Services of a workspace share one server; between them it is an error.",
		Example: "/users/{id}: {get: {operationId: getUser}}\n/users/{name}: {get: {operationId: findUser}}",
		Fix:     "/users/{id}: {get: {operationId: getUser}}\n/users/by-name/{name}: {get: {operationId: findUser}}",
	},
	diag.Rule{
		ID:      ruleParameter,
		Summary: "A parameter is not declared as OpenAPI wants it.",
		Why:     "Its place decides where it is read from, and path parameters are always required.",
		Example: "{name: id, in: pth, schema: {type: string}}",
		Fix:     "{name: id, in: path, required: true, schema: {type: string}}",
	},
	diag.Rule{
		ID:      ruleDuplicateParameter,
		Summary: "An operation declares a parameter twice.",
		Why:     "The two declarations may differ. The first is read.",
		Example: "parameters:\n  - {name: limit, in: query, schema: {type: integer}}\n  - {name: limit, in: query, schema: {type: string}}",
		Fix:     "parameters:\n  - {name: limit, in: query, schema: {type: integer}}",
	},
	diag.Rule{
		ID:      ruleProblem,
		Summary: "An entry of x-problems is not a problem that the service can answer.",
		Why:     "x-problems is the closed list of a service's error codes: clients switch on them, and legacy.yaml maps PHP's errors to them. Built-in codes mean the same everywhere.",
		Example: "x-problems:\n  Out_Of_Stock: {status: 200}",
		Fix:     "x-problems:\n  out-of-stock: {status: 409, title: Out of stock}",
	},
	diag.Rule{
		ID:      ruleServer,
		Summary: "What the document says about servers is ambiguous here.",
		Why:     "Banyan serves each contract below one base path: the path of the first server, unless base-path in banyan.yaml says otherwise.",
		Example: "servers: [{url: https://a.example/v1}, {url: https://b.example/api}]",
		Fix:     "in banyan.yaml:\n\nservices:\n  users: {base-path: /v1}",
	},
	diag.Rule{
		ID:      ruleExample,
		Summary: "An example or a default does not fit its schema.",
		Why:     "Readers trust examples, and mocks answer with them. Nothing breaks at run time.",
		Example: "limit: {type: integer, example: ten}",
		Fix:     "limit: {type: integer, example: 10}",
	},
	diag.Rule{
		ID:      ruleSecurity,
		Summary: "A security requirement names a scheme that the document does not declare.",
		Why:     "Clients cannot tell what to send, and a Go server asks the service about every request, whatever it brings.",
		Example: "security: [{sesion: []}]\ncomponents: {securitySchemes: {session: {type: apiKey, in: cookie, name: sid}}}",
		Fix:     "security: [{session: []}]\ncomponents: {securitySchemes: {session: {type: apiKey, in: cookie, name: sid}}}",
	},
	diag.Rule{
		ID:      ruleNullable,
		Summary: "nullable: true stands where OpenAPI 3.0 gives it no effect.",
		Why:     "By the specification it is for the type beside it, and null has to fit allOf, oneOf, anyOf and enum as well. Nobody who writes it means that: Banyan lets null fit. Other tools differ.",
		Example: "owner:\n  nullable: true\n  allOf: [{$ref: '#/components/schemas/User'}]",
		Fix:     "owner:\n  oneOf:\n    - $ref: '#/components/schemas/User'\n    - {type: object, nullable: true, enum: [null]}",
	},
	diag.Rule{
		ID:      ruleYAML,
		Summary: "YAML reads something as a number or a date that is meant as text.",
		Why:     "Banyan takes it as it is written; other tools turn 2020-01-01 into a time, or fail on a key that is a number. Reported once for each file.",
		Example: "responses:\n  200: {description: fine}",
		Fix:     "responses:\n  '200': {description: fine}",
	},
	diag.Rule{
		ID:          ruleDialect,
		Summary:     "A schema is written in another dialect than OpenAPI 3.1's own.",
		Why:         "Keywords mean something else in another dialect, or nothing: messages would be held against other rules than the contract has. Listed, the dialect is read as OpenAPI 3.1's own.",
		Example:     "jsonSchemaDialect: https://json-schema.org/draft-07/schema",
		Fix:         "jsonSchemaDialect: https://spec.openapis.org/oas/3.1/dialect/base",
		Unsupported: Reader,
	},
	diag.Rule{
		ID:          ruleOnly32,
		Summary:     "A field of OpenAPI 3.2 says something about messages that is not supported.",
		Why:         "Methods, media types and forms that only 3.2 has are neither routed nor checked nor generated. Listed, the field is left out; a parameter in querystring is an optional one in the query.",
		Example:     "/search: {query: {requestBody: {content: {application/json: {}}}}}",
		Fix:         "/search: {post: {requestBody: {content: {application/json: {}}}}}",
		Unsupported: Reader,
	},
	diag.Rule{
		ID:          ruleDynamicRef,
		Summary:     "A schema refers to another one by $dynamicRef.",
		Why:         "Which schema is meant depends on the way that led there, and neither generated types nor the checks of messages follow it. Listed, it is read as $ref.",
		Example:     "next: {$dynamicRef: '#node'}",
		Fix:         "next: {$ref: '#/components/schemas/Node'}",
		Unsupported: Reader,
	},
	diag.Rule{
		ID:      ruleDiscriminator,
		Summary: "A discriminator and the schemas that it tells apart contradict each other.",
		Why:     "A value whose type is told by a property that the type does not take, or need not have, is refused or taken for another type, by servers and clients alike.",
		Example: "mapping: {cat: '#/components/schemas/Cat'}   # and Cat: {properties: {kind: {const: dog}}}",
		Fix:     "Cat: {required: [kind], properties: {kind: {const: cat}}}",
	},
	diag.Rule{
		ID:          rulePattern,
		Summary:     "The pattern of a schema is not a regular expression.",
		Why:         "No text could be held against it. Patterns are ECMA 262 expressions, not anchored and without slashes around them. Listed, such a pattern is left out: every text fits.",
		Example:     "pattern: '[a-z'",
		Fix:         "pattern: '^[a-z]+$'",
		Unsupported: Reader,
	},
	diag.Rule{
		ID:      rulePatternDialect,
		Summary: "The pattern of a schema is written for PCRE, Java, .NET or Python.",
		Why:     "OpenAPI means ECMA 262. What only other engines have is translated where it has an equal; tools that do not do so refuse the contract, or read \\A as the letter A and slashes as slashes, which no text fits.",
		Example: "pattern: '/\\A[[:alpha:]]++\\z/i'",
		Fix:     "pattern: '(?i:^[A-Za-z]+$)'",
	},
)
