package main

import (
	"context"
	"database/sql"
	"errors"
	"fmt"
	"net/url"
	"path/filepath"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// openDB opens the database that the Go handlers share with PHP. It belongs to
// PHP, so it must be there already.
func openDB(ctx context.Context, file string) (*sql.DB, error) {
	if file == "" {
		return nil, errors.New("SHOP_DB is not set; it names the SQLite file of the PHP shop")
	}
	path, err := filepath.Abs(file)
	if err != nil {
		return nil, fmt.Errorf("SHOP_DB: %w", err)
	}
	// Like PHP: wait for the other side's locks, and take the write lock at the
	// beginning of a transaction instead of failing in the middle of it.
	dsn := url.URL{Scheme: "file", OmitHost: true, Path: path, RawQuery: "mode=rw&_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)"}
	db, err := sql.Open("sqlite", dsn.String())
	if err != nil {
		return nil, fmt.Errorf("SHOP_DB: %w", err)
	}
	var version int
	if err := db.QueryRowContext(ctx, `PRAGMA user_version`).Scan(&version); err != nil {
		return nil, errors.Join(fmt.Errorf("SHOP_DB: open %s: %w", path, err), db.Close())
	}
	if version == 0 {
		return nil, errors.Join(fmt.Errorf("SHOP_DB: %s is empty; PHP fills it when the shop answers its first request", path), db.Close())
	}
	return db, nil
}
