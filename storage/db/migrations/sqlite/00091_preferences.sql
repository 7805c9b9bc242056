-- +goose Up
-- What a person has chosen for the pages: keys, hanging protocols, the monitor.
-- value is JSON that only the pages read. revision is compared and raised by every
-- save.
CREATE TABLE preferences (
  user_id  TEXT NOT NULL REFERENCES users (id),
  name     TEXT NOT NULL,
  revision INTEGER NOT NULL CHECK (revision > 0),
  value    TEXT NOT NULL,
  saved_at INTEGER NOT NULL,
  PRIMARY KEY (user_id, name)
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
