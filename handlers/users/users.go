// Package users serves the users contract in Go, as far as it is migrated.
package users

import (
	"context"
	"database/sql"
	"errors"
	"fmt"

	api "github.com/banyan-go/banyan/gen/users"
	"github.com/banyan-go/banyan/problem"
)

// New returns the operations that Go serves; every other one stays with PHP.
// db is the shop's database, which PHP writes as well.
func New(db *sql.DB) api.Handlers {
	s := &service{store: store{db}}
	return api.Handlers{
		GetUser:   s.getUser,
		ListUsers: s.listUsers,
	}
}

type service struct {
	store store
}

func (s *service) getUser(ctx context.Context, r api.GetUserRequestObject) (api.GetUserResponseObject, error) {
	user, err := s.store.user(ctx, r.UserId)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, api.ProblemUserNotFound.New(fmt.Sprintf("there is no user %d", r.UserId))
	}
	if err != nil {
		return nil, fmt.Errorf("read user %d: %w", r.UserId, err)
	}
	return api.GetUser200JSONResponse(user), nil
}

func (s *service) listUsers(ctx context.Context, r api.ListUsersRequestObject) (api.ListUsersResponseObject, error) {
	limit, offset, err := page(r.Params.Limit, r.Params.Offset)
	if err != nil {
		return nil, err
	}
	var search string
	if r.Params.Q != nil {
		search = *r.Params.Q
	}
	users, total, err := s.store.search(ctx, search, limit, offset)
	if err != nil {
		return nil, fmt.Errorf("list users: %w", err)
	}
	return api.ListUsers200JSONResponse{Items: users, Total: total}, nil
}

// page applies the contract's defaults and bounds.
func page(limit, offset *int) (l, o int, err error) {
	l, o = 20, 0
	if limit != nil {
		l = *limit
	}
	if offset != nil {
		o = *offset
	}
	var faults []problem.Fault
	if l < 1 || l > 100 {
		faults = append(faults, problem.Fault{Pointer: "/query/limit", Message: "must be from 1 to 100"})
	}
	if o < 0 || o > 1_000_000 {
		faults = append(faults, problem.Fault{Pointer: "/query/offset", Message: "must be from 0 to 1000000"})
	}
	if faults != nil {
		p := problem.Malformed.New("")
		p.Errors = faults
		return 0, 0, p
	}
	return l, o, nil
}
