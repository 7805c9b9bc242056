-- +goose Up
-- Images looked at together: who leads, and where they are. One at a time in a room.
-- state is JSON of random IDs and numbers (room.Place), replaced as the leader moves.
CREATE TABLE looks (
  id         TEXT PRIMARY KEY,
  room_id    TEXT NOT NULL,               -- studies.id or consult_rooms.id
  study_id   TEXT NOT NULL REFERENCES studies (id),
  leader     TEXT NOT NULL REFERENCES users (id),
  started_by TEXT NOT NULL REFERENCES users (id),
  started_at INTEGER NOT NULL,
  revision   INTEGER NOT NULL,            -- grows with every change
  state      TEXT NOT NULL,
  changed_at INTEGER NOT NULL,
  ended_at   INTEGER NOT NULL             -- 0 while it goes on
);
CREATE UNIQUE INDEX looks_open ON looks (room_id) WHERE ended_at = 0;
CREATE INDEX looks_changed ON looks (changed_at);

CREATE TABLE look_seats (
  look_id   TEXT NOT NULL REFERENCES looks (id),
  user_id   TEXT NOT NULL REFERENCES users (id),
  joined_at INTEGER NOT NULL,
  seen_at   INTEGER NOT NULL,             -- when their page was last heard of
  left_at   INTEGER NOT NULL,             -- 0 while they take part
  PRIMARY KEY (look_id, user_id)
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
