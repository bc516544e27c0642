package scan

// Num is a scanned number.
type Num struct {
	End   int   // the index after it
	Int   int64 // its value, when Small
	Small bool  // it is written without fraction and exponent, in at most 18 digits
	Plain bool  // it is written without fraction and exponent
	Exp   bool  // it has an exponent
}

// Number scans the number at b[i], which is '-' or a digit.
func Number(b []byte, i int) (Num, Fault) {
	n := Num{Plain: true}
	negative := b[i] == '-'
	if negative {
		i++
	}
	first := i
	var v uint64
	for i < len(b) && b[i]-'0' < 10 {
		v = v*10 + uint64(b[i]-'0') // wraps for long numbers, whose value is not used
		i++
	}
	digits := i - first
	if digits == 0 || digits > 1 && b[first] == '0' {
		n.End = first
		return n, BadNumber
	}
	if i < len(b) && b[i] == '.' {
		n.Plain = false
		i++
		from := i
		for i < len(b) && b[i]-'0' < 10 {
			i++
		}
		if i == from {
			n.End = i
			return n, BadNumber
		}
	}
	if i < len(b) && b[i]|0x20 == 'e' {
		n.Plain, n.Exp = false, true
		i++
		if i < len(b) && (b[i] == '+' || b[i] == '-') {
			i++
		}
		from := i
		for i < len(b) && b[i]-'0' < 10 {
			i++
		}
		if i == from {
			n.End = i
			return n, BadNumber
		}
	}
	n.End = i
	if n.Plain && digits <= 18 {
		n.Small = true
		n.Int = int64(v)
		if negative {
			n.Int = -n.Int
		}
	}
	return n, OK
}

// Space returns the index of the first byte from i on that is not white space.
func Space(b []byte, i int) int {
	for i < len(b) {
		switch b[i] {
		case ' ', '\t', '\n', '\r':
			i++
		default:
			return i
		}
	}
	return i
}

// Skip returns the index after the value at b[i]. The text must have been
// found to be valid before.
func Skip(b []byte, i int) int {
	depth := 0
	for i < len(b) {
		switch b[i] {
		case '"':
			i, _, _ = String(b, i+1)
			i++
		case '{', '[':
			depth++
			i++
			continue
		case '}', ']':
			depth--
			i++
		case ' ', '\t', '\n', '\r', ',', ':':
			i++
			continue
		default:
			for i < len(b) && !ends(b[i]) {
				i++
			}
		}
		if depth <= 0 {
			return i
		}
	}
	return i
}

func ends(c byte) bool {
	switch c {
	case ',', ']', '}', ' ', '\t', '\n', '\r', ':':
		return true
	}
	return false
}
