<?php
/*
 * Tables and demo data. The same rows every time: no clock, no random numbers.
 * Money is in cents. Columns named *_json hold JSON text, '' when empty.
 */

function db_schema(PDO $pdo)
{
    $pdo->exec("
        CREATE TABLE users (
            id          INTEGER PRIMARY KEY AUTOINCREMENT,
            email       TEXT NOT NULL UNIQUE COLLATE NOCASE,
            name        TEXT NOT NULL,
            country     TEXT NOT NULL,
            postcode    TEXT NOT NULL,
            newsletter  INTEGER NOT NULL DEFAULT 0,
            preferences TEXT NOT NULL DEFAULT '',
            created_at  TEXT NOT NULL
        );
        CREATE TABLE products (
            sku   TEXT PRIMARY KEY,
            name  TEXT NOT NULL,
            price INTEGER NOT NULL,
            stock INTEGER NOT NULL CHECK (stock >= 0)
        );
        CREATE TABLE tax_rates (
            country  TEXT PRIMARY KEY,
            rate     REAL NOT NULL,
            updating INTEGER NOT NULL DEFAULT 0
        );
        CREATE TABLE orders (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            user_id    INTEGER NOT NULL REFERENCES users (id),
            status     TEXT NOT NULL,
            country    TEXT NOT NULL,
            subtotal   INTEGER NOT NULL,
            discount   INTEGER NOT NULL,
            tax        INTEGER NOT NULL,
            total      INTEGER NOT NULL,
            note       TEXT,
            attributes TEXT NOT NULL DEFAULT '',
            address_id INTEGER REFERENCES addresses (id),
            created_at TEXT NOT NULL
        );
        CREATE TABLE order_items (
            order_id   INTEGER NOT NULL REFERENCES orders (id),
            line       INTEGER NOT NULL,
            sku        TEXT NOT NULL REFERENCES products (sku),
            quantity   INTEGER NOT NULL,
            unit_price INTEGER NOT NULL,
            PRIMARY KEY (order_id, line)
        );
        CREATE TABLE addresses (
            id     INTEGER PRIMARY KEY AUTOINCREMENT,
            street TEXT NOT NULL,
            city   TEXT NOT NULL
        );
        CREATE TABLE events (
            id         INTEGER PRIMARY KEY AUTOINCREMENT,
            type       TEXT NOT NULL,
            message    TEXT NOT NULL,
            data       TEXT NOT NULL,
            created_at TEXT NOT NULL
        );
        CREATE INDEX orders_user ON orders (user_id);
        CREATE INDEX orders_created ON orders (created_at);
    ");
}

function db_insert(PDO $pdo, $table, $columns, $lines)
{
    $marks = implode(', ', array_fill(0, count($columns), '?'));
    $st = $pdo->prepare("INSERT INTO $table (" . implode(', ', $columns) . ") VALUES ($marks)");
    foreach ($lines as $line) {
        $st->execute($line);
    }
}

function db_seed(PDO $pdo)
{
    db_insert($pdo, 'users', array('email', 'name', 'country', 'postcode', 'newsletter', 'preferences', 'created_at'), array(
        array('ada@example.com',    'Ada Lindqvist',    'SE', '11455', 1, '{"theme":"dark","language":"sv"}', '2026-01-05 09:30:00'),
        array('bruno@example.com',  'Bruno Keller',     'DE', '10115', 0, '',                                 '2026-01-09 14:02:11'),
        array('chloe@example.com',  'Chloé Marchand',   'FR', '75011', 1, '{"language":"fr"}',                '2026-01-17 08:45:59'),
        array('dmitri@example.com', "Dmitri O'Hara",    'DE', '20095', 0, '',                                 '2026-02-01 00:00:00'),
        array('emi@example.com',    'Emi 山田',         'FR', '69001', 1, '',                                 '2026-02-14 23:59:59'),
    ));
    db_insert($pdo, 'products', array('sku', 'name', 'price', 'stock'), array(
        array('FIG-SEED',  'Fig seeds, 20 pieces',  349,   500),
        array('POT-L',     'Clay pot, large',       2490,  40),
        array('POT-S',     'Clay pot, small',       990,   120),
        array('SHEARS',    'Pruning shears',        3299,  0),
        array('SOIL-10L',  'Potting soil, 10 l',    799,   300),
    ));
    db_insert($pdo, 'tax_rates', array('country', 'rate', 'updating'), array(
        array('DE', 0.19, 0),
        array('FR', 0.20, 0),
        array('SE', 0.25, 0),
        array('NO', 0.25, 1),
    ));
    db_insert($pdo, 'addresses', array('street', 'city'), array(
        array('Norrtullsgatan 3', 'Stockholm'),
        array('Torstraße 12',     'Berlin'),
        array('Rue Oberkampf 88', 'Paris'),
    ));
    db_insert($pdo, 'orders', array('user_id', 'status', 'country', 'subtotal', 'discount', 'tax', 'total', 'note', 'attributes', 'address_id', 'created_at'), array(
        array(1, 'shipped',   'SE', 3188, 0,   797, 3985, null,                   '{"gift":"yes"}',  1,    '2026-03-02 10:15:00'),
        array(2, 'paid',      'DE', 990,  0,   188, 1178, 'Ring twice, please.',  '',                2,    '2026-03-05 16:40:30'),
        array(3, 'open',      'FR', 4980, 498, 896, 5378, null,                   '',                3,    '2026-03-08 07:05:00'),
        array(1, 'cancelled', 'SE', 799,  0,   200, 999,  '',                     '',                1,    '2026-03-08 12:00:00'),
        // Imported from the old shop, which kept no billing addresses.
        array(5, 'open',      'FR', 349,  0,   70,  419,  null,                   '{"source":"v1"}', null, '2026-03-20 19:30:00'),
    ));
    db_insert($pdo, 'order_items', array('order_id', 'line', 'sku', 'quantity', 'unit_price'), array(
        array(1, 1, 'POT-L',    1, 2490),
        array(1, 2, 'FIG-SEED', 2, 349),
        array(2, 1, 'POT-S',    1, 990),
        array(3, 1, 'POT-L',    2, 2490),
        array(4, 1, 'SOIL-10L', 1, 799),
        array(5, 1, 'FIG-SEED', 1, 349),
    ));
    db_insert($pdo, 'events', array('type', 'message', 'data', 'created_at'), array(
        array('user.created',    'Ada Lindqvist joined',  '{"user_id":1}',  '2026-01-05 09:30:00'),
        array('user.created',    'Bruno Keller joined',   '{"user_id":2}',  '2026-01-09 14:02:11'),
        array('shop.notice',     'New season, new seeds', '{}',             '2026-02-20 06:00:00'),
        array('order.created',   'Order 1 placed',        '{"order_id":1}', '2026-03-02 10:15:00'),
        array('order.created',   'Order 2 placed',        '{"order_id":2}', '2026-03-05 16:40:30'),
        array('order.created',   'Order 3 placed',        '{"order_id":3}', '2026-03-08 07:05:00'),
        array('order.cancelled', 'Order 4 cancelled',     '{"order_id":4}', '2026-03-08 12:30:00'),
        array('order.created',   'Order 5 placed',        '{"order_id":5}', '2026-03-20 19:30:00'),
    ));
}
