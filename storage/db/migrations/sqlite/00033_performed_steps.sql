-- +goose Up
-- What modalities say of their work (Modality Performed Procedure Step, PS3.4
-- Annex F).
CREATE TABLE performed_steps (
  id                 TEXT PRIMARY KEY,
  facility_id        TEXT NOT NULL REFERENCES facilities(id),
  sop_instance_uid   TEXT NOT NULL,
  study_instance_uid TEXT NOT NULL,
  status             TEXT NOT NULL CHECK (status IN ('IN PROGRESS', 'COMPLETED', 'DISCONTINUED')),
  ae_title           TEXT NOT NULL,
  attributes         TEXT NOT NULL,       -- data set, Explicit VR Little Endian, UTF-8, as base64
  instances          INTEGER NOT NULL DEFAULT 0, -- listed when it ended
  declared           INTEGER NOT NULL DEFAULT 0, -- the study has been told
  created_at         INTEGER NOT NULL,
  updated_at         INTEGER NOT NULL,
  UNIQUE (facility_id, sop_instance_uid)
);
CREATE INDEX performed_steps_study ON performed_steps(facility_id, study_instance_uid);
CREATE INDEX performed_steps_undeclared ON performed_steps(updated_at) WHERE declared = 0 AND instances > 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
