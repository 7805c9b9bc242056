-- +goose Up
-- Until when the objects of a study are locked where they lie, and until when they are
-- to be: retention.Locker.
CREATE TABLE study_locks (
  study_id TEXT PRIMARY KEY REFERENCES studies (id),
  wanted   INTEGER NOT NULL,
  until    INTEGER NOT NULL,   -- every object is locked so long; 0: not looked at yet
  next_at  INTEGER NOT NULL,
  attempts INTEGER NOT NULL,   -- in vain
  problem  TEXT NOT NULL       -- of the last of them
);
CREATE INDEX study_locks_due ON study_locks (next_at) WHERE wanted > until;

-- How far a Locker has read the events, and how far it has walked through the studies,
-- at the place where the objects are.
CREATE TABLE lock_walks (
  place   TEXT PRIMARY KEY,
  seq     INTEGER NOT NULL,
  walking INTEGER NOT NULL,    -- 1: studies after the next column are still to be looked at
  after   TEXT NOT NULL,
  anew    INTEGER NOT NULL     -- 1: whatever is known of their locks is of another place
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
