package contract

import (
	"cmp"
	"errors"
	"fmt"
	"net/url"
	"regexp"
	"strconv"
	"strings"

	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/internal/diag"
)

// load reads the contract's document and fills in what follows from it. The
// base path is taken from the servers unless banyan.yaml set one.
func (c *Contract) load(fs *files, list *diag.List, baseSet, toServe bool) {
	var found diag.List
	fs.list = &found
	defer func() { *list = append(*list, found...) }()

	f, err := fs.load(c.File)
	if err != nil {
		found.Add(ruleContractFile, c.Pos, fmt.Sprintf("cannot read the contract %s: %v", c.File, err), cmp.Or(fs.hint(c.File, err), nameIt(c.Name, err)))
		return
	}
	if f.root == nil {
		return
	}
	if f.root.kind != mapNode {
		found.Add(ruleSyntax, f.root.pos(), "an OpenAPI document is a mapping, found "+f.root.kind.String(), "")
		return
	}
	if !checkVersion(f.root, &found) {
		return // every further finding would be about another version's grammar
	}
	r := newReader(fs, &found)
	r.title = c.Name
	b := r.document(f.root)
	if b.root.kind != objectValue {
		return
	}
	info := b.root.get("info")
	c.Title, c.Version, c.Description = info.str("title"), info.str("version"), info.str("description")
	if !baseSet {
		c.BasePath = basePath(b.root, &found)
	}
	s := &surveyor{contract: c, bundle: b, list: &found, baseSet: baseSet}
	s.survey()
	s.problems()
	if toServe {
		(&validator{bundle: b, list: &found}).validate()
		b.checkDiscriminators(&found)
	}
	switch {
	case !Broken(found):
		c.bundle = b
	case !toServe && passable(found):
		c.bundle, c.faults = b, r.faults(found)
	}
	if toServe {
		found = c.Settle(Reader, found)
	} else {
		found = tolerated(found)
	}
}

// nameIt says how banyan.yaml names a contract that lies somewhere else.
func nameIt(service string, err error) string {
	if !errors.Is(err, errNoFile) {
		return ""
	}
	return fmt.Sprintf("put it there, or name the file below %s's folder: services: {%s: {contract: FILE}}", WorkspaceFile, service)
}

var (
	version30 = regexp.MustCompile(`^3\.0(\.\d+)?(-.+)?$`)
	version31 = regexp.MustCompile(`^3\.1(\.\d+)?(-.+)?$`)
)

// checkVersion accepts OpenAPI 3.0.x, 3.1.x, 3.2.x and nothing else.
func checkVersion(root *node, list *diag.List) bool {
	v := root.get("openapi")
	const hint = "start the document with openapi: 3.0.3 or 3.1.1"
	switch old := root.get("swagger"); {
	case v == nil && old != nil:
		list.Add(ruleVersion, old.pos(), "this is Swagger "+old.source()+", not OpenAPI 3", "convert it: banyan import swagger2 "+root.file.name)
	case v == nil:
		list.Add(ruleVersion, root.pos(), "the document does not say openapi: 3.0.x, 3.1.x or 3.2.x", hint)
	case version30.MatchString(v.source()) || version31.MatchString(v.source()):
		return true
	case version32.MatchString(v.source()):
		list.Warn(ruleVersion, v.pos(), "OpenAPI "+v.source()+" is read as 3.1", "what only 3.2 has and is not supported is a finding of "+ruleOnly32+" at its place")
		return true
	case strings.HasPrefix(v.source(), "3."):
		list.Add(ruleVersion, v.pos(), "OpenAPI "+v.source()+" is not supported, only 3.0.x, 3.1.x and 3.2.x", "start the document with openapi: 3.1.1 if it has nothing that is newer")
	default:
		list.Add(ruleVersion, v.pos(), fmt.Sprintf("%s is no version of OpenAPI 3", describeValue(v)), hint)
	}
	return false
}

var serverVariable = regexp.MustCompile(`\{([^{}]*)\}`)

// basePath is the path part of the first server's URL, of the document or of
// what has servers of its own.
func basePath(of *value, list *diag.List) string {
	servers := of.get("servers")
	if servers == nil || len(servers.items) == 0 {
		return ""
	}
	first, ok := serverPath(servers.items[0])
	if !ok {
		pos := servers.items[0].get("url").position(servers.pos)
		list.Warn(ruleServer, pos, "the path of the server's URL cannot be told", "set base-path for the service in "+WorkspaceFile)
		return ""
	}
	for _, other := range servers.items[1:] {
		if p, _ := serverPath(other); p != first {
			list.Warn(ruleServer, other.get("url").position(servers.pos), fmt.Sprintf("the servers have different paths; the first one's, %s, is served", strconv.Quote(first)),
				"set base-path for the service in "+WorkspaceFile)
			break
		}
	}
	return first
}

func serverPath(server *value) (string, bool) {
	raw := serverVariable.ReplaceAllStringFunc(server.str("url"), func(v string) string {
		return server.get("variables").get(v[1 : len(v)-1]).str("default")
	})
	u, err := url.Parse(raw)
	if err != nil {
		return "", false
	}
	p := strings.TrimRight(u.EscapedPath(), "/")
	if p == "" {
		return "", true
	}
	if u.Host == "" && !strings.HasPrefix(p, "/") {
		p = "/" + strings.TrimPrefix(p, "./") // relative to where the document is served
	}
	return p, checkBasePath(p) == ""
}

// checkBasePath says what is wrong with a base path.
func checkBasePath(p string) string {
	names, fault := templateNames(p)
	switch {
	case fault != "":
		return fault
	case len(names) > 0:
		return "holds a variable"
	case !strings.HasPrefix(p, "/"):
		return "does not start with /"
	case strings.Contains(p, "//"):
		return "holds //"
	}
	return ""
}

// start is the first place of a file.
func start(file string) config.Pos { return config.Pos{File: file, Line: 1, Col: 1} }
