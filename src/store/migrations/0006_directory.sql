-- Every directory the gateway has worked with, whole. Append-only: what was decided under one stays explained.
CREATE TABLE directory_version (
    number   INTEGER PRIMARY KEY,
    made_at  INTEGER NOT NULL,
    -- Where it came from: the file of the configuration, an import, or a party that changed its own entry.
    source   TEXT NOT NULL CHECK (source IN ('file', 'import', 'entry')),
    by_party TEXT NOT NULL,
    agent    TEXT NOT NULL,
    digest   TEXT NOT NULL,
    text     TEXT NOT NULL
) STRICT;

CREATE TRIGGER directory_version_no_update BEFORE UPDATE ON directory_version
BEGIN SELECT RAISE(ABORT, 'directories are never changed'); END;
CREATE TRIGGER directory_version_no_delete BEFORE DELETE ON directory_version
BEGIN SELECT RAISE(ABORT, 'directories are never removed'); END;

-- The version a message was decided under; NULL for those from before versions were kept.
ALTER TABLE message ADD COLUMN directory_version INTEGER REFERENCES directory_version (number);
