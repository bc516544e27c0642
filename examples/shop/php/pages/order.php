<?php
/*
 * /order.php?action=list|get|create|calc|cancel|invoice|report
 *
 * get and cancel are called by the mobile app and answer in its envelope; the
 * rest belongs to the web shop and answers with plain statuses.
 */

require_once dirname(__FILE__) . '/../lib/pricing.php';

/** Error codes of the mobile API. */
define('ORDER_UNKNOWN', 40401);
define('ORDER_NOT_CANCELLABLE', 40901);

function order_view($o)
{
    $items = rows(
        'SELECT i.sku, p.name, i.quantity, i.unit_price FROM order_items i JOIN products p ON p.sku = i.sku WHERE i.order_id = ? ORDER BY i.line',
        array($o['id'])
    );
    return order_summary($o) + array(
        'country'    => $o['country'],
        'items'      => $items,
        'subtotal'   => $o['subtotal'],
        'discount'   => $o['discount'],
        'tax'        => $o['tax'],
        'note'       => $o['note'],
        'attributes' => $o['attributes'] === '' ? array() : json_decode($o['attributes'], true),
    );
}

function order_summary($o)
{
    return array(
        'id'         => $o['id'],
        'user_id'    => $o['user_id'],
        'status'     => $o['status'],
        'total'      => $o['total'],
        'created_at' => iso_time($o['created_at']),
    );
}

function order_find($id)
{
    if (!is_string($id) || !preg_match('/^[1-9][0-9]{0,17}$/', $id)) {
        return null;
    }
    return row('SELECT * FROM orders WHERE id = ?', array($id));
}

function order_list()
{
    $limit  = int_param('limit', 20, 1, 100);
    $start  = int_param('start', 0, 0, 1000000);
    $where  = ' FROM orders WHERE 1 = 1';
    $args   = array();
    $user   = int_param('user', null, 1, 999999999);
    $status = param('status');
    if ($user !== null) {
        $where .= ' AND user_id = ?';
        $args[] = $user;
    }
    if ($status !== null) {
        if (!in_array($status, array('open', 'paid', 'shipped', 'cancelled'), true)) {
            fail(400, 'unknown status');
        }
        $where .= ' AND status = ?';
        $args[] = $status;
    }
    $total = row('SELECT COUNT(*) AS n' . $where, $args);
    $list  = rows('SELECT *' . $where . " ORDER BY id LIMIT $limit OFFSET $start", $args);
    send_json(array('items' => array_map('order_summary', $list), 'total' => $total['n']));
}

function order_get()
{
    $o = order_find(param('id'));
    if ($o === null) {
        envelope_error(ORDER_UNKNOWN, 'order does not exist');
    }
    envelope(order_view($o));
}

function order_cancel()
{
    require_post();
    begin();
    $o = order_find(param('id'));
    if ($o === null) {
        rollback();
        envelope_error(ORDER_UNKNOWN, 'order does not exist');
    }
    if ($o['status'] !== 'open' && $o['status'] !== 'paid') {
        rollback();
        envelope_error(ORDER_NOT_CANCELLABLE, 'the order is already ' . $o['status']);
    }
    run("UPDATE orders SET status = 'cancelled' WHERE id = ?", array($o['id']));
    foreach (rows('SELECT sku, quantity FROM order_items WHERE order_id = ?', array($o['id'])) as $i) {
        run('UPDATE products SET stock = stock + ? WHERE sku = ?', array((int) $i['quantity'], $i['sku']));
    }
    add_event('order.cancelled', 'Order ' . $o['id'] . ' cancelled', array('order_id' => (int) $o['id']));
    commit();
    envelope(order_view(order_find((string) $o['id'])));
}

function order_calc()
{
    require_post();
    send_json(pricing_calculate($_POST));
}

function order_create()
{
    require_post();
    $user = post('user_id');
    if (!is_string($user) || row('SELECT id FROM users WHERE id = ?', array($user)) === null) {
        fail(400, 'unknown user');
    }
    $price = pricing_calculate($_POST);

    begin();
    foreach ($price['items'] as $i) {
        $changed = run(
            'UPDATE products SET stock = stock - ? WHERE sku = ? AND stock >= ?',
            array($i['quantity'], $i['sku'], $i['quantity'])
        );
        if ($changed === 0) {
            rollback();
            fail(409, 'not enough of ' . $i['sku'] . ' left');
        }
    }
    run(
        'INSERT INTO orders (user_id, status, country, subtotal, discount, tax, total, note, created_at) VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)',
        array($user, 'open', $_POST['country'], $price['subtotal'], $price['discount'], $price['tax'], $price['total'], post('note'), now())
    );
    $id = db()->lastInsertId();
    foreach ($price['items'] as $n => $i) {
        run(
            'INSERT INTO order_items (order_id, line, sku, quantity, unit_price) VALUES (?, ?, ?, ?, ?)',
            array($id, $n + 1, $i['sku'], $i['quantity'], $i['unit_price'])
        );
    }
    add_event('order.created', 'Order ' . $id . ' placed', array('order_id' => (int) $id));
    commit();

    header('Location: /v1/orders/' . $id);
    send_json(order_view(order_find((string) $id)), 201);
}

function order_invoice()
{
    $o = order_find(param('id'));
    if ($o === null) {
        fail(404, 'unknown order');
    }
    $u       = row('SELECT * FROM users WHERE id = ?', array($o['user_id']));
    $address = row('SELECT * FROM addresses WHERE id = ?', array($o['address_id']));

    $text = sprintf("INVOICE %06d\n\n%s\n%s\n", $o['id'], $u['name'], order_address($address));
    foreach (rows('SELECT * FROM order_items WHERE order_id = ? ORDER BY line', array($o['id'])) as $i) {
        $text .= sprintf("%3d x %-12s %10.2f\n", $i['quantity'], $i['sku'], $i['quantity'] * $i['unit_price'] / 100);
    }
    $text .= sprintf("%29s %.2f EUR\n", 'total', $o['total'] / 100);

    header('Content-Type: text/plain; charset=utf-8');
    header('Content-Disposition: inline; filename="invoice-' . $o['id'] . '.txt"');
    echo $text;
}

function order_address(array $address)
{
    return $address['street'] . "\n" . $address['city'] . "\n";
}

/** Revenue by day. One query a day, with a pause for the replica to keep up. */
function order_report()
{
    $days  = int_param('days', 7, 1, 366);
    $until = param('until', gmdate('Y-m-d'));
    if (!is_string($until) || !preg_match('/^\d{4}-\d\d-\d\d$/', $until) || strtotime($until) === false) {
        fail(400, 'until must be a date');
    }
    $lines   = array();
    $revenue = 0;
    for ($n = $days - 1; $n >= 0; $n--) {
        $day  = gmdate('Y-m-d', strtotime($until . ' UTC') - $n * 86400);
        $sums = row(
            "SELECT COUNT(*) AS orders, COALESCE(SUM(total), 0) AS revenue FROM orders WHERE date(created_at) = ? AND status <> 'cancelled'",
            array($day)
        );
        $lines[]  = array('day' => $day) + $sums;
        $revenue += $sums['revenue'];
        usleep(20000);
    }
    send_json(array('days' => $lines, 'revenue' => $revenue));
}
