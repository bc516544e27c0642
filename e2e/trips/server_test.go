//go:build unix

package trips

import (
	"bufio"
	"bytes"
	_ "embed"
	"encoding/base64"
	"encoding/json"
	"io"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"testing"
	"time"

	"github.com/banyan-go/banyan/internal/codegen"
	"github.com/banyan-go/banyan/internal/codegen/goserver"
	"github.com/banyan-go/banyan/internal/contract"
	"github.com/banyan-go/banyan/wire"
)

const module = "example.com/trips"

//go:embed testdata/stub.go.txt
var stub []byte

//go:embed testdata/main.go.txt
var program []byte

// server is a generated server whose handlers do what a request's header Trip says.
type server struct {
	*testing.T
	url    string
	stderr *bytes.Buffer
	shapes map[string]shape // by operationId
	next   int
}

// The types that the stub's are written as.
type (
	shape struct {
		ID, Method, Path string
		Answers          []answer
	}
	answer struct {
		Status, Media string
		Kind          wire.Kind
		Headers       []string
	}
	trip struct {
		ID          string
		Through     bool
		Answer      int
		Status      int
		Media       string
		Body        json.RawMessage
		Headers     []json.RawMessage
		Credentials []credential
	}
	credential struct{ In, Name, Value string }
	seen       struct {
		Operation string
		Params    map[string]json.RawMessage
		Body      int
		Value     json.RawMessage
		Fault     string
	}
)

// start generates, builds and starts a server, which ends with the test.
func start(t *testing.T, ws *contract.Workspace) *server {
	t.Helper()
	files, found := goserver.Target{}.Generate(ws, ws.Targets[0], codegen.Unwatched)
	if found.Errors() > 0 {
		t.Fatal(found)
	}
	checkout, err := filepath.Abs("../..")
	if err != nil {
		t.Fatal(err)
	}
	dir := t.TempDir()
	schemes := "var schemes []wire.Scheme"
	for _, f := range files {
		put(t, filepath.Join(dir, "gen", f.Path), f.Data)
		if bytes.Contains(f.Data, []byte("\nvar securitySchemes ")) {
			schemes = "var schemes = securitySchemes"
		}
	}
	mod, err := os.ReadFile(filepath.Join(checkout, "go.mod"))
	if err != nil {
		t.Fatal(err)
	}
	sum, err := os.ReadFile(filepath.Join(checkout, "go.sum"))
	if err != nil {
		t.Fatal(err)
	}
	put(t, filepath.Join(dir, "go.mod"), []byte(strings.Replace(string(mod), "module github.com/banyan-go/banyan", "module "+module, 1)+
		"\nrequire github.com/banyan-go/banyan v0.0.0\nreplace github.com/banyan-go/banyan => "+checkout+"\n"))
	put(t, filepath.Join(dir, "go.sum"), sum)
	put(t, filepath.Join(dir, "gen", "it", "trips.go"), stub)
	put(t, filepath.Join(dir, "gen", "it", "trips_schemes.go"), []byte("package it\n\nimport \"github.com/banyan-go/banyan/wire\"\n\nvar _ wire.Scheme\n\n"+schemes+"\n"))
	put(t, filepath.Join(dir, "server", "main.go"), program)
	build := exec.CommandContext(t.Context(), "go", "build", "-trimpath", "-o", "served", "./server")
	build.Dir, build.Env = dir, append(os.Environ(), "GOFLAGS=-mod=mod", "GOWORK=off")
	if out, err := build.CombinedOutput(); err != nil {
		t.Fatalf("%v\n%s", err, out[:min(len(out), 4000)])
	}

	s := &server{T: t, stderr: &bytes.Buffer{}, shapes: map[string]shape{}}
	cmd := exec.Command(filepath.Join(dir, "served"))
	cmd.Stderr = s.stderr
	in, err := cmd.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := cmd.StdoutPipe()
	if err == nil {
		err = cmd.Start()
	}
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		in.Close()
		_ = cmd.Wait()
		if text := s.stderr.String(); strings.Contains(text, "panic") {
			t.Errorf("the server panicked:\n%s", text[:min(len(text), 4000)])
		}
	})
	line, err := bufio.NewReader(out).ReadString('\n')
	if err != nil {
		t.Fatalf("the server did not start: %v\n%s", err, s.stderr.String())
	}
	s.url = strings.TrimSpace(line)
	var shapes []shape
	s.ask("Trip-Shapes", "all", &shapes)
	for _, known := range shapes {
		s.shapes[known.ID] = known
	}
	return s
}

// ask asks the stub itself.
func (s *server) ask(header, value string, into any) {
	s.Helper()
	r, err := http.NewRequest(http.MethodGet, s.url+"/", nil)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set(header, value)
	resp, err := http.DefaultTransport.RoundTrip(r)
	if err != nil {
		s.Fatal(err)
	}
	defer resp.Body.Close()
	if err := json.NewDecoder(resp.Body).Decode(into); err != nil {
		s.Fatal(err)
	}
}

// came is an answer.
type came struct {
	status int
	header http.Header
	body   []byte
	// at are the handlers that were called, in the order in which they were.
	at []seen
}

// send makes a trip.
func (s *server) send(m *message, what trip) came {
	s.Helper()
	what.ID = string(s.id())
	r, err := m.request(s.url)
	if err != nil {
		s.Fatalf("%s: %v", m, err)
	}
	text, err := json.Marshal(what)
	if err != nil {
		s.Fatal(err)
	}
	r.Header.Set("Trip", base64.StdEncoding.EncodeToString(text))
	resp, err := transport.RoundTrip(r)
	if err != nil {
		s.Errorf("%s: %v", m, err)
		return came{}
	}
	defer resp.Body.Close()
	out := came{status: resp.StatusCode, header: resp.Header}
	if out.body, err = io.ReadAll(io.LimitReader(resp.Body, 8<<20)); err != nil {
		s.Errorf("%s: %v", m, err)
	}
	s.ask("Trip-Seen", what.ID, &out.at)
	return out
}

// transport leaves bodies as they came.
var transport = &http.Transport{DisableCompression: true, ResponseHeaderTimeout: time.Minute}

func (s *server) id() []byte {
	s.next++
	id, _ := json.Marshal(s.next)
	return id
}

func put(t *testing.T, name string, data []byte) {
	t.Helper()
	if err := os.MkdirAll(filepath.Dir(name), 0o755); err != nil {
		t.Fatal(err)
	}
	if err := os.WriteFile(name, data, 0o644); err != nil {
		t.Fatal(err)
	}
}
