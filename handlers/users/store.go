package users

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	api "github.com/banyan-go/banyan/gen/users"
)

// store reads the table users, which belongs to PHP: its columns are PHP's.
type store struct {
	db *sql.DB
}

const columns = `id, email, name, country, postcode, newsletter, preferences, created_at`

// user returns one user, or sql.ErrNoRows.
func (s store) user(ctx context.Context, id int64) (api.User, error) {
	return scan(s.db.QueryRowContext(ctx, `SELECT `+columns+` FROM users WHERE id = ?`, id))
}

// search returns one page of the users whose name or address holds text, and
// how many there are in all.
func (s store) search(ctx context.Context, text string, limit, offset int) ([]api.User, int, error) {
	const where = ` FROM users WHERE name LIKE ?1 ESCAPE '\' OR email LIKE ?1 ESCAPE '\'`
	pattern := "%" + strings.NewReplacer(`\`, `\\`, `%`, `\%`, `_`, `\_`).Replace(text) + "%"

	var total int
	if err := s.db.QueryRowContext(ctx, `SELECT COUNT(*)`+where, pattern).Scan(&total); err != nil {
		return nil, 0, err
	}
	rows, err := s.db.QueryContext(ctx, `SELECT `+columns+where+` ORDER BY id LIMIT ?2 OFFSET ?3`, pattern, limit, offset)
	if err != nil {
		return nil, 0, err
	}
	defer rows.Close()
	users := []api.User{} // an empty page is [], never null
	for rows.Next() {
		user, err := scan(rows)
		if err != nil {
			return nil, 0, err
		}
		users = append(users, user)
	}
	return users, total, rows.Err()
}

// scan reads columns from a *sql.Row or *sql.Rows.
func scan(row interface{ Scan(...any) error }) (u api.User, err error) {
	var preferences, created string
	err = row.Scan(&u.Id, &u.Email, &u.Name, &u.Country, &u.Postcode, &u.Newsletter, &preferences, &created)
	if err != nil {
		return u, err
	}
	u.Preferences = api.Preferences{}
	if preferences != "" { // PHP stores no preferences as an empty string
		if err := json.Unmarshal([]byte(preferences), &u.Preferences); err != nil {
			return u, fmt.Errorf("preferences of user %d: %w", u.Id, err)
		}
	}
	if u.CreatedAt, err = time.Parse(time.DateTime, created); err != nil { // UTC, without a zone
		return u, fmt.Errorf("created_at of user %d: %w", u.Id, err)
	}
	return u, nil
}
