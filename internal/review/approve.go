package review

import (
	"bytes"
	"errors"
	"fmt"
	"strings"
)

// Approve returns the text of an approvals file with one more entry. The rest of
// the text stays as it is. It fails when the file has faults, when the change is
// in it already, or when the list does not end the file, in which case the entry
// has to be put in by hand.
func Approve(name string, data []byte, a *Approval) ([]byte, error) {
	if len(bytes.TrimSpace(data)) == 0 {
		data = []byte("version: 1\napprovals:\n")
	}
	known, faults := ParseApprovals(name, data)
	if err := faults.Err(); err != nil {
		return nil, err
	}
	for _, old := range known.list {
		if old.Change == a.Change {
			return nil, fmt.Errorf("%s: the change %s is approved already", old.pos, a.Change)
		}
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
