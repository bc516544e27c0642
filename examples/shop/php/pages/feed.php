<?php
/* /feed.php?action=list|stream : what happens in the shop, newest first. */

function feed_view($e)
{
    return array(
        'id'         => $e['id'],
        'type'       => $e['type'],
        'message'    => $e['message'],
        'data'       => json_decode($e['data'], true),
        'created_at' => iso_time($e['created_at']),
    );
}

/** Errors of the feed come as a header; the body is for people. */
function feed_fail($error, $message)
{
    http_response_code(400);
    header('X-Feed-Error: ' . $error);
    header('Content-Type: text/plain');
    echo $message, "\n";
    exit;
}

/**
 * Pages go back in time: "before" is the cursor of the last page, which is an
 * event's id in hex. type[]=... may be given several times.
 */
function feed_list()
{
    $limit = int_param('limit', 20, 1, 100);
    $where = ' WHERE 1 = 1';
    $args  = array();

    $before = param('before');
    if ($before !== null) {
        if (!is_string($before) || !preg_match('/^[0-9a-f]{1,12}$/', $before)) {
            feed_fail('cursor', 'That page does not exist.');
        }
        $where .= ' AND id < ?';
        $args[] = hexdec($before);
    }
    $types = param('type', array());
    if (is_array($types) && count($types) > 0) {
        $where .= ' AND type IN (' . implode(', ', array_fill(0, count($types), '?')) . ')';
        $args   = array_merge($args, array_values($types));
    }

    $list = rows('SELECT * FROM events' . $where . ' ORDER BY id DESC LIMIT ' . ($limit + 1), $args);
    $next = null;
    if (count($list) > $limit) {
        array_pop($list);
        $last = end($list);
        $next = dechex($last['id']);
    }
    send_json(array('items' => array_map('feed_view', $list), 'next_cursor' => $next));
}

/**
 * Server-sent events: everything after event "after" and then what comes in
 * the next "wait" seconds. Browsers reconnect by themselves, with
 * Last-Event-ID, so a worker is never held for long.
 */
function feed_stream()
{
    $after = int_param('after', 0, 0, 999999999);
    $wait  = int_param('wait', 20, 0, 60);
    if (isset($_SERVER['HTTP_LAST_EVENT_ID']) && ctype_digit($_SERVER['HTTP_LAST_EVENT_ID'])) {
        $after = (int) $_SERVER['HTTP_LAST_EVENT_ID'];
    }
    while (ob_get_level() > 0) {
        ob_end_flush();
    }
    header('Content-Type: text/event-stream');
    header('Cache-Control: no-cache');
    header('X-Accel-Buffering: no');
    set_time_limit($wait + 10);

    $end = microtime(true) + $wait;
    while (true) {
        foreach (rows('SELECT * FROM events WHERE id > ? ORDER BY id LIMIT 50', array($after)) as $e) {
            $after = $e['id'];
            echo 'id: ', $e['id'], "\nevent: ", $e['type'], "\ndata: ", json_encode(feed_view($e)), "\n\n";
            flush();
        }
        if (microtime(true) >= $end || connection_aborted()) {
            return;
        }
        usleep(200000);
        echo ": waiting\n\n"; // notices when the browser is gone
        flush();
    }
}
