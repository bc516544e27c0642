package wordpress

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strconv"
	"strings"
)

// The written list of what may differ between an answer of WordPress and the
// same answer through Banyan. Everything else has to be equal: the status line,
// every header field with its values in their order, and every byte of the body.
//
// Two things are no difference in HTTP and so are not on the list: how a field
// name is spelled, X-WP-Total or X-Wp-Total (RFC 9110, section 5.1), and the
// order of fields with different names (section 5.3).
var mayDiffer = []*difference{
	{
		name:   "clock",
		fields: []string{"Date"},
		reason: "nginx's clock goes on between the two requests",
		check: func(direct, through *answer) bool {
			return isDate(direct.header["Date"]) && isDate(through.header["Date"])
		},
	},
	{
		name:   "framing",
		fields: []string{"Transfer-Encoding", "Content-Length"},
		reason: "how a body is delimited is a matter of one connection (RFC 9112, section 6): " +
			"PHP's short answers are whole when Banyan passes them on, so it says their length",
		check: func(direct, through *answer) bool {
			_, measured := direct.header["Content-Length"]
			_, chunked := through.header["Transfer-Encoding"]
			return !measured && slices.Equal(direct.header["Transfer-Encoding"], []string{"chunked"}) &&
				!chunked && slices.Equal(through.header["Content-Length"], []string{strconv.Itoa(len(direct.body))})
		},
	},
}

// difference allows some header fields to differ as far as check permits.
type difference struct {
	name   string
	fields []string
	reason string
	check  func(direct, through *answer) bool
	used   bool
}

func isDate(values []string) bool {
	if len(values) != 1 {
		return false
	}
	_, err := http.ParseTime(values[0])
	return err == nil
}

// compare returns one sentence for each difference between two answers.
func compare(direct, through *answer, allowed []*difference) []string {
	var out []string
	if direct.status != through.status {
		out = append(out, fmt.Sprintf("status %q, want %q", through.status, direct.status))
	}
	names := map[string]bool{}
	for name := range direct.header {
		names[name] = true
	}
	for name := range through.header {
		names[name] = true
	}
	for _, name := range slices.Sorted(maps.Keys(names)) {
		want, got := direct.header[name], through.header[name]
		if slices.Equal(want, got) {
			continue
		}
		i := slices.IndexFunc(allowed, func(d *difference) bool { return slices.Contains(d.fields, name) })
		if i >= 0 && allowed[i].check(direct, through) {
			allowed[i].used = true
			continue
		}
		out = append(out, fmt.Sprintf("header %s: %q, want %q", name, got, want))
	}
	if !bytes.Equal(direct.body, through.body) {
		out = append(out, bodyDifference(direct.body, through.body))
	}
	return out
}

// bodyDifference shows the first place where two bodies part.
func bodyDifference(want, got []byte) string {
	at := 0
	for at < len(want) && at < len(got) && want[at] == got[at] {
		at++
	}
	show := func(b []byte) string { return strings.ToValidUTF8(string(b[max(0, at-60):min(len(b), at+120)]), "?") }
	return fmt.Sprintf("body of %d bytes, want %d; they part at byte %d:\n  got  …%s…\n  want …%s…", len(got), len(want), at, show(got), show(want))
}
