package catalog_test

import (
	"testing"

	"github.com/banyan-go/banyan/catalog"
)

func TestClass(t *testing.T) {
	t.Parallel()
	type permits struct{ retry, keyed, unsent, hedge, fallBack, fallBackKeyed, shadow bool }
	for class, want := range map[catalog.Class]permits{
		catalog.Safe:       {true, true, true, true, true, true, true},
		catalog.Idempotent: {false, true, true, false, false, true, false},
		catalog.Write:      {unsent: true},
		catalog.Effect:     {},
		catalog.Unlisted:   {},
		"":                 {},
		"r":                {},
	} {
		got := permits{
			class.Retry(false), class.Retry(true), class.RetryUnsent(), class.Hedge(),
			class.FallBack(false), class.FallBack(true), class.Shadow(),
		}
		if got != want {
			t.Errorf("%q permits %+v, want %+v", string(class), got, want)
		}
		if known := class != "" && class != "r"; class.Known() != known {
			t.Errorf("%q: known %v", string(class), class.Known())
		}
	}
}
