package wordpress

import (
	"context"
	"crypto/sha256"
	"database/sql"
	"errors"
	"fmt"
	"io/fs"
	"maps"
	"os"
	"path/filepath"
	"slices"
	"strings"

	_ "github.com/go-sql-driver/mysql"
)

// state is all that WordPress remembers: its tables, kept a second time in the
// database wp_saved, and its folder of uploads, kept in memory.
type state struct {
	db      *sql.DB
	uploads string

	saved  map[string]string // as print returned it when the state was saved
	counts map[string]int64  // AUTO_INCREMENT by table
	files  map[string][]byte
}

// save keeps the present state as the one that restore goes back to.
func (s *state) save(ctx context.Context) error {
	tables, err := s.tables(ctx)
	if err != nil {
		return err
	}
	s.counts = tables
	for table := range tables {
		for _, statement := range []string{
			"DROP TABLE IF EXISTS wp_saved." + table,
			"CREATE TABLE wp_saved." + table + " LIKE wp." + table,
			"INSERT INTO wp_saved." + table + " SELECT * FROM wp." + table,
		} {
			if _, err := s.db.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
	}
	if s.files, err = readTree(s.uploads); err != nil {
		return err
	}
	s.saved, err = s.print(ctx)
	return err
}

// restore puts back whatever differs from the saved state.
func (s *state) restore(ctx context.Context) error {
	now, err := s.print(ctx)
	if err != nil {
		return err
	}
	if maps.Equal(now, s.saved) {
		return nil
	}
	for table, count := range s.counts {
		if now["table "+table] == s.saved["table "+table] {
			continue
		}
		statements := []string{
			"DELETE FROM wp." + table,
			"INSERT INTO wp." + table + " SELECT * FROM wp_saved." + table,
		}
		if count > 0 {
			statements = append(statements, fmt.Sprintf("ALTER TABLE wp.%s AUTO_INCREMENT = %d", table, count))
		}
		for _, statement := range statements {
			if _, err := s.db.ExecContext(ctx, statement); err != nil {
				return fmt.Errorf("%s: %w", statement, err)
			}
		}
	}
	if err := s.restoreFiles(); err != nil {
		return err
	}
	if now, err = s.print(ctx); err != nil {
		return err
	}
	if d := differing(s.saved, now); len(d) > 0 {
		return fmt.Errorf("not restored: %s", strings.Join(d, ", "))
	}
	return nil
}

// restoreFiles empties the folder of uploads, keeping the folder itself and so
// its owner, and writes what was saved.
func (s *state) restoreFiles() error {
	entries, err := os.ReadDir(s.uploads)
	if err != nil {
		return err
	}
	for _, e := range entries {
		if err := os.RemoveAll(filepath.Join(s.uploads, e.Name())); err != nil {
			return err
		}
	}
	for name, data := range s.files {
		path := filepath.Join(s.uploads, name)
		if err := os.MkdirAll(filepath.Dir(path), 0o777); err != nil {
			return err
		}
		if err := os.WriteFile(path, data, 0o666); err != nil {
			return err
		}
	}
	return nil
}

// print returns one line for every table and file, equal when they are.
func (s *state) print(ctx context.Context) (map[string]string, error) {
	tables, err := s.tables(ctx)
	if err != nil {
		return nil, err
	}
	names := make([]string, 0, len(tables))
	for table := range tables {
		names = append(names, "wp."+table)
	}
	rows, err := s.db.QueryContext(ctx, "CHECKSUM TABLE "+strings.Join(names, ", "))
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]string{}
	for rows.Next() {
		var name string
		var sum sql.NullInt64
		if err := rows.Scan(&name, &sum); err != nil {
			return nil, err
		}
		table := strings.TrimPrefix(name, "wp.")
		out["table "+table] = fmt.Sprintf("checksum %d, next id %d", sum.Int64, tables[table])
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(out) != len(tables) {
		return nil, fmt.Errorf("%d checksums of %d tables", len(out), len(tables))
	}
	files, err := readTree(s.uploads)
	if err != nil {
		return nil, err
	}
	for name, data := range files {
		out["file "+name] = fmt.Sprintf("%x", sha256.Sum256(data))
	}
	return out, nil
}

// tables returns WordPress's tables with the next id of each, 0 for those
// without ids.
func (s *state) tables(ctx context.Context) (map[string]int64, error) {
	rows, err := s.db.QueryContext(ctx, "SELECT table_name, COALESCE(auto_increment, 0) FROM information_schema.tables WHERE table_schema = 'wp'")
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	out := map[string]int64{}
	for rows.Next() {
		var name string
		var count int64
		if err := rows.Scan(&name, &count); err != nil {
			return nil, err
		}
		out[name] = count
	}
	if err := rows.Err(); err != nil {
		return nil, err
	}
	if len(out) == 0 {
		return nil, errors.New("WordPress has no tables")
	}
	return out, nil
}

// differing names the entries that a and b do not share, sorted.
func differing(a, b map[string]string) []string {
	var out []string
	for name := range a {
		if b[name] != a[name] {
			out = append(out, name)
		}
	}
	for name := range b {
		if _, known := a[name]; !known {
			out = append(out, name)
		}
	}
	slices.Sort(out)
	return out
}

// readTree reads all files below root by their path relative to it.
func readTree(root string) (map[string][]byte, error) {
	out := map[string][]byte{}
	err := fs.WalkDir(os.DirFS(root), ".", func(path string, d fs.DirEntry, err error) error {
		if err != nil || d.IsDir() {
			return err
		}
		out[path], err = os.ReadFile(filepath.Join(root, path))
		return err
	})
	return out, err
}
