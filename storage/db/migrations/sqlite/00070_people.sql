-- +goose Up
-- What an account is opened with beside its password.
ALTER TABLE users ADD COLUMN must_change INTEGER NOT NULL DEFAULT 0; -- the password was chosen by somebody else
ALTER TABLE users ADD COLUMN code_secret TEXT NOT NULL DEFAULT '';   -- of the code generator (RFC 6238), base32; empty: none
ALTER TABLE users ADD COLUMN code_pending TEXT NOT NULL DEFAULT '';  -- shown, not confirmed yet
ALTER TABLE users ADD COLUMN code_step INTEGER NOT NULL DEFAULT 0;   -- newest step used: a code opens once

CREATE TABLE passkeys (
  id            TEXT PRIMARY KEY,
  user_id       TEXT NOT NULL REFERENCES users (id),
  credential_id TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  credential    TEXT NOT NULL,             -- public key, counter and flags, JSON
  created_at    INTEGER NOT NULL,
  used_at       INTEGER NOT NULL
);
CREATE INDEX passkeys_user ON passkeys (user_id);

-- SHA-256 of codes that each replace the second factor once.
CREATE TABLE recovery_codes (
  user_id   TEXT NOT NULL REFERENCES users (id),
  code_hash TEXT NOT NULL,
  used_at   INTEGER NOT NULL,
  PRIMARY KEY (user_id, code_hash)
);

-- A passkey's question that waits for its answer. user_id is empty for a sign-in.
CREATE TABLE ceremonies (
  id         TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL,
  data       TEXT NOT NULL,
  expires_at INTEGER NOT NULL
);
CREATE INDEX ceremonies_expiry ON ceremonies (expires_at);

CREATE TABLE invitations (
  secret_hash TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL REFERENCES users (id),
  created_by  TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  used_at     INTEGER NOT NULL
);
CREATE INDEX invitations_user ON invitations (user_id);

-- Sessions become things that their owner can name and end. Those of an older
-- version end: nobody knows what they were opened with.
DELETE FROM sessions;
ALTER TABLE sessions ADD COLUMN id TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN device TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN method TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN factors INTEGER NOT NULL DEFAULT 1;
ALTER TABLE sessions ADD COLUMN proven_at INTEGER NOT NULL DEFAULT 0;
CREATE UNIQUE INDEX sessions_id ON sessions (id);

-- Access to a patient outside the scope, for a stated emergency and a time.
CREATE TABLE emergencies (
  id          TEXT PRIMARY KEY,
  user_id     TEXT NOT NULL REFERENCES users (id),
  patient_ref TEXT NOT NULL REFERENCES patients (id),
  facility_id TEXT NOT NULL,
  reason      TEXT NOT NULL,
  opened_at   INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  reviewed_at INTEGER NOT NULL DEFAULT 0,
  reviewed_by TEXT NOT NULL DEFAULT '',
  verdict     TEXT NOT NULL DEFAULT ''
);
CREATE INDEX emergencies_user ON emergencies (user_id, expires_at);
CREATE INDEX emergencies_open ON emergencies (reviewed_at, opened_at);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
