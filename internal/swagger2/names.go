package swagger2

import (
	"fmt"
	"regexp"
	"strings"

	"go.yaml.in/yaml/v3"
)

var (
	componentName = regexp.MustCompile(`^[A-Za-z0-9._-]+$`)
	notInName     = regexp.MustCompile(`[^A-Za-z0-9._-]+`)
)

// rename finds names for components whose own is none in OpenAPI 3.0.
func (u *upgrade) rename(from, to string) {
	taken := map[string]bool{}
	for key := range members(get(u.root, from)) {
		taken[key.Value] = true
	}
	for key := range members(get(u.root, from)) {
		if componentName.MatchString(key.Value) {
			continue
		}
		name := strings.Trim(notInName.ReplaceAllString(key.Value, "_"), "_")
		if name == "" {
			name = "_"
		}
		for base, i := name, 2; taken[name]; i++ {
			name = fmt.Sprintf("%s_%d", base, i)
		}
		taken[name] = true
		u.renamed[to+"/"+key.Value] = name
		u.lose(key, fmt.Sprintf("%q is no name for a component; it is called %s", key.Value, name), "")
	}
}

// requirements name security schemes as they are called now.
func (u *upgrade) requirements(n *yaml.Node) {
	for _, one := range items(get(n, "security")) {
		for key := range members(one) {
			key.Value = u.name("securitySchemes", key.Value)
		}
	}
}

// goNames leaves out what would give two schemas one Go name. Go-swagger, which
// x-go-name comes from as well, allows that where x-go-package differs.
func (u *upgrade) goNames() {
	first := map[string]*yaml.Node{}
	for key, schema := range members(get(u.root, "definitions")) {
		at := get(schema, "x-go-name")
		name := text1(at)
		switch before := first[name]; {
		case name == "":
		case before == nil:
			first[name] = key
		default:
			u.lose(at, fmt.Sprintf("the Go name %s is that of %s already; %s gets one of its own", name, before.Value, key.Value), "")
			remove(schema, "x-go-name")
		}
	}
}

func (u *upgrade) name(section, name string) string {
	if section == "requestBodies" {
		section = "parameters"
	}
	if to, ok := u.renamed[section+"/"+name]; ok {
		return to
	}
	return name
}
