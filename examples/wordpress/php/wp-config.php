<?php
// WordPress's configuration for the example: one site, one database behind a
// socket beside it, nothing that reaches out to the network.

$state = dirname(__DIR__);

define('DB_NAME', 'wp');
define('DB_USER', 'wp');
define('DB_PASSWORD', 'wp');
define('DB_HOST', 'localhost:' . $state . '/run/db/mysql.sock');
define('DB_CHARSET', 'utf8mb4');
define('DB_COLLATE', '');
$table_prefix = 'wp_';

// Known keys: a site that only listens on loopback has no secrets, and the
// same keys give the same cookies and nonces on every machine.
foreach (['AUTH', 'SECURE_AUTH', 'LOGGED_IN', 'NONCE'] as $name) {
    define($name . '_KEY', hash('sha256', 'key of ' . $name));
    define($name . '_SALT', hash('sha256', 'salt of ' . $name));
}

// Every link is built from the Host the client sent, so that a gateway in
// front of WordPress never shows up in an answer.
$origin = 'http://' . ($_SERVER['HTTP_HOST'] ?? 'wordpress.test');
define('WP_HOME', $origin);
define('WP_SITEURL', $origin);

// "local" is what lets application passwords work without TLS.
define('WP_ENVIRONMENT_TYPE', 'local');
define('WP_HTTP_BLOCK_EXTERNAL', true);
define('AUTOMATIC_UPDATER_DISABLED', true);
define('DISABLE_WP_CRON', true);
define('FS_METHOD', 'direct');
define('WP_DEBUG', false);

if (!defined('ABSPATH')) {
    define('ABSPATH', __DIR__ . '/');
}
require_once ABSPATH . 'wp-settings.php';
