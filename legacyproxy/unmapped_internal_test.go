package legacyproxy

import (
	"fmt"
	"testing"
	"testing/synctest"
	"time"
)

// TestUnmappedErrorsAreAnnounced: each kind once, and then at most once in a
// while, with how many there were.
func TestUnmappedErrorsAreAnnounced(t *testing.T) {
	t.Parallel()
	synctest.Test(t, func(t *testing.T) {
		var u unmappedErrors
		add := func(code string) uint64 {
			return u.add(unmappedKey{status: 200, code: code}, func() string { return "" })
		}
		for _, step := range []struct {
			code string
			n    int
			wait time.Duration // before
			want []uint64      // counts of the lines
		}{
			{"a", 1, 0, []uint64{1}},
			{"a", 1000, 0, nil},
			{"b", 3, 0, []uint64{1}},
			{"a", 5, announceEvery - 1, nil},
			{"a", 5, 1, []uint64{1006}},
			{"b", 1, 0, []uint64{3}},
			{"b", 1, time.Hour, []uint64{1}},
		} {
			time.Sleep(step.wait)
			var got []uint64
			for range step.n {
				if n := add(step.code); n > 0 {
					got = append(got, n)
				}
			}
			if fmt.Sprint(got) != fmt.Sprint(step.want) {
				t.Errorf("%+v: %v", step, got)
			}
		}
		// However many kinds there are, there are no more lines than kinds kept.
		lines := 0
		for i := range 10_000 {
			if add(fmt.Sprint("kind", i)) > 0 {
				lines++
			}
		}
		if want := MaxUnmappedKinds - 2 + 1; lines != want {
			t.Errorf("%d lines, want %d", lines, want)
		}
		if s := u.snapshot(); s.Count != 11_016 || s.Uncounted != 10_000-MaxUnmappedKinds+2 {
			t.Errorf("%d errors, %d uncounted", s.Count, s.Uncounted)
		}
	})
}
