<?php
// Every request that gets here leaves a run, and an effect unless one with the
// same idempotency key has left it before.
$token = $_SERVER['HTTP_X_TOKEN'] ?? '';
if ($token === '') {
    echo "up\n"; // somebody looks whether this runs
    return;
}
$whole = strlen(file_get_contents('php://input')) === (int) ($_SERVER['HTTP_X_LENGTH'] ?? 0);
$db = new PDO('sqlite:' . getenv('EFFECTS_DB'), null, null, [PDO::ATTR_ERRMODE => PDO::ERRMODE_EXCEPTION]);
$db->exec('PRAGMA busy_timeout = 20000');
$db->beginTransaction();
$db->prepare('INSERT INTO runs (token, whole) VALUES (?, ?)')->execute([$token, (int) $whole]);
$keyed = isset($_SERVER['HTTP_IDEMPOTENCY_KEY']);
$db->prepare($keyed ? 'INSERT OR IGNORE INTO keyed (token) VALUES (?)' : 'INSERT INTO effects (token) VALUES (?)')->execute([$token]);
$db->commit();
usleep(random_int(0, 15000));
if (random_int(1, 20) === 1) {
    http_response_code(409); // a rule calls this retryable, though everything was done
}
header('Content-Type: application/json');
$answer = json_encode(['token' => $token]);
header('Content-Length: ' . strlen($answer)); // PHP's own server does not say it, and half an answer would pass for one
echo $answer;
