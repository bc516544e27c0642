package swagger2

import (
	"fmt"
	"strings"

	"go.yaml.in/yaml/v3"
)

// serversOf are the addresses that host, basePath and schemes make.
func (u *upgrade) serversOf(schemes *yaml.Node) *yaml.Node {
	hostNode := get(u.root, "host")
	host, base := text1(hostNode), strings.TrimRight(text1(get(u.root, "basePath")), "/")
	if base != "" && base[0] != '/' {
		base = "/" + base
	}
	if host == "" {
		if base == "" {
			return nil
		}
		return sequence(mapping("url", text(base)))
	}
	if scheme, rest, found := strings.Cut(host, "://"); found {
		u.lose(hostNode, fmt.Sprintf("the host %q has a scheme", host), "")
		if host = rest; schemes == nil {
			schemes = sequence(text(scheme))
		}
	}
	host = strings.TrimRight(host, "/")
	out := sequence()
	var dropped []string
	for _, s := range items(schemes) {
		if s.Value != "http" && s.Value != "https" {
			dropped = append(dropped, s.Value)
			continue
		}
		out.Content = append(out.Content, mapping("url", text(s.Value+"://"+host+base)))
	}
	if len(dropped) > 0 {
		u.lose(schemes, "no servers for the schemes "+strings.Join(dropped, ", "), "OpenAPI 3.0 describes HTTP")
	}
	if len(out.Content) == 0 {
		server := mapping("url", text("https://"+host+base))
		if schemes == nil {
			server.Content[0].HeadComment = "# import: the source names no scheme"
		}
		out.Content = append(out.Content, server)
	}
	return out
}

func (u *upgrade) securityScheme(n *yaml.Node) *yaml.Node {
	out := mapping()
	typ := text1(get(n, "type"))
	switch typ {
	case "basic":
		set(out, "type", text("http"))
		set(out, "scheme", text("basic"))
	case "oauth2":
		set(out, "type", text(typ))
		flow := mapping()
		move(flow, n, "authorizationUrl")
		move(flow, n, "tokenUrl")
		scopes := get(n, "scopes")
		if scopes == nil {
			scopes = mapping()
		}
		set(flow, "scopes", scopes)
		name := text1(get(n, "flow"))
		switch name {
		case "application":
			name = "clientCredentials"
		case "accessCode":
			name = "authorizationCode"
		case "implicit", "password":
		default:
			u.refuse(n, fmt.Sprintf("an oauth2 security definition has the flow %q", name), "it is one of implicit, password, application and accessCode")
		}
		set(out, "flows", mapping(name, flow))
	default:
		for _, key := range []string{"type", "name", "in"} {
			move(out, n, key)
		}
	}
	move(out, n, "description")
	u.extensions(out, n)
	return out
}
