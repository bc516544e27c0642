-- Tables and demo data. The same rows every time: no clock, no random numbers.
-- Money is in cents, times are UTC, preferences, attributes and data are JSON.

CREATE TABLE users (
    id          INTEGER PRIMARY KEY AUTOINCREMENT,
    email       TEXT NOT NULL UNIQUE COLLATE NOCASE,
    name        TEXT NOT NULL,
    country     TEXT NOT NULL,
    postcode    TEXT NOT NULL,
    newsletter  INTEGER NOT NULL DEFAULT 0,
    preferences TEXT NOT NULL DEFAULT '', -- '' when empty
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
    updating INTEGER NOT NULL DEFAULT 0 -- 1 while the rate is being replaced
);

CREATE TABLE addresses (
    id     INTEGER PRIMARY KEY AUTOINCREMENT,
    street TEXT NOT NULL,
    city   TEXT NOT NULL
);

CREATE TABLE orders (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    user_id    INTEGER NOT NULL REFERENCES users (id),
    status     TEXT NOT NULL, -- open, paid, shipped or cancelled
    country    TEXT NOT NULL,
    subtotal   INTEGER NOT NULL,
    discount   INTEGER NOT NULL,
    tax        INTEGER NOT NULL,
    total      INTEGER NOT NULL,
    note       TEXT,
    attributes TEXT NOT NULL DEFAULT '', -- '' when empty
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

CREATE TABLE events (
    id         INTEGER PRIMARY KEY AUTOINCREMENT,
    type       TEXT NOT NULL,
    message    TEXT NOT NULL,
    data       TEXT NOT NULL,
    created_at TEXT NOT NULL
);

CREATE INDEX orders_user ON orders (user_id);
CREATE INDEX orders_created ON orders (created_at);

INSERT INTO users (id, email, name, country, postcode, newsletter, preferences, created_at) VALUES
    (1, 'ada@example.com',    'Ada Lindqvist',  'SE', '11455', 1, '{"theme":"dark","language":"sv"}', '2026-01-05 09:30:00'),
    (2, 'bruno@example.com',  'Bruno Keller',   'DE', '10115', 0, '',                                 '2026-01-09 14:02:11'),
    (3, 'chloe@example.com',  'Chloé Marchand', 'FR', '75011', 1, '{"language":"fr"}',                '2026-01-17 08:45:59'),
    (4, 'dmitri@example.com', 'Dmitri O''Hara', 'DE', '20095', 0, '',                                 '2026-02-01 00:00:00'),
    (5, 'emi@example.com',    'Emi 山田',       'FR', '69001', 1, '',                                 '2026-02-14 23:59:59');

INSERT INTO products (sku, name, price, stock) VALUES
    ('FIG-SEED', 'Fig seeds, 20 pieces', 349,  500),
    ('POT-L',    'Clay pot, large',      2490, 40),
    ('POT-S',    'Clay pot, small',      990,  120),
    ('SHEARS',   'Pruning shears',       3299, 0),
    ('SOIL-10L', 'Potting soil, 10 l',   799,  300);

INSERT INTO tax_rates (country, rate, updating) VALUES
    ('DE', 0.19, 0),
    ('FR', 0.20, 0),
    ('NO', 0.25, 1),
    ('SE', 0.25, 0);

INSERT INTO addresses (id, street, city) VALUES
    (1, 'Norrtullsgatan 3', 'Stockholm'),
    (2, 'Torstraße 12',     'Berlin'),
    (3, 'Rue Oberkampf 88', 'Paris');

-- Order 5 was imported from the old shop, which kept no billing addresses.
INSERT INTO orders (id, user_id, status, country, subtotal, discount, tax, total, note, attributes, address_id, created_at) VALUES
    (1, 1, 'shipped',   'SE', 3188, 0,   797, 3985, NULL,                  '{"gift":"yes"}',  1,    '2026-03-02 10:15:00'),
    (2, 2, 'paid',      'DE', 990,  0,   188, 1178, 'Ring twice, please.', '',                2,    '2026-03-05 16:40:30'),
    (3, 3, 'open',      'FR', 4980, 498, 896, 5378, NULL,                  '',                3,    '2026-03-08 07:05:00'),
    (4, 1, 'cancelled', 'SE', 799,  0,   200, 999,  '',                    '',                1,    '2026-03-08 12:00:00'),
    (5, 5, 'open',      'FR', 349,  0,   70,  419,  NULL,                  '{"source":"v1"}', NULL, '2026-03-20 19:30:00');

INSERT INTO order_items (order_id, line, sku, quantity, unit_price) VALUES
    (1, 1, 'POT-L',    1, 2490),
    (1, 2, 'FIG-SEED', 2, 349),
    (2, 1, 'POT-S',    1, 990),
    (3, 1, 'POT-L',    2, 2490),
    (4, 1, 'SOIL-10L', 1, 799),
    (5, 1, 'FIG-SEED', 1, 349);

INSERT INTO events (id, type, message, data, created_at) VALUES
    (1, 'user.created',    'Ada Lindqvist joined',  '{"user_id":1}',  '2026-01-05 09:30:00'),
    (2, 'user.created',    'Bruno Keller joined',   '{"user_id":2}',  '2026-01-09 14:02:11'),
    (3, 'shop.notice',     'New season, new seeds', '{}',             '2026-02-20 06:00:00'),
    (4, 'order.created',   'Order 1 placed',        '{"order_id":1}', '2026-03-02 10:15:00'),
    (5, 'order.created',   'Order 2 placed',        '{"order_id":2}', '2026-03-05 16:40:30'),
    (6, 'order.created',   'Order 3 placed',        '{"order_id":3}', '2026-03-08 07:05:00'),
    (7, 'order.cancelled', 'Order 4 cancelled',     '{"order_id":4}', '2026-03-08 12:30:00'),
    (8, 'order.created',   'Order 5 placed',        '{"order_id":5}', '2026-03-20 19:30:00');

PRAGMA user_version = 1; -- says that all of the above is there
