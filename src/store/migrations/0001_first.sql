-- Times are milliseconds since 1970 UTC. Invariants that must always hold are CHECKs here, not hopes in code.

CREATE TABLE setting (
    name  TEXT PRIMARY KEY,
    value BLOB NOT NULL
) STRICT;

-- What was received and accepted, byte for byte. One row per (sender, message key): the idempotency key.
CREATE TABLE message (
    id          TEXT PRIMARY KEY,
    sender      TEXT NOT NULL,
    message_key TEXT NOT NULL,
    -- SHA-256 of the canonical content: equal content in other white space or format is the same message.
    digest      TEXT NOT NULL,
    kind        TEXT NOT NULL,
    received_at INTEGER NOT NULL,
    media_type  TEXT NOT NULL,
    body        BLOB NOT NULL,
    -- The answer given, so that the same message again gets the same answer.
    answer      TEXT NOT NULL,
    UNIQUE (sender, message_key)
) STRICT;

CREATE TABLE delivery (
    -- Order of acceptance; deliveries to one recipient about one person go in this order.
    seq             INTEGER PRIMARY KEY AUTOINCREMENT,
    id              TEXT NOT NULL UNIQUE,
    message_id      TEXT NOT NULL REFERENCES message (id),
    recipient       TEXT NOT NULL,
    person_key      TEXT NOT NULL,
    kind            TEXT NOT NULL,
    channel         TEXT NOT NULL CHECK (channel IN ('fhir', 'inbox')),
    media_type      TEXT NOT NULL,
    priority        INTEGER NOT NULL,
    body            BLOB NOT NULL,
    withheld        TEXT NOT NULL,
    created_at      INTEGER NOT NULL,
    state           TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    lease           TEXT,
    lease_until     INTEGER,
    delivered_at    INTEGER,
    read_at         INTEGER,
    last_reason     TEXT,
    CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CHECK ((lease IS NULL) = (lease_until IS NULL)),
    CHECK (state = 'pending' OR lease IS NULL)
) STRICT;

CREATE INDEX delivery_due ON delivery (next_attempt_at) WHERE state = 'pending';
CREATE INDEX delivery_order ON delivery (recipient, person_key, seq) WHERE state = 'pending';
CREATE INDEX delivery_inbox ON delivery (recipient, seq) WHERE channel = 'inbox';
CREATE INDEX delivery_message ON delivery (message_id);

-- One row per attempt, opened before the recipient is called.
CREATE TABLE attempt (
    delivery_id TEXT NOT NULL REFERENCES delivery (id),
    number      INTEGER NOT NULL,
    started_at  INTEGER NOT NULL,
    finished_at INTEGER,
    outcome     TEXT,
    reason      TEXT,
    PRIMARY KEY (delivery_id, number),
    CHECK ((finished_at IS NULL) = (outcome IS NULL))
) STRICT;

-- Append-only; each entry's hash covers its place, its text and the hash before it.
CREATE TABLE audit (
    seq  INTEGER PRIMARY KEY,
    at   INTEGER NOT NULL,
    body TEXT NOT NULL,
    prev TEXT NOT NULL,
    hash TEXT NOT NULL UNIQUE
) STRICT;

CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit BEGIN SELECT RAISE(ABORT, 'audit entries are never changed'); END;
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit BEGIN SELECT RAISE(ABORT, 'audit entries are never removed'); END;

-- Where the chain ends, kept apart from it so that entries missing from the end are noticed.
CREATE TABLE audit_head (
    one  INTEGER PRIMARY KEY CHECK (one = 1),
    seq  INTEGER NOT NULL,
    hash TEXT NOT NULL
) STRICT;

CREATE TABLE session (
    token_hash TEXT PRIMARY KEY,
    user_name  TEXT NOT NULL,
    party      TEXT NOT NULL,
    csrf       TEXT NOT NULL,
    expires_at INTEGER NOT NULL
) STRICT;
