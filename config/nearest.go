package config

import (
	"fmt"
	"slices"
	"strings"
)

// Nearest returns the known name that is most like name, if one is like
// enough to be what was meant.
func Nearest(name string, known []string) (string, bool) {
	best, bestCost := "", max(len(name)/3, 1)+1
	for _, k := range slices.Sorted(slices.Values(known)) {
		if strings.EqualFold(k, name) {
			return k, true
		}
		if len(k)-len(name) >= bestCost || len(name)-len(k) >= bestCost {
			continue
		}
		if c := distance(strings.ToLower(name), strings.ToLower(k)); c < bestCost {
			best, bestCost = k, c
		}
	}
	return best, best != ""
}

// Suggest is a hint about an unknown name: the nearest known one, or all of
// them when they are few.
func Suggest(name string, known []string) string {
	return SuggestUnused(name, known, func(string) bool { return false })
}

// SuggestUnused is Suggest where each name may stand once: one that stands there already
// is not what the unknown one was meant to be.
func SuggestUnused(name string, known []string, used func(name string) bool) string {
	if k, ok := Nearest(name, slices.DeleteFunc(slices.Clone(known), used)); ok {
		return fmt.Sprintf("did you mean %q?", k)
	}
	if len(known) == 0 || len(known) > 12 {
		return ""
	}
	return "known are " + strings.Join(slices.Sorted(slices.Values(known)), ", ")
}

// distance is the number of insertions, deletions, substitutions and swaps of
// neighbours that turn a into b (optimal string alignment).
func distance(a, b string) int {
	prev2, prev, cur := make([]int, len(b)+1), make([]int, len(b)+1), make([]int, len(b)+1)
	for j := range prev {
		prev[j] = j
	}
	for i := 1; i <= len(a); i++ {
		cur[0] = i
		for j := 1; j <= len(b); j++ {
			cost := 1
			if a[i-1] == b[j-1] {
				cost = 0
			}
			cur[j] = min(prev[j]+1, cur[j-1]+1, prev[j-1]+cost)
			if i > 1 && j > 1 && a[i-1] == b[j-2] && a[i-2] == b[j-1] {
				cur[j] = min(cur[j], prev2[j-2]+1)
			}
		}
		prev2, prev, cur = prev, cur, prev2
	}
	return prev[len(b)]
}
