<?php
/* /user.php?action=list|get|create|update */

function user_view($u)
{
    return array(
        'id'          => $u['id'],
        'email'       => $u['email'],
        'name'        => $u['name'],
        'country'     => $u['country'],
        'postcode'    => $u['postcode'],
        'newsletter'  => $u['newsletter'],
        'preferences' => $u['preferences'] === '' ? array() : json_decode($u['preferences'], true),
        'created_at'  => iso_time($u['created_at']),
    );
}

function user_list()
{
    $limit  = int_param('limit', 20, 1, 100);
    $start  = int_param('start', 0, 0, 1000000);
    $search = '%' . addcslashes((string) param('search', ''), '\\%_') . '%';

    $where = " FROM users WHERE name LIKE :s ESCAPE '\\' OR email LIKE :s ESCAPE '\\'";
    $total = row('SELECT COUNT(*) AS n' . $where, array(':s' => $search));
    $list  = rows("SELECT *" . $where . " ORDER BY id LIMIT $limit OFFSET $start", array(':s' => $search));

    send_json(array('items' => array_map('user_view', $list), 'total' => $total['n']));
}

function user_find($id)
{
    if (!is_string($id) || !preg_match('/^[1-9][0-9]{0,17}$/', $id)) {
        fail(400, 'bad id');
    }
    $u = row('SELECT * FROM users WHERE id = ?', array($id));
    if ($u === null) {
        fail(404, 'unknown user');
    }
    return $u;
}

function user_get()
{
    send_json(user_view(user_find(param('id'))));
}

function user_create()
{
    require_post();
    $name     = trim((string) post('name', ''));
    $email    = trim((string) post('email', ''));
    $country  = (string) post('country', '');
    $postcode = (string) post('postcode', '');

    $errors = array();
    if ($name === '') {
        $errors['name'] = 'required';
    }
    if (!preg_match('/^[^@\s]+@[^@\s]+\.[^@\s]+$/', $email)) {
        $errors['email'] = 'not an e-mail address';
    }
    if (!preg_match('/^[A-Z]{2}$/', $country)) {
        $errors['country'] = 'two capital letters';
    }
    if ($postcode === '') {
        $errors['postcode'] = 'required';
    }
    if (count($errors) > 0) {
        fail(422, 'please check your input', array('fields' => $errors));
    }

    begin();
    if (row('SELECT id FROM users WHERE email = ?', array($email)) !== null) {
        rollback();
        fail(409, 'there is an account with that address');
    }
    run(
        'INSERT INTO users (email, name, country, postcode, newsletter, preferences, created_at) VALUES (?, ?, ?, ?, ?, ?, ?)',
        array($email, $name, $country, $postcode, user_flag(post('newsletter')), user_preferences(array()), now())
    );
    $id = db()->lastInsertId();
    add_event('user.created', $name . ' joined', array('user_id' => (int) $id));
    commit();

    header('Location: /v1/users/' . $id);
    send_json(user_view(user_find((string) $id)), 201);
}

function user_update()
{
    require_post();
    $u = user_find(param('id'));

    if (isset($_POST['name'])) {
        $u['name'] = trim((string) $_POST['name']);
        if ($u['name'] === '') {
            fail(422, 'please check your input', array('fields' => array('name' => 'required')));
        }
    }
    if (isset($_POST['postcode'])) {
        $u['postcode'] = (string) $_POST['postcode'];
    }
    if (isset($_POST['newsletter'])) {
        $u['newsletter'] = user_flag($_POST['newsletter']);
    }
    $old = $u['preferences'] === '' ? array() : json_decode($u['preferences'], true);

    run(
        'UPDATE users SET name = ?, postcode = ?, newsletter = ?, preferences = ? WHERE id = ?',
        array($u['name'], $u['postcode'], $u['newsletter'], user_preferences($old), $u['id'])
    );
    send_json(user_view(user_find((string) $u['id'])));
}

/** Checkboxes arrive as "1", "on", "true" or not at all. */
function user_flag($v)
{
    return filter_var($v, FILTER_VALIDATE_BOOLEAN) ? 1 : 0;
}

/** preferences[theme]=dark adds or replaces; the rest stays. */
function user_preferences($old)
{
    $new = post('preferences', array());
    foreach (is_array($new) ? $new : array() as $k => $v) {
        if (is_string($v)) {
            $old[$k] = $v;
        }
    }
    return count($old) > 0 ? json_encode($old) : '';
}
