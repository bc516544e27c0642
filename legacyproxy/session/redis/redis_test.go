package redis_test

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os/exec"
	"testing"
	"time"

	goredis "github.com/redis/go-redis/v9"

	"github.com/banyan-go/banyan/e2e/needs"
	"github.com/banyan-go/banyan/legacyproxy/session"
	"github.com/banyan-go/banyan/legacyproxy/session/redis"
)

// startRedis runs a Redis of its own, which keeps nothing on disk.
func startRedis(t *testing.T) string {
	t.Helper()
	needs.Program(t, "redis-server", "redis-server")
	l, err := net.Listen("tcp", "127.0.0.1:0")
	if err != nil {
		t.Fatal(err)
	}
	addr := l.Addr().String()
	_, port, _ := net.SplitHostPort(addr)
	l.Close()
	cmd := exec.Command("redis-server", "--port", port, "--bind", "127.0.0.1", "--save", "", "--appendonly", "no", "--dir", t.TempDir())
	if err := cmd.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { _ = cmd.Process.Kill(); _ = cmd.Wait() })
	for deadline := time.Now().Add(10 * time.Second); time.Now().Before(deadline); time.Sleep(20 * time.Millisecond) {
		if c, err := net.Dial("tcp", addr); err == nil {
			c.Close()
			return addr
		}
	}
	t.Fatal("redis does not listen")
	return ""
}

// writer is a session handler that speaks to Redis as PHP's extension does.
const writer = `
final class Redis5 implements SessionHandlerInterface {
	private $c;
	function open($p, $n): bool { $this->c = fsockopen('127.0.0.1', (int)$p); return true; }
	function close(): bool { return fclose($this->c); }
	function read($id): string { return ''; }
	function write($id, $data): bool {
		fwrite($this->c, sprintf("*5\r\n$3\r\nSET\r\n$%d\r\n%s\r\n$%d\r\n%s\r\n$2\r\nEX\r\n$3\r\n100\r\n", 17 + strlen($id), "PHPREDIS_SESSION:$id", strlen($data), $data));
		return fgets($this->c) === "+OK\r\n";
	}
	function destroy($id): bool { return true; }
	function gc($max): int|false { return 0; }
}
session_set_save_handler(new Redis5); session_id($argv[2]); session_save_path($argv[1]);
session_start(); $_SESSION['user'] = ['id' => 42, 'tags' => ['a', 'b']]; session_write_close();
`

// TestRedis reads out of a real Redis what a real PHP put there.
func TestRedis(t *testing.T) {
	t.Parallel()
	needs.Program(t, "php", "php-cli")
	addr := startRedis(t)
	_, port, _ := net.SplitHostPort(addr)
	const id = "abcdefghijklmnopqrstuv"
	out, err := exec.Command("php", "-d", "session.use_cookies=0", "-d", "session.cache_limiter=", "-r", writer, "--", port, id).CombinedOutput()
	if err != nil || len(out) > 0 {
		t.Fatalf("php: %v\n%s", err, out)
	}
	client := goredis.NewClient(&goredis.Options{Addr: addr})
	t.Cleanup(func() { _ = client.Close() })
	ctx, cancel := context.WithTimeout(context.Background(), 10*time.Second)
	t.Cleanup(cancel)

	before := client.TTL(ctx, "PHPREDIS_SESSION:"+id).Val()
	s, err := session.NewReader(redis.Store{Client: client}, session.Options{}).Read(ctx, id)
	if err != nil {
		t.Fatal(err)
	}
	if n, err := session.Get[int](s, "user", "id"); n != 42 || err != nil {
		t.Error(n, err)
	}
	if tags, err := session.Get[[]string](s, "user", "tags"); fmt.Sprint(tags) != "[a b]" || err != nil {
		t.Error(tags, err)
	}
	if after := client.TTL(ctx, "PHPREDIS_SESSION:"+id).Val(); before <= 0 || after > before {
		t.Errorf("reading made it live longer: %s, then %s", before, after)
	}
	if keys := client.Keys(ctx, "*").Val(); len(keys) != 1 {
		t.Errorf("reading left something behind: %q", keys)
	}
	if _, err := (redis.Store{Client: client}).Read(ctx, "nobodynobodynobodynobody", 100); !errors.Is(err, session.ErrNotFound) {
		t.Error(err)
	}
	if _, err := (redis.Store{Client: client}).Read(ctx, id, 10); !errors.Is(err, session.ErrTooLarge) {
		t.Error(err)
	}
	// Frameworks have prefixes of their own, and an empty session is one.
	if err := client.Set(ctx, "shop:"+id, "", 0).Err(); err != nil {
		t.Fatal(err)
	}
	if s, err = session.NewReader(redis.Store{Client: client, Prefix: "shop:"}, session.Options{}).Read(ctx, id); err != nil {
		t.Fatal(err)
	}
	if _, err := s.Value("user"); !errors.Is(err, session.ErrNotFound) {
		t.Error(err)
	}
	if err := client.LPush(ctx, "PHPREDIS_SESSION:"+id+id, "x").Err(); err != nil {
		t.Fatal(err)
	}
	if _, err := (redis.Store{Client: client}).Read(ctx, id+id, 100); err == nil || errors.Is(err, session.ErrNotFound) {
		t.Errorf("what is no text: %v", err)
	}
}
