package render

import (
	"strconv"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/internal/diag"
)

// TestAnnotationsTellOfTheRest holds that errors come first, and that where GitHub will
// drop some, the last one that it shows says so; none is left out.
func TestAnnotationsTellOfTheRest(t *testing.T) {
	t.Parallel()
	var list diag.List
	for i := range 30 {
		severity := diag.Note
		if i >= 10 {
			severity = diag.Error
		}
		list = append(list, diag.Diagnostic{Severity: severity, Message: strconv.Itoa(i)})
	}
	got := annotations(list)
	if len(got) != len(list)+1 || got[0].Message != "10" || got[20].Message != "29" || got[21].Message != "0" {
		t.Fatalf("%d: %v", len(got), got)
	}
	if want := "11 more errors are not shown here"; !strings.HasPrefix(got[9].Message, want) || got[9].Severity != diag.Error {
		t.Errorf("%v, want %s", got[9], want)
	}
	for _, d := range got[21:] {
		if strings.Contains(d.Message, "more") {
			t.Errorf("ten notices are shown, and %s", d.Message)
		}
	}
}
