-- +goose Up
-- Who is told that a study has become complete (Instance Availability
-- Notification, PS3.4 Annex R), until told.
ALTER TABLE destinations ADD COLUMN notify TEXT NOT NULL DEFAULT ''; -- ian, or nothing
CREATE TABLE notifications (
  id               TEXT PRIMARY KEY,
  destination_id   TEXT NOT NULL REFERENCES destinations(id),
  study_id         TEXT NOT NULL REFERENCES studies(id),
  sop_instance_uid TEXT NOT NULL,         -- of the notification; another when the study is complete once more
  state            TEXT NOT NULL CHECK (state IN ('pending', 'told', 'expired')),
  attempts         INTEGER NOT NULL DEFAULT 0,
  next_at          INTEGER NOT NULL,
  last_error       TEXT NOT NULL DEFAULT '',
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL
);
CREATE UNIQUE INDEX notifications_pending ON notifications(destination_id, study_id) WHERE state = 'pending';
CREATE INDEX notifications_study ON notifications(study_id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
