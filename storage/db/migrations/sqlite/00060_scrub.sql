-- +goose Up
-- How far the check of the image store has come, so that it goes on after a restart.
CREATE TABLE scrub (
  id          INTEGER PRIMARY KEY CHECK (id = 1),
  part        TEXT NOT NULL CHECK (part IN ('instances', 'versions')),
  after_id    TEXT NOT NULL,              -- last row read
  began_at    INTEGER NOT NULL,           -- of this pass
  objects     INTEGER NOT NULL,           -- read in this pass
  bytes       INTEGER NOT NULL,
  ended_at    INTEGER NOT NULL            -- of the last whole pass; 0: none yet
);
INSERT INTO scrub (id, part, after_id, began_at, objects, bytes, ended_at) VALUES (1, 'instances', '', 0, 0, 0, 0);

-- Objects that were not what their rows say.
CREATE TABLE damages (
  object_key  TEXT PRIMARY KEY,
  instance_id TEXT NOT NULL REFERENCES instances(id),
  missing     INTEGER NOT NULL,           -- 1: not there; 0: other bytes
  found_at    INTEGER NOT NULL,
  mended_at   INTEGER NOT NULL,           -- 0: not yet
  mended_by   TEXT NOT NULL               -- replica, or found-whole: somebody else has done it
);
CREATE INDEX damages_open ON damages(found_at) WHERE mended_at = 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
