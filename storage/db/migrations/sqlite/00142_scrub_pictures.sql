-- +goose Up
-- The check of the image store reads the pictures said in rooms, too. Both tables are
-- made anew with their rows: a third part, and a damage of an instance or a message.
CREATE TABLE scrub_before AS SELECT * FROM scrub;
DROP TABLE scrub;
CREATE TABLE scrub (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  part        TEXT NOT NULL CHECK (part IN ('instances', 'versions', 'pictures')),
  after_id    TEXT NOT NULL,              -- last row read
  began_at    INTEGER NOT NULL,           -- of this pass
  objects     INTEGER NOT NULL,           -- read in this pass
  bytes       INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL            -- of the last whole pass; 0: none yet
);
INSERT INTO scrub (id, part, after_id, began_at, objects, bytes, ended_at) SELECT id, part, after_id, began_at, objects, bytes, ended_at FROM scrub_before;
DROP TABLE scrub_before;

CREATE TABLE damages_before AS SELECT * FROM damages;
DROP TABLE damages;
CREATE TABLE damages (
  object_key  TEXT PRIMARY KEY,
  instance_id TEXT REFERENCES instances (id),
  message_id  TEXT REFERENCES room_messages (id), -- one of the two
  missing     INTEGER NOT NULL,           -- 1: not there; 0: other bytes
  found_at    INTEGER NOT NULL,
  mended_at   INTEGER NOT NULL,           -- 0: not yet
  mended_by   TEXT NOT NULL               -- replica, or found-whole: somebody else has done it
);
INSERT INTO damages (object_key, instance_id, missing, found_at, mended_at, mended_by)
SELECT object_key, instance_id, missing, found_at, mended_at, mended_by FROM damages_before;
DROP TABLE damages_before;
CREATE INDEX damages_open ON damages (found_at) WHERE mended_at = 0;
CREATE INDEX damages_instance ON damages (instance_id);
CREATE INDEX damages_message ON damages (message_id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
