package review

import (
	"slices"

	"github.com/banyan-go/banyan/internal/openapi"
)

// ambiguous reports whether a value may fit a branch of oneOf and another one,
// which makes it invalid. A discriminator picks one.
func (f *flat) ambiguous(by *flattener, of choice, branch *openapi.SchemaRef) bool {
	if !of.exclusive || f.discriminator != nil {
		return false
	}
	for _, other := range of.branches {
		if other != branch && !by.disjoint(branch, other, 0) {
			return true
		}
	}
	return false
}

// apart reports whether it is certain that no value fits two branches.
func (f *flat) apart(by *flattener, of choice) bool {
	of.exclusive = true
	return !slices.ContainsFunc(of.branches, func(b *openapi.SchemaRef) bool { return f.ambiguous(by, of, b) })
}

// disjoint reports whether it is certain that no value fits both schemas.
func (f *flattener) disjoint(x, y *openapi.SchemaRef, depth int) bool {
	if x.Value == nil || y.Value == nil {
		return false
	}
	pair := [2]*openapi.Schema{x.Value, y.Value}
	if apart, known := f.apart[pair]; known {
		return apart
	}
	if len(f.apart) >= maxApart {
		return false
	}
	f.apart[pair] = false // while it is not known
	apart := f.exclusive(f.of(x), f.of(y), depth)
	f.apart[pair] = apart
	return apart
}

func (f *flattener) exclusive(a, b *flat, depth int) bool {
	common := a.types & b.types
	if common == 0 {
		return true
	}
	if a.enum != nil && b.enum != nil && len(intersect(a.enum, b.enum)) == 0 {
		return true
	}
	if common != objectType || depth > maxTextDepth {
		return false
	}
	for name := range a.required {
		if b.closed && b.props[name] == nil && len(b.patterns) == 0 {
			return true
		}
		if b.required[name] && a.props[name] != nil && b.props[name] != nil && f.disjoint(a.props[name], b.props[name], depth+1) {
			return true
		}
	}
	for name := range b.required {
		if a.closed && a.props[name] == nil && len(a.patterns) == 0 {
			return true
		}
	}
	return false
}
