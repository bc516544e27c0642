package narrow_test

import (
	"testing"

	"github.com/banyan-go/banyan/internal/review/narrow"
)

func TestPair(t *testing.T) {
	t.Parallel()
	base := "openapi: 3.0.3\ninfo: {title: t, version: \"1\"}\npaths:\n  /a:\n    get:\n      operationId: a\n      responses:\n        \"200\": {description: ok}\n  /b:\n    get:\n      operationId: b\n      responses:\n        \"200\": {description: ok}\n"
	head := base + "  /c:\n    get:\n      operationId: c\n      responses:\n        \"200\": {description: ok}\n"
	b, h, ok := narrow.Pair([]byte(base), []byte(head))
	t.Logf("%v\n%s\n----\n%s", ok, b, h)
}
