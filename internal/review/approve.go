package review

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
	"time"
)

// Approve returns the text of an approvals file with one more entry, or with an
// expired one of the same change renewed in its place. The rest of the text stays as
// it is. It fails when the file has faults, when the change is in it already and
// still approved, or when the text cannot be edited: the list does not end the file,
// or the entry has values of several lines. Then it has to be done by hand.
func Approve(name string, data []byte, a *Approval, now time.Time) ([]byte, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		data = []byte("version: 1\napprovals:\n")
	}
	known, faults := ParseApprovals(name, data)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	for i, old := range known.list {
		if old.Change != a.Change {
			continue
		}
		if !old.expired(now) {
			return nil, fmt.Errorf("%s: the change %s is approved already, until %s", old.pos, a.Change, old.Until)
		}
		return renew(name, data, known, i, a)
	}
	text := string(data)
	if !strings.HasSuffix(text, "\n") {
		text += "\n"
	}
	out := []byte(text + a.Block())
	after, faults := ParseApprovals(name, out)
	if faults.Err() != nil || len(after.list) != len(known.list)+1 || after.list[len(known.list)].Change != a.Change {
		return nil, errors.New("the list of approvals does not end the file; put this in it:\n" + a.Block())
	}
	return out, nil
}
