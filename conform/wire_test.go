package conform_test

import (
	"bufio"
	"bytes"
	"context"
	"flag"
	"fmt"
	"io"
	"log/slog"
	"net"
	"net/http"
	"net/http/httptest"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"github.com/google/go-cmp/cmp"
	"github.com/labstack/echo/v4"
	"golang.org/x/tools/txtar"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/dispatch"
	"github.com/banyan-go/banyan/dispatch/dispatchtest"
	"github.com/banyan-go/banyan/gen"
	"github.com/banyan-go/banyan/gen/feed"
	"github.com/banyan-go/banyan/gen/orders"
	"github.com/banyan-go/banyan/gen/users"
	"github.com/banyan-go/banyan/wire"
)

var update = flag.Bool("update", false, "rewrite what testdata expects")

// shop answers what the good requests among the cases ask for. A bad request
// that reaches any other method is a panic and therefore a 500.
type shop struct {
	orders.StrictServerInterface
	said string // the last request, as its handler saw it
}

func (s *shop) ListOrders(_ context.Context, r orders.ListOrdersRequestObject) (orders.ListOrdersResponseObject, error) {
	s.said = fmt.Sprintf("limit %d offset %d", *r.Params.Limit, *r.Params.Offset)
	return orders.ListOrders200JSONResponse{Items: []orders.OrderSummary{}}, nil
}

func (s *shop) CalculateOrder(_ context.Context, r orders.CalculateOrderRequestObject) (orders.CalculateOrderResponseObject, error) {
	s.said = fmt.Sprintf("%d of %s", r.Body.Items[0].Quantity, r.Body.Items[0].Sku)
	return orders.CalculateOrder200JSONResponse{Currency: "EUR"}, nil
}

type accounts struct {
	users.StrictServerInterface
	shop *shop
}

func (a *accounts) CreateUser(_ context.Context, r users.CreateUserRequestObject) (users.CreateUserResponseObject, error) {
	a.shop.said = fmt.Sprintf("%s newsletter %v", r.Body.Name, *r.Body.Newsletter)
	return nil, users.ProblemEmailTaken.New("")
}

// everybody may come in: these tests are about messages.
type everybody struct{}

func (everybody) Session(ctx context.Context, _ wire.Credentials, _ []string) (context.Context, error) {
	return ctx, nil
}

type events struct{ feed.StrictServerInterface }

// TestWire sends requests to the shop's generated servers, byte by byte, and
// compares the whole answer. A good request shows what its handler saw.
func TestWire(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/wire/*.txtar")
	if err != nil || len(files) == 0 {
		t.Fatal(files, err)
	}
	cases := 0
	for _, file := range files {
		archive, err := txtar.ParseFile(file)
		if err != nil {
			t.Fatal(err)
		}
		handlers := &shop{}
		address := serveShop(t, handlers)
		for i := 0; i+1 < len(archive.Files); i += 2 {
			cases++
			request, want := &archive.Files[i], &archive.Files[i+1]
			name := strings.TrimSuffix(request.Name, "/request")
			if want.Name != name+"/want" {
				t.Fatalf("%s: %s is followed by %s", file, request.Name, want.Name)
			}
			handlers.said = ""
			got := exchange(t, address, string(request.Data))
			if handlers.said != "" {
				got = "handler: " + handlers.said + "\n"
			}
			if *update {
				want.Data = []byte(got)
			} else if diff := cmp.Diff(string(want.Data), got); diff != "" {
				t.Errorf("%s: %s:\n%s", file, name, diff)
			}
		}
		if *update {
			if err := os.WriteFile(file, txtar.Format(archive), 0o644); err != nil {
				t.Fatal(err)
			}
		}
	}
	t.Logf("%d requests", cases)
}

func serveShop(t *testing.T, s *shop) string {
	t.Helper()
	ws := *gen.Workspace
	ws.Services = []*catalog.Service{feed.Service, orders.Service, users.Service}
	d := dispatchtest.New(t, dispatch.Options{
		Workspace: &ws, Log: slog.New(slog.DiscardHandler), Trace: func() string { return "trace" },
	})
	e := echo.New()
	served := users.All(&accounts{shop: s})
	served.Security = everybody{}
	for _, err := range []error{
		orders.Register(e, d, orders.All(s)),
		users.Register(e, d, served),
		feed.Register(e, d, feed.All(events{})),
		d.Start(e),
	} {
		if err != nil {
			t.Fatal(err)
		}
	}
	server := httptest.NewServer(e)
	t.Cleanup(server.Close)
	return server.Listener.Addr().String()
}

// exchange sends a request and returns what matters of the answer. "<1000*x>"
// in a body stands for that many x.
func exchange(t *testing.T, address, request string) string {
	t.Helper()
	head, body, _ := strings.Cut(request, "\n\n")
	body = strings.TrimSuffix(body, "\n")
	for strings.Contains(body, "<1000*") {
		before, rest, _ := strings.Cut(body, "<1000*")
		text, after, _ := strings.Cut(rest, ">")
		body = before + strings.Repeat(text, 1000) + after
	}
	body = strings.NewReplacer(`<ff>`, "\xff", `<crlf>`, "\r\n").Replace(body)
	line, headers, _ := strings.Cut(strings.TrimRight(head, "\n"), "\n")
	raw := line + " HTTP/1.1\r\nHost: shop\r\nConnection: close\r\n"
	for h := range strings.SplitSeq(headers, "\n") {
		if h != "" {
			raw += h + "\r\n"
		}
	}
	if !strings.Contains(headers, "Transfer-Encoding") && !strings.Contains(headers, "Content-Length") && !strings.HasPrefix(line, "GET") {
		raw += fmt.Sprintf("Content-Length: %d\r\n", len(body))
	}
	conn, err := net.Dial("tcp", address)
	if err != nil {
		t.Fatal(err)
	}
	defer conn.Close()
	if _, err := io.WriteString(conn, raw+"\r\n"+body); err != nil {
		t.Fatal(err)
	}
	r, err := http.ReadResponse(bufio.NewReader(conn), nil)
	if err != nil {
		t.Fatal(err)
	}
	defer r.Body.Close()
	data, err := io.ReadAll(r.Body)
	if err != nil {
		t.Fatal(err)
	}
	var out bytes.Buffer
	fmt.Fprintf(&out, "%d %s\n", r.StatusCode, r.Header.Get("Content-Type"))
	for _, name := range []string{"Accept", "Accept-Encoding"} {
		if v := r.Header.Values(name); len(v) > 0 {
			fmt.Fprintf(&out, "%s: %s\n", name, strings.Join(v, ", "))
		}
	}
	out.Write(data)
	return out.String()
}
