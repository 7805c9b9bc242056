-- +goose Up
-- Accounts that a hospital's own sign-on opens (OpenID Connect). Who somebody is there
-- is issuer and subject, never an e-mail address: those are given to others.
CREATE TABLE sso_subjects (
  issuer     TEXT NOT NULL,
  subject    TEXT NOT NULL,
  user_id    TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  created_by TEXT NOT NULL,             -- the account itself, by its invitation, or who has linked it
  PRIMARY KEY (issuer, subject)
);
CREATE UNIQUE INDEX sso_subjects_user ON sso_subjects (user_id);

-- Where a session is to be ended, too, when its owner signs out.
ALTER TABLE sessions ADD COLUMN sso_provider TEXT NOT NULL DEFAULT '';
ALTER TABLE sessions ADD COLUMN sso_hint TEXT NOT NULL DEFAULT '';   -- the ID token

-- +goose Down
-- The schema only goes forward.
SELECT 1;
