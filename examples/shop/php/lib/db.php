<?php
/* The database: one SQLite file, made and filled on first use. */

function db_file()
{
    $file = getenv('SHOP_DB');
    return $file !== false && $file !== '' ? $file : sys_get_temp_dir() . '/shop/shop.sqlite';
}

/** @return PDO */
function db()
{
    static $pdo = null;
    if ($pdo !== null) {
        return $pdo;
    }
    $file = db_file();
    if (!is_dir(dirname($file))) {
        @mkdir(dirname($file), 0700, true);
    }
    $pdo = new PDO('sqlite:' . $file);
    $pdo->setAttribute(PDO::ATTR_ERRMODE, PDO::ERRMODE_EXCEPTION);
    $pdo->setAttribute(PDO::ATTR_DEFAULT_FETCH_MODE, PDO::FETCH_ASSOC);
    // PHP 8.1 began to return native numbers. The old apps compare strings.
    $pdo->setAttribute(PDO::ATTR_STRINGIFY_FETCHES, true);
    // Other programs use this file too: wait for their locks.
    $pdo->exec('PRAGMA busy_timeout = 5000');
    $pdo->exec('PRAGMA foreign_keys = ON');
    if ($pdo->query('PRAGMA user_version')->fetchColumn() == 0) {
        db_create($pdo, $file);
    }
    return $pdo;
}

function db_create(PDO $pdo, $file)
{
    // Several workers may get here at once: one creates, the others wait.
    $lock = fopen($file . '.lock', 'c');
    flock($lock, LOCK_EX);
    if ($pdo->query('PRAGMA user_version')->fetchColumn() == 0) {
        $pdo->exec('PRAGMA journal_mode = WAL');
        $pdo->beginTransaction();
        $pdo->exec(file_get_contents(dirname(__FILE__) . '/install.sql'));
        $pdo->commit();
    }
    flock($lock, LOCK_UN);
    fclose($lock);
}

/** All rows of a query. */
function rows($sql, $args = array())
{
    $st = db()->prepare($sql);
    $st->execute($args);
    return $st->fetchAll();
}

/** The first row of a query, or null. */
function row($sql, $args = array())
{
    $all = rows($sql, $args);
    return count($all) > 0 ? $all[0] : null;
}

/** Runs a statement and returns the number of rows it changed. */
function run($sql, $args = array())
{
    $st = db()->prepare($sql);
    $st->execute($args);
    return $st->rowCount();
}

/** Starts a transaction that holds the write lock from the beginning. */
function begin()
{
    db()->exec('BEGIN IMMEDIATE');
}

function commit()
{
    db()->exec('COMMIT');
}

function rollback()
{
    db()->exec('ROLLBACK');
}

/** The current time as the tables store it. */
function now()
{
    return gmdate('Y-m-d H:i:s');
}

/** Adds a line to the feed. */
function add_event($type, $message, $data)
{
    run(
        'INSERT INTO events (type, message, data, created_at) VALUES (?, ?, ?, ?)',
        array($type, $message, json_encode($data), now())
    );
}
