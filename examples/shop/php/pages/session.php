<?php
/*
 * /session.php?action=open|show
 *
 * Customers sign in with the e-mail address and the postcode of their account,
 * as they do on the order tracking page.
 */

function session_begin()
{
    $dir = dirname(db_file()) . '/sessions';
    if (!is_dir($dir)) {
        @mkdir($dir, 0700, true);
    }
    session_save_path($dir);
    session_set_cookie_params(array('path' => '/', 'httponly' => true, 'samesite' => 'Lax'));
    session_start();
}

function session_view()
{
    return array(
        'user_id' => $_SESSION['user_id'],
        'name'    => $_SESSION['name'],
        'views'   => $_SESSION['views'],
    );
}

function session_open()
{
    require_post();
    $u = row(
        'SELECT * FROM users WHERE email = ? AND postcode = ?',
        array((string) post('email', ''), (string) post('postcode', ''))
    );
    if ($u === null) {
        fail(401, 'e-mail address and postcode do not match');
    }
    session_begin();
    session_regenerate_id(true);
    $_SESSION = array('user_id' => $u['id'], 'name' => $u['name'], 'views' => 0);
    send_json(session_view());
}

function session_show()
{
    // No session is started for visitors that bring none.
    if (!isset($_COOKIE['PHPSESSID'])) {
        fail(401, 'not signed in');
    }
    session_begin();
    if (!isset($_SESSION['user_id'])) {
        fail(401, 'not signed in');
    }
    $_SESSION['views']++;
    send_json(session_view());
}
