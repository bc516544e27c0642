package conform

import (
	"bufio"
	"log/slog"
	"math/rand/v2"
	"net"
	"net/http"

	"github.com/banyan-go/banyan/catalog"
)

// mostLookedAt is how large an answer of a receiver may be to be looked at, and
// mostTold of how many violations is told.
const (
	mostLookedAt = 1 << 20
	mostTold     = 10
)

// lookAt looks at a share of next's answers.
func (o *Operation) lookAt(next Handler, share catalog.Share) Handler {
	if share <= 0 || len(o.answers) == 0 {
		return next
	}
	return func(w http.ResponseWriter, r *http.Request) error {
		if share < catalog.All && rand.IntN(int(catalog.All)) >= int(share) {
			return next(w, r)
		}
		seen := &seenAnswer{ResponseWriter: w, operation: o, method: r.Method}
		err := next(seen, r)
		if err == nil {
			seen.tell(r)
		}
		return err
	}
}

// seenAnswer is the writer of an answer that is looked at when it is over.
type seenAnswer struct {
	http.ResponseWriter
	operation *Operation
	method    string
	status    int // 0 before the head
	expected  Expected
	kept      []byte
}

// Unwrap is for http.ResponseController.
func (s *seenAnswer) Unwrap() http.ResponseWriter { return s.ResponseWriter }

// Hijack is for http.ResponseController: what is said on a connection that speaks
// another protocol is no answer.
func (s *seenAnswer) Hijack() (net.Conn, *bufio.ReadWriter, error) {
	s.head(http.StatusSwitchingProtocols)
	return http.NewResponseController(s.ResponseWriter).Hijack()
}

func (s *seenAnswer) WriteHeader(status int) {
	s.head(status)
	s.ResponseWriter.WriteHeader(status)
}

func (s *seenAnswer) head(status int) {
	if s.status == 0 && (status >= 200 || status == http.StatusSwitchingProtocols) {
		s.status, s.expected = status, s.operation.Answer(s.method, status, s.Header().Clone())
	}
}

func (s *seenAnswer) Write(p []byte) (int, error) {
	s.head(http.StatusOK)
	n, err := s.ResponseWriter.Write(p)
	if s.expected.Body != Checkable {
		return n, err
	}
	if most := s.expected.Begin; most > 0 {
		s.kept = append(s.kept, p[:min(n, max(most-len(s.kept), 0))]...)
	} else if s.kept = append(s.kept, p[:n]...); len(s.kept) > mostLookedAt {
		s.kept, s.expected.Body = nil, TooLarge
	}
	return n, err
}

// tell logs what is not as the contract says.
func (s *seenAnswer) tell(r *http.Request) {
	s.head(http.StatusOK) // as net/http does
	found := s.expected.Check(s.kept)
	if len(found) == 0 {
		return
	}
	told := make([]string, 0, mostTold)
	for _, v := range found[:min(len(found), mostTold)] {
		told = append(told, v.String())
	}
	slog.WarnContext(r.Context(), "an answer of a receiver is not as the contract says",
		slog.String("exchange", s.operation.key), slog.Int("status", s.status), slog.Any("violations", told))
}
