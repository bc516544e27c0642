package goserver

import (
	"encoding/json"
	"fmt"
	"math/big"
	"strconv"
	"strings"
)

// fillEnum decides the constants of an enum: in the contract's order, named
// after the type so that a value added elsewhere never renames one here.
func (p *prep) fillEnum(d *decl, sh *shape) {
	e := &enumDecl{base: p.plainType(sh, d.name).expr}
	asked := varNames(sh)
	seen := map[string]bool{}
	for i, v := range sh.enum {
		label := fmt.Sprint(v)
		if n, ok := v.(json.Number); ok {
			label = numberLabel(n)
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
		e.values = append(e.values, enumValue{label: label, literal: literal})
	}
	d.enum = e
}

// numberLabel writes a number for a name: 1e3 and 1000.0 are 1000.
func numberLabel(n json.Number) string {
	r := rational(n)
	switch {
	case r == nil:
		return n.String()
	case r.IsInt():
		return r.Num().String()
	}
	f, _ := r.Float64()
	return strconv.FormatFloat(f, 'f', -1, 64)
}

// nameConstants gives the constants of all enums names that nothing else in the
// package has.
func (p *prep) nameConstants() {
	for _, d := range p.decls {
		if d.enum != nil {
			wishes := make([]wish, len(d.enum.values))
			for i, v := range d.enum.values {
				wishes[i] = wish{text: v.label, before: d.name, what: fmt.Sprintf("the value %s of %s", v.literal, named(d)), pos: d.pos}
			}
			for i, name := range p.nameAll(p.names, wishes) {
				d.enum.values[i].name = name
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
	number, ok := v.(json.Number)
	if !ok {
		return "", false
	}
	n := rational(number)
	if n == nil {
		return "", false
	}
	if base == "float64" {
		return floatText(n), true
	}
	if !n.IsInt() {
		return "", false
	}
	low, high := rangeOf(base)
	return n.Num().String(), n.Num().Cmp(low) >= 0 && n.Num().Cmp(high) <= 0
}

// rangeOf returns the least and the greatest value of an integer type.
func rangeOf(base string) (low, high *big.Int) {
	size := 64
	if digits := strings.TrimLeft(base, "uint"); digits != "" {
		size, _ = strconv.Atoi(digits)
	}
	one := big.NewInt(1)
	if strings.HasPrefix(base, "uint") {
		return new(big.Int), new(big.Int).Sub(new(big.Int).Lsh(one, uint(size)), one)
	}
	half := new(big.Int).Lsh(one, uint(size-1))
	return new(big.Int).Neg(half), new(big.Int).Sub(half, one)
}
