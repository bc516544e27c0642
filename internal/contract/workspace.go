package contract

import (
	"errors"
	"fmt"
	"io/fs"
	"net/url"
	"path"
	"regexp"
	"slices"
	"strings"
	"time"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// defaultBodyLimit is the largest request body unless banyan.yaml says
// otherwise.
const defaultBodyLimit = 1 << 20

// workspaceFile is banyan.yaml as written.
type workspaceFile struct {
	Version    config.Value[int]           `yaml:"version"`
	Services   config.Map[serviceEntry]    `yaml:"services"`
	Targets    config.Map[targetEntry]     `yaml:"targets"`
	Rollout    config.Value[string]        `yaml:"rollout"`
	Unmatched  config.Value[string]        `yaml:"unmatched"`
	BodyLimit  config.Value[config.Size]   `yaml:"unmatched-body-limit"`
	Trusted    []config.Value[string]      `yaml:"trusted-proxies"`
	Upstream   config.Value[string]        `yaml:"upstream"`
	FastCGI    fastcgiEntry                `yaml:"fastcgi"`
	Timeout    config.Value[time.Duration] `yaml:"timeout"`
	RemoteRefs []config.Value[string]      `yaml:"remote-refs"`
	Validation validationEntry             `yaml:"validation"`
	Review     reviewEntry                 `yaml:"review"`
}

type serviceEntry struct {
	Contract   config.Value[string]       `yaml:"contract"`
	Legacy     config.Value[string]       `yaml:"legacy"`
	BasePath   config.Value[string]       `yaml:"base-path"`
	BodyLimit  config.Value[config.Size]  `yaml:"body-limit"`
	Operations config.Map[operationEntry] `yaml:"operations"`
	Validation validationEntry            `yaml:"validation"`
	// Unsupported are rules about what is not supported.
	Unsupported []config.Value[string] `yaml:"unsupported"`
}

type operationEntry struct {
	BodyLimit config.Value[config.Size] `yaml:"body-limit"`
}

type targetEntry struct {
	Output  config.Value[string] `yaml:"output"`
	Package config.Value[string] `yaml:"package"`
	// Initialisms are words that names have in capitals.
	Initialisms []config.Value[string] `yaml:"initialisms"`
}

// workspaceReader turns banyan.yaml into a Workspace.
type workspaceReader struct {
	fsys fs.FS
	list *diag.List
	// module is the import path of the workspace's folder, or empty.
	module string
	// faulty are the places of values that could not be read. There is
	// nothing more to say about them.
	faulty  map[config.Pos]bool
	entries map[string]serviceEntry // by service
}

var serviceName = regexp.MustCompile(`^[a-z][a-z0-9-]*$`)

func (r *workspaceReader) read(data []byte) *Workspace {
	var file workspaceFile
	faults := config.Decode(WorkspaceFile, data, &file)
	r.list.AddFaults(ruleWorkspace, faults)
	r.faulty = map[config.Pos]bool{}
	for _, f := range faults {
		r.faulty[f.Pos] = true
	}

	w := &Workspace{File: WorkspaceFile, Unmatched: catalog.Deny, Upstream: file.Upstream.V, UpstreamPos: file.Upstream.Pos}
	switch {
	case given(r, file.Version) && file.Version.V != 1:
		r.list.Add(ruleWorkspace, file.Version.Pos, fmt.Sprintf("version %d is not known", file.Version.V), "this banyan reads version 1")
	case !file.Version.Set() && len(faults) == 0:
		r.list.Add(ruleWorkspace, start(WorkspaceFile), "the file has no version", "add version: 1")
	}
	if len(file.Services) == 0 && len(faults) == 0 {
		r.list.Add(ruleWorkspace, start(WorkspaceFile), "the workspace has no services", "add one, such as services: {users: {}}")
	}
	r.entries = map[string]serviceEntry{}
	for i := range file.Services {
		r.entries[file.Services[i].Key] = file.Services[i].Value
		w.Services = append(w.Services, r.service(&file.Services[i]))
	}
	slices.SortFunc(w.Services, func(a, b *Contract) int { return strings.Compare(a.Name, b.Name) })
	r.targets(file.Targets, w)
	r.rollout(file.Rollout, w)
	r.legacy(&file, w)
	w.Validation = r.validation(file.Validation)
	w.Review = r.review(file.Review)
	for _, prefix := range file.RemoteRefs {
		if !given(r, prefix) {
			continue
		}
		u, err := url.Parse(prefix.V)
		if err != nil || u.Host == "" || u.Scheme != "http" && u.Scheme != "https" || u.RawQuery != "" || u.User != nil {
			r.list.Add(ruleWorkspace, prefix.Pos, fmt.Sprintf("remote-refs: %q is not the start of a URL", prefix.V), "write it as https://host/folder/")
			continue
		}
		w.RemoteRefs = append(w.RemoteRefs, prefix.V)
	}
	return w
}

// given reports whether a value stands in the file and could be read.
func given[T any](r *workspaceReader, v config.Value[T]) bool { return v.Set() && !r.faulty[v.Pos] }

func (r *workspaceReader) service(e *config.Entry[serviceEntry]) *Contract {
	c := &Contract{Name: e.Key, Pos: e.Pos, BodyLimit: defaultBodyLimit}
	if !serviceName.MatchString(e.Key) {
		r.list.Add(ruleServiceName, e.Pos, fmt.Sprintf("%q is no name for a service", e.Key), "use a-z, 0-9 and -, starting with a letter")
	}
	folder := "api/" + e.Key
	if p, ok := r.inside(e.Value.Contract); ok {
		c.File = p
	} else if !e.Value.Contract.Set() && serviceName.MatchString(e.Key) {
		c.File = r.defaultContract(folder)
	}
	switch p, ok := r.inside(e.Value.Legacy); {
	case ok && !r.exists(p):
		r.list.Add(ruleWorkspace, e.Value.Legacy.Pos, "there is no file "+p, "create it, or remove the key if the service has no legacy backend")
	case ok:
		c.LegacyFile = p
	case !e.Value.Legacy.Set() && r.exists(folder+"/legacy.yaml"):
		c.LegacyFile = folder + "/legacy.yaml"
	case !e.Value.Legacy.Set():
		r.unread(e.Pos, folder+"/legacy.yml", fmt.Sprintf("services: {%s: {legacy: %s/legacy.yml}}", e.Key, folder))
	}
	if base := e.Value.BasePath; given(r, base) {
		c.BasePath = strings.TrimRight(base.V, "/")
		if fault := checkBasePath(c.BasePath); c.BasePath != "" && fault != "" {
			r.list.Add(ruleWorkspace, base.Pos, fmt.Sprintf("base-path %q %s", base.V, fault), "write it as /v1")
			c.BasePath = ""
		}
	}
	if given(r, e.Value.BodyLimit) {
		c.BodyLimit = int64(e.Value.BodyLimit.V)
	}
	c.Validation = r.validation(e.Value.Validation)
	c.Unsupported = r.unsupported(e.Value.Unsupported)
	return c
}

// DefaultFiles are the names that a contract has in its service's folder where
// banyan.yaml does not name it. The first that is there counts.
func DefaultFiles() []string { return []string{"openapi.yaml", "openapi.yml", "openapi.json"} }

func (r *workspaceReader) defaultContract(folder string) string {
	for _, name := range DefaultFiles() {
		if r.exists(folder + "/" + name) {
			return folder + "/" + name
		}
	}
	return folder + "/" + DefaultFiles()[0]
}

func (r *workspaceReader) targets(entries config.Map[targetEntry], w *Workspace) {
	taken := map[string]config.Entry[targetEntry]{}
	for _, e := range entries {
		t := TargetConfig{Name: e.Key, Pos: e.Pos, Package: e.Value.Package.V, Initialisms: r.initialisms(e.Value.Initialisms)}
		out, ok := r.inside(e.Value.Output)
		switch first, twice := taken[out]; {
		case !e.Value.Output.Set():
			r.list.Add(ruleWorkspace, e.Pos, fmt.Sprintf("the target %s has no output", e.Key), "add the folder it writes, such as output: gen")
			continue
		case !ok:
			continue
		case out == "." || out == "api" || strings.HasPrefix("api/", out+"/"):
			r.list.Add(ruleOutput, e.Value.Output.Pos, fmt.Sprintf("the target %s cannot write to %s", e.Key, e.Value.Output.V), "give it a folder of its own, such as gen")
			continue
		case twice:
			r.list.Add(ruleOutput, e.Value.Output.Pos, fmt.Sprintf("the targets %s and %s both write to %s", first.Key, e.Key, out), "give each a folder of its own")
			continue
		}
		taken[out] = e
		t.Output = out
		if t.Package == "" && r.module != "" {
			t.Package = path.Join(r.module, out)
		}
		w.Targets = append(w.Targets, t)
	}
	slices.SortFunc(w.Targets, func(a, b TargetConfig) int { return strings.Compare(a.Name, b.Name) })
}

// initialism is a word of at least two: every name has its first letter in
// capitals anyway.
var initialism = regexp.MustCompile(`^[A-Z][A-Z0-9]+$`)

// initialisms reads words that names have in capitals.
func (r *workspaceReader) initialisms(words []config.Value[string]) []string {
	first := map[string]config.Pos{}
	var out []string
	for _, w := range words {
		if !given(r, w) {
			continue
		}
		pos, twice := first[w.V]
		switch {
		case !initialism.MatchString(w.V):
			hint := "write words such as SKU or B2B"
			if upper := strings.ToUpper(w.V); initialism.MatchString(upper) {
				hint = "write " + upper
			}
			r.list.Add(ruleWorkspace, w.Pos, fmt.Sprintf("initialisms: %q is not made of two or more capital letters and digits, a letter first", w.V), hint)
		case twice:
			r.list.Add(ruleWorkspace, w.Pos, fmt.Sprintf("initialisms: %s is listed twice", w.V), "the first is at "+pos.String())
		default:
			first[w.V] = w.Pos
			out = append(out, w.V)
		}
	}
	return out
}

func (r *workspaceReader) rollout(v config.Value[string], w *Workspace) {
	const byDefault = "api/rollout.yaml"
	switch p, ok := r.inside(v); {
	case ok && !r.exists(p):
		r.list.Add(ruleWorkspace, v.Pos, "there is no file "+p, "create it, or remove the key: everything stays at its default then")
	case ok:
		w.RolloutFile = p
	case !v.Set() && r.exists(byDefault):
		w.RolloutFile = byDefault
	case !v.Set():
		r.unread(start(WorkspaceFile), "api/rollout.yml", "rollout: api/rollout.yml")
	}
}

// unread reports a file that somebody wrote, and that nobody reads for the way its
// name ends.
func (r *workspaceReader) unread(pos config.Pos, name, entry string) {
	if r.exists(name) {
		r.list.Add(ruleWorkspace, pos, name+" is not read: by default such a file ends in .yaml", "rename it, or name it here: "+entry)
	}
}

// inside returns a path of banyan.yaml, cleaned; false after a finding when it
// leaves the workspace.
func (r *workspaceReader) inside(v config.Value[string]) (string, bool) {
	if !given(r, v) {
		return "", false
	}
	fail := func(hint, message string) (string, bool) {
		r.list.Add(rulePathOutside, v.Pos, fmt.Sprintf("the path %q %s", v.V, message), hint)
		return "", false
	}
	switch clean := path.Clean(v.V); {
	case v.V == "":
		return fail("", "is empty")
	case strings.ContainsAny(v.V, "\\\x00"):
		return fail("use forward slashes", "holds a backslash or a zero byte")
	case path.IsAbs(v.V) || len(v.V) > 1 && v.V[1] == ':':
		return fail("write it relative to "+WorkspaceFile, "is absolute")
	case clean == ".." || strings.HasPrefix(clean, "../"):
		return fail("keep everything in the workspace's folder", "leads out of the workspace")
	default:
		return clean, true
	}
}

// exists tells whether there is something of the name. What cannot be read, such
// as a folder, a dangling link or a file of a closed folder, is there: it must
// not be passed over in silence.
func (r *workspaceReader) exists(name string) bool {
	_, err := fs.Lstat(r.fsys, name)
	return err == nil || errors.Is(err, fs.ErrPermission)
}

// operationLimits applies the body limits that banyan.yaml sets per operation.
func (r *workspaceReader) operationLimits(c *Contract, entries config.Map[operationEntry]) {
	var known []string
	for _, op := range c.Operations {
		known = append(known, op.ID)
	}
	for _, e := range entries {
		op := c.Operation(e.Key)
		switch {
		case op == nil && c.Title != "": // without a title nothing could be read
			r.list.Add(ruleUnknownOperation, e.Pos, fmt.Sprintf("%s has no operation %q", c.Name, e.Key), config.SuggestUnused(e.Key, known, func(id string) bool { _, used := entries.Get(id); return used }))
		case op != nil && given(r, e.Value.BodyLimit):
			op.BodyLimit = int64(e.Value.BodyLimit.V)
		}
	}
}
