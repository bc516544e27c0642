<?php
// Fills the site with the same users, terms, posts and comments every time.
// usage: php seed.php DOCUMENT_ROOT

$_SERVER['HTTP_HOST'] = 'wordpress.test';
$_SERVER['REQUEST_METHOD'] = 'GET';

require $argv[1] . '/wp-load.php';

if (get_option('example_seeded')) {
    exit;
}
$wpdb->query('START TRANSACTION'); // all of it or nothing

// The application passwords are part of the example, so they are chosen here
// and not by chance. WordPress strips the spaces that people type.
$GLOBALS['chosen'] = '';
add_filter('random_password', fn ($random) => $GLOBALS['chosen'] ?: $random);

function application_password(int $user, string $login): void
{
    $GLOBALS['chosen'] = str_pad($login, 24, '0');
    WP_Application_Passwords::create_new_application_password($user, ['name' => 'example']);
    $GLOBALS['chosen'] = '';
}

application_password(1, 'admin');
$ids = ['admin' => 1];
foreach (['editor' => 'editor', 'author' => 'author', 'reader' => 'subscriber'] as $login => $role) {
    $ids[$login] = wp_insert_user([
        'user_login' => $login,
        'user_pass' => "$login-password",
        'user_email' => "$login@example.test",
        'role' => $role,
    ]);
    application_password($ids[$login], $login);
}

foreach (range(1, 5) as $n) {
    wp_insert_term("Quay $n", 'category');
}

// 55 posts, one an hour from 2024-01-01; every tenth stays a draft. The first
// gets id 4, after the three that WordPress itself makes.
foreach (range(1, 55) as $n) {
    $at = gmdate('Y-m-d H:i:s', gmmktime(0, 0, 0, 1, 1, 2024) + $n * 3600);
    $post = wp_insert_post([
        'post_title' => "Harbour note $n",
        'post_content' => "<p>Ship $n is “in” &amp; unloading – ça va.</p>",
        'post_status' => $n % 10 ? 'publish' : 'draft',
        'post_author' => $ids[$n % 2 ? 'author' : 'admin'],
        'post_date' => $at,
        'post_date_gmt' => $at,
        'tags_input' => ['berth ' . $n % 7],
    ]);
    for ($i = 0; $i < $n % 4; $i++) {
        wp_insert_comment([
            'comment_post_ID' => $post,
            'comment_author' => "Guest $i",
            'comment_author_email' => "guest$i@example.test",
            'comment_content' => "Remark $i on note $n",
            'comment_date' => $at,
            'comment_date_gmt' => $at,
            'comment_approved' => 1,
        ]);
    }
}

update_option('example_seeded', 1);
$wpdb->query('COMMIT');
