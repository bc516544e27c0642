//go:build unix

package shop

import (
	"net/http"
	"slices"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
)

// steps is a session with the shop in which every operation occurs. Two shops
// that were asked the same things in the same order must have said the same.
var steps = []struct {
	key    string
	line   string
	body   string
	status int
}{
	{"users.listUsers", "GET /v1/users", "", 200},
	{"users.listUsers", "GET /v1/users?limit=2&offset=1", "", 200},
	{"users.listUsers", "GET /v1/users?q=KELLER", "", 200},
	{"users.listUsers", "GET /v1/users?q=%25", "", 200},
	{"users.listUsers", "GET /v1/users?q=O%27Hara&offset=3", "", 200},
	{"users.listUsers", "GET /v1/users?limit=0", "", 400},
	{"users.listUsers", "GET /v1/users?limit=many", "", 400},
	{"users.getUser", "GET /v1/users/1", "", 200},
	{"users.getUser", "GET /v1/users/2", "", 200},
	{"users.getUser", "GET /v1/users/99", "", 404},
	{"users.getUser", "GET /v1/users/nobody", "", 400},
	{"users.createUser", "POST /v1/users", `{"email":"gus@example.com","name":"Gus & Söhne","country":"DE","postcode":"0 1","newsletter":true,"preferences":{"a b":"c=d"}}`, 201},
	{"users.createUser", "POST /v1/users", `{"email":"ADA@example.com","name":"Ada","country":"SE","postcode":"1"}`, 409},
	{"users.createUser", "POST /v1/users", `{"email":"nowhere","name":"","country":"Sweden","postcode":""}`, 422},
	{"users.getUser", "GET /v1/users/6", "", 200},
	{"users.updateUser", "PATCH /v1/users/6", `{"newsletter":false,"preferences":{"theme":"dark"}}`, 200},
	{"users.updateUser", "PATCH /v1/users/6", `{"name":" "}`, 422},
	{"users.updateUser", "PATCH /v1/users/77", `{"name":"Nobody"}`, 404},
	{"users.getUser", "GET /v1/users/6", "", 200},
	{"users.getSession", "GET /v1/session", "", 401},
	{"users.openSession", "POST /v1/session", `{"email":"ada@example.com","postcode":"0"}`, 401},
	{"users.openSession", "POST /v1/session", `{"email":"ada@example.com","postcode":"11455"}`, 200},
	{"users.getSession", "GET /v1/session", "", 200},
	{"users.getSession", "GET /v1/session", "", 200},

	{"orders.listOrders", "GET /v1/orders", "", 200},
	{"orders.listOrders", "GET /v1/orders?userId=1&status=shipped", "", 200},
	{"orders.listOrders", "GET /v1/orders?userId=4", "", 200},
	{"orders.listOrders", "GET /v1/orders?status=lost", "", 400},
	{"orders.getOrder", "GET /v1/orders/1", "", 200},
	{"orders.getOrder", "GET /v1/orders/2", "", 200},
	{"orders.getOrder", "GET /v1/orders/4", "", 200},
	{"orders.getOrder", "GET /v1/orders/404", "", 404},
	{"orders.calculateOrder", "POST /v1/orders/calculate", `{"items":[{"sku":"POT-L","quantity":2},{"sku":"FIG-SEED","quantity":3}],"country":"DE","coupon":"SPRING10"}`, 200},
	{"orders.calculateOrder", "POST /v1/orders/calculate", `{"items":[{"sku":"CACTUS","quantity":1}],"country":"DE"}`, 400},
	{"orders.calculateOrder", "POST /v1/orders/calculate", `{"items":[{"sku":"POT-L","quantity":1}],"country":"NO"}`, 503},
	{"orders.createOrder", "POST /v1/orders", `{"user_id":2,"items":[{"sku":"POT-L","quantity":2},{"sku":"FIG-SEED","quantity":3}],"country":"DE","coupon":"SPRING10","note":"Ring twice"}`, 201},
	{"orders.createOrder", "POST /v1/orders", `{"user_id":5,"items":[{"sku":"SOIL-10L","quantity":1}],"country":"SE"}`, 201},
	{"orders.createOrder", "POST /v1/orders", `{"user_id":99,"items":[{"sku":"POT-L","quantity":2}],"country":"DE"}`, 400},
	{"orders.createOrder", "POST /v1/orders", `{"user_id":2,"items":[{"sku":"CACTUS","quantity":2}],"country":"DE"}`, 400},
	{"orders.createOrder", "POST /v1/orders", `{"user_id":2,"items":[{"sku":"FIG-SEED","quantity":1},{"sku":"SHEARS","quantity":1}],"country":"DE"}`, 409},
	{"orders.createOrder", "POST /v1/orders", `{"user_id":2,"items":[{"sku":"POT-L","quantity":1}],"country":"NO"}`, 503},
	{"orders.getOrder", "GET /v1/orders/6", "", 200},
	{"orders.getOrder", "GET /v1/orders/7", "", 200},
	{"orders.cancelOrder", "POST /v1/orders/6/cancel", "", 200},
	{"orders.cancelOrder", "POST /v1/orders/6/cancel", "", 409},
	{"orders.cancelOrder", "POST /v1/orders/66/cancel", "", 404},
	{"orders.getOrder", "GET /v1/orders/6", "", 200},
	{"orders.getInvoice", "GET /v1/orders/1/invoice", "", 200},
	{"orders.getInvoice", "GET /v1/orders/9/invoice", "", 404},
	{"orders.getInvoice", "GET /v1/orders/5/invoice", "", 502}, // PHP dies
	{"orders.getSalesReport", "GET /v1/reports/sales?days=3&until=2026-03-08", "", 200},
	{"orders.getSalesReport", "GET /v1/reports/sales?days=0", "", 400},

	{"feed.listEvents", "GET /v1/feed", "", 200},
	{"feed.listEvents", "GET /v1/feed?limit=3", "", 200},
	{"feed.listEvents", "GET /v1/feed?limit=3&cursor=a", "", 200},
	{"feed.listEvents", "GET /v1/feed?limit=3&cursor=4", "", 200},
	{"feed.listEvents", "GET /v1/feed?type=shop.notice&type=order.cancelled", "", 200},
	{"feed.listEvents", "GET /v1/feed?type=none.such", "", 200},
	{"feed.listEvents", "GET /v1/feed?cursor=tomorrow", "", 400},
	{"feed.listEvents", "GET /v1/feed?limit=1000", "", 400},
	{"feed.streamEvents", "GET /v1/feed/stream?after=6&wait=0", "", 200},
}

// TestBothSidesAnswerTheContract sends the same session to a shop that is all
// PHP and to one in which Go serves what it can. Every answer must be one that
// the contract declares, and the same on both.
func TestBothSidesAnswerTheContract(t *testing.T) {
	t.Parallel()
	php, both := visitor{shop: start(t, setup{plan: allLegacy})}, visitor{shop: start(t, setup{plan: allGo})}
	for _, s := range steps {
		name := s.line
		if s.body != "" {
			name += " " + s.body
		}
		fromPHP, fromGo := php.send(s.line, s.body), both.send(s.line, s.body)
		if fromPHP.status != s.status {
			t.Errorf("%s\nstatus %d, want %d: %s", name, fromPHP.status, s.status, fromPHP.body)
			continue
		}
		want, err := understand(s.key, fromPHP)
		if err != nil {
			t.Errorf("%s\nPHP breaks the contract: %v\n%s", name, err, fromPHP.body)
			continue
		}
		got, err := understand(s.key, fromGo)
		if err != nil {
			t.Errorf("%s\nGo breaks the contract: %v\n%s", name, err, fromGo.body)
			continue
		}
		if d := cmp.Diff(want, got); d != "" {
			t.Errorf("%s\n-PHP +Go\n%s", name, d)
		}
		if p, g := fromPHP.header.Get("Location"), fromGo.header.Get("Location"); p != g {
			t.Errorf("%s\nLocation: PHP %q, Go %q", name, p, g)
		}
	}
}

// visitor keeps its session's cookie.
type visitor struct {
	*shop
	cookie string
}

func (v *visitor) send(line, body string) answer {
	v.t.Helper()
	a := v.shop.send(line, body, "Cookie: "+v.cookie)
	if set := a.header.Get("Set-Cookie"); set != "" {
		v.cookie, _, _ = strings.Cut(set, ";")
	}
	return a
}

// TestEveryOperationIsTried keeps the session complete.
func TestEveryOperationIsTried(t *testing.T) {
	t.Parallel()
	var tried []string
	for _, s := range steps {
		if s.status < http.StatusBadRequest {
			tried = append(tried, s.key)
		}
	}
	slices.Sort(tried)
	if d := cmp.Diff(every(), slices.Compact(tried)); d != "" {
		t.Errorf("operations without a successful step:\n%s", d)
	}
}
