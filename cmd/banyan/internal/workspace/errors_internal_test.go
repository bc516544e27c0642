package workspace

import (
	"encoding/json"
	"testing"

	"github.com/google/go-cmp/cmp"
	"go.yaml.in/yaml/v3"

	"github.com/banyan-go/banyan/problem"
)

// What is suggested is what was tried.
func TestUsualForms(t *testing.T) {
	t.Parallel()
	for _, form := range usualForms {
		var shown, tried any
		if err := yaml.Unmarshal([]byte(form.yaml), &shown); err != nil {
			t.Error(err)
		}
		if err := json.Unmarshal([]byte(form.json), &tried); err != nil {
			t.Error(err)
		}
		if diff := cmp.Diff(tried, shown); diff != "" {
			t.Error(diff)
		}
		if _, err := problem.ParseBody([]byte(form.json)); err != nil {
			t.Error(err)
		}
	}
}
