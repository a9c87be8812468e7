-- What is kept about a person beyond messages: consents, findings on capacity, overrides, emergencies. One row for each
-- version; nothing in a row changes but `current`. The highest `seq` of a person is the revision of what is kept.
CREATE TABLE person_record (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL,
    version     INTEGER NOT NULL CHECK (version >= 1),
    person_key  TEXT NOT NULL,
    kind        TEXT NOT NULL CHECK (kind IN ('consent', 'capacity', 'override', 'emergency')),
    -- Who recorded it: an organisation or team of the directory, and which client of it.
    recorder    TEXT NOT NULL,
    agent       TEXT NOT NULL,
    recorded_at INTEGER NOT NULL,
    status      TEXT NOT NULL,
    -- The list of a document it came in, as `sender|list`: a newer document's replaces it.
    origin      TEXT,
    message_id  TEXT REFERENCES message (id),
    current     INTEGER NOT NULL CHECK (current IN (0, 1)),
    body        TEXT NOT NULL,
    UNIQUE (id, version)
) STRICT;

CREATE UNIQUE INDEX person_record_current ON person_record (id) WHERE current = 1;
CREATE INDEX person_record_person ON person_record (person_key, seq);

-- Overrides and emergencies wait here until somebody of the trust has looked at them.
CREATE TABLE review (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    record_id   TEXT NOT NULL UNIQUE,
    state       TEXT NOT NULL CHECK (state IN ('open', 'reviewed')),
    opened_at   INTEGER NOT NULL,
    reviewer    TEXT,
    reviewed_at INTEGER,
    verdict     TEXT CHECK (verdict IN ('appropriate', 'not-appropriate')),
    note        TEXT,
    CHECK ((state = 'reviewed') = (reviewer IS NOT NULL)),
    CHECK ((state = 'reviewed') = (reviewed_at IS NOT NULL)),
    CHECK ((state = 'reviewed') = (verdict IS NOT NULL))
) STRICT;

CREATE INDEX review_open ON review (seq) WHERE state = 'open';

-- Decisions as they were taken, to be replayed. The texts are the consent engine's business.
CREATE TABLE decision (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    id         TEXT NOT NULL UNIQUE,
    message_id TEXT NOT NULL,
    recipient  TEXT NOT NULL,
    person_key TEXT NOT NULL,
    decided_at INTEGER NOT NULL,
    policy     TEXT NOT NULL,
    facts      TEXT NOT NULL,
    answer     TEXT NOT NULL
) STRICT;

CREATE INDEX decision_message ON decision (message_id);
CREATE INDEX decision_person ON decision (person_key, seq);

-- Deliveries can now be stopped. A CHECK cannot be altered, so the table is made anew; `attempt`, which refers to it, with it.
CREATE TABLE delivery_new (
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
    state           TEXT NOT NULL CHECK (state IN ('pending', 'delivered', 'failed', 'stopped')),
    attempts        INTEGER NOT NULL DEFAULT 0,
    next_attempt_at INTEGER NOT NULL,
    lease           TEXT,
    lease_until     INTEGER,
    delivered_at    INTEGER,
    read_at         INTEGER,
    last_reason     TEXT,
    -- What the release was decided on, so that it can be decided again; NULL where nothing about a person is decided.
    grounds         TEXT,
    -- First moment at which something relied on has run out (CS-18).
    relied_until    INTEGER,
    -- The rule that stops it. While an attempt is under way the row stays `pending`: it ends as gone or as stopped.
    stop_rule       TEXT,
    stopped_at      INTEGER,
    -- The copy with fewer parts that goes in its place.
    replaced_by     TEXT,
    CHECK ((state = 'delivered') = (delivered_at IS NOT NULL)),
    CHECK ((state = 'stopped') = (stopped_at IS NOT NULL)),
    CHECK (state <> 'stopped' OR stop_rule IS NOT NULL),
    CHECK ((lease IS NULL) = (lease_until IS NULL)),
    CHECK (state = 'pending' OR lease IS NULL)
) STRICT;

INSERT INTO delivery_new (seq, id, message_id, recipient, person_key, kind, channel, media_type, priority, body, withheld,
    created_at, state, attempts, next_attempt_at, lease, lease_until, delivered_at, read_at, last_reason)
SELECT seq, id, message_id, recipient, person_key, kind, channel, media_type, priority, body, withheld,
    created_at, state, attempts, next_attempt_at, lease, lease_until, delivered_at, read_at, last_reason
FROM delivery ORDER BY seq;

CREATE TABLE attempt_old AS SELECT * FROM attempt;
DROP TABLE attempt;
DROP TABLE delivery;
ALTER TABLE delivery_new RENAME TO delivery;

CREATE INDEX delivery_due ON delivery (next_attempt_at) WHERE state = 'pending';
CREATE INDEX delivery_order ON delivery (recipient, person_key, seq) WHERE state = 'pending';
CREATE INDEX delivery_inbox ON delivery (recipient, seq) WHERE channel = 'inbox';
CREATE INDEX delivery_message ON delivery (message_id);
CREATE INDEX delivery_person ON delivery (person_key, seq);
CREATE INDEX delivery_relied ON delivery (relied_until) WHERE relied_until IS NOT NULL AND state <> 'stopped';
CREATE INDEX delivery_stopping ON delivery (lease_until) WHERE state = 'pending' AND stop_rule IS NOT NULL;

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

INSERT INTO attempt SELECT delivery_id, number, started_at, finished_at, outcome, reason FROM attempt_old;
DROP TABLE attempt_old;

-- The access report asks the audit log for one person.
CREATE INDEX audit_person ON audit (json_extract(body, '$.person'));
CREATE INDEX audit_delivery ON audit (json_extract(body, '$.delivery'));
