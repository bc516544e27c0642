// Package wordpress serves the WordPress contract in Go, as far as it is
// migrated: reading one post, from WordPress's own tables.
//
// What readers of published posts get is in the contract's terms the same as
// WordPress's answer, with these exceptions, which are why the operation stays
// with PHP until a client asks for the other side:
//
//   - Nobody is logged in: whoever may see drafts, private posts or the context
//     "edit" has to ask PHP.
//   - Text is as the database holds it. WordPress sends content and excerpts
//     through its filters (paragraphs, typographic quotes, blocks, shortcodes,
//     whatever plugins add) and makes up an excerpt where there is none.
//   - What the contract does not name is not there: _links, the query
//     parameters _fields, _embed, _envelope and _jsonp, the header fields Link
//     and Allow, post types and fields of plugins.
//   - Links start with the site's address in the table of options and have the
//     form /%postname%/; in this example PHP starts them with the Host header.
package wordpress

import (
	"context"
	"crypto/subtle"
	"database/sql"
	"errors"
	"fmt"
	"net/http"
	"strings"

	api "github.com/banyan-go/banyan/examples/wordpress/gen/wordpress"
	"github.com/banyan-go/banyan/wire"
)

// New returns the operations that Go serves; every other one stays with PHP.
// db is WordPress's database, tables with the prefix wp_.
func New(db *sql.DB) api.Handlers {
	s := &service{posts: store{db}}
	return api.Handlers{
		GetWpV2PostsId: s.getPost,
	}
}

type service struct {
	posts store
}

func (s *service) getPost(ctx context.Context, r api.GetWpV2PostsIdRequestObject) (api.GetWpV2PostsIdResponseObject, error) {
	p, err := s.posts.post(ctx, r.Id)
	if errors.Is(err, errNoPost) {
		return refuse(http.StatusNotFound, "rest_post_invalid_id", "Invalid post ID."), nil
	}
	if err != nil {
		return nil, fmt.Errorf("post %d: %w", r.Id, err)
	}
	return answer(p, r.Params), nil
}

// answer is what a visitor who is not logged in gets to see of a post.
func answer(p *post, params api.GetWpV2PostsIdParams) api.GetWpV2PostsIdResponseObject {
	scope := api.GetWpV2PostsIdParamsContextView
	if params.Context != nil {
		scope = *params.Context
	}
	switch {
	case scope == api.GetWpV2PostsIdParamsContextEdit:
		return refuse(http.StatusUnauthorized, "rest_forbidden_context", "Sorry, you are not allowed to edit this post.")
	case p.status != "publish":
		return refuse(http.StatusUnauthorized, "rest_forbidden", "Sorry, you are not allowed to do that.")
	}
	open := p.password == ""
	if !open && params.Password != nil && *params.Password != "" {
		if subtle.ConstantTimeCompare([]byte(p.password), []byte(*params.Password)) == 0 {
			return refuse(http.StatusForbidden, "rest_post_incorrect_password", "Incorrect post password.")
		}
		open = true
	}
	full := p.document(open)
	if scope == api.GetWpV2PostsIdParamsContextEmbed {
		return api.GetWpV2PostsId200JSONResponse(embedded(full))
	}
	return api.GetWpV2PostsId200JSONResponse(full)
}

// refuse is WordPress's own error document, which the contract declares.
func refuse(status int, code, message string) api.GetWpV2PostsIddefaultJSONResponse {
	return api.GetWpV2PostsIddefaultJSONResponse{
		StatusCode: status,
		Body:       api.WPError{Code: code, Message: message, Data: wire.Some(api.WPErrorData{Status: &status})},
	}
}

// document is the post in the contract's terms. Without its password, a
// protected post has neither content nor excerpt.
func (p *post) document(open bool) api.Post {
	content, excerpt := p.content, p.excerpt
	if !open {
		content, excerpt = "", ""
	}
	protected := p.password != ""
	return api.Post{
		Author:        &p.author,
		Categories:    p.categories,
		CommentStatus: (*api.PostCommentStatus)(&p.commentStatus),
		Content:       &api.PostContent{Protected: &protected, Rendered: &content},
		Date:          wire.Some(dateTime(p.date)),
		DateGmt:       wire.Some(dateTime(p.dateGMT)),
		Excerpt:       &api.PostExcerpt{Protected: &protected, Rendered: &excerpt},
		FeaturedMedia: &p.featuredMedia,
		Format:        (*api.PostFormat)(&p.format),
		Guid:          &api.PostGuid{Rendered: &p.guid},
		Id:            &p.id,
		Link:          ptr(strings.TrimRight(p.home, "/") + "/" + p.slug + "/"),
		Meta:          map[string]any{},
		Modified:      ptr(dateTime(p.modified)),
		ModifiedGmt:   ptr(dateTime(p.modifiedGMT)),
		PingStatus:    (*api.PostPingStatus)(&p.pingStatus),
		Slug:          &p.slug,
		Status:        (*api.PostStatus)(&p.status),
		Sticky:        &p.sticky,
		Tags:          p.tags,
		Template:      &p.template,
		Title:         &api.PostTitle{Rendered: &p.title},
		Type:          ptr("post"),
	}
}

// embedded keeps the fields of the context "embed".
func embedded(p api.Post) api.Post {
	return api.Post{
		Author: p.Author, Date: p.Date, Excerpt: p.Excerpt, FeaturedMedia: p.FeaturedMedia,
		Id: p.Id, Link: p.Link, Slug: p.Slug, Title: p.Title, Type: p.Type,
	}
}

// dateTime writes MySQL's time, "2024-01-01 07:00:00", as the contract does.
func dateTime(mysql string) string { return strings.Replace(mysql, " ", "T", 1) }

func ptr[T any](v T) *T { return &v }
