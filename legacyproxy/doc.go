// Package legacyproxy serves operations by a PHP backend over HTTP: contract
// request, PHP, contract answer.
//
// Each service says in its legacy.yaml how PHP differs from the contract.
// Where it does not differ, a request and its answer pass through as streams,
// byte for byte: path, query, cookies and bodies are never rebuilt. Where it
// does, path, query, headers and form bodies are rewritten on the raw text,
// envelopes are unwrapped without touching a number, and errors become the
// problems that the contract lists.
//
// With normalise the JSON of answers is made what the contract says, and what
// was mended and what was not is counted: Observations tells.
//
// A request is sent once, unless retries are declared and its write class
// permits them (catalog.Class, package resilience). Nothing of a failing backend, be
// it an address or a message, reaches a client unless legacy.yaml allows it.
//
// The files follow a request: load, transport, request (path, query, header,
// form), forward, response (envelope, rules, failure), and call for Go code.
package legacyproxy
