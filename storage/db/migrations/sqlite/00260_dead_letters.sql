-- +goose Up
-- The table of deliveries is made anew: any kind of object the program knows, and
-- deliveries that a coordinator has given up, with the reason.
CREATE TABLE deliveries_before AS SELECT * FROM deliveries;
DROP TABLE deliveries;
CREATE TABLE deliveries (
  id               TEXT PRIMARY KEY,
  destination_id   TEXT NOT NULL REFERENCES destinations (id),
  facility_id      TEXT NOT NULL,
  study_id         TEXT NOT NULL REFERENCES studies (id),
  report_id        TEXT NOT NULL DEFAULT '',
  instance_id      TEXT NOT NULL REFERENCES instances (id),
  object           TEXT NOT NULL,         -- a kind of router/deliver
  seq              INTEGER NOT NULL,      -- order within (destination, study)
  state            TEXT NOT NULL CHECK (state IN ('pending', 'sending', 'delivered', 'failed', 'given-up')),
  refused          INTEGER NOT NULL DEFAULT 0, -- the receiver answered, and said no
  attempts         INTEGER NOT NULL DEFAULT 0,
  next_at          INTEGER NOT NULL,
  last_error       TEXT NOT NULL DEFAULT '',
  last_status      INTEGER NOT NULL DEFAULT 0,
  receipt          TEXT NOT NULL DEFAULT '', -- what the receiver said when it took the object
  given_up_by      TEXT NOT NULL DEFAULT '',
  given_up_why     TEXT NOT NULL DEFAULT '',
  created_at       INTEGER NOT NULL,
  updated_at       INTEGER NOT NULL,
  delivered_at     INTEGER,
  UNIQUE (destination_id, study_id, seq),
  UNIQUE (destination_id, instance_id, object)
);
INSERT INTO deliveries (id, destination_id, facility_id, study_id, report_id, instance_id, object, seq, state, refused, attempts, next_at,
 last_error, last_status, receipt, created_at, updated_at, delivered_at)
SELECT id, destination_id, facility_id, study_id, report_id, instance_id, object, seq, state, refused, attempts, next_at,
 last_error, last_status, receipt, created_at, updated_at, delivered_at FROM deliveries_before;
DROP TABLE deliveries_before;
CREATE INDEX deliveries_due ON deliveries(destination_id, created_at, seq) WHERE state <> 'delivered';
CREATE INDEX deliveries_study ON deliveries(study_id);
CREATE INDEX deliveries_report ON deliveries(report_id);
CREATE INDEX deliveries_instance ON deliveries (instance_id);
CREATE INDEX deliveries_parked ON deliveries(created_at, id) WHERE state IN ('failed', 'given-up');

-- +goose Down
-- The schema only goes forward.
SELECT 1;
