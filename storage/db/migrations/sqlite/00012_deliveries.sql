-- +goose Up
-- One row for each object on its way to one destination.
CREATE TABLE deliveries (
  id               TEXT PRIMARY KEY,
  destination_id   TEXT NOT NULL REFERENCES destinations (id),
  facility_id      TEXT NOT NULL,
  study_id         TEXT NOT NULL REFERENCES studies (id),
  report_id        TEXT NOT NULL DEFAULT '',
  instance_id      TEXT NOT NULL REFERENCES instances (id),
  object           TEXT NOT NULL CHECK (object IN ('sr', 'pdf')),
  seq              INTEGER NOT NULL,      -- order within (destination, study)
  state            TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'delivered', 'failed')),
  refused          INTEGER NOT NULL DEFAULT 0, -- the receiver answered, and said no
  attempts         INTEGER NOT NULL DEFAULT 0,
  next_at          INTEGER NOT NULL,
  last_error       TEXT NOT NULL DEFAULT '',
  last_status      INTEGER NOT NULL DEFAULT 0,
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  delivered_at     INTEGER,
  UNIQUE (destination_id, study_id, seq),
  UNIQUE (destination_id, instance_id)
);
CREATE INDEX deliveries_due ON deliveries(destination_id, created_at, seq) WHERE state <> 'delivered';
CREATE INDEX deliveries_study ON deliveries(study_id);
CREATE INDEX deliveries_report ON deliveries(report_id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
