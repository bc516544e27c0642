//go:build unix

package legacy

import (
	"context"
	"errors"
	"fmt"
	"math/rand/v2"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	toxiproxy "github.com/Shopify/toxiproxy/v2"
	"github.com/rs/zerolog"
)

// faultShare is the share of the connections that fails while a network does.
const faultShare = 0.2

// toxics are the faults that connections may have.
var toxics = []string{
	`"type":"reset_peer","stream":"upstream","attributes":{"timeout":0}`,
	`"type":"reset_peer","stream":"downstream","attributes":{"timeout":0}`,
	`"type":"reset_peer","stream":"downstream","attributes":{"timeout":10}`,
	`"type":"timeout","stream":"downstream","attributes":{"timeout":0}`,
	`"type":"timeout","stream":"upstream","attributes":{"timeout":300}`,
	`"type":"limit_data","stream":"downstream","attributes":{"bytes":30}`,
	`"type":"limit_data","stream":"upstream","attributes":{"bytes":100}`,
	`"type":"latency","stream":"downstream","attributes":{"latency":1500}`,
}

// badNetwork is a way to an upstream that can be made to fail.
//
// It is a proxy of toxiproxy, and another one for each fault: a fault that is
// taken from a proxy with connections waits until what these hold is read by
// somebody, which for an answer without an end is never, and nobody can connect
// meanwhile.
type badNetwork struct {
	listen string // address

	mu    sync.Mutex // guards what follows
	to    string     // address
	proxy *toxiproxy.Proxy
	shut  bool
}

// startNetwork returns one that works.
func startNetwork(t *testing.T, to string) *badNetwork {
	t.Helper()
	n := &badNetwork{listen: freeAddr(t), to: to}
	if err := n.replace(""); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		n.mu.Lock()
		defer n.mu.Unlock()
		n.proxy.Stop()
	})
	return n
}

// close breaks all connections and refuses others.
func (n *badNetwork) close() {
	n.mu.Lock()
	defer n.mu.Unlock()
	n.proxy.Stop()
	n.shut = true
}

// lead opens it again, to another upstream.
func (n *badNetwork) lead(to string) error {
	n.mu.Lock()
	n.to, n.shut = to, false
	n.mu.Unlock()
	return n.replace("")
}

// replace breaks all connections and begins anew with a fault, or with none.
func (n *badNetwork) replace(toxic string) error {
	n.mu.Lock()
	defer n.mu.Unlock()
	if n.shut {
		return nil
	}
	if n.proxy != nil {
		n.proxy.Stop()
	}
	n.proxy = toxiproxy.NewProxy(toxiproxy.NewServer(toxiproxy.NewMetricsContainer(nil), zerolog.Nop()), "bad", n.listen, n.to)
	if toxic != "" {
		if _, err := n.proxy.Toxics.AddToxicJson(strings.NewReader(fmt.Sprintf(`{%s,"toxicity":%v}`, toxic, faultShare))); err != nil {
			return err
		}
	}
	err := n.proxy.Start()
	for end := time.Now().Add(10 * time.Second); errors.Is(err, syscall.EADDRINUSE) && time.Now().Before(end); err = n.proxy.Start() {
		time.Sleep(time.Millisecond) // somebody connects from this port
	}
	return err
}

// fail gives a share of the connections one fault after the other, and breaks
// all of them in between. It returns how many faults there were once the context
// is done; the network works again then.
func (n *badNetwork) fail(ctx context.Context, t *testing.T) (faults int) {
	for ; ctx.Err() == nil; faults++ {
		if err := n.replace(toxics[rand.IntN(len(toxics))]); err != nil {
			t.Error(err)
			return faults
		}
		select {
		case <-time.After(time.Duration(500+rand.IntN(1000)) * time.Millisecond):
		case <-ctx.Done():
		}
	}
	if err := n.replace(""); err != nil {
		t.Error(err)
	}
	return faults
}
