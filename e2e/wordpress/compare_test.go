package wordpress

import (
	"bytes"
	"fmt"
	"maps"
	"net/http"
	"slices"
	"strings"
)

// The written list of what may differ between an answer of WordPress and the
// same answer through Banyan. Everything else has to be equal: the status line,
// every header field with its values in their order, how the body is delimited,
// and every byte of it.
//
// Two things are no difference in HTTP and so are not on the list: how a field
// name is spelled, X-WP-Total or X-Wp-Total (RFC 9110, section 5.1), and the
// order of fields with different names (section 5.3).
var mayDiffer = []*difference{
	{
		field:  "Date",
		reason: "nginx's clock goes on between the two requests",
		check:  func(direct, through []string) bool { return isDate(direct) && isDate(through) },
	},
}

// With php-fpm straight behind Banyan, nginx's own word is missing, too.
var mayDifferOverFastCGI = append([]*difference{
	{
		field:  "Server",
		reason: "there is no nginx",
		check:  func(direct, through []string) bool { return len(direct) == 1 && through == nil },
	},
}, mayDiffer...)

// needsWebServer are the requests that nginx answers by itself, or not as its
// documentation has it, and why.
var needsWebServer = map[string]string{
	"47-home-page":      "without a server_name nginx says SERVER_NAME is empty, so WordPress takes its own host for another one",
	"48-static-file":    "a file, which is no script",
	"49-static-range":   "a file, which is no script",
	"54-login-redirect": "the index of a folder, which somebody has to look up",
}

// difference allows a header field to differ as far as check permits.
type difference struct {
	field  string
	reason string
	check  func(direct, through []string) bool
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
		i := slices.IndexFunc(allowed, func(d *difference) bool { return d.field == name })
		if i >= 0 && allowed[i].check(want, got) {
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
