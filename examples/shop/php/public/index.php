<?php
/*
 * Front controller. Every page is a file in ../pages and picks its function
 * by ?action=... , so a URL looks like /order.php?action=get&id=3 .
 */
error_reporting(E_ALL);
ini_set('display_errors', '0');
ini_set('log_errors', '1');
date_default_timezone_set('UTC');

require_once dirname(__FILE__) . '/../lib/http.php';
require_once dirname(__FILE__) . '/../lib/db.php';

$pages = array('user', 'order', 'feed', 'session');
$path  = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($path === '/' || $path === '/index.php') {
    send_json(array('shop' => 'ok'));
    exit;
}

if (!preg_match('#^/([a-z]+)\.php$#', (string) $path, $m) || !in_array($m[1], $pages, true)) {
    fail(404, 'no such page');
}

require dirname(__FILE__) . '/../pages/' . $m[1] . '.php';

$action = param('action', 'list');
$run    = $m[1] . '_' . $action;
if (!is_string($action) || !preg_match('/^[a-z]+$/', $action) || !function_exists($run)) {
    fail(404, 'no such action');
}

try {
    $run();
} catch (PDOException $e) {
    error_log('database: ' . $e->getMessage());
    fail(500, 'database error');
}
