package contract

import (
	"fmt"
	"net/http"
	"net/url"
	"regexp"
	"slices"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/problem"
)

var problemCode = regexp.MustCompile(`^[a-z][a-z0-9]*(-[a-z0-9]+)*$`)

var problemFields = []string{"status", "title", "type"}

// problems reads x-problems, the closed list of a contract's problem codes.
func (s *surveyor) problems() {
	if f := s.bundle.root.field("x-problem-body"); f != nil {
		s.contract.ProblemBody = f.pos
	}
	f := s.bundle.root.field("x-problems")
	if f == nil {
		return
	}
	n := f.value.raw
	if n.kind != mapNode {
		if n.kind != nullNode {
			s.list.Add(ruleProblem, n.pos(), fmt.Sprintf("x-problems: want a mapping of codes, found %s", n.kind), "")
		}
		return
	}
	type entry struct {
		kind problem.Kind
		pos  config.Pos
	}
	var found []entry
	for i := range n.members {
		m := &n.members[i]
		if k, ok := s.problem(m, n.keyPos(m)); ok {
			found = append(found, entry{k, n.keyPos(m)})
		}
	}
	slices.SortFunc(found, func(a, b entry) int { return strings.Compare(a.kind.Code, b.kind.Code) })
	for _, e := range found {
		s.contract.Problems = append(s.contract.Problems, e.kind)
		s.contract.ProblemPos = append(s.contract.ProblemPos, e.pos)
	}
}

func (s *surveyor) problem(m *member, pos config.Pos) (k problem.Kind, ok bool) {
	k.Code, ok = m.name, true
	fail := func(pos config.Pos, hint, format string, args ...any) {
		ok = false
		s.list.Add(ruleProblem, pos, fmt.Sprintf(format, args...), hint)
	}
	if !problemCode.MatchString(k.Code) {
		fail(pos, "use words of a-z and 0-9 joined by -, such as out-of-stock", "%q is no problem code", k.Code)
	}
	if slices.ContainsFunc(problem.Builtin(), func(b problem.Kind) bool { return b.Code == k.Code }) {
		fail(pos, "choose another code, or leave it out: built-in problems need not be declared", "the problem %q is built in and cannot be redefined", k.Code)
	}
	if m.value.kind != mapNode {
		fail(m.value.pos(), "write {status: 409, title: Out of stock}", "%s: want a mapping, found %s", k.Code, m.value.kind)
		return k, false
	}
	for i := range m.value.members {
		f := &m.value.members[i]
		text, at := f.value.source(), f.value.pos()
		switch f.name {
		case "status":
			status, err := strconv.Atoi(f.value.text)
			if err != nil || status < 400 || status > 599 {
				fail(at, "use a status from 400 to 599", "%s: %s is no status of an error", k.Code, describeValue(f.value))
			}
			k.Status = status
		case "title", "type":
			if f.value.kind != stringNode || text == "" {
				fail(at, "", "%s: %s: want text, found %s", k.Code, f.name, f.value.kind)
			} else if f.name == "title" {
				k.Title = text
			} else if _, err := url.Parse(text); err != nil || strings.ContainsAny(text, " \t\n") {
				fail(at, "", "%s: type: %q is no URI", k.Code, text)
			} else {
				k.Type = text
			}
		default:
			if !strings.HasPrefix(f.name, "x-") {
				fail(m.value.keyPos(f), config.Suggest(f.name, problemFields), "unknown key %q", f.name)
			}
		}
	}
	if m.value.get("status") == nil {
		fail(pos, "add one, such as status: 409", "the problem %q has no status", k.Code)
	}
	if k.Title == "" {
		k.Title = http.StatusText(k.Status)
	}
	return k, ok
}

func describeValue(n *node) string {
	switch n.kind {
	case mapNode, listNode, nullNode:
		return n.kind.String()
	}
	return n.source()
}
