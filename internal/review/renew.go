package review

import (
	"cmp"
	"errors"
	"slices"
	"strings"
	"time"

	"github.com/banyan-go/banyan/config"
)

// expired reports whether the approval's last day is over.
func (a *Approval) expired(now time.Time) bool {
	until, err := time.Parse(time.DateOnly, a.Until)
	return err == nil && now.After(until.AddDate(0, 0, 1))
}

// renew writes into the entry at an index of a file what another one says about the
// same change. Everything else stays as it is, comments and order included.
func renew(name string, data []byte, known *Approvals, index int, a *Approval) ([]byte, error) {
	byHand := errors.New("the entry is written in a way that cannot be edited; put this in its place:\n" + a.Block())
	old := known.list[index]
	type edit struct {
		pos   config.Pos
		value string
	}
	edits := []edit{{old.at["reason"], quoted(a.Reason)}, {old.at["by"], quoted(a.By)}, {old.at["until"], quoted(a.Until)}}
	if !slices.Equal(old.Parties, a.Parties) {
		edits = append(edits, edit{old.at["parties"], a.partyList()})
	}
	// From the end, so that what comes first stays where it is.
	slices.SortFunc(edits, func(x, y edit) int {
		return cmp.Or(cmp.Compare(y.pos.Line, x.pos.Line), cmp.Compare(y.pos.Col, x.pos.Col))
	})
	lines := strings.SplitAfter(string(data), "\n")
	for _, e := range edits {
		i := e.pos.Line - 1
		if i < 0 || i >= len(lines) {
			return nil, byHand
		}
		letters := []rune(lines[i])
		from := e.pos.Col - 1
		if from < 0 || from >= len(letters) {
			return nil, byHand
		}
		if e.pos == old.at["parties"] { // the place of the first in the list
			for from > 0 && letters[from] != '[' {
				from--
			}
		}
		length := valueEnd(letters[from:])
		if length == 0 {
			return nil, byHand
		}
		lines[i] = string(letters[:from]) + e.value + string(letters[from+length:])
	}
	out := []byte(strings.Join(lines, ""))
	after, faults := ParseApprovals(name, out)
	if faults.Err() != nil || len(after.list) != len(known.list) {
		return nil, byHand
	}
	for i, entry := range after.list {
		want := known.list[i]
		if i == index {
			want = a
		}
		if !entry.same(want) {
			return nil, byHand
		}
	}
	return out, nil
}

func (a *Approval) same(b *Approval) bool {
	return a.Change == b.Change && a.Reason == b.Reason && a.By == b.By && a.Until == b.Until && slices.Equal(a.Parties, b.Parties)
}

// valueEnd is how many letters the value has that a line goes on with: a text in
// quotes, a list in brackets, or a plain text; 0 where it does not end in the line.
func valueEnd(text []rune) int {
	switch first := text[0]; first {
	case '"', '\'', '[':
		last := first
		if first == '[' {
			last = ']'
		}
		for i := 1; i < len(text); i++ {
			switch {
			case text[i] == '\\' && first == '"':
				i++
			case text[i] == '\'' && first == '\'' && i+1 < len(text) && text[i+1] == '\'':
				i++
			case text[i] == last:
				return i + 1
			}
		}
		return 0
	case '|', '>', '&', '!', '*':
		return 0
	}
	end := len(text)
	for i, r := range text {
		if r == '\n' || r == '\r' || r == ',' || r == '}' || r == '#' && i > 0 && text[i-1] == ' ' {
			end = i
			break
		}
	}
	for end > 0 && text[end-1] == ' ' {
		end--
	}
	return end
}
