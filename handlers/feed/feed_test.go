package feed_test

import (
	"errors"
	"testing"

	api "github.com/banyan-go/banyan/gen/feed"
	"github.com/banyan-go/banyan/handlers/feed"
	"github.com/banyan-go/banyan/handlers/internal/shoptest"
	"github.com/google/go-cmp/cmp"
)

// TestPages follows the cursor to the end and must meet every event once.
func TestPages(t *testing.T) {
	t.Parallel()
	h := feed.New(shoptest.DB(t))
	limit := 3
	params := api.ListEventsParams{Limit: &limit}
	var ids []int64
	for range 10 {
		answer, err := h.ListEvents(t.Context(), api.ListEventsRequestObject{Params: params})
		if err != nil {
			t.Fatal(err)
		}
		page := answer.(api.ListEvents200JSONResponse)
		for _, e := range page.Items {
			ids = append(ids, e.Id)
		}
		if page.NextCursor == nil {
			break
		}
		params.Cursor = page.NextCursor
	}
	if d := cmp.Diff([]int64{8, 7, 6, 5, 4, 3, 2, 1}, ids); d != "" {
		t.Error(d)
	}
}

func TestTypes(t *testing.T) {
	t.Parallel()
	h := feed.New(shoptest.DB(t))
	for _, c := range []struct {
		types []string
		want  []int64
	}{
		{[]string{"shop.notice"}, []int64{3}},
		{[]string{"shop.notice", "order.cancelled"}, []int64{7, 3}},
		{[]string{"none"}, nil},
	} {
		answer, err := h.ListEvents(t.Context(), api.ListEventsRequestObject{Params: api.ListEventsParams{Type: c.types}})
		if err != nil {
			t.Fatal(err)
		}
		page := answer.(api.ListEvents200JSONResponse)
		var ids []int64
		for _, e := range page.Items {
			ids = append(ids, e.Id)
			if e.Data == nil {
				t.Errorf("event %d: data is null", e.Id)
			}
		}
		if d := cmp.Diff(c.want, ids); d != "" || page.Items == nil {
			t.Errorf("%v: %v\n%s", c.types, page.Items, d)
		}
	}
}

func TestBadCursor(t *testing.T) {
	t.Parallel()
	h := feed.New(shoptest.DB(t))
	for _, cursor := range []string{"", "-1", "tomorrow", "0x1", "fffffffffffff"} {
		_, err := h.ListEvents(t.Context(), api.ListEventsRequestObject{Params: api.ListEventsParams{Cursor: &cursor}})
		if !errors.Is(err, api.ProblemFeedCursorInvalid) {
			t.Errorf("%q: %v", cursor, err)
		}
	}
}
