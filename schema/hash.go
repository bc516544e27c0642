package schema

import (
	"hash/maphash"
	"math/bits"

	"github.com/banyan-go/banyan/schema/internal/decimal"
	"github.com/banyan-go/banyan/schema/internal/scan"
)

// hashSeed and the secrets are drawn at start: nobody outside can know which
// values collide.
var (
	hashSeed = maphash.MakeSeed()
	secret1  = maphash.String(hashSeed, "one") | 1
	secret2  = maphash.String(hashSeed, "two") | 1
)

// hasher computes hashes of JSON values that are equal for equal values:
// numbers by value, strings without escapes, objects without order.
type hasher struct {
	sum     uint64
	scratch []byte
	digits  []byte
}

func mix(a, b uint64) uint64 {
	high, low := bits.Mul64(a^secret1, b^secret2)
	return high ^ low
}

func (h *hasher) text(b []byte) uint64 { return maphash.Bytes(hashSeed, b) }

// value hashes the valid value at data[i] into sum and returns where it ends.
func (h *hasher) value(data []byte, i int) int {
	switch c := data[i]; c {
	case '"':
		end, text := h.str(data, i)
		h.sum = mix(h.text(text), '"')
		return end
	case '[':
		return h.array(data, i)
	case '{':
		return h.object(data, i)
	case 't', 'f', 'n':
		h.sum = mix(uint64(c), 't')
		return scan.Skip(data, i)
	}
	num, _ := scan.Number(data, i)
	v, ok := num.Int, num.Small
	if !ok {
		var d decimal.Number
		d, h.digits = decimal.Parse(data[i:num.End], h.digits)
		if v, ok = d.Int64(); !ok {
			h.scratch = d.Append(h.scratch[:0])
			h.sum = mix(h.text(h.scratch), '.')
			return num.End
		}
	}
	h.sum = mix(uint64(v), '0')
	return num.End
}

func (h *hasher) str(data []byte, i int) (end int, text []byte) {
	end, shape, _ := scan.String(data, i+1)
	text = data[i+1 : end]
	if shape&scan.Escaped != 0 {
		h.scratch = scan.Unescape(h.scratch[:0], text)
		text = h.scratch
	}
	return end + 1, text
}

func (h *hasher) array(data []byte, i int) int {
	sum := uint64('[')
	for i = scan.Space(data, i+1); data[i] != ']'; {
		i = scan.Space(data, h.value(data, i))
		sum = mix(sum, h.sum)
		if data[i] == ',' {
			i = scan.Space(data, i+1)
		}
	}
	h.sum = mix(sum, ']')
	return i + 1
}

func (h *hasher) object(data []byte, i int) int {
	sum := uint64('{')
	for i = scan.Space(data, i+1); data[i] != '}'; {
		end, name := h.str(data, i)
		key := h.text(name)
		i = scan.Space(data, scan.Space(data, end)+1)
		i = scan.Space(data, h.value(data, i))
		sum += mix(key, h.sum)
		if data[i] == ',' {
			i = scan.Space(data, i+1)
		}
	}
	h.sum = mix(sum, '}')
	return i + 1
}
