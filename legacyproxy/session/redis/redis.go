// Package redis reads PHP sessions out of Redis, where PHP's redis extension
// and most frameworks put them. It is a package of its own so that only those
// who need it link a Redis client.
package redis

import (
	"context"
	"errors"
	"fmt"

	"github.com/redis/go-redis/v9"

	"github.com/banyan-go/banyan/legacyproxy/session"
)

// Store reads sessions out of Redis. It neither locks them nor makes them live
// longer.
type Store struct {
	// Client is a client that the caller closes.
	Client redis.Cmdable
	// Prefix stands before each id; empty means that of PHP's extension,
	// PHPREDIS_SESSION: with its colon.
	Prefix string
}

// Read implements session.Store.
func (s Store) Read(ctx context.Context, id string, limit int) ([]byte, error) {
	if !session.ValidID(id) {
		return nil, session.ErrNotFound
	}
	prefix := s.Prefix
	if prefix == "" {
		prefix = "PHPREDIS_SESSION:"
	}
	// GETRANGE bounds what comes over the wire, but is empty for what is not
	// there. In one transaction both are about the same session.
	var exists *redis.IntCmd
	var data *redis.StringCmd
	_, err := s.Client.TxPipelined(ctx, func(p redis.Pipeliner) error {
		exists, data = p.Exists(ctx, prefix+id), p.GetRange(ctx, prefix+id, 0, int64(limit))
		return nil
	})
	switch {
	case err != nil && !errors.Is(err, redis.Nil):
		return nil, fmt.Errorf("session: redis: %w", err)
	case exists.Val() == 0:
		return nil, session.ErrNotFound
	case len(data.Val()) > limit:
		return nil, session.ErrTooLarge
	}
	return []byte(data.Val()), nil
}
