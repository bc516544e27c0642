<?php
// A backend that does all that PHP has been seen to do. The last segment of the
// path says what.
$path = explode('?', $_SERVER['REQUEST_URI'])[0];
$quirk = rawurldecode(substr($path, strrpos($path, '/') + 1));
$token = $_GET['token'] ?? '';
if ($token !== '') {
    header("X-Token: $token"); // whose answer this is
}
ini_set('display_errors', '0');
ini_set('html_errors', '1');
ini_set('zlib.output_compression', '0');

function json($value): void
{
    header('Content-Type: application/json');
    echo json_encode($value);
}

function out(string $text): void
{
    echo $text;
    while (ob_get_level() > 0) {
        ob_end_flush();
    }
    flush();
}

switch ($quirk) {
// Time.
case 'sleep':       usleep(1_200_000); json(['id' => 1]); break;
case 'sleep-late':  json(['id' => 1]); out(' '); usleep(1_200_000); echo ' '; break;
case 'drip':        header('Content-Type: text/plain'); for ($i = 0; $i < 10; $i++) { out("drop $i\n"); usleep(20_000); } break;
case 'big':
    header('Content-Type: application/octet-stream');
    $block = str_repeat("0123456789abcdef", 4096);
    for ($sent = 0; $sent < 10 << 30; $sent += strlen($block)) {
        out($block);
    }
    break;
case 'numbered': // as many blocks as the query says, each with its number
    header('Content-Type: application/octet-stream');
    $rest = substr(str_repeat("0123456789abcdef", 4096), 16);
    for ($i = 0; $i < $_GET['blocks']; $i++) {
        echo sprintf('%016x', $i), $rest;
    }
    break;
case 'finished':
    json(['id' => 1]);
    function_exists('fastcgi_finish_request') && fastcgi_finish_request();
    usleep(100_000);
    break;
case 'meet': // until so many are here at once
    $dir = sys_get_temp_dir() . '/' . preg_replace('/\W/', '', $_GET['at']);
    @mkdir($dir);
    touch("$dir/" . (int) $_GET['me']);
    for ($i = 0; $i < 300 && count(glob("$dir/*")) < $_GET['n']; $i++) {
        usleep(10_000);
    }
    json(['met' => count(glob("$dir/*")) >= $_GET['n']]);
    break;

// Heads.
case 'length-short': header('Content-Type: text/plain'); header('Content-Length: 5'); echo '0123456789'; break;
case 'length-long':  header('Content-Type: text/plain'); header('Content-Length: 50'); echo '0123456789'; break;
case 'length-empty': header('Content-Type: text/plain'); header('Content-Length: 0'); break;
case 'chunked-lie':  header('Content-Type: text/plain'); header('Transfer-Encoding: chunked'); echo 'no chunks'; break;
case 'hop-by-hop':   header('X-Inner: secret'); header('Connection: X-Inner'); header('Keep-Alive: timeout=1'); header('Proxy-Authenticate: Basic'); json(['id' => 1]); break;
case 'header-bomb':  for ($i = 0; $i < 4000; $i++) { header("X-Bomb-$i: " . str_repeat('b', 90)); } json(['id' => 1]); break;
case 'header-many':  for ($i = 0; $i < 20; $i++) { header("X-Many: $i", false); } json(['id' => 1]); break;
case 'header-bytes': header("X-Bytes: caf\xe9"); json(['id' => 1]); break;
case 'gzip':         header('Content-Encoding: gzip'); header('Vary: Accept-Encoding'); header('Content-Type: application/json'); echo gzencode('{"id":"7"}'); break;
case 'gzip-bomb':    header('Content-Encoding: gzip'); header('Content-Type: application/json'); echo gzencode('{"id":"7","name":"' . str_repeat('a', 8 << 20) . '"}'); break;
case 'gzip-lie':     header('Content-Encoding: gzip'); json(['id' => '7']); break;
case 'session':      session_save_path(sys_get_temp_dir()); session_id('feedfacefeedface'); session_start(); $_SESSION['seen'] = 1; json(['id' => 1]); break;
case 'cookies':      setcookie('a', '1'); setcookie('b', '2', ['httponly' => true, 'samesite' => 'Lax']); json(['id' => 1]); break;
case 'redirect':     header('Location: /elsewhere?a=1', true, 302); break;
case 'redirect-self': header('Location: http://' . $_SERVER['HTTP_HOST'] . '/elsewhere', true, 301); break;
case 'redirect-out': header('Location: https://example.com/', true, 307); break;
case 'hints':        http_response_code(103); header('Link: </a.css>; rel=preload'); break;
case 'no-content':   http_response_code(204); break;
case 'no-content-body': http_response_code(204); echo 'a body that may not be'; break;
case 'not-modified': http_response_code(304); header('ETag: "1"'); break;
case 'teapot':       header('HTTP/1.1 418 I am a teapot'); header('Content-Type: text/plain'); echo 'short and stout'; break;
case 'missing':      http_response_code(404); header('Content-Type: text/html'); echo '<h1>Not found</h1>'; break;
case 'limited':      header('MediaWiki-API-Error: ratelimited'); json(['error' => ['code' => 'ratelimited']]); break;

// Deaths.
case 'fatal':        ini_set('display_errors', '1'); http_response_code(200); json(['id' => 1]); undefined_function(); break;
case 'fatal-quiet':  json(['id' => 1]); undefined_function(); break;
case 'fatal-late':   json(['id' => 1]); out(' '); undefined_function(); break;
case 'exhausted':    ini_set('memory_limit', '8M'); str_repeat('a', 64 << 20); break;
case 'killed':       posix_kill(getmypid(), 9); break;
case 'killed-late':  json(['id' => 1]); out(str_repeat(' ', 100_000)); usleep(50_000); posix_kill(getmypid(), 9); break;
case 'exit':         json(['id' => 1]); exit(3);

// Bodies.
case 'fine':         json(['id' => 1]); break;
case 'warning':      ini_set('display_errors', '1'); echo $undefined; json(['id' => 1]); break;
case 'warning-text': ini_set('display_errors', '1'); ini_set('html_errors', '0'); echo $undefined; json(['id' => 1]); break;
case 'utf8':         json(['id' => 1, 'name' => "caf\xe9"]); break;
case 'utf8-raw':     header('Content-Type: application/json'); echo "{\"id\":1,\"name\":\"caf\xe9\"}"; break;
case 'latin1':       header('Content-Type: application/json; charset=ISO-8859-1'); echo "{\"id\":1,\"name\":\"caf\xe9\"}"; break;
case 'bom':          header('Content-Type: application/json'); echo "\xef\xbb\xbf{\"id\":1}"; break;
case 'nul':          header('Content-Type: application/json'); echo "{\"id\":1}\0"; break;
case 'empty':        header('Content-Type: application/json'); break;
case 'blank':        header('Content-Type: application/json'); echo "\n \n"; break;
case 'html':         header('Content-Type: text/html'); echo json_encode(['id' => 1]); break;
case 'empty-map':    json(['id' => 1, 'meta' => [], 'stock' => []]); break;
case 'list-map':     json(['id' => 1, 'stock' => [5, 6]]); break;
case 'holes':        json(['id' => 1, 'tags' => array_filter(['a', '', 'b'])]); break;
case 'strings':      json(['id' => '42', 'price' => '9.90', 'sold' => '1']); break;
case 'strings-odd':  json(['id' => '042', 'price' => '']); break;
case 'floats':       header('Content-Type: application/json'); echo json_encode(['id' => 10.0, 'price' => 19.99 * 100], JSON_PRESERVE_ZERO_FRACTION); break;
case 'overflow':     json(['id' => PHP_INT_MAX + 1]); break;
case 'nulls':        json(['id' => 1, 'name' => null, 'nick' => null]); break;
case 'slashes':      json(['id' => 1, 'name' => 'a/b é']); break;
case 'dates':        json(['id' => 1, 'at' => '2026-07-01 12:00:00']); break;
case 'date-zero':    json(['id' => 1, 'at' => '0000-00-00 00:00:00']); break;
case 'date-object':  json(['id' => 1, 'at' => new DateTime('2026-07-01 12:00', new DateTimeZone('Europe/Berlin'))]); break;
case 'deep':         header('Content-Type: application/json'); echo '{"id":1,"meta":{"a":' . str_repeat('[', 100_000) . str_repeat(']', 100_000) . '}}'; break;
case 'large':        json(['id' => '1', 'name' => str_repeat('n', 2 << 20)]); break;
case 'cut':          header('Content-Type: application/json'); echo '{"id":1,"name":"ab'; break;

// Envelopes.
case 'ok':           json(['code' => 0, 'msg' => 'ok', 'data' => ['id' => '7', 'meta' => []]]); break;
case 'ok-list':      json(['code' => 0, 'msg' => 'ok', 'data' => []]); break;
case 'ok-missing':   json(['code' => 0, 'msg' => 'ok']); break;
case 'sold-out':     json(['code' => 40001, 'msg' => 'sold out since noon', 'data' => []]); break;
case 'sold-out-text': json(['code' => '40001', 'msg' => 'sold out since noon', 'data' => null]); break;
case 'invalid':      json(['code' => 42007, 'msg' => 'no', 'errors' => ['name' => ['is empty'], 'tags.0' => 'is bad']]); break;
case 'unknown':      json(['code' => 77, 'msg' => "SQLSTATE[HY000] at /var/www/db.php:12", 'data' => []]); break;
case 'down':         http_response_code(500); json(['code' => 1, 'msg' => 'SQLSTATE[HY000]']); break;
case 'bare':         json('a text'); break;

// Habits of frameworks.
case 'framework-error': json(['error' => ['code' => 'E12', 'message' => 'no such thing']]); break;
case 'framework-fine':  json(['id' => '7', 'error' => null]); break;
case 'framework-invalid': http_response_code(422); json(['message' => 'The given data was invalid.', 'errors' => ['email' => ['is no address', 'is taken'], 'address.street' => ['is required']]]); break;
case 'login':        header('Location: /login.php?next=/', true, 302); header('Content-Type: text/html'); echo '<html>Please log in</html>'; break;
case 'false':        json(false); break; // what PDO::fetch says when there is no row
case 'javascript':   header('Content-Type: text/javascript; charset=utf-8'); echo json_encode(['id' => '7']); break;
case 'jsonp':        header('Content-Type: application/javascript'); echo 'back({"id":"7"});'; break;
case 'twice':        json(json_encode(['id' => 7])); break;
case 'encoding-utf8': header('Content-Encoding: UTF-8'); json(['id' => '7']); break;
case 'encoding-none': header('Content-Encoding: none'); json(['code' => 0, 'msg' => '', 'data' => ['id' => '7']]); break;
case 'sendfile':     header('X-Accel-Redirect: /inner/a.pdf'); header('Content-Type: application/pdf'); break;
case 'basic':        json(['user' => $_SERVER['PHP_AUTH_USER'] ?? '']); break;
case 'header-long':  header('X-Long: ' . str_repeat('l', 60_000)); json(['id' => 1]); break;
case 'xml':          header('Content-Type: text/xml'); echo '<?xml version="1.0"?><error>17</error>'; break;
case 'cookie-twice': header('Set-Cookie: a=1; path=/'); header('Set-Cookie: a=2; path=/x', false); json(['id' => 1]); break;

// What applications do without knowing.
case 'warning-after': json(['id' => '7']); register_shutdown_function(function () { ini_set('display_errors', '1'); echo $undefined; }); break;
case 'deprecated':   error_reporting(E_ALL); ini_set('display_errors', '1'); $thing = new class {}; $thing->new = 1; json(['id' => '7']); break;
case 'warnings':     ini_set('display_errors', '1'); echo $one; echo $two['a']; json(['id' => '7']); break;
case 'bom-twice':    header('Content-Type: application/json'); echo "\xef\xbb\xbf\xef\xbb\xbf\n{\"id\":\"7\"}"; break; // of two files that were included
case 'bom-warning':  ini_set('display_errors', '1'); echo "\xef\xbb\xbf", $undefined; json(['id' => '7']); break;
case 'lines':        echo "\n\n"; json(['code' => 0, 'data' => ['id' => '7']]); echo "\n\n"; break; // around tags of PHP
case 'print-r':      print_r(['debug']); json(['id' => '7']); break;
case 'two':          json(['id' => '7']); json(['id' => '8']); break; // no exit after the first
case 'exit-in-json': header('Content-Type: application/json'); echo '{"id":"7","tags":['; exit;
case 'exit-buffered': ob_start(); json(['id' => '7']); exit; // PHP sends what was buffered
case 'buffer-dropped': ob_start(); json(['id' => '7']); ob_end_clean(); break;
case 'length-mb':    $json = '{"id":"7","name":"' . "caf\xc3\xa9" . '"}'; header('Content-Type: application/json'); header('Content-Length: ' . preg_match_all('/./us', $json)); echo $json; break;
case 'length-gzip':  $json = '{"id":"7","name":"' . str_repeat('a', 500) . '"}'; header('Content-Type: application/json'); header('Content-Encoding: gzip'); header('Content-Length: ' . strlen($json)); echo gzencode($json); break;
case 'gzhandler':    ob_start('ob_gzhandler'); json(['id' => '7']); break;
case 'flushes':      header('Content-Type: application/json'); foreach (['{"id"', ':"7', '"', '}'] as $part) { out($part); usleep(10_000); } break;
case 'no-type':      ini_set('default_mimetype', ''); echo '{"id":"7"}'; break;
case 'type-twice':   header('Content-Type: text/html'); header('Content-Type: application/json; charset=utf8'); echo '{"id":"7"}'; break;
case 'status-header': header('Status: 404 Not Found'); json(['id' => '7']); break;
case 'http10':       header('HTTP/1.0 404 Not Found'); json(['message' => 'none']); break;
case 'relative':     header('Location: login.php?next=%2F', true, 302); break;
case 'relative-query': header('Location: ?page=2', true, 302); break;
case 'relative-dots': header('Location: ../login', true, 302); break;
case 'refresh':      header('Refresh: 0; url=elsewhere'); json(['id' => '7']); break;
case 'created':      header('Location: /things/7', true, 201); json(['id' => '7']); break;
case 'stderr':       for ($i = 0; $i < 50; $i++) { error_log(str_repeat('e', 2000)); } json(['id' => '7']); break;
case 'cookie-odd':   header('Set-Cookie: a=b c"d; expires=Thu, 01-Jan-1970 00:00:00 GMT; Max-Age=0; path=/'); header('Set-Cookie: =x', false); json(['id' => '7']); break;
case 'session-slow': session_save_path(sys_get_temp_dir()); session_id('feedfacecafebeef'); session_start(); usleep(50_000); json(['id' => 1]); break;
case 'thrown':       ini_set('display_errors', '1'); throw new RuntimeException("SQLSTATE[HY000]\nsecret"); 

// Requests.
default:
    $body = file_get_contents('php://input');
    json(['token' => $token, 'method' => $_SERVER['REQUEST_METHOD'], 'uri' => $_SERVER['REQUEST_URI'], 'query' => $_SERVER['QUERY_STRING'] ?? '',
        'get' => (object) array_diff_key($_GET, ['token' => 1]), 'post' => (object) $_POST,
        'length' => (int) ($_SERVER['CONTENT_LENGTH'] ?? 0), 'body' => strlen($body) < 200 ? $body : strlen($body) . ' bytes',
        'type' => explode(';', $_SERVER['CONTENT_TYPE'] ?? '')[0], 'proxy' => $_SERVER['HTTP_PROXY'] ?? getenv('HTTP_PROXY') ?: '',
        'under' => $_SERVER['HTTP_X_UNDER'] ?? '', 'bomb' => strlen($_SERVER['HTTP_X_BOMB'] ?? '')]);
}
