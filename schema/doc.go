// Package schema checks JSON bodies and HTTP parameters against the schemas of
// an OpenAPI contract, on the bytes as they came: no Go type in between, no
// allocation for what is valid, everything that is wrong at once.
//
//	doc, err := schema.Load(bundledOpenAPI, schema.Options{}) // JSON; 3.0, 3.1, 3.2 as 3.1, or a bare JSON Schema
//	user, err := doc.Compile("/components/schemas/User")      // err has all faults, each with its pointer
//
//	if v := user.Validate(body, schema.Request); v != nil { // or schema.Answer, schema.Plain
//		// v.Malformed(): not JSON, a 400. Otherwise a 422 with, for each of v:
//		// v[0].Pointer "/address/zip", .Keyword "maxLength", .Limit "5",
//		// .Message "must be at most 5 characters long", .Schema (where the contract says so)
//	}
//	body, v := user.WithDefaults(nil, body, schema.Request) // checked, and with the contract's defaults
//	body, v, err := user.ValidateReader(r.Body, 1<<20, schema.Request)
//
//	params, err := doc.Parameters("/paths/~1users~1{id}/get")
//	values, v := params.Read(nil, request) // {"path":{"id":7},"query":{"limit":20}}; v at "/query/limit"
//
//	form, err := doc.Form("/paths/~1users/post/requestBody/content/multipart~1form-data")
//	fields, v, err := form.ReadMultipart(nil, request.MultipartReader(), 1<<20, storeFile) // or form.Read: urlencoded
//
// Documents and what they compile are immutable and safe for concurrent use.
// What each keyword means here, and where that is stricter or looser than JSON
// Schema, is in docs/validation.md.
//
// # How it works
//
// Compile reads Schema Objects as they are written (decl), then merges what
// applies to the same place, references and allOf included, into nodes. A node
// is checked in one pass over the text (state), which keeps no path: pointers
// are found afterwards, when there is something to point to. Only anyOf, oneOf,
// not, if and their like look at a value again, within a bounded amount of
// work.
package schema
