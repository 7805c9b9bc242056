-- +goose Up
-- What a C-FIND looks up (PS3.4 C.4.1) without reading the other studies.

-- The component groups of names, folded (catalog.Fold), one row each, so that a
-- name is found by its beginning. Ordered by bytes whatever the database's locale.
CREATE TABLE study_names (
  facility_id TEXT NOT NULL,
  attribute   TEXT NOT NULL,                -- patient, referring
  folded      TEXT NOT NULL COLLATE BINARY,
  component   INTEGER NOT NULL,             -- 1 alphabetic, 2 ideographic, 3 phonetic
  study_id    TEXT NOT NULL REFERENCES studies (id),
  PRIMARY KEY (facility_id, attribute, folded, study_id, component)
);
CREATE INDEX study_names_study ON study_names (study_id, attribute, component);

CREATE INDEX studies_patient_id ON studies (facility_id, patient_id);
CREATE INDEX studies_accession ON studies (facility_id, accession_number);
CREATE INDEX studies_date ON studies (facility_id, study_date);
CREATE INDEX series_uid ON series (series_instance_uid);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
