-- Which messages are versions of one another, as their answers say: the first version of all of them, and the message that
-- first brought the request a version belongs to. Read off the answer, so that the two cannot differ.
ALTER TABLE message ADD COLUMN updates TEXT
    GENERATED ALWAYS AS (CASE WHEN json_valid(answer) THEN json_extract(answer, '$.updates') END) VIRTUAL;
ALTER TABLE message ADD COLUMN version_of TEXT
    GENERATED ALWAYS AS (CASE WHEN json_valid(answer)
        THEN COALESCE(json_extract(answer, '$.version_of'), json_extract(answer, '$.updates')) END) VIRTUAL;

CREATE INDEX message_version_of ON message (version_of) WHERE version_of IS NOT NULL;
