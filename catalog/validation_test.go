package catalog_test

import (
	"testing"

	"github.com/banyan-go/banyan/catalog"
)

func TestShare(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]catalog.Share{
		"off": catalog.None, "all": catalog.All, "sample 1%": 100, "sample 0.01%": 1, "sample 12.5%": 1250, "sample 100%": catalog.All,
	} {
		got, err := catalog.ParseShare(text)
		if err != nil || got != want {
			t.Errorf("%s: %d, %v", text, got, err)
		}
		if back, err := catalog.ParseShare(got.String()); err != nil || back != want {
			t.Errorf("%s: written as %s", text, got)
		}
	}
	for _, text := range []string{"", "on", "none", "1%", "sample", "sample 1", "sample 0%", "sample 0.001%", "sample 101%", "sample -1%", "sample 1e1%", "sample NaN%", "sample Inf%", "sample 0x1%"} {
		if got, err := catalog.ParseShare(text); err == nil {
			t.Errorf("%q is %d", text, got)
		}
	}
	if got := catalog.Share(0).String(); got != "sample 1%" {
		t.Errorf("the default is %s", got)
	}
}

func TestValidationOf(t *testing.T) {
	t.Parallel()
	ws := &catalog.Workspace{Validation: catalog.Validation{
		Status: 400, Requests: catalog.RequestChecks{Legacy: catalog.Observe}, Answers: catalog.AnswerChecks{Go: catalog.All},
	}}
	s := &catalog.Service{Validation: catalog.Validation{Formats: catalog.FormatsWarn, Requests: catalog.RequestChecks{Legacy: catalog.Off}}}
	want := catalog.Validation{
		Status: 400, UnknownQuery: catalog.UnknownIgnore, Formats: catalog.FormatsWarn,
		Requests: catalog.RequestChecks{Go: catalog.Enforce, Legacy: catalog.Off},
		Answers:  catalog.AnswerChecks{Go: catalog.All, Legacy: catalog.DefaultShare},
	}
	if got := ws.ValidationOf(s); got != want {
		t.Errorf("%+v, want %+v", got, want)
	}
}
