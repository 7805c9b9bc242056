-- +goose Up
-- Conversations. The room of a study has the study's ID and no row of its own: it
-- is there as soon as there is something to read. Private rooms are those of a
-- consult, one for each who is asked.
CREATE TABLE consults (
  id            TEXT PRIMARY KEY,
  study_id      TEXT NOT NULL REFERENCES studies (id),
  asked_by      TEXT NOT NULL REFERENCES users (id),
  question      TEXT NOT NULL,
  state         TEXT NOT NULL CHECK (state IN ('open', 'accepted', 'declined', 'withdrawn')),
  accepted_by   TEXT NOT NULL,
  transfer      TEXT NOT NULL CHECK (transfer IN ('', 'now', 'later', 'stay')),
  transfer_note TEXT NOT NULL,
  transfer_by   TEXT NOT NULL,
  transfer_at   INTEGER NOT NULL,
  created_at    INTEGER NOT NULL
);
CREATE INDEX consults_study ON consults (study_id, created_at);
CREATE INDEX consults_asker ON consults (asked_by);

CREATE TABLE consult_rooms (
  id          TEXT PRIMARY KEY,
  consult_id  TEXT NOT NULL REFERENCES consults (id),
  candidate   TEXT NOT NULL REFERENCES users (id),
  state       TEXT NOT NULL CHECK (state IN ('asked', 'accepted', 'declined', 'closed')),
  granted     INTEGER NOT NULL,           -- 1: the study was opened to the candidate for this
  answered_at INTEGER NOT NULL,
  UNIQUE (consult_id, candidate)
);
CREATE INDEX consult_rooms_candidate ON consult_rooms (candidate, state);

CREATE TABLE room_messages (
  id         TEXT PRIMARY KEY,
  room_id    TEXT NOT NULL,               -- studies.id or consult_rooms.id
  study_id   TEXT NOT NULL REFERENCES studies (id),
  author     TEXT NOT NULL REFERENCES users (id),
  at         INTEGER NOT NULL,
  body       TEXT NOT NULL,
  search     TEXT NOT NULL,               -- folded
  media_type TEXT NOT NULL,               -- of the picture, '' without one
  width      INTEGER NOT NULL,
  height     INTEGER NOT NULL,
  size       INTEGER NOT NULL,
  sha256     TEXT NOT NULL,
  object_key TEXT NOT NULL
);
CREATE INDEX room_messages_room ON room_messages (room_id, at, id);
CREATE INDEX room_messages_object ON room_messages (object_key) WHERE object_key <> '';

CREATE TABLE room_mentions (
  message_id TEXT NOT NULL REFERENCES room_messages (id),
  user_id    TEXT NOT NULL REFERENCES users (id),
  PRIMARY KEY (message_id, user_id)
);
CREATE INDEX room_mentions_user ON room_mentions (user_id);

CREATE TABLE room_reads (
  message_id TEXT NOT NULL REFERENCES room_messages (id),
  user_id    TEXT NOT NULL REFERENCES users (id),
  at         INTEGER NOT NULL,
  PRIMARY KEY (message_id, user_id)
);

-- Who was asked into the room of a study beside those whose study it is.
CREATE TABLE room_invitations (
  study_id   TEXT NOT NULL REFERENCES studies (id),
  kind       TEXT NOT NULL CHECK (kind IN ('user', 'role')),
  grantee    TEXT NOT NULL,               -- users.id, or a role at the study's hospital
  granted    INTEGER NOT NULL,            -- 1: the study was opened to the user for this
  invited_by TEXT NOT NULL,
  at         INTEGER NOT NULL,
  PRIMARY KEY (study_id, kind, grantee)
);

-- What is said stays said.
-- +goose StatementBegin
CREATE TRIGGER room_messages_no_update BEFORE UPDATE ON room_messages
BEGIN SELECT RAISE(ABORT, 'a message is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER room_messages_no_delete BEFORE DELETE ON room_messages
BEGIN SELECT RAISE(ABORT, 'a message is immutable'); END;
-- +goose StatementEnd

-- +goose Down
-- The schema only goes forward.
SELECT 1;
