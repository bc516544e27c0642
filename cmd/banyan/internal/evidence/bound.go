package evidence

import "math"

// UpperBound is the share that is not exceeded, as far as can be told from so
// many hits among so many trials, at 95 % confidence: by the rule of three when
// there was no hit, else by Wilson's score interval. Without trials it is 1.
func UpperBound(hits, trials uint64) float64 {
	switch {
	case trials == 0:
		return 1
	case hits == 0:
		return min(3/float64(trials), 1)
	}
	_, upper := wilson(hits, trials)
	return upper
}

// LowerBound is the share that is reached at least, at 95 % confidence.
func LowerBound(hits, trials uint64) float64 {
	if hits == 0 || trials == 0 {
		return 0
	}
	lower, _ := wilson(hits, trials)
	return lower
}

// wilson is Wilson's score interval at 95 %.
func wilson(hits, trials uint64) (lower, upper float64) {
	const z = 1.959964
	n := float64(trials)
	p := min(float64(hits)/n, 1)
	middle := p + z*z/(2*n)
	half := z * math.Sqrt(p*(1-p)/n+z*z/(4*n*n))
	scale := 1 + z*z/n
	return min(max((middle-half)/scale, 0), p), max(min((middle+half)/scale, 1), p) // p is between them but for rounding
}
