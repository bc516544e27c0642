package workspace

import (
	"os"
	"path/filepath"
	"strings"
	"testing"
)

const contractText = `openapi: 3.0.3
info: {title: Shop, version: 1.0.0}
paths:
  /orders:
    get:
      operationId: listOrders
      responses:
        "200": {description: Orders}
`

// A variable that is not set where the check runs is no fault of the files,
// whatever part of the URL it stands for; a URL that is wrong is one.
func TestUpstreamVariables(t *testing.T) {
	t.Setenv("GIVEN", "php.internal")
	t.Setenv("EMPTY", "")
	for _, test := range []struct{ upstream, shown, fault string }{
		{upstream: "http://127.0.0.1:8081", shown: "http://127.0.0.1:8081"},
		{upstream: "http://${GIVEN}:81", shown: "http://php.internal:81"},
		{upstream: "${UNSET_A:-http://127.0.0.1:1}", shown: "http://127.0.0.1:1"},
		{upstream: "${EMPTY:-http://127.0.0.1:1}", shown: "http://127.0.0.1:1"},
		{upstream: "${UNSET_A}", shown: "http://$UNSET_A"},
		{upstream: "${EMPTY}", shown: "http://$EMPTY"},
		{upstream: "http://${UNSET_A}:${UNSET_B:-82}/app", shown: "http://$UNSET_A:82/app"},
		{upstream: "http://${UNSET_A}.${UNSET_B}", shown: "http://$UNSET_A.$UNSET_B"},
		{upstream: "http://${GIVEN}:${UNSET_A}", shown: "http://php.internal:1"},
		{upstream: "${UNSET_A:-ftp://x}", fault: "upstream"},
		{upstream: "http://${GIVEN}:http", fault: "upstream"},
	} {
		t.Run(test.upstream, func(t *testing.T) {
			dir := t.TempDir()
			for name, text := range map[string]string{
				"banyan.yaml":           "version: 1\nservices: {shop: {}}\n",
				"api/shop/openapi.yaml": contractText,
				"api/shop/legacy.yaml":  "version: 1\nupstream: " + test.upstream + "\n",
			} {
				name = filepath.Join(dir, filepath.FromSlash(name))
				if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
					t.Fatal(err)
				}
				if err := os.WriteFile(name, []byte(text), 0o644); err != nil {
					t.Fatal(err)
				}
			}
			l, list := Load(dir)
			if test.fault != "" {
				if len(list) != 1 || !strings.Contains(list[0].Message, test.fault) {
					t.Fatalf("got %v, want one fault about %s", list, test.fault)
				}
				return
			}
			if len(list) > 0 {
				t.Fatalf("found %v", list)
			}
			routes, err := l.Routes(nil)
			if err != nil || len(routes) != 1 || routes[0].Upstream != test.shown {
				t.Errorf("got %+v, %v; want upstream %s", routes, err, test.shown)
			}
		})
	}
}
