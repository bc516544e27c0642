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

$pages = array(
    'user'    => array('list', 'get', 'create', 'update'),
    'session' => array('open', 'show'),
    'order'   => array('list', 'get', 'create', 'calc', 'cancel', 'invoice', 'report'),
    'feed'    => array('list', 'stream'),
);
$path  = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);

if ($path === '/' || $path === '/index.php') {
    send_json(array('shop' => 'ok'));
    exit;
}

if (!preg_match('#^/([a-z]+)\.php$#', (string) $path, $m) || !isset($pages[$m[1]])) {
    fail(404, 'no such page');
}

$action = param('action', 'list');
if (!in_array($action, $pages[$m[1]], true)) {
    fail(404, 'no such action');
}

require dirname(__FILE__) . '/../pages/' . $m[1] . '.php';
$run = $m[1] . '_' . $action;

try {
    $run();
} catch (PDOException $e) {
    error_log('database: ' . $e->getMessage());
    fail(500, 'database error');
}
