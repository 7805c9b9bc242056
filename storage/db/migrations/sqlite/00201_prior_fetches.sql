-- +goose Up
-- A rule may have earlier studies of the patient fetched from the hospital's own archive.
ALTER TABLE rules ADD COLUMN prior_from TEXT NOT NULL DEFAULT ''; -- name of a destination of the study's hospital
ALTER TABLE rules ADD COLUMN prior_most INTEGER NOT NULL DEFAULT 0;
ALTER TABLE rules ADD COLUMN prior_months INTEGER NOT NULL DEFAULT 0;

-- The study came to be compared with: it is whole and has no task.
ALTER TABLE studies ADD COLUMN as_prior INTEGER NOT NULL DEFAULT 0;

-- What is asked for the sake of a study. next_at of a row that is worked on is the end of
-- the lease: whoever took it has given up by then.
CREATE TABLE prior_fetches (
  id             TEXT PRIMARY KEY,
  study_id       TEXT NOT NULL UNIQUE REFERENCES studies (id),
  facility_id    TEXT NOT NULL,
  source         TEXT NOT NULL,             -- as the rule names it
  destination_id TEXT NOT NULL,             -- empty: there is none of that name
  most           INTEGER NOT NULL,
  months         INTEGER NOT NULL,
  state          TEXT NOT NULL CHECK (state IN ('waiting', 'done', 'failed')),
  reason         TEXT NOT NULL DEFAULT '',  -- a reason of router/prior, of the last attempt
  attempts       INTEGER NOT NULL DEFAULT 0,
  next_at        INTEGER NOT NULL,
  created_at     INTEGER NOT NULL,
  updated_at     INTEGER NOT NULL
);
CREATE INDEX prior_fetches_due ON prior_fetches (next_at) WHERE state = 'waiting';
CREATE INDEX prior_fetches_waiting ON prior_fetches (facility_id) WHERE state = 'waiting';

-- The earlier studies an answer named, written before they are asked for: what arrives of
-- them until settled_at is there to compare with and is nobody's task.
CREATE TABLE prior_studies (
  fetch_id           TEXT NOT NULL REFERENCES prior_fetches (id),
  facility_id        TEXT NOT NULL,
  study_instance_uid TEXT NOT NULL,
  position           INTEGER NOT NULL,
  state              TEXT NOT NULL CHECK (state IN ('asked', 'here', 'fetched', 'failed')),
  instances          INTEGER NOT NULL DEFAULT 0, -- that arrived
  failed             INTEGER NOT NULL DEFAULT 0, -- that the archive could not send
  settled_at         INTEGER NOT NULL DEFAULT 0, -- 0: being asked for
  PRIMARY KEY (fetch_id, study_instance_uid)
);
CREATE INDEX prior_studies_uid ON prior_studies (study_instance_uid, facility_id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
