package config_test

import (
	"testing"

	"github.com/banyan-go/banyan/config"
)

func TestNearest(t *testing.T) {
	t.Parallel()
	known := []string{"contract", "legacy", "base-path", "body-limit", "go", "id"}
	for name, want := range map[string]string{
		"contrct":    "contract",
		"contarct":   "contract", // neighbours swapped
		"CONTRACT":   "contract",
		"base_path":  "base-path",
		"bodylimit":  "body-limit",
		"body-limts": "body-limit",
		"legcy":      "legacy",
		"og":         "go",
		"xy":         "",
		"service":    "",
		"":           "",
		"zebra":      "",
	} {
		got, ok := config.Nearest(name, known)
		if got != want || ok != (want != "") {
			t.Errorf("Nearest(%q) = %q, %v, want %q", name, got, ok, want)
		}
	}
	if got, _ := config.Nearest("ab", []string{"ac", "aa"}); got != "aa" {
		t.Errorf("of two equally near names %q is chosen, which depends on their order", got)
	}
}

func TestSuggest(t *testing.T) {
	t.Parallel()
	for name, want := range map[string]string{
		"yelow":  `did you mean "yellow"?`,
		"purple": "known are green, red, yellow",
	} {
		if got := config.Suggest(name, []string{"yellow", "red", "green"}); got != want {
			t.Errorf("Suggest(%q) = %q, want %q", name, got, want)
		}
	}
	if got := config.Suggest("x", nil); got != "" {
		t.Errorf("Suggest without names: %q", got)
	}
}

func TestSize(t *testing.T) {
	t.Parallel()
	for text, want := range map[string]int64{
		"0": 0, "0B": 0, "17": 17, "17B": 17, "1KiB": 1024, "512 KiB": 512 << 10, "1MiB": 1 << 20, "1.5GiB": 3 << 29,
		"1kB": 1000, "10MB": 10_000_000, "2GB": 2_000_000_000, "8000000GiB": 8_000_000 << 30,
		"-1": -1, "": -1, "many": -1, "1TiB": -1, "NaN": -1, "Inf": -1, "1e30": -1, "0.5": -1, "0x10": -1, "1 K": -1, "KiB": -1, "-1KiB": -1,
	} {
		var into struct {
			Size config.Size `yaml:"size"`
		}
		into.Size = -1
		faults := config.Decode("f.yaml", []byte("size: '"+text+"'\n"), &into)
		if int64(into.Size) != want || (len(faults) > 0) != (want < 0) {
			t.Errorf("%q: %d, %v; want %d", text, into.Size, faults, want)
		}
	}
}

func TestExpand(t *testing.T) {
	t.Parallel()
	lookup := func(name string) (string, bool) {
		v, ok := map[string]string{"PHP": "http://php", "EMPTY": "", "_1": "one", "TRICK": "${PHP}"}[name]
		return v, ok
	}
	for text, want := range map[string]string{
		"":                      "",
		"plain $PHP {PHP} $":    "plain $PHP {PHP} $",
		"${PHP}/x":              "http://php/x",
		"${PHP}${_1}":           "http://phpone",
		"${NONE:-http://a:1/b}": "http://a:1/b",
		"${EMPTY:-default}":     "default",
		"${PHP:-default}":       "http://php",
		"${NONE:-}":             "",
		"${TRICK}":              "${PHP}", // values are not expanded again
	} {
		if got, err := config.Expand(text, lookup); got != want || err != nil {
			t.Errorf("Expand(%q) = %q, %v", text, got, err)
		}
	}
	for text, want := range map[string]string{
		"${NONE}":          "the environment variable NONE is not set",
		"${EMPTY}":         "the environment variable EMPTY is not set",
		"a ${PHP":          "${PHP has no closing brace",
		"${}":              "${} does not name an environment variable",
		"${A B}":           "${A B} does not name an environment variable",
		"${1A:-x}":         "${1A:-x} does not name an environment variable",
		"${NONE:-${PHP}}":  "the default of ${NONE} holds another variable: it has to be plain text",
		"${NONE:-a}${ALSO": "${ALSO has no closing brace",
	} {
		if got, err := config.Expand(text, lookup); err == nil || err.Error() != want {
			t.Errorf("Expand(%q) = %q, %v; want %s", text, got, err, want)
		}
	}
}

func TestPosition(t *testing.T) {
	t.Parallel()
	for want, pos := range map[string]config.Pos{
		"":          {},
		"a.yaml":    {File: "a.yaml"},
		"a:3":       {File: "a", Line: 3},
		"b.yml:3:4": {File: "b.yml", Line: 3, Col: 4},
	} {
		if got := pos.String(); got != want {
			t.Errorf("%+v: %q, want %q", pos, got, want)
		}
	}
	if err := (config.Faults{}).Err(); err != nil {
		t.Errorf("no faults are an error: %v", err)
	}
	if got := (config.Fault{Message: "m", Hint: "h"}).Error(); got != "m; h" {
		t.Errorf("got %q", got)
	}
}
