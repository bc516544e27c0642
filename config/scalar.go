package config

import (
	"fmt"
	"math"
	"regexp"
	"strconv"
	"strings"
)

// Size is a number of bytes, written "512KiB", "1MiB", "10MB" or plain.
type Size int64

var units = []struct {
	suffix string
	factor float64
}{
	{"KiB", 1 << 10}, {"MiB", 1 << 20}, {"GiB", 1 << 30},
	{"kB", 1e3}, {"KB", 1e3}, {"MB", 1e6}, {"GB", 1e9}, {"B", 1}, {"", 1},
}

// UnmarshalConfig implements Unmarshaler.
func (s *Size) UnmarshalConfig(n *Node) {
	for _, u := range units {
		number, ok := strings.CutSuffix(n.Text(), u.suffix)
		if !ok {
			continue
		}
		f, err := strconv.ParseFloat(strings.TrimSpace(number), 64)
		if bytes := f * u.factor; err == nil && (f == 0 || bytes >= 1) && bytes < math.MaxInt64 {
			*s = Size(bytes)
			return
		}
		break
	}
	n.Faultf("", "want a size such as 512KiB or 1MiB, found %q", n.Text())
}

var variable = regexp.MustCompile(`^[A-Za-z_][A-Za-z0-9_]*$`)

// Expand replaces ${NAME} and ${NAME:-default} by what lookup says. A name
// that lookup does not know and that has no default is an error.
func Expand(s string, lookup func(string) (string, bool)) (string, error) {
	var out strings.Builder
	for {
		before, rest, found := strings.Cut(s, "${")
		out.WriteString(before)
		if !found {
			return out.String(), nil
		}
		expr, after, closed := strings.Cut(rest, "}")
		if !closed {
			return "", fmt.Errorf("${%s has no closing brace", rest)
		}
		name, fallback, hasFallback := strings.Cut(expr, ":-")
		value, ok := lookup(name)
		switch {
		case !variable.MatchString(name):
			return "", fmt.Errorf("${%s} does not name an environment variable", expr)
		case strings.Contains(fallback, "${"):
			return "", fmt.Errorf("the default of ${%s} holds another variable: it has to be plain text", name)
		case strings.Contains(fallback, "{"):
			return "", fmt.Errorf("the default of ${%s} holds a brace: it ends at the first }", name)
		case ok && value != "":
			out.WriteString(value)
		case hasFallback:
			out.WriteString(fallback)
		default:
			return "", fmt.Errorf("the environment variable %s is not set", name)
		}
		s = after
	}
}
