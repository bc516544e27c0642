package conform_test

import (
	"net/http/httptest"
	"os"
	"path/filepath"
	"runtime/debug"
	"strings"
	"testing"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/conform"
)

// spooled is how many files this process has open that bodies were put aside in.
func spooled(t *testing.T) (n int) {
	t.Helper()
	open, err := filepath.Glob("/proc/self/fd/*")
	if err != nil || len(open) == 0 {
		t.Fatal("no open files", err)
	}
	for _, link := range open {
		if name, _ := os.Readlink(link); strings.Contains(name, "banyan-body-") {
			n++
		}
	}
	return n
}

// A body that was put aside takes no file any longer than its request, however
// the request ends, and without waiting for the garbage collector.
func TestPutAside(t *testing.T) {
	defer debug.SetGCPercent(debug.SetGCPercent(-1))
	const contract = `{"openapi": "3.0.3", "info": {"title": "t", "version": "1"}, "paths": {"/files": {"post": {"operationId": "put",
		"requestBody": {"content": {"multipart/form-data": {"schema": {"type": "object", "properties": {"file": {"type": "string", "format": "binary"}}}}}},
		"responses": {"204": {"description": "d"}}}}}}`
	service := &catalog.Service{Name: "t", Contract: []byte(contract), Operations: []catalog.Operation{{ID: "put", Key: "t.put"}}}
	compiled, err := conform.Compile(service, catalog.Validation{Status: 422})
	if err != nil {
		t.Fatal(err)
	}
	file := "--x\r\nContent-Disposition: form-data; name=\"file\"; filename=\"f\"\r\n\r\n" + strings.Repeat("f", 2<<20)
	for name, body := range map[string]string{"whole": file + "\r\n--x--\r\n", "without its end": file, "with a broken part": file + "\r\n--x\r\nno header"} {
		t.Run(name, func(t *testing.T) {
			r := httptest.NewRequest("POST", "/files", strings.NewReader(body))
			r.Header.Set("Content-Type", "multipart/form-data; boundary=x")
			found, err := compiled.Operation("put").Request(r, conform.Fill)
			if err != nil {
				t.Fatal(err)
			}
			if refused := found.Problem() != nil; refused != (name != "whole") {
				t.Errorf("refused: %v", refused)
			}
			if name == "whole" && spooled(t) != 1 {
				t.Errorf("%d files hold the body", spooled(t))
			}
			found.Release()
			if n := spooled(t); n > 0 {
				t.Errorf("%d files are open", n)
			}
		})
	}
}
