package yaml12_test

import (
	"testing"

	"go.yaml.in/yaml/v3"

	"github.com/banyan-go/banyan/internal/yaml12"
)

func TestSlashes(t *testing.T) {
	for written, want := range map[string]string{
		`"a\/b"`:         "a/b",
		`"a\\/b"`:        `a\/b`,
		`"a\\\/b"`:       `a\/b`,
		`'a\/b'`:         `a\/b`,
		`a\/b`:           `a\/b`,
		`"\/\a"`:         "/\a",
		`"\/\a\v"`:       "/\a\v",
		`["\/", '\/']`:   "/ \\/",
		`{"k\/": "v\/"}`: "k/ v/",
	} {
		plain, restore := yaml12.Slashes([]byte(written))
		if len(plain) != len(written) {
			t.Errorf("%s became %q", written, plain)
			continue
		}
		var doc yaml.Node
		if err := yaml.Unmarshal(plain, &doc); err != nil {
			t.Errorf("%s: %v", written, err)
			continue
		}
		restore(&doc)
		got := doc.Content[0].Value
		for i, n := range doc.Content[0].Content {
			if i > 0 {
				got += " "
			}
			got += n.Value
		}
		if got != want {
			t.Errorf("%s is %q, want %q", written, got, want)
		}
	}
	for _, nothing := range []string{`"a/b"`, `"\/ \a \v \e \0 \P \L \N"`} {
		if plain, _ := yaml12.Slashes([]byte(nothing)); plain != nil {
			t.Errorf("%s became %q", nothing, plain)
		}
	}
}
