package schema

import "strings"

// Violation is one thing that is wrong with a body or a parameter.
type Violation struct {
	// Pointer is the JSON pointer (RFC 6901) of the value that is wrong; of a
	// member that is missing, where it should be. Parameters are /query/limit,
	// /path/id, /header/X-Tenant and /cookie/sid.
	Pointer string
	// Keyword is the keyword of the schema that is broken, or one of the
	// Keyword constants for what no schema says.
	Keyword string
	// Limit is the keyword's value as the contract has it, where that is
	// short: "80" of maxLength. It may be empty.
	Limit string
	// Message is the rest of a sentence about the value, for the developer of
	// a client: "must be at most 80 characters long".
	Message string
	// Schema is the JSON pointer of the keyword in the contract, the same for
	// every value that breaks it: fit for counting.
	Schema string
}

// Keywords of violations that no schema declares.
const (
	KeywordSyntax    = "syntax"    // not JSON, not valid UTF-8, or something after the value
	KeywordDuplicate = "duplicate" // a name occurs twice in an object
	KeywordDepth     = "depth"     // nested deeper than Options.MaxDepth
	KeywordRange     = "range"     // a number beyond what any decoder holds
	KeywordWork      = "work"      // the value takes too long to check
	KeywordUnknown   = "unknown"   // a query parameter that the contract does not have
	KeywordStyle     = "style"     // a parameter that is not written in its style
	KeywordPartType  = "part-type" // a part of a multipart body whose media type its encoding does not have
)

// Violations is the outcome of a validation; it is empty when all is well.
type Violations []Violation

// Malformed reports whether the input is no JSON at all (a 400 in HTTP), rather
// than JSON that breaks the schema.
func (v Violations) Malformed() bool { return len(v) > 0 && v[0].Keyword == KeywordSyntax }

// Error lists the violations, for logs and tests.
func (v Violations) Error() string {
	var b strings.Builder
	for i, one := range v {
		if i > 0 {
			b.WriteString("; ")
		}
		b.WriteString(one.String())
	}
	return b.String()
}

// String returns pointer and message.
func (v Violation) String() string {
	if v.Pointer == "" {
		return "the value " + v.Message
	}
	return v.Pointer + " " + v.Message
}

// Fault is something in a contract that cannot be compiled, or that will
// surprise its author.
type Fault struct {
	Pointer  string // where in the document
	Position string // what Options.Locate made of it, such as file:line:column
	Message  string
}

// String returns position (or else pointer) and message.
func (f Fault) String() string {
	at := f.Position
	if at == "" {
		at = "#" + f.Pointer
	}
	return at + ": " + f.Message
}

// Faults is the error of Load and of the methods that compile: everything that
// is wrong, at once.
type Faults []Fault

// Error lists the faults, one per line.
func (f Faults) Error() string {
	lines := make([]string, len(f))
	for i, one := range f {
		lines[i] = one.String()
	}
	return strings.Join(lines, "\n")
}
