-- Whom an accepted message is about, so that what is held about a person is found when a crisis service must read it now
-- (CS-10). For messages from before, the entry of their acceptance says.
ALTER TABLE message ADD COLUMN person_key TEXT;

UPDATE message SET person_key = accepted.person
FROM (
    SELECT json_extract(body, '$.message') AS id, json_extract(body, '$.person') AS person
    FROM audit WHERE json_extract(body, '$.event') = 'accepted'
) AS accepted
WHERE accepted.id = message.id;

CREATE INDEX message_person ON message (person_key, kind, received_at);

-- The emergency record that opened a copy; NULL where the sender's document went where it was to go. The sender is not told
-- of such copies: they tell of an emergency.
ALTER TABLE delivery ADD COLUMN opened_by TEXT;
