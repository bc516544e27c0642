package goserver_test

import (
	"maps"
	"slices"
	"strings"
	"testing"
	"testing/fstest"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
)

// growing are contracts by what grows in them: the lines after "# " are added. What
// is added is called what is listed.
var growing = map[string]struct {
	text  string
	added []string
}{
	"merged schemas": {`
openapi: 3.1.0
info: {title: T, version: "1"}
paths:
  /files/{kind}:
    parameters: [{name: kind, in: path, required: true, schema: {type: string, enum: [text, image]}}, {name: by, in: query, schema: {type: array, items: {type: object, properties: {x: {type: string}}}}}]
    get: {operationId: getFile, responses: {"204": {description: Fine.}}}
    # put: {operationId: addFile, responses: {"204": {description: Fine.}}}
components:
  schemas:
    # Admin: {allOf: [{$ref: '#/components/schemas/Order'}, {properties: {more: {type: string}}}]}
    # All: {properties: {order: {allOf: [{$ref: '#/components/schemas/Named'}], description: One., required: [status]}}}
    # Any: {allOf: [{$ref: '#/components/schemas/Pet'}, {$ref: '#/components/schemas/Age'}]}
    # Bird: {allOf: [{$ref: '#/components/schemas/Pet'}], if: {required: [a]}, then: {$ref: '#/components/schemas/Young'}}
    Age: {oneOf: [{$ref: '#/components/schemas/Old'}, {$ref: '#/components/schemas/Young'}]}
    Cat: {allOf: [{$ref: '#/components/schemas/Animal'}, {properties: {claws: {enum: [in, out]}}}]}
    Named: {$ref: '#/components/schemas/Order'}
    Old: {type: object, properties: {years: {enum: [80, 90]}}}
    Order: {type: object, properties: {status: {enum: [open, closed]}, address: {type: object, properties: {kind: {enum: [home, work]}}}}}
    Pet: {oneOf: [{$ref: '#/components/schemas/Cat'}, {$ref: '#/components/schemas/Old'}]}
    Young: {type: object, properties: {months: {enum: [1, 2]}}}
    Animal: {type: object, properties: {size: {enum: [small, large]}}}
`, []string{"Admin", "All", "Any", "Bird", "AddFileParamsKind", "AddFileParamsByItem"}},

	"schemas merged in a circle": {`
openapi: 3.0.3
info: {title: T, version: "1"}
paths: {}
components:
  schemas:
    # Able: {allOf: [{$ref: '#/components/schemas/Right'}]}
    # Both: {allOf: [{$ref: '#/components/schemas/Round'}, {properties: {more: {enum: [a, b]}}}]}
    Left: {allOf: [{$ref: '#/components/schemas/Right'}, {type: object, properties: {in: {enum: [x, y]}, both: {enum: [p, q]}}}]}
    Right: {allOf: [{$ref: '#/components/schemas/Round'}], type: object, properties: {by: {type: object, properties: {at: {enum: [x, y]}}}, both: {enum: [p, q, r]}}}
    Round: {allOf: [{$ref: '#/components/schemas/Left'}, {type: object, properties: {of: {enum: [x, y]}}}]}
`, []string{"Able", "Both", "BothMore"}},

	"callbacks that operations share": {`
openapi: 3.0.3
info: {title: T, version: "1"}
paths:
  # /a: {post: {operationId: addA, callbacks: {done: {$ref: '#/components/callbacks/Done'}}, responses: {"204": {description: Fine.}}}}
  /b: {post: {operationId: addB, callbacks: {done: {$ref: '#/components/callbacks/Done'}}, responses: {"204": {description: Fine.}}}}
  /c: {post: {operationId: addC, callbacks: {ready: {$ref: '#/components/callbacks/Done'}}, responses: {"204": {description: Fine.}}}}
components:
  callbacks:
    Done:
      '{$request.body#/url}':
        parameters: [{name: kind, in: query, schema: {type: string, enum: [x, y]}}]
        post:
          parameters: [{name: of, in: query, schema: {type: string, enum: [x, y]}}]
          requestBody: {content: {application/json: {schema: {type: object, properties: {at: {enum: [x, y]}}}}, multipart/form-data: {schema: {type: object, properties: {part: {enum: [x, y]}}}}}}
          responses: {"200": {description: Fine., headers: {X-At: {schema: {type: string, enum: [x, y]}}}, content: {application/json: {schema: {type: object, properties: {to: {enum: [x, y]}}}}}}}
`, []string{"AddADoneCallbackJSONRequestBody", "AddADoneCallbackParamsOf", "AddADoneCallback200JSONResponse"}},

	"methods of a webhook": {`
openapi: 3.1.0
info: {title: T, version: "1"}
webhooks:
  order:
    # put: {requestBody: {content: {application/json: {schema: {type: object, properties: {at: {type: string}}}}}}, responses: {"204": {description: Fine.}}}
    post: {requestBody: {content: {application/json: {schema: {type: object, properties: {at: {type: string}}}}}}, responses: {"204": {description: Fine.}}}
  user:
    # post: {responses: {"204": {description: Fine.}}}
    put: {responses: {"204": {description: Fine.}}}
    delete: {x-go-name: Forget, responses: {"204": {description: Fine.}}}
`, []string{"OrderWebhookPutRequestObject", "SendUserWebhook"}},

	"components whose names are one in Go": {`
openapi: 3.0.3
info: {title: T, version: "1"}
security: [{api_key: []}]
paths:
  # /a: {post: {operationId: addA, security: [{apiKey: []}], parameters: [{$ref: '#/components/parameters/SortBy'}], requestBody: {$ref: '#/components/requestBodies/Order'}, responses: {"404": {$ref: '#/components/responses/not-found'}, "405": {$ref: '#/components/responses/NotFoundDefault'}, 4XX: {$ref: '#/components/responses/Broken'}, default: {$ref: '#/components/responses/NotFound'}}}}
  /b: {post: {operationId: addB, parameters: [{$ref: '#/components/parameters/sort-by'}], requestBody: {$ref: '#/components/requestBodies/Upload'}, responses: {"200": {description: Fine., headers: {X-Kind: {$ref: '#/components/headers/Kind'}}}, "404": {$ref: '#/components/responses/NotFound'}, default: {$ref: '#/components/responses/Order'}}}}
  # /a2: {post: {operationId: addA2, requestBody: {$ref: '#/components/requestBodies/Upload'}, responses: {"200": {description: Fine., headers: {X-Kind: {$ref: '#/components/headers/Kind'}}}, "400": {$ref: '#/components/responses/BrokenDefault'}, "404": {$ref: '#/components/responses/NotFoundJSON'}}}}
  /c: {post: {operationId: addC, responses: {default: {$ref: '#/components/responses/Broken'}}}}
components:
  securitySchemes: {api_key: {type: apiKey, in: header, name: A}, apiKey: {type: apiKey, in: header, name: B}}
  headers: {Kind: {schema: {type: string, enum: [x, y]}}}
  parameters:
    sort-by: {name: sort, in: query, schema: {type: string, enum: [x, y]}}
    SortBy: {name: sort, in: query, schema: {type: string, enum: [p, q]}}
  requestBodies:
    Order: {content: {application/json: {schema: {type: object, properties: {at: {enum: [x, y]}}}}}}
    Upload: {content: {multipart/form-data: {schema: {type: object, properties: {part: {enum: [x, y]}}}}, application/x-ndjson: {schema: {type: object, properties: {line: {enum: [x, y]}}}}}}
  responses:
    Broken: {description: Broken., content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}
    BrokenDefault: {description: Broken., content: {application/json: {schema: {type: object, properties: {b: {type: string}}}}}}
    not-found: {description: None., headers: {X-A: {schema: {type: string, enum: [x, y]}}}, content: {application/json: {schema: {type: object, properties: {a: {type: string}}}}}}
    NotFound: {description: None., headers: {X-B: {schema: {type: string, enum: [x, y]}}}, content: {application/json: {schema: {type: object, properties: {b: {type: string}}}}}}
    NotFoundDefault: {description: None.}
    NotFoundJSON: {description: None.}
    Order: {description: An order., content: {application/json: {schema: {type: object, properties: {of: {enum: [x, y]}}}}}}
`, []string{"AddA404JSONResponse", "AddA2MultipartRequestBodyPart"}},
}

// What is added to a contract changes no name of what is there, though what is added
// comes first in the alphabet and is merged from it.
func TestAdditionsRenameNothing(t *testing.T) {
	t.Parallel()
	for what, c := range growing {
		t.Run(what, func(t *testing.T) {
			t.Parallel()
			var less []string
			for line := range strings.Lines(c.text) {
				if !strings.HasPrefix(strings.TrimSpace(line), "# ") {
					less = append(less, line)
				}
			}
			after := symbolsOf(t, strings.ReplaceAll(c.text, "# ", ""))
			sameNames(t, symbolsOf(t, strings.Join(less, "")), after)
			for _, name := range c.added {
				if _, ok := after[name]; !ok {
					t.Errorf("%s was not added; there are %q", name, slices.Sorted(maps.Keys(after)))
				}
			}
		})
	}
}

// sameNames holds that everything there was is what it was.
func sameNames(t interface{ Errorf(string, ...any) }, before, after map[string]codegen.Symbol) {
	for _, name := range slices.Sorted(maps.Keys(before)) {
		if was, is := before[name], after[name]; is.Signature != was.Signature {
			t.Errorf("%s %s became %q", name, was.Signature, is.Signature)
		}
	}
}

// symbolsOf are the exported names of what is made of a contract.
func symbolsOf(t interface{ Fatal(...any) }, text string) map[string]codegen.Symbol {
	ws, list := contract.LoadFS(fstest.MapFS{
		"banyan.yaml":          {Data: []byte("version: 1\nservices: {svc: {}}\ntargets: {goserver: {output: gen}}\n")},
		"api/svc/openapi.yaml": {Data: []byte(text)},
	}, "example.com/growing")
	if list.Errors() > 0 {
		t.Fatal(list)
	}
	s, err := goserver.Target{}.Surface(ws, ws.Services[0])
	if err != nil {
		t.Fatal(err)
	}
	return s.Symbols
}
