<?php
// Creates WordPress's tables and its administrator, unless they exist.
// usage: php install.php DOCUMENT_ROOT

define('WP_INSTALLING', true);
$_SERVER['HTTP_HOST'] = 'wordpress.test';
$_SERVER['REQUEST_METHOD'] = 'GET';
$_SERVER['SERVER_PROTOCOL'] = 'HTTP/1.1';

require $argv[1] . '/wp-load.php';
require_once ABSPATH . 'wp-admin/includes/upgrade.php';

add_filter('pre_wp_mail', '__return_true'); // there is no mail server

if (!is_blog_installed()) {
    wp_install('Harbour Notes', 'admin', 'admin@example.test', true, '', 'admin-password');
}

// The REST API answers below /wp-json/ only with pretty permalinks.
global $wp_rewrite;
$wp_rewrite->set_permalink_structure('/%postname%/');
flush_rewrite_rules(false);
