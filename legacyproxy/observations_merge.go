package legacyproxy

import (
	"cmp"
	"slices"
	"time"
)

// Merge adds up what several servers, or several runs of one, have seen. Bounds
// hold for the sum as well.
func Merge(a, b Observations) Observations {
	out := Observations{Version: ObservationsVersion, Since: earliest(a.Since, b.Since), At: latest(a.At, b.At)}
	byKey := map[string]int{}
	for _, op := range slices.Concat(a.Operations, b.Operations) {
		i, known := byKey[op.Operation]
		if !known {
			byKey[op.Operation] = len(out.Operations)
			if c := op.Conformance; c != nil { // of a file that may hold more than is kept
				op.Conformance = mergeConformance(&Conformance{Unseen: c.Unseen}, c)
			}
			op.Unmapped = mergeUnmapped(nil, op.Unmapped)
			out.Operations = append(out.Operations, op)
			continue
		}
		into := &out.Operations[i]
		into.Normalise = cmp.Or(op.Normalise, into.Normalise) // the later one's
		into.Conformance = mergeConformance(into.Conformance, op.Conformance)
		into.Unmapped = mergeUnmapped(into.Unmapped, op.Unmapped)
	}
	slices.SortFunc(out.Operations, func(a, b OperationObservations) int { return cmp.Compare(a.Operation, b.Operation) })
	for _, key := range slices.Concat(a.Unanswered, b.Unanswered) {
		answered := func(op OperationObservations) bool { return op.Operation == key && op.Conformance != nil }
		if !slices.ContainsFunc(out.Operations, answered) {
			out.Unanswered = append(out.Unanswered, key)
		}
	}
	slices.Sort(out.Unanswered)
	out.Unanswered = slices.Compact(out.Unanswered)
	return out
}

func earliest(a, b time.Time) time.Time {
	if a.IsZero() || !b.IsZero() && b.Before(a) {
		return b
	}
	return a
}

func latest(a, b time.Time) time.Time {
	if b.After(a) {
		return b
	}
	return a
}

func mergeConformance(a, b *Conformance) *Conformance {
	if a == nil || b == nil {
		return cmp.Or(a, b)
	}
	out := &Conformance{
		Answers: a.Answers + b.Answers, Checked: a.Checked + b.Checked, Conforming: a.Conforming + b.Conforming,
		Coerced: a.Coerced + b.Coerced, Violating: a.Violating + b.Violating, Uncounted: a.Uncounted + b.Uncounted,
		Unchecked: mergeCounts(a.Unchecked, b.Unchecked), Statuses: mergeCounts(a.Statuses, b.Statuses),
	}
	for _, status := range a.Unseen {
		if slices.Contains(b.Unseen, status) {
			out.Unseen = append(out.Unseen, status)
		}
	}
	coercions := map[coercionKey]int{}
	for _, one := range slices.Concat(a.Coercions, b.Coercions) {
		key := coercionKey{one.Pointer, one.Rule}
		i, known := coercions[key]
		switch {
		case known:
			into := &out.Coercions[i]
			into.Answers, into.Count = into.Answers+one.Answers, into.Count+one.Count
			into.FirstSeen = earliest(into.FirstSeen, one.FirstSeen)
		case len(out.Coercions) >= MaxCoercions:
			out.Uncounted += one.Answers
		default:
			coercions[key] = len(out.Coercions)
			out.Coercions = append(out.Coercions, one)
		}
	}
	violations := map[violationKey]int{}
	for _, one := range slices.Concat(a.Violations, b.Violations) {
		key := violationKey{one.Pointer, one.Contract, one.Keyword}
		i, known := violations[key]
		switch {
		case known:
			into := &out.Violations[i]
			into.Answers, into.Count = into.Answers+one.Answers, into.Count+one.Count
			into.FirstSeen = earliest(into.FirstSeen, one.FirstSeen)
		case len(out.Violations) >= MaxViolations:
			out.Uncounted += one.Answers
		default:
			violations[key] = len(out.Violations)
			out.Violations = append(out.Violations, one)
		}
	}
	out.sort()
	return out
}

func mergeCounts(a, b map[string]uint64) map[string]uint64 {
	if len(a)+len(b) == 0 {
		return nil
	}
	out := map[string]uint64{}
	for _, m := range []map[string]uint64{a, b} {
		for key, n := range m {
			out[key] += n
		}
	}
	return out
}

func mergeUnmapped(a, b *UnmappedErrors) *UnmappedErrors {
	if a == nil && b == nil {
		return nil
	}
	a, b = cmp.Or(a, &UnmappedErrors{}), cmp.Or(b, &UnmappedErrors{})
	out := &UnmappedErrors{Count: a.Count + b.Count, Uncounted: a.Uncounted + b.Uncounted}
	kinds := map[unmappedKey]int{}
	for _, kind := range slices.Concat(a.Kinds, b.Kinds) {
		key := unmappedKey{status: kind.Status, code: kind.Code, header: kind.Header, value: kind.Value, body: kind.Body}
		i, known := kinds[key]
		switch {
		case known:
			out.Kinds[i].Count += kind.Count
		case len(out.Kinds) >= MaxUnmappedKinds:
			out.Uncounted += kind.Count
		default:
			kinds[key] = len(out.Kinds)
			out.Kinds = append(out.Kinds, kind)
		}
	}
	slices.SortStableFunc(out.Kinds, func(a, b UnmappedKind) int { return -cmp.Compare(a.Count, b.Count) })
	return out
}
