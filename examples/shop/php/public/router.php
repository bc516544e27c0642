<?php
/*
 * Router for the built-in server:  php -S 127.0.0.1:8081 -t public public/router.php
 *
 * In production Apache does this with mod_rewrite: what exists as a static
 * file is sent as it is, everything else goes to index.php.
 */
$path = parse_url($_SERVER['REQUEST_URI'], PHP_URL_PATH);
$file = realpath(dirname(__FILE__) . $path);

if ($file !== false && is_file($file) && substr($file, -4) !== '.php'
    && strpos($file, realpath(dirname(__FILE__)) . DIRECTORY_SEPARATOR) === 0
) {
    return false;
}

require dirname(__FILE__) . '/index.php';
