-- Why a message was not taken, for its sender to read again. The findings only: what was sent is not kept.
CREATE TABLE refusal (
    seq        INTEGER PRIMARY KEY AUTOINCREMENT,
    message    TEXT NOT NULL UNIQUE,
    sender     TEXT NOT NULL,
    refused_at INTEGER NOT NULL,
    findings   TEXT NOT NULL
) STRICT;

CREATE INDEX refusal_sender ON refusal (sender, seq);
