package feed

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"strings"
	"time"

	api "github.com/banyan-go/banyan/gen/feed"
)

// store reads the table events, which PHP and the Go handlers write.
type store struct {
	db *sql.DB
}

// events returns at most limit events with a number below before, the newest
// first, of the given types or of all.
func (s store) events(ctx context.Context, before int64, types []string, limit int) ([]api.Event, error) {
	query := `SELECT id, type, message, data, created_at FROM events WHERE id < ?`
	args := []any{before}
	if len(types) > 0 {
		query += ` AND type IN (?` + strings.Repeat(`, ?`, len(types)-1) + `)`
		for _, t := range types {
			args = append(args, t)
		}
	}
	rows, err := s.db.QueryContext(ctx, query+` ORDER BY id DESC LIMIT ?`, append(args, limit)...)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	events := []api.Event{} // an empty page is [], never null
	for rows.Next() {
		var e api.Event
		var data, created string
		if err := rows.Scan(&e.Id, &e.Type, &e.Message, &data, &created); err != nil {
			return nil, err
		}
		if err := json.Unmarshal([]byte(data), &e.Data); err != nil {
			return nil, fmt.Errorf("data of event %d: %w", e.Id, err)
		}
		if e.CreatedAt, err = time.Parse(time.DateTime, created); err != nil { // UTC, without a zone
			return nil, fmt.Errorf("created_at of event %d: %w", e.Id, err)
		}
		events = append(events, e)
	}
	return events, rows.Err()
}
