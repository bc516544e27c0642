package legacyproxy

import (
	"cmp"
	"fmt"

	"github.com/banyan-go/banyan/catalog"
	"github.com/banyan-go/banyan/config"
	"github.com/banyan-go/banyan/legacyproxy/fastcgi"
)

// fastcgiKeys say how scripts are found behind an upstream that is php-fpm.
type fastcgiKeys struct {
	Root      config.Value[string]      `yaml:"root"`
	Index     config.Value[string]      `yaml:"index"`
	Split     config.Value[string]      `yaml:"split"`
	KeepAlive config.Value[int]         `yaml:"keep-alive"`
	MaxBody   config.Value[config.Size] `yaml:"max-body"`
}

// over lays what is set over what is inherited.
func (k fastcgiKeys) over(inherited fastcgiKeys) fastcgiKeys {
	return fastcgiKeys{
		Root:      either(k.Root, inherited.Root),
		Index:     either(k.Index, inherited.Index),
		Split:     either(k.Split, inherited.Split),
		KeepAlive: either(k.KeepAlive, inherited.KeepAlive),
		MaxBody:   either(k.MaxBody, inherited.MaxBody),
	}
}

func either[T any](own, inherited config.Value[T]) config.Value[T] {
	if own.Set() {
		return own
	}
	return inherited
}

// fastcgiKeys checks each key by itself.
func (p *parser) fastcgiKeys(k *fastcgiKeys) {
	check := func(set bool, pos config.Pos, f catalog.FastCGI, hint string) {
		if err := f.Check(); set && err != nil {
			p.fault(pos, hint, "fastcgi: %v", err)
		}
	}
	if k.Root.Set() {
		root, err := config.Expand(k.Root.V, func(string) (string, bool) { return "", false })
		if err != nil { // broken, or a variable without a default
			root = "/x"
			_, err = config.Expand(k.Root.V, func(string) (string, bool) { return "x", true })
		}
		if err != nil {
			p.fault(k.Root.Pos, "", "fastcgi: root: %v", err)
		}
		check(true, k.Root.Pos, catalog.FastCGI{Root: cmp.Or(root, ".")}, rootHint)
	}
	check(k.Index.Set(), k.Index.Pos, catalog.FastCGI{Index: cmp.Or(k.Index.V, ".")}, "write it relative to the root, such as index.php")
	check(k.Split.Set(), k.Split.Pos, catalog.FastCGI{Split: cmp.Or(k.Split.V, ".")}, "write .php, or none when every path goes to the index")
	check(k.KeepAlive.Set(), k.KeepAlive.Pos, catalog.FastCGI{KeepAlive: k.KeepAlive.V}, "each connection that is kept occupies one of php-fpm's children")
	if k.MaxBody.Set() && k.MaxBody.V == 0 {
		p.faultOnce(k.MaxBody.Pos, "leave it out: the default is 64MiB", "fastcgi: max-body: want more than 0")
	}
}

const rootHint = "write the folder of the scripts as php-fpm sees it, such as /var/www/html"

// fastcgiSettings are what counts for one upstream.
type fastcgiSettings struct {
	layout    fastcgi.Layout
	keepAlive int
	maxBody   int64
}

// settle works out what counts, over what the workspace says.
func (k *fastcgiKeys) settle(ws catalog.FastCGI, getenv func(string) (string, bool)) (fastcgiSettings, *config.Fault) {
	pick := func(v config.Value[string], otherwise string) string {
		if v.Set() {
			return v.V
		}
		return otherwise
	}
	s := fastcgiSettings{keepAlive: ws.KeepAlive, maxBody: ws.MaxBody,
		layout: fastcgi.Layout{Root: pick(k.Root, ws.Root), Index: pick(k.Index, ws.Index), Split: pick(k.Split, ws.Split)}}
	if k.KeepAlive.Set() {
		s.keepAlive = k.KeepAlive.V
	}
	if k.MaxBody.Set() {
		s.maxBody = int64(k.MaxBody.V)
	}
	if s.layout.Root == "" {
		return s, &config.Fault{Message: "upstream: a FastCGI server has to be told where the scripts are",
			Hint: "add fastcgi: {root: /var/www/html}, the folder as php-fpm sees it, to legacy.yaml or banyan.yaml"}
	}
	var err error
	if s.layout.Root, err = config.Expand(s.layout.Root, getenv); err == nil {
		err = s.layout.Check()
	}
	if err != nil {
		return s, &config.Fault{Pos: k.Root.Pos, Message: fmt.Sprintf("fastcgi: %v", err), Hint: rootHint}
	}
	return s, nil
}
