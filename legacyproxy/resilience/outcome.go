package resilience

import (
	"context"
	"errors"
	"fmt"
	"strings"
)

// Outcome is what became of one attempt, as far as it says something about
// the upstream.
type Outcome uint8

// The outcomes. A refusal of the client's request (4xx) is Fine: the upstream
// is well.
const (
	Fine        Outcome = iota
	Transport           // no connection, or it broke
	Timeout             // no answer in time
	ServerError         // a status from 500
	Envelope            // an error inside an answer that says something else
	Ignored             // the client went away: nobody knows
	outcomes    = int(Ignored)
)

var outcomeNames = [...]string{"fine", "transport", "timeout", "5xx", "envelope", "ignored"}

// String is the name in logs and metrics.
func (o Outcome) String() string { return outcomeNames[o] }

// Failed reports whether the outcome speaks against the upstream.
func (o Outcome) Failed() bool { return o > Fine && o < Ignored }

func ofStatus(status int) Outcome {
	if status >= 500 {
		return ServerError
	}
	return Fine
}

// ofError is the outcome of an attempt in ctx that ended in an error.
func ofError(ctx context.Context) Outcome {
	switch cause := context.Cause(ctx); {
	case cause == nil:
		return Transport
	case errors.Is(cause, context.Canceled):
		return Ignored
	}
	return Timeout
}

// counts are outcomes by number.
type counts [outcomes]uint32

func (c *counts) total() (all, failed uint32) {
	for o, n := range c {
		all += n
		if Outcome(o).Failed() {
			failed += n
		}
	}
	return all, failed
}

// String lists the failures: "8 timeout, 4 5xx".
func (c *counts) String() string {
	var parts []string
	for o, n := range c {
		if n > 0 && Outcome(o).Failed() {
			parts = append(parts, fmt.Sprintf("%d %s", n, Outcome(o)))
		}
	}
	return strings.Join(parts, ", ")
}
