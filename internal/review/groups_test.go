package review

import "testing"

// TestMovedPathsAreOneChange holds that a new beginning of all paths is one change to
// people, and another path another one.
func TestMovedPathsAreOneChange(t *testing.T) {
	t.Parallel()
	var changes []*Change
	for _, path := range []string{"/users", "/users/{id}", "/users/{id}/orders"} {
		changes = append(changes, &Change{ID: path, Rule: "path-changed", Place: "GET /v2" + path, Old: "/v1" + path, New: "/v2" + path, Message: "moved to /v2" + path})
	}
	changes = append(changes, &Change{ID: "settings", Rule: "path-changed", Place: "GET /api/settings", Old: "/settings", New: "/api/settings"})
	groups := Groups(changes)
	if len(groups) != 2 || len(groups[0].Others) != 2 || len(groups[1].Others) != 0 {
		t.Errorf("%d groups: %+v", len(groups), groups)
	}
}

// TestDatesAreNoVersions: what says when it was made has no next version.
func TestDatesAreNoVersions(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]bool{
		"2017-11-15": false, "2018-09-30-preview": false, "v2022-01-01": false, "20180930": false, "2014-10-31": false, "2026.11": false, "2026-11": false,
		"1.2.3": true, "v1": true, "2.0": true, "3": true, "2026": true, "2026.1.4": true, "20.04": true, "2000.13": true, "1.0.0-beta.1": true,
	} {
		if _, got := parseVersion(text); got != want {
			t.Errorf("%s is a version: %v", text, got)
		}
	}
}

// TestTrivialPatterns: a pattern that finds nothing is found in every text.
func TestTrivialPatterns(t *testing.T) {
	t.Parallel()
	for pattern, want := range map[string]bool{
		"": true, ".*": true, `[\s\S]*`: true, `[^-\s<>&]*`: true, "[a-z]*": true, "a?b*": true, "(a|)": true, `\d{0,3}`: true,
		"^[a-z]*": false, "[a-z]*$": false, "^.*$": false, "[a-z]+": false, "a": false, `\b`: false, "(?=a)": false, "[]a]*": false, "[^]*": false, `\p{L}*`: false, "(": false, `\z*`: false,
	} {
		if got := trivial(pattern); got != want {
			t.Errorf("%q: every text fits: %v", pattern, got)
		}
	}
}
