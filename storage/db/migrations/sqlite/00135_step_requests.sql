-- +goose Up
-- Procedure steps that hospitals have asked for (PS3.4 CC.2.5). One waits until its
-- study is complete; then it is a Workitem of the same UID.
CREATE TABLE step_requests (
  sop_instance_uid   TEXT PRIMARY KEY,
  facility_id        TEXT NOT NULL REFERENCES facilities(id),
  study_instance_uid TEXT NOT NULL,       -- '' when only the accession number is known
  accession_number   TEXT NOT NULL,
  priority           TEXT NOT NULL CHECK (priority IN ('STAT', 'URGENT', 'ROUTINE')),
  state              TEXT NOT NULL CHECK (state IN ('WAITING', 'MET', 'CANCELED')),
  cancel_reason      TEXT NOT NULL DEFAULT '',
  created_at         INTEGER NOT NULL,
  canceled_at        INTEGER NOT NULL DEFAULT 0
);
CREATE UNIQUE INDEX step_requests_study ON step_requests(facility_id, study_instance_uid) WHERE state = 'WAITING' AND study_instance_uid <> '';
CREATE INDEX step_requests_accession ON step_requests(facility_id, accession_number) WHERE state = 'WAITING';
CREATE INDEX step_requests_open ON step_requests(facility_id, created_at, sop_instance_uid) WHERE state <> 'MET';

-- What a step says beyond what we know of it ourselves: what it was made with, and
-- what its hospital and its performer have set.
CREATE TABLE step_attributes (
  sop_instance_uid TEXT PRIMARY KEY,
  attributes       TEXT NOT NULL,         -- data set, Explicit VR Little Endian, UTF-8, as base64
  updated_at       INTEGER NOT NULL
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
