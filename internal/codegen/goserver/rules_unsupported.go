package goserver

import "github.com/banyan-go/banyan/internal/diag"

// What a contract can say and this target cannot do. What arrives in Go in a
// form of its own, and loses nothing, is a warning; everything else is an error
// unless banyan.yaml lists the rule.
const (
	ruleRaw        = "go-raw"
	ruleUnwatched  = "go-exchange-unchecked"
	ruleMedia      = "go-media-type"
	ruleNested     = "go-parameter-nested"
	ruleBrackets   = "go-parameter-brackets"
	ruleContent    = "go-parameter-content"
	ruleForm       = "go-form"
	ruleEncoding   = "go-form-encoding"
	ruleEarly      = "go-informational"
	ruleXUnreached = "go-x-validate-unreached"
)

var _ = diag.Register(
	diag.Rule{
		ID:      ruleRaw,
		Summary: "Something arrives in Go as it is on the wire.",
		Why:     "Nothing is lost, but handlers read and write it themselves, and nobody holds it against its schema.",
		Example: "content: {application/xml: {schema: {$ref: '#/components/schemas/Order'}}}",
		Fix:     "content: {application/json: {schema: {$ref: '#/components/schemas/Order'}}}",
	},
	diag.Rule{
		ID:      ruleUnwatched,
		Summary: "Requests to Go are to be observed, and what receivers of webhooks and callbacks get is not.",
		Why:     "Receivers are handlers of their own, mounted anywhere, and report to nobody: they refuse what is not as the contract says, or decode it and look at no bounds, patterns or required properties. Observing leaves them the second.",
		Example: "validation: {requests: {go: observe}}   # in banyan.yaml, and webhooks in a contract",
		Fix:     "validation: {requests: {go: enforce}}",
	},
	diag.Rule{
		ID:          ruleMedia,
		Summary:     "Two media types of one message are the same, and have different schemas.",
		Why:         "Only the way they are written differs, and nothing in a message tells which one it has. Listed, the first declaration in alphabetical order is used for both, and the second schema is ignored.",
		Example:     "content: {application/json;v=1: ..., application/json; v=1: ...}",
		Fix:         "content: {application/json;v=1: ..., application/json;v=2: ...}",
		Unsupported: name,
	},
	diag.Rule{
		ID:      ruleNested,
		Summary: "A parameter or header holds lists or objects inside a list or object, which its style cannot write.",
		Why: "There is no text for such a value: OpenAPI leaves it undefined. An object is one text in Go, as it came; of a list, each item is. " +
			"Nothing within is held against its schema, and a default has no effect: handlers read the texts themselves, and ports send them as they are.",
		Example: "{name: grid, in: query, explode: false, schema: {type: array, items: {type: array, items: {type: integer}}}}   # []string in Go",
		Fix:     "{name: grid, in: query, content: {application/json: {schema: {type: array, items: {type: array, items: {type: integer}}}}}}",
	},
	diag.Rule{
		ID:      ruleBrackets,
		Summary: "A parameter in the style deepObject holds lists, or objects in objects.",
		Why: "OpenAPI leaves their text undefined. Here it is the one of PHP and of the qs library: each level is a pair of brackets, lists have empty ones or an index, " +
			"at most 32 levels deep. It is held against its schema, handlers get its type, and ports write the same.",
		Example: "{name: filter, in: query, style: deepObject, schema: {type: object, properties: {at: {type: object, properties: {from: {type: integer}}}, tags: {type: array, items: {type: string}}}}}",
		Fix:     "GET /orders?filter[at][from]=1&filter[tags][]=a&filter[tags][]=b   # nothing to repair: say it in the description, so that clients know",
	},
	diag.Rule{
		ID:          ruleContent,
		Summary:     "A parameter or header has content of a media type that is not JSON, and a schema that is not text.",
		Why:         "Nothing here reads the media type, so what arrives cannot be held against the schema. Listed, the parameter is text in Go.",
		Example:     "{name: filter, in: query, content: {application/xml: {schema: {type: object}}}}",
		Fix:         "{name: filter, in: query, content: {application/json: {schema: {type: object}}}}",
		Unsupported: name,
	},
	diag.Rule{
		ID:      ruleForm,
		Summary: "A form is not an object.",
		Why:     "Forms are names with values; there is no form for a list or a text alone. Handlers read and write it themselves, and nobody holds it against its schema.",
		Example: "content: {application/x-www-form-urlencoded: {schema: {type: array, items: {type: string}}}}",
		Fix:     "content: {application/x-www-form-urlencoded: {schema: {type: object, properties: {ids: {type: array, items: {type: string}}}}}}",
	},
	diag.Rule{
		ID:          ruleEncoding,
		Summary:     "The encoding of a form says something that is not done.",
		Why:         "Parts are read and written in another way than the contract says, or not looked at. Listed, that part of the encoding is ignored.",
		Example:     "multipart/form-data:\n  schema: {type: object, properties: {ids: {type: array, items: {type: string}}}}\n  encoding: {ids: {style: pipeDelimited}}",
		Fix:         "multipart/form-data:\n  schema: {type: object, properties: {ids: {type: array, items: {type: string}}}}",
		Unsupported: name,
	},
	diag.Rule{
		ID:      ruleEarly,
		Summary: "An operation declares an answer with a status below 200 that no handler gives, or a body for status 101.",
		Why:     "Such a status comes before the answer: the server sends 100 by itself, and 102 and 103 pass on from PHP. Only 101 is an answer of its own, and what follows it is another protocol and no body.",
		Example: "responses: {'100': {description: Go on}, '200': {description: Done}}",
		Fix:     "responses: {'200': {description: Done}}",
	},
	diag.Rule{
		ID:          ruleXUnreached,
		Summary:     "Rules of x-validate stand where they are not looked at.",
		Why:         "They are looked at in JSON and urlencoded bodies, once these are decoded; not in parameters, multipart bodies and the branches of a choice. Listed, they count only elsewhere.",
		Example:     "{name: stay, in: query, schema: {type: object, properties: {from: {type: integer}, to: {type: integer, x-validate: gtfield=from}}}}",
		Fix:         "requestBody: {content: {application/json: {schema: {type: object, properties: {from: {type: integer}, to: {type: integer, x-validate: gtfield=from}}}}}}",
		Unsupported: name,
	},
)
