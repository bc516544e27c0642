// Package shoptest gives the tests of handlers a database to work on.
package shoptest

import (
	"database/sql"
	"os"
	"path/filepath"
	"testing"

	_ "modernc.org/sqlite" // the driver "sqlite"
)

// DB returns a database with the tables and rows that PHP installs, gone with
// the test. The calling test must be two folders below the repository.
func DB(t *testing.T) *sql.DB {
	t.Helper()
	install, err := os.ReadFile("../../examples/shop/php/lib/install.sql")
	if err != nil {
		t.Fatal(err)
	}
	db, err := sql.Open("sqlite", "file:"+filepath.Join(t.TempDir(), "shop.sqlite")+"?_txlock=immediate&_pragma=busy_timeout(5000)&_pragma=foreign_keys(1)")
	if err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() { db.Close() })
	if _, err := db.Exec(string(install)); err != nil {
		t.Fatal(err)
	}
	return db
}
