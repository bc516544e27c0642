package legacyproxy

import (
	"bytes"
	"cmp"
	"io"
)

// maxHeldUnsent bounds client's bodies that are read before they are sent, where
// they may be sent again only when they were not sent. HTTP clients read short
// bodies before they connect; a longer one is still unread when no connection
// comes about. Where a body may be sent again whatever happened, legacy.yaml has
// the bound. Larger ones are streamed.
const maxHeldUnsent = 16 << 10

// hold reads a client's body where the route may send it again.
func (rt *route) hold(m *message) error {
	if !rt.sending.holds || m.stream == nil || len(m.trailer) > 0 {
		return nil
	}
	most := cmp.Or(rt.buffer, defaultBuffer)
	if !rt.declared.Class.Retry(rt.sending.keyed(m.header)) {
		if most = min(most, maxHeldUnsent); m.length < 0 {
			return nil
		}
	}
	if m.length > most {
		return nil
	}
	buf := bytes.NewBuffer(make([]byte, 0, max(m.length, 512)))
	_, err := buf.ReadFrom(io.LimitReader(m.stream, most+1))
	switch {
	case err != nil:
		return clientFailure(err)
	case int64(buf.Len()) > most:
		m.stream = io.MultiReader(buf, m.stream)
		return nil
	case m.length >= 0 && int64(buf.Len()) != m.length:
		return clientFailure(io.ErrUnexpectedEOF)
	}
	m.stream, m.body, m.length = nil, buf.Bytes(), int64(buf.Len())
	delete(m.header, "Expect") // the body is here already
	return nil
}

// held is a request's body that is all here. It implements resilience.Body.
type held []byte

func (held) Held() bool                     { return true }
func (held) Broken() bool                   { return false }
func (h held) Again() (io.ReadCloser, bool) { return io.NopCloser(bytes.NewReader(h)), true }

// Held implements resilience.Body.
func (b *requestBody) Held() bool { return false }

// Broken implements resilience.Body.
func (b *requestBody) Broken() bool { return b.failure() != nil }

// Again implements resilience.Body: as long as nothing was read, another
// attempt may read it.
func (b *requestBody) Again() (io.ReadCloser, bool) {
	v := b.turn.Load()
	next := v>>1 + 1
	if v&begun != 0 || !b.turn.CompareAndSwap(v, next<<1) {
		return nil, false
	}
	return turn{b, next}, true
}

// begun is the bit of requestBody.turn that says that it was read from; above
// it is the number of the attempt that may.
const begun = 1

// begin reports whether an attempt may read.
func (b *requestBody) begin(attempt uint64) bool {
	v := b.turn.Load()
	return v == attempt<<1|begun || v == attempt<<1 && b.turn.CompareAndSwap(v, v|begun)
}

// turn is a requestBody as an attempt after the first reads it.
type turn struct {
	b       *requestBody
	attempt uint64
}

func (t turn) Read(p []byte) (int, error) { return t.b.read(t.attempt, p) }
func (t turn) Close() error               { return nil }
