package users_test

import (
	"errors"
	"testing"
	"time"

	api "github.com/banyan-go/banyan/gen/users"
	"github.com/banyan-go/banyan/handlers/internal/shoptest"
	"github.com/banyan-go/banyan/handlers/users"
	"github.com/banyan-go/banyan/problem"
	"github.com/google/go-cmp/cmp"
)

func TestGetUser(t *testing.T) {
	t.Parallel()
	h := users.New(shoptest.DB(t))
	got, err := h.GetUser(t.Context(), api.GetUserRequestObject{UserId: 1})
	if err != nil {
		t.Fatal(err)
	}
	want := api.GetUser200JSONResponse{
		Id: 1, Email: "ada@example.com", Name: "Ada Lindqvist", Country: "SE", Postcode: "11455", Newsletter: true,
		Preferences: api.Preferences{"theme": "dark", "language": "sv"},
		CreatedAt:   time.Date(2026, 1, 5, 9, 30, 0, 0, time.UTC),
	}
	if d := cmp.Diff(api.GetUserResponseObject(want), got); d != "" {
		t.Error(d)
	}

	_, err = h.GetUser(t.Context(), api.GetUserRequestObject{UserId: 99})
	if !errors.Is(err, api.ProblemUserNotFound) {
		t.Errorf("unknown user: %v", err)
	}
}

func TestListUsers(t *testing.T) {
	t.Parallel()
	h := users.New(shoptest.DB(t))
	num, text := func(n int) *int { return &n }, func(s string) *string { return &s }
	for _, c := range []struct {
		name   string
		params api.ListUsersParams
		ids    []int64
		total  int
	}{
		{"all", api.ListUsersParams{}, []int64{1, 2, 3, 4, 5}, 5},
		{"second page", api.ListUsersParams{Limit: num(2), Offset: num(2)}, []int64{3, 4}, 5},
		{"beyond the end", api.ListUsersParams{Offset: num(50)}, nil, 5},
		{"by name", api.ListUsersParams{Q: text("keller")}, []int64{2}, 1},
		{"a wildcard is a letter like any other", api.ListUsersParams{Q: text("%")}, nil, 0},
	} {
		t.Run(c.name, func(t *testing.T) {
			answer, err := h.ListUsers(t.Context(), api.ListUsersRequestObject{Params: c.params})
			if err != nil {
				t.Fatal(err)
			}
			page := answer.(api.ListUsers200JSONResponse)
			var ids []int64
			for _, u := range page.Items {
				ids = append(ids, u.Id)
			}
			if d := cmp.Diff(c.ids, ids); d != "" || page.Total != c.total || page.Items == nil {
				t.Errorf("total %d, want %d; items %v\n%s", page.Total, c.total, page.Items, d)
			}
		})
	}
}

func TestListUsersOutOfBounds(t *testing.T) {
	t.Parallel()
	h := users.New(shoptest.DB(t))
	limit, offset := 101, -1
	_, err := h.ListUsers(t.Context(), api.ListUsersRequestObject{Params: api.ListUsersParams{Limit: &limit, Offset: &offset}})
	var p *problem.Error
	if !errors.As(err, &p) || p.Code != problem.Malformed.Code || len(p.Errors) != 2 {
		t.Errorf("%v", err)
	}
}
