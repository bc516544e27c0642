package contract

import (
	"cmp"
	"fmt"
	"net/url"
	"strconv"
	"strings"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
)

type fastcgiEntry struct {
	Root      config.Value[string]      `yaml:"root"`
	Index     config.Value[string]      `yaml:"index"`
	Split     config.Value[string]      `yaml:"split"`
	KeepAlive config.Value[int]         `yaml:"keep-alive"`
	MaxBody   config.Value[config.Size] `yaml:"max-body"`
}

// legacy checks the keys about PHP as a whole.
func (r *workspaceReader) legacy(file *workspaceFile, w *Workspace) {
	if v := file.Unmatched; given(r, v) {
		switch u := catalog.Unmatched(v.V); u {
		case catalog.Deny:
		case catalog.Legacy:
			w.Unmatched = u
			if !file.Upstream.Set() {
				r.list.Add(ruleUnmatched, v.Pos, "unmatched: legacy needs an upstream", "add upstream: http://127.0.0.1:8081, or wherever PHP listens")
			}
		default:
			r.list.Add(ruleWorkspace, v.Pos, fmt.Sprintf("unmatched: %q is not known", v.V), config.Suggest(v.V, []string{string(catalog.Deny), string(catalog.Legacy)}))
		}
	}
	if v := file.Upstream; given(r, v) {
		// What stands in for ${NAME} is not known here; its default is.
		s, err := config.Expand(v.V, func(string) (string, bool) { return "http://upstream.invalid", true })
		if err != nil {
			r.list.Add(ruleWorkspace, v.Pos, "upstream: "+err.Error(), "write ${NAME} or ${NAME:-http://127.0.0.1:8081}")
		} else if !strings.Contains(v.V, "${") && !isUpstream(s) {
			r.list.Add(ruleWorkspace, v.Pos, fmt.Sprintf("upstream: %q is no URL of http or FastCGI", v.V), upstreamHint)
		} else if fault := upstreamFault(s); fault != "" && !strings.Contains(v.V, "${") {
			r.list.Add(ruleWorkspace, v.Pos, "upstream: "+fault, upstreamHint)
		} else if s, err := config.Expand(v.V, func(string) (string, bool) { return "", false }); err == nil && !isUpstream(s) {
			r.list.Add(ruleWorkspace, v.Pos, fmt.Sprintf("upstream: %q, which counts when no variable is set, is no URL of http or FastCGI", s), "write it as ${NAME:-http://127.0.0.1:8081}")
		} else if fault := upstreamFault(s); err == nil && fault != "" {
			r.list.Add(ruleWorkspace, v.Pos, "upstream: where no variable is set: "+fault, "write it as ${NAME:-http://127.0.0.1:8081}")
		}
	}
	if v := file.BodyLimit; given(r, v) {
		switch w.UnmatchedBodyLimit = int64(v.V); {
		case v.V == 0:
			r.list.Add(ruleWorkspace, v.Pos, "unmatched-body-limit: want more than 0", "leave it out: the default is 64MiB")
		case w.Unmatched != catalog.Legacy && !r.faulty[file.Unmatched.Pos]:
			r.list.Add(ruleWorkspace, v.Pos, "unmatched-body-limit has no effect: requests outside the contracts are refused", "remove it, or add unmatched: legacy")
		}
	}
	r.trusted(file.Trusted, w)
	w.FastCGI = r.fastcgi(&file.FastCGI)
	if v := file.Timeout; given(r, v) {
		if w.Timeout = v.V; v.V <= 0 || v.V > time.Hour {
			r.list.Add(ruleWorkspace, v.Pos, fmt.Sprintf("timeout: want more than 0 and at most 1h, found %s", v.V), "")
		}
	}
}

// trusted checks the peers whose word counts. What stands in for ${NAME} is not
// known here; its default is.
func (r *workspaceReader) trusted(values []config.Value[string], w *Workspace) {
	const hint = "write an address such as 10.0.0.7 or a network such as 10.0.0.0/8"
	for _, v := range values {
		if !given(r, v) {
			continue
		}
		w.TrustedProxies = append(w.TrustedProxies, v.V)
		if _, err := config.Expand(v.V, func(string) (string, bool) { return "127.0.0.1", true }); err != nil {
			r.list.Add(ruleWorkspace, v.Pos, "trusted-proxies: "+err.Error(), "write ${NAME} or ${NAME:-10.0.0.0/8}")
			continue
		}
		text, err := config.Expand(v.V, func(string) (string, bool) { return "", false })
		if err != nil { // a variable without a default
			continue
		}
		if _, err := catalog.ParsePeers(text); err != nil {
			r.list.Add(ruleWorkspace, v.Pos, "trusted-proxies: "+err.Error(), hint)
		}
	}
}

const upstreamHint = "write it as http://127.0.0.1:8081, or for php-fpm as fastcgi://127.0.0.1:9000 or fastcgi+unix:///run/php/php-fpm.sock"

func isUpstream(text string) bool {
	u, err := url.Parse(text)
	switch {
	case err != nil:
		return false
	case u.Scheme == "fastcgi+unix":
		return u.Host == "" && len(u.Path) > 1
	}
	return u.Host != "" && (u.Scheme == "http" || u.Scheme == "https" || u.Scheme == "fastcgi" && u.Port() != "")
}

// upstreamFault says what an upstream's URL has and must not have. It does not
// repeat a password.
func upstreamFault(text string) string {
	u, err := url.Parse(text)
	if err != nil || u.Scheme == "fastcgi+unix" {
		return ""
	}
	port, err := strconv.Atoi(u.Port())
	switch {
	case u.Port() != "" && (err != nil || port < 1 || port > 65535):
		return u.Port() + " is not a port"
	case u.User != nil:
		return "the URL holds a user or password; set an Authorization header in legacy.yaml instead"
	case u.RawQuery != "" || u.ForceQuery || u.Fragment != "":
		return "the URL has a query or a fragment; write it without"
	}
	return ""
}

// fastcgi checks each key by itself.
func (r *workspaceReader) fastcgi(e *fastcgiEntry) (f catalog.FastCGI) {
	check := func(pos config.Pos, f catalog.FastCGI) {
		if err := f.Check(); err != nil {
			r.list.Add(ruleWorkspace, pos, "fastcgi: "+err.Error(), "root is the folder of the scripts as php-fpm sees it, index a script in it, split .php or none")
		}
	}
	if v := e.Root; given(r, v) {
		f.Root = v.V
		root, err := config.Expand(v.V, func(string) (string, bool) { return "", false })
		if err != nil { // broken, or a variable without a default
			root = "/x"
			_, err = config.Expand(v.V, func(string) (string, bool) { return "x", true })
		}
		if err != nil {
			r.list.Add(ruleWorkspace, v.Pos, "fastcgi: root: "+err.Error(), "write ${NAME} or ${NAME:-/var/www/html}")
		}
		check(v.Pos, catalog.FastCGI{Root: cmp.Or(root, ".")})
	}
	if v := e.Index; given(r, v) {
		f.Index = v.V
		check(v.Pos, catalog.FastCGI{Index: cmp.Or(v.V, ".")})
	}
	if v := e.Split; given(r, v) {
		f.Split = v.V
		check(v.Pos, catalog.FastCGI{Split: cmp.Or(v.V, ".")})
	}
	if v := e.KeepAlive; given(r, v) {
		f.KeepAlive = v.V
		check(v.Pos, catalog.FastCGI{KeepAlive: v.V})
	}
	if v := e.MaxBody; given(r, v) {
		f.MaxBody = int64(v.V)
		check(v.Pos, catalog.FastCGI{MaxBody: cmp.Or(f.MaxBody, -1)})
	}
	return f
}
