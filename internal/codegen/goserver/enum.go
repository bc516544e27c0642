package goserver

import (
	"encoding/json"
	"fmt"
	"math"
	"strconv"
)

// fillEnum decides the constants of an enum: in the contract's order, named
// after the type so that a value added elsewhere never renames one here.
func (p *prep) fillEnum(d *decl, sh *shape) {
	e := &enumDecl{base: p.plainType(sh, d.name).expr}
	asked := varNames(sh)
	seen := map[string]bool{}
	for i, v := range sh.enum {
		label := fmt.Sprint(v)
		if f, ok := v.(float64); ok {
			label = strconv.FormatFloat(f, 'f', -1, 64)
		}
		literal, ok := enumLiteral(v, e.base)
		if !ok {
			p.list.Warn(ruleEnum, d.pos, fmt.Sprintf("the value %s of %s does not fit %s and gets no constant", label, named(d), e.base), "")
		}
		if !ok || seen[literal] {
			continue
		}
		seen[literal] = true
		if asked != nil && asked[i] != "" {
			label = asked[i]
		}
		e.values = append(e.values, enumValue{name: d.name + goName(label), literal: literal})
	}
	d.enum = e
}

// nameConstants gives the constants of all enums names that nothing else in the
// package has.
func (p *prep) nameConstants() {
	for _, d := range p.decls {
		if d.enum != nil {
			for i := range d.enum.values {
				d.enum.values[i].name = p.names.take(d.enum.values[i].name)
			}
		}
	}
}

// varNames returns x-enum-varnames, with an empty name for each null, when
// there is one for each value.
func varNames(sh *shape) []string {
	if sh.enumOf == nil {
		return nil
	}
	for _, key := range []string{"x-enum-varnames", "x-enumNames"} {
		list, ok := sh.enumOf.Extensions[key].([]any)
		if !ok || len(list) != len(sh.enumOf.Enum) {
			continue
		}
		var out []string
		for i, v := range list {
			if sh.enumOf.Enum[i] != nil {
				s, _ := v.(string)
				out = append(out, s)
			}
		}
		return out
	}
	return nil
}

// enumLiteral writes a value as a Go constant of the base type.
func enumLiteral(v any, base string) (string, bool) {
	if base == "string" {
		s, ok := v.(string)
		return strconv.Quote(s), ok
	}
	var f float64
	switch v := v.(type) {
	case float64:
		f = v
	case int:
		f = float64(v)
	case int64:
		f = float64(v)
	case uint64:
		f = float64(v)
	case json.Number:
		var err error
		if f, err = v.Float64(); err != nil {
			return "", false
		}
	default:
		return "", false
	}
	if base == "float64" {
		return strconv.FormatFloat(f, 'g', -1, 64), !math.IsInf(f, 0) && !math.IsNaN(f)
	}
	if f != math.Trunc(f) || math.Abs(f) >= 1<<53 { // beyond that, what was read may not be what was written
		return "", false
	}
	i := int64(f)
	low, high := int64(math.MinInt64), int64(math.MaxInt64)
	switch base {
	case "int8":
		low, high = math.MinInt8, math.MaxInt8
	case "int16":
		low, high = math.MinInt16, math.MaxInt16
	case "int32":
		low, high = math.MinInt32, math.MaxInt32
	case "uint8":
		low, high = 0, math.MaxUint8
	case "uint16":
		low, high = 0, math.MaxUint16
	case "uint32":
		low, high = 0, math.MaxUint32
	case "uint", "uint64":
		low = 0
	}
	return strconv.FormatInt(i, 10), i >= low && i <= high
}
