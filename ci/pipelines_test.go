package ci

import (
	"bytes"
	"cmp"
	"encoding/json"
	"errors"
	"github.com/banyan-go/banyan/e2e/needs"
	"io"
	"maps"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path"
	"path/filepath"
	"slices"
	"strconv"
	"strings"
	"sync"
	"testing"
)

// TestOwnPipeline holds the repository's own contract job to the one that others
// are given.
func TestOwnPipeline(t *testing.T) {
	t.Parallel()
	jobs := func(name string) string {
		data, err := os.ReadFile(name)
		if err != nil {
			t.Fatal(err)
		}
		_, rest, ok := strings.Cut(string(data), "\nname: contract\n")
		if !ok {
			t.Fatalf("%s has no line name: contract", name)
		}
		return rest
	}
	if jobs("pipelines/github.yml") != jobs("../.github/workflows/contract.yml") {
		t.Error("the workflow is not ci/pipelines/github.yml any more")
	}
}

// host is a code host that keeps comments.
type host struct {
	mu sync.Mutex
	state
	calls []string
}

// state is what a host has and how it answers.
type state struct {
	comments []map[string]any
	token    string
	// locked are the comments that the token may not change; reader is a token
	// that may change nothing.
	locked []int
	reader bool
	// down is answered instead of an answer, as often as it says.
	down int
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, r.Method)
	if h.down > 0 {
		h.down--
		w.WriteHeader(http.StatusBadGateway)
		return
	}
	if r.Header.Get("Authorization") != h.token && r.Header.Get("Private-Token") != h.token && r.Header.Get("Job-Token") != h.token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var body struct{ Body string }
	data, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(data, &body)
	if h.reader && r.Method != http.MethodGet {
		w.WriteHeader(http.StatusForbidden)
		_, _ = io.WriteString(w, `{"message":"Resource not accessible by integration"}`)
		return
	}
	switch r.Method {
	case http.MethodGet:
		page, _ := strconv.Atoi(r.URL.Query().Get("page"))
		size, _ := strconv.Atoi(r.URL.Query().Get("per_page"))
		from := min(len(h.comments), (page-1)*size)
		_ = json.NewEncoder(w).Encode(append([]map[string]any{}, h.comments[from:min(len(h.comments), from+size)]...))
	case http.MethodPost:
		h.comments = append(h.comments, map[string]any{"id": len(h.comments) + 1, "body": body.Body})
		w.WriteHeader(http.StatusCreated)
	default:
		id, _ := strconv.Atoi(path.Base(r.URL.Path))
		if id < 1 || id > len(h.comments) || slices.Contains(h.locked, id) {
			w.WriteHeader(http.StatusForbidden)
			return
		}
		h.comments[id-1]["body"] = body.Body
	}
}

const mark = "<!-- banyan-review -->\n"

// said are the comments that begin with the mark.
func (h *host) said() []string {
	h.mu.Lock()
	defer h.mu.Unlock()
	var out []string
	for _, c := range h.comments {
		if body, _ := c["body"].(string); strings.HasPrefix(body, mark) {
			out = append(out, strings.TrimPrefix(body, mark))
		}
	}
	return out
}

// remarks are comments of people, one without any words among them.
func remarks(n int) []map[string]any {
	out := []map[string]any{{"id": 1, "body": nil}}
	for i := 2; i <= n; i++ {
		out = append(out, map[string]any{"id": i, "body": "somebody's remark, which quotes " + mark})
	}
	return out
}

// hosts are the two, with what a pipeline of theirs knows.
var hosts = []struct {
	name, token string
	env         func(url string) []string
}{
	{"github", "Bearer secret", func(url string) []string {
		return []string{"GITHUB_API_URL=" + url, "GITHUB_REPOSITORY=a/b", "GITHUB_TOKEN=secret", "PR=7"}
	}},
	{"gitlab", "secret", func(url string) []string {
		return []string{"CI_API_V4_URL=" + url, "CI_PROJECT_ID=3", "CI_MERGE_REQUEST_IID=7", "GITLAB_TOKEN=secret"}
	}},
	{"gitlab-job", "secret", func(url string) []string {
		return []string{"CI_API_V4_URL=" + url, "CI_PROJECT_ID=3", "CI_MERGE_REQUEST_IID=7", "CI_JOB_TOKEN=secret"}
	}},
}

// post runs post-comment.sh with a comment of that text.
func post(t *testing.T, env []string, text string, flags ...string) (output string, code int) {
	t.Helper()
	file := filepath.Join(t.TempDir(), "comment.md")
	if err := os.WriteFile(file, []byte(mark+text), 0o644); err != nil {
		t.Fatal(err)
	}
	cmd := exec.Command("./post-comment.sh", append(flags, file)...)
	cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, env...)
	out, err := cmd.CombinedOutput()
	var exit *exec.ExitError
	if err != nil && !errors.As(err, &exit) {
		t.Fatal(err)
	}
	if bytes.Contains(out, []byte("secret")) {
		t.Errorf("the token is shown: %s", out)
	}
	return string(out), cmd.ProcessState.ExitCode()
}

// TestPostComment posts twice and finds one comment, on both hosts, whatever else
// is said there.
func TestPostComment(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"curl", "jq", "bash"} {
		needs.Program(t, tool, tool)
	}
	const first, second = "first\n", "second \"quoted\" `code` ü\n"
	for _, c := range []struct {
		name string
		host state
		want []string
		says string
		code int
	}{
		{"nothing else", state{}, []string{second}, "updated comment 1", 0},
		{"a few remarks", state{comments: remarks(3)}, []string{second}, "updated comment 4", 0},
		{"three pages", state{comments: remarks(250)}, []string{second}, "updated comment 251", 0},
		{"exactly a page", state{comments: remarks(99)}, []string{second}, "updated comment 100", 0},
		{"the mark of somebody else", state{comments: []map[string]any{{"id": 1, "body": mark + "mine"}}, locked: []int{1}}, []string{"mine", second}, "updated comment 2", 0},
		{"a token that may not write", state{comments: remarks(3), reader: true}, nil, "the token may not write comments here (status 403): the report is in the job's summary and artifacts", 0},
		{"an unknown token", state{token: "another"}, nil, "the token may not write comments here (status 401)", 0},
		{"a host that stumbles", state{down: 1}, []string{second}, "updated comment 1", 0},
		{"a host that is down", state{down: 100}, nil, "the list of comments was answered with status 502", 1},
	} {
		for _, on := range hosts {
			if on.name == "gitlab-job" && c.name != "nothing else" {
				continue // it differs in a header only
			}
			t.Run(c.name+"/"+on.name, func(t *testing.T) {
				t.Parallel()
				h := &host{state: c.host}
				h.comments, h.token = slices.Clone(h.comments), cmp.Or(h.token, on.token)
				for i := range h.comments {
					h.comments[i] = maps.Clone(h.comments[i])
				}
				server := httptest.NewServer(h)
				defer server.Close()
				post(t, on.env(server.URL), first)
				out, code := post(t, on.env(server.URL), second)
				if code != c.code || !strings.Contains(out, c.says) {
					t.Errorf("exit code %d, want %d: %s", code, c.code, out)
				}
				if got := h.said(); !slices.Equal(got, c.want) {
					t.Errorf("comments: %q, want %q", got, c.want)
				}
			})
		}
	}
}

// TestShowComment prints what would be posted, and calls nobody.
func TestShowComment(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"curl", "jq", "bash"} {
		needs.Program(t, tool, tool)
	}
	for _, on := range hosts {
		out, code := post(t, on.env("http://127.0.0.1:1"), "text", "--show")
		if code != 0 || !strings.Contains(out, "POST http://127.0.0.1:1/") {
			t.Errorf("%s: exit code %d: %s", on.name, code, out)
		}
		out, code = post(t, on.env("http://127.0.0.1:1"), "text")
		if code != 1 || !strings.Contains(out, "cannot reach http://127.0.0.1:1") {
			t.Errorf("%s: nobody listens: exit code %d: %s", on.name, code, out)
		}
	}
	// On a machine that is no pipeline.
	out, code := post(t, nil, "text", "--show")
	if code != 0 || !strings.Contains(out, "POST https://api.github.com/repos/OWNER/REPOSITORY/issues/NUMBER/comments") {
		t.Errorf("exit code %d: %s", code, out)
	}
	if out, code := post(t, nil, "text"); code != 1 || !strings.Contains(out, "not in a pipeline") {
		t.Errorf("exit code %d: %s", code, out)
	}
}
