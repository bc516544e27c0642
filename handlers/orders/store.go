package orders

import (
	"context"
	"database/sql"
	"encoding/json"
	"fmt"
	"time"

	api "github.com/banyan-go/banyan/gen/orders"
)

// store works on tables that PHP writes as well: both sides change the stock
// with one conditional UPDATE, so neither can sell what the other just sold.
type store struct {
	db *sql.DB
}

// outOfStock is the error of place when an article does not suffice.
type outOfStock struct{ sku string }

func (e *outOfStock) Error() string { return "not enough of " + e.sku + " left" }

func (s store) userExists(ctx context.Context, id int64) (bool, error) {
	var known bool
	err := s.db.QueryRowContext(ctx, `SELECT EXISTS (SELECT 1 FROM users WHERE id = ?)`, id).Scan(&known)
	return known, err
}

// order returns one order with its items, or sql.ErrNoRows.
func (s store) order(ctx context.Context, id int64) (o api.Order, err error) {
	var attributes, created string
	err = s.db.QueryRowContext(ctx, `
		SELECT id, user_id, status, country, subtotal, discount, tax, total, note, attributes, created_at
		FROM orders WHERE id = ?`, id,
	).Scan(&o.Id, &o.UserId, &o.Status, &o.Country, &o.Subtotal, &o.Discount, &o.Tax, &o.Total, &o.Note, &attributes, &created)
	if err != nil {
		return o, err
	}
	o.Attributes = map[string]string{}
	if attributes != "" { // PHP stores no attributes as an empty string
		if err := json.Unmarshal([]byte(attributes), &o.Attributes); err != nil {
			return o, fmt.Errorf("attributes: %w", err)
		}
	}
	if o.CreatedAt, err = time.Parse(time.DateTime, created); err != nil { // UTC, without a zone
		return o, fmt.Errorf("created_at: %w", err)
	}
	o.Items, err = s.items(ctx, id)
	return o, err
}

func (s store) items(ctx context.Context, order int64) ([]api.OrderItem, error) {
	rows, err := s.db.QueryContext(ctx, `
		SELECT i.sku, p.name, i.quantity, i.unit_price
		FROM order_items i JOIN products p ON p.sku = i.sku
		WHERE i.order_id = ? ORDER BY i.line`, order)
	if err != nil {
		return nil, err
	}
	defer rows.Close()
	items := []api.OrderItem{} // an empty list is [], never null
	for rows.Next() {
		var i api.OrderItem
		if err := rows.Scan(&i.Sku, &i.Name, &i.Quantity, &i.UnitPrice); err != nil {
			return nil, err
		}
		items = append(items, i)
	}
	return items, rows.Err()
}

// place takes the articles from the stock and writes the order, its items and
// the event for the feed, all or nothing. It returns the order's number, or
// *outOfStock.
func (s store) place(ctx context.Context, n api.NewOrder, price api.Calculation) (id int64, err error) {
	tx, err := s.db.BeginTx(ctx, nil)
	if err != nil {
		return 0, err
	}
	defer tx.Rollback() // after Commit it does nothing

	for _, i := range price.Items {
		done, err := tx.ExecContext(ctx, `UPDATE products SET stock = stock - ?1 WHERE sku = ?2 AND stock >= ?1`, i.Quantity, i.Sku)
		if err != nil {
			return 0, err
		}
		if changed, err := done.RowsAffected(); err != nil {
			return 0, err
		} else if changed == 0 {
			return 0, &outOfStock{i.Sku}
		}
	}
	now := time.Now().UTC().Format(time.DateTime)
	done, err := tx.ExecContext(ctx, `
		INSERT INTO orders (user_id, status, country, subtotal, discount, tax, total, note, created_at)
		VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)`,
		n.UserId, api.OrderStatusOpen, n.Country, price.Subtotal, price.Discount, price.Tax, price.Total, n.Note, now)
	if err != nil {
		return 0, err
	}
	if id, err = done.LastInsertId(); err != nil {
		return 0, err
	}
	for line, i := range price.Items {
		_, err := tx.ExecContext(ctx, `
			INSERT INTO order_items (order_id, line, sku, quantity, unit_price) VALUES (?, ?, ?, ?, ?)`,
			id, line+1, i.Sku, i.Quantity, i.UnitPrice)
		if err != nil {
			return 0, err
		}
	}
	_, err = tx.ExecContext(ctx, `INSERT INTO events (type, message, data, created_at) VALUES (?, ?, ?, ?)`,
		"order.created", fmt.Sprintf("Order %d placed", id), fmt.Sprintf(`{"order_id":%d}`, id), now)
	if err != nil {
		return 0, err
	}
	return id, tx.Commit()
}
