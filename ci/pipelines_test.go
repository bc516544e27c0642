package ci

import (
	"bytes"
	"encoding/json"
	"io"
	"net/http"
	"net/http/httptest"
	"os"
	"os/exec"
	"path/filepath"
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
	mu       sync.Mutex
	comments []map[string]any
	token    string
	calls    []string
}

func (h *host) ServeHTTP(w http.ResponseWriter, r *http.Request) {
	h.mu.Lock()
	defer h.mu.Unlock()
	h.calls = append(h.calls, r.Method)
	if r.Header.Get("Authorization") != h.token && r.Header.Get("Private-Token") != h.token {
		w.WriteHeader(http.StatusUnauthorized)
		return
	}
	var body struct{ Body string }
	data, _ := io.ReadAll(r.Body)
	_ = json.Unmarshal(data, &body)
	switch r.Method {
	case http.MethodGet:
		_ = json.NewEncoder(w).Encode(h.comments)
	case http.MethodPost:
		h.comments = append(h.comments, map[string]any{"id": len(h.comments) + 1, "body": body.Body})
		w.WriteHeader(http.StatusCreated)
	default:
		for _, c := range h.comments {
			if strings.HasSuffix(r.URL.Path, "/"+strings.TrimSpace(toString(c["id"]))) {
				c["body"] = body.Body
			}
		}
	}
}

func toString(v any) string {
	text, _ := json.Marshal(v)
	return string(text)
}

// TestPostComment posts twice and finds one comment, on both hosts.
func TestPostComment(t *testing.T) {
	t.Parallel()
	for _, tool := range []string{"curl", "jq", "bash"} {
		if _, err := exec.LookPath(tool); err != nil {
			if os.Getenv("CI") == "true" {
				t.Fatalf("%s is not installed: apt-get install -y %s", tool, tool)
			}
			t.Skipf("%s is not installed", tool)
		}
	}
	for _, c := range []struct {
		name, token string
		env         func(url string) []string
	}{
		{"github", "Bearer secret", func(url string) []string {
			return []string{"GITHUB_API_URL=" + url, "GITHUB_REPOSITORY=a/b", "GITHUB_TOKEN=secret", "PR=7"}
		}},
		{"gitlab", "secret", func(url string) []string {
			return []string{"CI_API_V4_URL=" + url, "CI_PROJECT_ID=3", "CI_MERGE_REQUEST_IID=7", "GITLAB_TOKEN=secret"}
		}},
	} {
		t.Run(c.name, func(t *testing.T) {
			t.Parallel()
			h := &host{token: c.token, comments: []map[string]any{{"id": 1, "body": "somebody's remark"}}}
			server := httptest.NewServer(h)
			defer server.Close()
			file := filepath.Join(t.TempDir(), "comment.md")
			for _, text := range []string{"first", "second \"quoted\" `code`"} {
				if err := os.WriteFile(file, []byte("<!-- mark -->\n"+text+"\n"), 0o644); err != nil {
					t.Fatal(err)
				}
				cmd := exec.Command("./post-comment.sh", file)
				cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, c.env(server.URL)...)
				if out, err := cmd.CombinedOutput(); err != nil {
					t.Fatalf("%v: %s", err, out)
				} else if bytes.Contains(out, []byte("secret")) {
					t.Errorf("the token is shown: %s", out)
				}
			}
			h.mu.Lock()
			defer h.mu.Unlock()
			if len(h.comments) != 2 || h.comments[0]["body"] != "somebody's remark" || h.comments[1]["body"] != "<!-- mark -->\nsecond \"quoted\" `code`\n" {
				t.Errorf("comments: %v", h.comments)
			}
			cmd := exec.Command("./post-comment.sh", "--show", file)
			cmd.Env = append([]string{"PATH=" + os.Getenv("PATH")}, c.env("http://127.0.0.1:1")...)
			out, err := cmd.CombinedOutput()
			if err != nil || !bytes.Contains(out, []byte("POST http://127.0.0.1:1/")) || bytes.Contains(out, []byte("secret")) {
				t.Errorf("%v: %s", err, out)
			}
			// On a machine that is no pipeline.
			cmd = exec.Command("./post-comment.sh", "--show", file)
			cmd.Env = []string{"PATH=" + os.Getenv("PATH")}
			if out, err := cmd.CombinedOutput(); err != nil || !bytes.Contains(out, []byte("POST https://api.github.com/repos/OWNER/REPOSITORY/issues/NUMBER/comments")) {
				t.Errorf("%v: %s", err, out)
			}
		})
	}
}
