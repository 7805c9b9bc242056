-- +goose Up
-- Requests for storage commitment (PS3.4 Annex J), until their answer has
-- arrived, and after.
CREATE TABLE commitments (
  id              TEXT PRIMARY KEY,
  facility_id     TEXT NOT NULL REFERENCES facilities(id),
  transaction_uid TEXT NOT NULL,
  ae_title        TEXT NOT NULL,          -- who asked, and is told
  called_ae       TEXT NOT NULL,          -- by which title of ours
  state           TEXT NOT NULL CHECK (state IN ('requested', 'verified', 'reported')),
  duplicate       INTEGER NOT NULL DEFAULT 0, -- the Transaction UID was in use: all fails with 0131
  attempts        INTEGER NOT NULL DEFAULT 0,
  next_at         INTEGER NOT NULL,
  last_error      TEXT NOT NULL DEFAULT '',
  created_at      INTEGER NOT NULL,
  verified_at     INTEGER,
  reported_at     INTEGER
);
CREATE UNIQUE INDEX commitments_transaction ON commitments(facility_id, transaction_uid) WHERE duplicate = 0;
CREATE INDEX commitments_due ON commitments(next_at) WHERE state <> 'reported';

CREATE TABLE commitment_items (
  commitment_id    TEXT NOT NULL REFERENCES commitments(id) ON DELETE CASCADE,
  position         INTEGER NOT NULL,
  sop_class_uid    TEXT NOT NULL,
  sop_instance_uid TEXT NOT NULL,
  reason           INTEGER,               -- Failure Reason, 0 committed; null until verified
  PRIMARY KEY (commitment_id, position)
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
