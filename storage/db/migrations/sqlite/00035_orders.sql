-- +goose Up
-- Ordered examinations: the Modality Worklist (PS3.4 Annex K). One row is one
-- scheduled procedure step.
CREATE TABLE orders (
  id                    TEXT PRIMARY KEY,
  facility_id           TEXT NOT NULL REFERENCES facilities(id),
  accession_number      TEXT NOT NULL,
  patient_id            TEXT NOT NULL,
  patient_name          TEXT NOT NULL,
  birth_date            TEXT NOT NULL,
  sex                   TEXT NOT NULL,
  procedure_id          TEXT NOT NULL,
  procedure_description TEXT NOT NULL,
  study_instance_uid    TEXT NOT NULL,
  referring_physician   TEXT NOT NULL,
  priority              TEXT NOT NULL,
  comments              TEXT NOT NULL,
  station_ae            TEXT NOT NULL,
  start_date            TEXT NOT NULL,    -- DA
  start_time            TEXT NOT NULL,    -- TM, six digits
  modality              TEXT NOT NULL,
  performing_physician  TEXT NOT NULL,
  step_id               TEXT NOT NULL,
  step_description      TEXT NOT NULL,
  created_at            INTEGER NOT NULL,
  UNIQUE (facility_id, accession_number, step_id)
);
CREATE INDEX orders_start ON orders(facility_id, start_date, start_time, id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
