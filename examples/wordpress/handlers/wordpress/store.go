package wordpress

import (
	"context"
	"database/sql"
	"errors"
	"regexp"
	"strconv"
	"strings"
)

// post is one row of wp_posts with what other tables say about it.
type post struct {
	id, author                int
	title, content, excerpt   string
	status, password          string
	commentStatus, pingStatus string
	slug, guid                string
	date, dateGMT             string // as MySQL writes them
	modified, modifiedGMT     string
	featuredMedia             int
	format, template          string
	sticky                    bool
	categories, tags          []int // in the order of their names
	home                      string
}

var errNoPost = errors.New("there is no such post")

// store reads WordPress's tables, which PHP writes.
type store struct {
	db *sql.DB
}

// post returns errNoPost for what does not exist or is no post: pages, pictures
// and revisions are in the same table. All it reads is of one moment.
func (s store) post(ctx context.Context, id int) (*post, error) {
	tx, err := s.db.BeginTx(ctx, &sql.TxOptions{Isolation: sql.LevelRepeatableRead, ReadOnly: true})
	if err != nil {
		return nil, err
	}
	defer func() { _ = tx.Rollback() }() // nothing was written

	p := &post{id: id}
	var thumbnail, sticky string
	err = tx.QueryRowContext(ctx, `
		SELECT p.post_author, p.post_title, p.post_content, p.post_excerpt, p.post_status, p.post_password,
		       p.comment_status, p.ping_status, p.post_name, p.guid,
		       CAST(p.post_date AS CHAR), CAST(p.post_date_gmt AS CHAR),
		       CAST(p.post_modified AS CHAR), CAST(p.post_modified_gmt AS CHAR),
		       COALESCE((SELECT meta_value FROM wp_postmeta WHERE post_id = p.ID AND meta_key = '_thumbnail_id' LIMIT 1), ''),
		       COALESCE((SELECT meta_value FROM wp_postmeta WHERE post_id = p.ID AND meta_key = '_wp_page_template' LIMIT 1), ''),
		       COALESCE((SELECT option_value FROM wp_options WHERE option_name = 'sticky_posts'), ''),
		       COALESCE((SELECT option_value FROM wp_options WHERE option_name = 'home'), '')
		FROM wp_posts p WHERE p.ID = ? AND p.post_type = 'post'`, id).Scan(
		&p.author, &p.title, &p.content, &p.excerpt, &p.status, &p.password,
		&p.commentStatus, &p.pingStatus, &p.slug, &p.guid,
		&p.date, &p.dateGMT, &p.modified, &p.modifiedGMT,
		&thumbnail, &p.template, &sticky, &p.home)
	if errors.Is(err, sql.ErrNoRows) {
		return nil, errNoPost
	}
	if err != nil {
		return nil, err
	}
	p.featuredMedia, _ = strconv.Atoi(thumbnail) // PHP's (int): what is no number is 0
	p.sticky = holds(sticky, id)
	return p, s.terms(ctx, tx, p)
}

// terms reads the post's categories, tags and format.
func (s store) terms(ctx context.Context, tx *sql.Tx, p *post) error {
	p.categories, p.tags, p.format = []int{}, []int{}, "standard"
	rows, err := tx.QueryContext(ctx, `
		SELECT x.taxonomy, t.term_id, t.slug
		FROM wp_term_relationships r
		JOIN wp_term_taxonomy x ON x.term_taxonomy_id = r.term_taxonomy_id
		JOIN wp_terms t ON t.term_id = x.term_id
		WHERE r.object_id = ? AND x.taxonomy IN ('category', 'post_tag', 'post_format')
		ORDER BY t.name`, p.id)
	if err != nil {
		return err
	}
	defer rows.Close()
	for rows.Next() {
		var taxonomy, slug string
		var id int
		if err := rows.Scan(&taxonomy, &id, &slug); err != nil {
			return err
		}
		switch taxonomy {
		case "category":
			p.categories = append(p.categories, id)
		case "post_tag":
			p.tags = append(p.tags, id)
		case "post_format":
			p.format = strings.TrimPrefix(slug, "post-format-")
		}
	}
	return rows.Err()
}

// element is one entry of an array of integers as PHP's serialize writes it,
// a:2:{i:0;i:10;i:1;i:12;}: the key, then the value.
var element = regexp.MustCompile(`i:\d+;i:(\d+);`)

// holds reports whether a serialized array of integers has id among its values.
func holds(serialized string, id int) bool {
	for _, m := range element.FindAllStringSubmatch(serialized, -1) {
		if m[1] == strconv.Itoa(id) {
			return true
		}
	}
	return false
}
