package review

import (
	"fmt"
	"regexp"
	"strconv"
)

// Step is how far a version has to go (Semantic Versioning 2.0.0).
type Step uint8

const (
	NoStep Step = iota
	Patch
	Minor
	Major
)

var stepNames = [...]string{"none", "patch", "minor", "major"}

// String returns "none", "patch", "minor" or "major".
func (s Step) String() string { return stepNames[s] }

// MarshalText implements encoding.TextMarshaler.
func (s Step) MarshalText() ([]byte, error) { return []byte(s.String()), nil }

// needed is the step that changes make necessary for one artefact: major where
// it breaks, minor where something was added or may break, patch for the rest.
func needed(changes []*Change, verdict func(*Change) Verdict) Step {
	step := NoStep
	for _, c := range changes {
		s := Patch
		switch {
		case verdict(c) == Breaks:
			s = Major
		case verdict(c) == Undecided || additive(c):
			s = Minor
		}
		step = max(step, s)
	}
	return step
}

// additive reports whether a change brings something that was not there.
func additive(c *Change) bool { return c.Old == "" && c.New != "" || rules[c.Rule].minor }

var semver = regexp.MustCompile(`^(v?)(\d{1,9})(?:\.(\d{1,9}))?(?:\.(\d{1,9}))?([-+].*)?$`)

type version struct {
	prefix              string
	major, minor, patch int
	parts               int
}

// dated is a version that says when it was made: no step leads from one to the next.
var dated = regexp.MustCompile(`^v?(19|20)\d\d([-.]?)(0[1-9]|1[0-2])($|[^\d])|^v?(19|20)\d\d([-.]?)(0[1-9]|1[0-2])([-.]?)(0[1-9]|[12]\d|3[01])($|[^\d])`)

func parseVersion(text string) (version, bool) {
	m := semver.FindStringSubmatch(text)
	if m == nil || dated.MatchString(text) {
		return version{}, false
	}
	v := version{prefix: m[1], parts: 1}
	v.major, _ = strconv.Atoi(m[2])
	if m[3] != "" {
		v.minor, _ = strconv.Atoi(m[3])
		v.parts = 2
	}
	if m[4] != "" {
		v.patch, _ = strconv.Atoi(m[4])
		v.parts = 3
	}
	return v, true
}

// next is the version after a step. Before 1.0.0 anything may change in a minor
// version (section 4 of the specification).
func (v version) next(s Step) version {
	if v.major == 0 && s == Major {
		s = Minor
	}
	switch s {
	case Major:
		return version{v.prefix, v.major + 1, 0, 0, v.parts}
	case Minor:
		return version{v.prefix, v.major, v.minor + 1, 0, v.parts}
	case Patch:
		return version{v.prefix, v.major, v.minor, v.patch + 1, v.parts}
	}
	return v
}

func (v version) less(w version) bool {
	switch {
	case v.major != w.major:
		return v.major < w.major
	case v.minor != w.minor && v.parts > 1 && w.parts > 1:
		return v.minor < w.minor
	}
	return v.parts > 2 && w.parts > 2 && v.minor == w.minor && v.patch < w.patch
}

// String writes as many parts as the contract does.
func (v version) String() string {
	switch v.parts {
	case 1:
		return v.prefix + strconv.Itoa(v.major)
	case 2:
		return fmt.Sprintf("%s%d.%d", v.prefix, v.major, v.minor)
	}
	return fmt.Sprintf("%s%d.%d.%d", v.prefix, v.major, v.minor, v.patch)
}
