package lookup

import (
	"fmt"
	"testing"

	"pgregory.net/rapid"
)

func TestFindsEveryNameAndNoOther(t *testing.T) {
	t.Parallel()
	rapid.Check(t, func(t *rapid.T) {
		names := rapid.SliceOfNDistinct(rapid.StringN(0, 24, 48), 0, 70, rapid.ID[string]).Draw(t, "names")
		table := New(names)
		for i, name := range names {
			if got := table.Find([]byte(name)); got != i {
				t.Fatalf("Find(%q) = %d, want %d", name, got, i)
			}
		}
		other := rapid.String().Draw(t, "other")
		for _, name := range names {
			if name == other {
				return
			}
		}
		if got := table.Find([]byte(other)); got != -1 {
			t.Fatalf("Find(%q) = %d, want -1", other, got)
		}
	})
}

// Names that only differ in the middle cannot be told apart by head and tail.
func TestChains(t *testing.T) {
	t.Parallel()
	var names []string
	for i := range 300 {
		names = append(names, fmt.Sprintf("property-%04d-of-a-thing", i))
	}
	table := New(names)
	for i, name := range names {
		if got := table.Find([]byte(name)); got != i {
			t.Fatalf("Find(%q) = %d, want %d", name, got, i)
		}
	}
	if table.Find([]byte("property-9999-of-a-thing")) != -1 {
		t.Fatal("found what is not there")
	}
}
