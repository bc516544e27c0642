package wire

import (
	"context"
	"encoding/base64"
	"errors"
	"fmt"
	"log/slog"
	"net/http"
	"path"
	"reflect"
	"slices"
	"strings"

	"github.com/banyan-go/banyan/problem"
)

// SchemeType is what a security scheme is (OpenAPI 3.0.3, section 4.7.27).
type SchemeType uint8

const (
	// APIKey is a value at a place of the request.
	APIKey SchemeType = iota
	// Basic is a name and a password (RFC 7617).
	Basic
	// Bearer is a token (RFC 6750), also of OAuth 2 and OpenID Connect.
	Bearer
	// Authorization is any other scheme of the Authorization header.
	Authorization
	// Connection is what the connection itself proves: mutual TLS.
	Connection
	// Undeclared is a scheme that the contract names and does not describe: the
	// check looks at the request itself, whatever it brings.
	Undeclared
)

// Scheme is one security scheme. Word is what an Authorization starts with.
type Scheme struct {
	Name  string // in the contract
	Type  SchemeType
	In    Place
	Param string // of an APIKey
	Word  string
}

// Needed is a scheme, by its index, and the scopes that it must grant.
type Needed struct {
	Scheme int
	Scopes []string
}

// Requirement is a way to be let in: all of its schemes. An empty one lets
// everybody in (section 4.7.30).
type Requirement []Needed

// Credentials are what a request brings for one scheme. They are printed and
// logged as what they are for, never as what they are.
type Credentials struct {
	// Scheme is the scheme's name in the contract.
	Scheme string
	// Token is an API key, a bearer token, or what follows the word of another
	// scheme in Authorization.
	Token string
	// User and Password are those of Basic.
	User, Password string
	// Request has the rest, such as the certificates of the connection. Its body
	// must not be read.
	Request *http.Request
}

// String hides the credentials.
func (c Credentials) String() string { return "credentials of " + c.Scheme }

// GoString hides the credentials.
func (c Credentials) GoString() string { return "wire.Credentials{" + c.Scheme + "}" }

// LogValue hides the credentials.
func (c Credentials) LogValue() slog.Value { return slog.StringValue(c.String()) }

// Check decides about credentials. The context that it returns is the handler's;
// nil keeps the one it was given. An error that is a problem.Unauthorized or
// problem.Forbidden refuses the request; any other one is a fault of the server.
type Check func(ctx context.Context, c Credentials, scopes []string) (context.Context, error)

// guards returns what decides about requests to the operations that Go serves,
// by key. checks are those of the schemes, in their order, or nil when there are
// none, which is an error as soon as an operation needs them.
func guards(schemes []Scheme, checks []Check, operations []Served) (map[string]func(*http.Request) (context.Context, error), error) {
	out := map[string]func(*http.Request) (context.Context, error){}
	var bare []Served
	for _, op := range operations {
		if len(op.Shape.Security) == 0 {
			continue
		}
		if checks == nil {
			bare = append(bare, op)
			continue
		}
		g := &guard{schemes: schemes, checks: checks, shape: op.Shape}
		out[op.Shape.Key] = g.admit
	}
	if bare != nil {
		return nil, unguarded(schemes, bare)
	}
	return out, nil
}

// unguarded says that protected operations have nobody who decides about their
// requests, and what to write.
func unguarded(schemes []Scheme, bare []Served) error {
	const most = 5
	var keys, by []string
	for _, op := range bare {
		keys = append(keys, op.Shape.Key)
		for _, n := range slices.Concat(op.Shape.Security...) {
			if s := &schemes[n.Scheme]; !slices.Contains(by, s.describe()) {
				by = append(by, s.describe())
			}
		}
	}
	slices.Sort(keys)
	if more := len(keys) - most; more > 0 {
		keys = append(keys[:most], fmt.Sprintf("and %d more", more))
	}
	slices.Sort(by)
	pkg := path.Base(reflect.TypeOf(bare[0].Request).Elem().PkgPath())
	return fmt.Errorf("the contract protects %s, which Go serves, by %s, and Handlers.Security is nil, so that nobody decides who may come in: "+
		"implement the interface %s.Security and set it where the handlers are registered, as in %[3]s.Handlers{Security: doors, ...}, or handlers := %[3]s.All(service); handlers.Security = doors",
		strings.Join(keys, ", "), strings.Join(by, ", "), pkg)
}

// describe names the scheme and what it wants, for who has to check that.
func (s *Scheme) describe() string {
	what := "the word " + s.Word + " in Authorization"
	switch s.Type {
	case APIKey:
		what = s.In.String() + " " + s.Param
	case Basic:
		what = "name and password"
	case Bearer:
		what = "bearer token"
	case Connection:
		what = "mutual TLS"
	case Undeclared:
		what = "not described"
	}
	return s.Name + " (" + what + ")"
}

// Guard lets those requests through to h that meet the requirements of a shape,
// with the checks of its schemes in their order.
func Guard(shape *Shape, schemes []Scheme, checks []Check, h Handler) Handler {
	g := &guard{schemes: schemes, checks: checks, shape: shape}
	return func(w http.ResponseWriter, r *http.Request) error {
		ctx, err := g.admit(r)
		if err != nil {
			return err
		}
		return h(w, r.WithContext(ctx))
	}
}

type guard struct {
	schemes []Scheme
	checks  []Check
	shape   *Shape
}

// admit tries one requirement after the other. The first that is met decides
// about the context; when none is, the client is told about the one that came
// farthest.
func (g *guard) admit(r *http.Request) (context.Context, error) {
	var refused error
	for _, all := range g.shape.Security {
		ctx, err := g.all(r, all)
		var p *problem.Error
		switch {
		case err == nil:
			return ctx, nil
		case errors.Is(err, errNone):
			continue
		case !errors.As(err, &p):
			var k problem.Kind
			if !errors.As(err, &k) {
				return nil, fmt.Errorf("%s: security: %w", g.shape.Key, err)
			}
			p = k.New("")
		}
		if p.Status != http.StatusUnauthorized && p.Status != http.StatusForbidden {
			return nil, p
		}
		if refused == nil || p.Status == http.StatusForbidden {
			refused = g.challenged(p, all)
		}
	}
	if refused == nil {
		refused = g.challenged(problem.Unauthorized.New("credentials are required"), slices.Concat(g.shape.Security...))
	}
	return nil, refused
}

var errNone = errors.New("no credentials")

// all checks every scheme of a requirement, once the request has credentials for
// all of them.
func (g *guard) all(r *http.Request, needed Requirement) (context.Context, error) {
	found := make([]Credentials, len(needed))
	for i, n := range needed {
		c, ok := findCredentials(&g.schemes[n.Scheme], r)
		if !ok {
			return nil, errNone
		}
		found[i] = c
	}
	ctx := r.Context()
	for i, n := range needed {
		next, err := g.checks[n.Scheme](ctx, found[i], n.Scopes)
		if err != nil {
			return nil, err
		}
		if next != nil {
			ctx = next
		}
	}
	return ctx, nil
}

// findCredentials returns what a request brings for the scheme.
func findCredentials(s *Scheme, r *http.Request) (Credentials, bool) {
	c := Credentials{Scheme: s.Name, Request: r}
	switch s.Type {
	case APIKey:
		switch s.In {
		case InHeader:
			c.Token = r.Header.Get(s.Param)
		case InCookie:
			if cookie, err := r.Cookie(s.Param); err == nil {
				c.Token = cookie.Value
			}
		default:
			for _, q := range parsePairs(r.URL.RawQuery) {
				if q.name == s.Param {
					c.Token = queryUnescape(q.raw)
				}
			}
		}
		return c, c.Token != ""
	case Undeclared:
		return c, true
	case Connection:
		return c, r.TLS != nil && len(r.TLS.PeerCertificates) > 0
	}
	word, rest, _ := strings.Cut(r.Header.Get("Authorization"), " ")
	c.Token = strings.TrimSpace(rest)
	if !strings.EqualFold(word, s.Word) || c.Token == "" {
		return c, false
	}
	if s.Type == Basic {
		plain, err := base64.StdEncoding.DecodeString(c.Token)
		if err != nil {
			return c, false
		}
		var ok bool
		if c.User, c.Password, ok = strings.Cut(string(plain), ":"); !ok {
			return c, false
		}
		c.Token = ""
	}
	return c, true
}

// challenged adds what would let the client in (RFC 9110, section 11.6.1).
func (g *guard) challenged(p *problem.Error, needed []Needed) *problem.Error {
	header := p.Header.Clone()
	if header == nil {
		header = http.Header{}
	}
	if header.Get("WWW-Authenticate") == "" {
		seen := map[string]bool{}
		for _, n := range needed {
			if c := g.schemes[n.Scheme].challenge(n.Scopes, p.Status == http.StatusForbidden); c != "" && !seen[c] {
				seen[c] = true
				header.Add("WWW-Authenticate", c)
			}
		}
	}
	out := *p
	out.Header = header
	return &out
}

func (s *Scheme) challenge(scopes []string, forbidden bool) string {
	switch s.Type {
	case APIKey:
		if forbidden {
			return ""
		}
		return fmt.Sprintf("ApiKey realm=%q, in=%q, name=%q", s.Name, s.In.String(), s.Param)
	case Connection, Undeclared:
		return ""
	case Bearer:
		out := fmt.Sprintf("Bearer realm=%q", s.Name)
		if forbidden {
			out += `, error="insufficient_scope"`
		}
		if len(scopes) > 0 {
			out += fmt.Sprintf(", scope=%q", strings.Join(scopes, " "))
		}
		return out
	}
	return fmt.Sprintf("%s realm=%q", s.Word, s.Name)
}
