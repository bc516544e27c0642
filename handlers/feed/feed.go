// Package feed serves the feed contract in Go, as far as it is migrated.
package feed

import (
	"context"
	"database/sql"
	"fmt"
	"strconv"

	api "github.com/banyan-go/banyan/gen/feed"
	"github.com/banyan-go/banyan/problem"
)

// New returns the operations that Go serves; every other one stays with PHP.
// db is the shop's database, which PHP writes as well.
func New(db *sql.DB) api.Handlers {
	s := &service{store: store{db}}
	return api.Handlers{
		ListEvents: s.listEvents,
	}
}

type service struct {
	store store
}

func (s *service) listEvents(ctx context.Context, r api.ListEventsRequestObject) (api.ListEventsResponseObject, error) {
	limit := 20
	if r.Params.Limit != nil {
		limit = *r.Params.Limit
	}
	if limit < 1 || limit > 100 {
		p := problem.Malformed.New("")
		p.Errors = []problem.Fault{{Pointer: "/query/limit", Message: "must be from 1 to 100"}}
		return nil, p
	}
	before, err := parseCursor(r.Params.Cursor)
	if err != nil {
		return nil, err
	}
	// One more than asked for says whether there is a next page.
	events, err := s.store.events(ctx, before, r.Params.Type, limit+1)
	if err != nil {
		return nil, fmt.Errorf("list events: %w", err)
	}
	page := api.ListEvents200JSONResponse{Items: events}
	if len(events) > limit {
		page.Items = events[:limit]
		next := strconv.FormatInt(page.Items[limit-1].Id, 16)
		page.NextCursor = &next
	}
	return page, nil
}

// parseCursor reads PHP's cursor, so that a client may change sides between
// two pages: the hexadecimal number of the last event of the page before.
// Without a cursor the page begins at the newest event.
func parseCursor(cursor *string) (before int64, err error) {
	if cursor == nil {
		return 1 << 62, nil
	}
	const maxDigits = 12
	n, err := strconv.ParseUint(*cursor, 16, 63)
	if err != nil || len(*cursor) > maxDigits {
		return 0, api.ProblemFeedCursorInvalid.Wrap(err, "use the next_cursor of a page")
	}
	return int64(n), nil
}
