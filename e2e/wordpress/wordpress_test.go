// Package wordpress holds the end-to-end test of Banyan in front of a real
// application: the same requests are sent to Debian's WordPress directly and
// through Banyan, and the answers have to be the same.
package wordpress

import (
	"strconv"
	"strings"
	"testing"
)

// ask puts the state back, sends what r comes after, then r, and returns the
// answer together with the state that it left.
func ask(t *testing.T, s *site, addr string, r request, all map[string]request) (*answer, map[string]string) {
	t.Helper()
	got := askOnly(t, s, addr, r, all)
	left, err := s.state.print(t.Context())
	if err != nil {
		t.Fatal(err)
	}
	return got, left
}

// askOnly does so without looking at the state that is left.
func askOnly(t *testing.T, s *site, addr string, r request, all map[string]request) *answer {
	t.Helper()
	prepareFor(t, s, addr, r, all)
	got, err := send(addr, r)
	if err != nil {
		t.Fatal(err)
	}
	return got
}

// prepareFor puts the state back and sends what r comes after.
func prepareFor(t *testing.T, s *site, addr string, r request, all map[string]request) {
	t.Helper()
	if err := s.state.restore(t.Context()); err != nil {
		t.Fatal(err)
	}
	if r.after == "" {
		return
	}
	before, known := all[r.after]
	if !known {
		t.Fatalf("%s comes after %s, which does not exist", r.name, r.after)
	}
	if _, err := send(addr, before); err != nil {
		t.Fatalf("%s: %v", before.name, err)
	}
}

// TestSameAnswers is the promise of the first day: with everything on legacy,
// nobody notices Banyan. Each request is sent to nginx twice and through Banyan
// once over HTTP and once over FastCGI, always from the same state. The second direct answer is the control: a
// difference there is the test's fault, not Banyan's.
func TestSameAnswers(t *testing.T) {
	s := wordpress(t)
	through, fastcgi := banyan(t, s, "http://"+s.addr), banyan(t, s, s.fastcgi)
	list := readRequests(t)
	all := map[string]request{}
	for _, r := range list {
		all[r.name] = r
	}

	passed := 0
	for _, r := range list {
		ok := t.Run(r.name, func(t *testing.T) {
			direct, left := ask(t, s, s.addr, r, all)
			if want := strconv.Itoa(r.status); !strings.HasPrefix(direct.status, want+" ") {
				t.Fatalf("WordPress answered %s, want %s\n%s", direct.status, want, direct.body)
			}
			check := func(who, addr string, allowed []*difference) (faults []string) {
				faults = same(t, s, addr, r, all, direct, left, allowed)
				if _, excused := needsWebServer[r.name]; excused && addr == fastcgi {
					if len(faults) == 0 {
						t.Errorf("%s: the same answer; take it off the list of what needs a web server", who)
					}
					return nil
				}
				for _, f := range faults {
					t.Errorf("%s: %s", who, f)
				}
				return faults
			}
			if len(check("WordPress asked again", s.addr, mayDiffer)) == 0 {
				check("through Banyan", through, mayDiffer)
				check("through Banyan, over FastCGI", fastcgi, mayDifferOverFastCGI)
			}
		})
		if ok {
			passed++
		}
	}
	if passed < len(list) {
		return // -run chose some, or there is enough to read already
	}
	for _, d := range mayDifferOverFastCGI {
		if !d.used {
			t.Errorf("%s never differed; take it off the list (%s)", d.field, d.reason)
		}
	}
}

// same asks addr and says where it did not answer like want or leave the state
// like left.
func same(t *testing.T, s *site, addr string, r request, all map[string]request, want *answer, left map[string]string, allowed []*difference) []string {
	t.Helper()
	got, state := ask(t, s, addr, r, all)
	faults := compare(want, got, allowed)
	if d := differing(left, state); len(d) > 0 {
		faults = append(faults, "left another state: "+strings.Join(d, ", "))
	}
	return faults
}
