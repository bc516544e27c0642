package catalog

// Class says what executing an operation twice would do, and with it what may
// be done with a request whose fate is not known. It comes from the contract
// and is the only thing that permits to repeat a request: whoever repeats,
// hedges, mirrors or falls back asks the methods below and nothing else.
//
// The zero Class permits as little as Unlisted does.
type Class string

// The classes, from the one that permits most.
const (
	// Safe operations change nothing: GET, HEAD, OPTIONS, or declared by
	// `x-safe: true`, such as a search by POST.
	Safe Class = "R"
	// Idempotent operations come to the same when executed twice: PUT and
	// DELETE, or those that require an idempotency key.
	Idempotent Class = "I"
	// Write operations do twice what they are told twice: POST and PATCH.
	Write Class = "W"
	// Effect operations reach outside, to where nothing can be rolled back: a
	// mail, a payment. Declared by x-effects.
	Effect Class = "X"
	// Unlisted is for requests that no contract covers.
	Unlisted Class = "U"
)

// Known reports whether c is one of the classes.
func (c Class) Known() bool {
	switch c {
	case Safe, Idempotent, Write, Effect, Unlisted:
		return true
	}
	return false
}

// Retry reports whether a request that may have been executed may be sent
// again. keyed says that it carries an idempotency key that the backend will
// see: PUT and DELETE without one are not repeated, for the second answer may
// be another one (404 for what the first has deleted).
func (c Class) Retry(keyed bool) bool { return c == Safe || c == Idempotent && keyed }

// RetryUnsent reports whether a request of which provably no byte was sent may
// be sent again. Effects are left out all the same: where a payment may be
// made twice, a proof in a program is not enough.
func (c Class) RetryUnsent() bool { return c == Safe || c == Idempotent || c == Write }

// Hedge reports whether a second copy may be sent while the first is under
// way.
func (c Class) Hedge() bool { return c == Safe }

// FallBack reports whether a request that one side began may be answered by
// the other; keyed says that both sides honour the idempotency key it carries.
func (c Class) FallBack(keyed bool) bool { return c == Safe || c == Idempotent && keyed }

// Shadow reports whether a copy may be executed as it is, for comparison.
// Idempotent and Write operations need a store of their own for that, or a
// transaction that is rolled back; Effect operations effects that are stubbed.
func (c Class) Shadow() bool { return c == Safe }

// String is what people read: "R safe".
func (c Class) String() string {
	switch c {
	case Safe:
		return "R safe"
	case Idempotent:
		return "I idempotent"
	case Write:
		return "W write"
	case Effect:
		return "X effect"
	}
	return "U unlisted"
}
