-- A person's care as the gateway follows it. How often it changed; what was decided on another number is decided again.
CREATE TABLE person_care (
    person_key TEXT PRIMARY KEY,
    revision   INTEGER NOT NULL CHECK (revision >= 1)
) STRICT;

-- What happened, as it was told: codes and times. Append-only; everything about clocks and measures follows from it.
CREATE TABLE care_event (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    kind        TEXT NOT NULL,
    at          INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    person_key  TEXT NOT NULL,
    request_id  TEXT REFERENCES message (id),
    message_id  TEXT REFERENCES message (id),
    by_party    TEXT NOT NULL,
    team        TEXT,
    detail      TEXT NOT NULL
) STRICT;

CREATE INDEX care_event_person ON care_event (person_key, seq);

CREATE TRIGGER care_event_no_update BEFORE UPDATE ON care_event BEGIN SELECT RAISE(ABORT, 'events are never changed'); END;
CREATE TRIGGER care_event_no_delete BEFORE DELETE ON care_event BEGIN SELECT RAISE(ABORT, 'events are never removed'); END;

CREATE TABLE clock (
    id            TEXT PRIMARY KEY,
    rule          TEXT NOT NULL,
    person_key    TEXT NOT NULL,
    request_id    TEXT REFERENCES message (id),
    owner         TEXT NOT NULL,
    started_at    INTEGER NOT NULL,
    due_at        INTEGER NOT NULL,
    state         TEXT NOT NULL CHECK (state IN ('running', 'paused', 'stopped', 'void')),
    paused_at     INTEGER,
    paused_reason TEXT,
    ended_at      INTEGER,
    warned_at     INTEGER,
    escalated_at  INTEGER,
    CHECK ((state = 'paused') = (paused_at IS NOT NULL)),
    CHECK ((paused_at IS NULL) = (paused_reason IS NULL)),
    CHECK ((state IN ('stopped', 'void')) = (ended_at IS NOT NULL))
) STRICT;

CREATE INDEX clock_person ON clock (person_key);
CREATE INDEX clock_due ON clock (due_at) WHERE state = 'running' AND escalated_at IS NULL;
CREATE INDEX clock_owner ON clock (owner, due_at) WHERE state IN ('running', 'paused');

-- How a request stands with one of its recipients.
CREATE TABLE request_task (
    id         TEXT PRIMARY KEY,
    request_id TEXT NOT NULL REFERENCES message (id),
    identifier TEXT NOT NULL,
    kind       TEXT NOT NULL,
    person_key TEXT NOT NULL,
    requester  TEXT NOT NULL,
    owner      TEXT NOT NULL,
    role       TEXT NOT NULL,
    status     TEXT NOT NULL,
    version    INTEGER NOT NULL CHECK (version >= 1),
    opened_at  INTEGER NOT NULL,
    changed_at INTEGER NOT NULL,
    reason     TEXT
) STRICT;

CREATE INDEX request_task_request ON request_task (request_id);
CREATE INDEX request_task_person ON request_task (person_key);
CREATE INDEX request_task_owner ON request_task (owner, opened_at);
CREATE INDEX request_task_requester ON request_task (requester, identifier);

-- Every step it took. The version makes sure that of two steps taken at once only one follows.
CREATE TABLE task_step (
    seq         INTEGER PRIMARY KEY AUTOINCREMENT,
    id          TEXT NOT NULL UNIQUE,
    task_id     TEXT NOT NULL REFERENCES request_task (id),
    version     INTEGER NOT NULL,
    from_status TEXT,
    to_status   TEXT NOT NULL,
    by_party    TEXT NOT NULL,
    agent       TEXT NOT NULL,
    at          INTEGER NOT NULL,
    recorded_at INTEGER NOT NULL,
    reason      TEXT,
    message_id  TEXT REFERENCES message (id),
    UNIQUE (task_id, version)
) STRICT;
