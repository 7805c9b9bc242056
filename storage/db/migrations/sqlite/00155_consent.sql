-- +goose Up
-- What patients have said about other hospitals seeing what a hospital has of them.
-- The newest line of a patient counts; what was said stays said.
CREATE TABLE consents (
  id          TEXT PRIMARY KEY,
  patient_ref TEXT NOT NULL REFERENCES patients (id),
  number      INTEGER NOT NULL,            -- 1, 2, 3 … of the patient
  kind        TEXT NOT NULL CHECK (kind IN ('given', 'withdrawn')),
  everywhere  INTEGER NOT NULL,            -- 1: to every hospital of the network
  images      INTEGER NOT NULL,
  reports     INTEGER NOT NULL,
  until       INTEGER NOT NULL,            -- 0: until it is withdrawn
  document    TEXT NOT NULL,               -- where the signed paper is
  recorded_by TEXT NOT NULL,
  recorded_at INTEGER NOT NULL,
  UNIQUE (patient_ref, number)
);
CREATE TABLE consent_facilities (
  consent_id  TEXT NOT NULL REFERENCES consents (id),
  facility_id TEXT NOT NULL,
  PRIMARY KEY (consent_id, facility_id)
);

-- +goose StatementBegin
CREATE TRIGGER consents_no_update BEFORE UPDATE ON consents
BEGIN SELECT RAISE(ABORT, 'the register of consents is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER consents_no_delete BEFORE DELETE ON consents
BEGIN SELECT RAISE(ABORT, 'the register of consents is append-only'); END;
-- +goose StatementEnd

-- One person, known to two hospitals: said by one, looked at by another.
CREATE TABLE patient_links (
  id          TEXT PRIMARY KEY,
  patient_a   TEXT NOT NULL REFERENCES patients (id), -- the smaller of the two
  patient_b   TEXT NOT NULL REFERENCES patients (id),
  state       TEXT NOT NULL CHECK (state IN ('proposed', 'confirmed', 'rejected', 'ended')),
  reason      TEXT NOT NULL,
  proposed_by TEXT NOT NULL,
  proposed_at INTEGER NOT NULL,
  reviewed_by TEXT NOT NULL DEFAULT '',
  reviewed_at INTEGER NOT NULL DEFAULT 0,
  ended_by    TEXT NOT NULL DEFAULT '',
  ended_at    INTEGER NOT NULL DEFAULT 0,
  end_reason  TEXT NOT NULL DEFAULT ''
);
CREATE UNIQUE INDEX patient_links_open ON patient_links (patient_a, patient_b) WHERE state IN ('proposed', 'confirmed');
CREATE INDEX patient_links_state ON patient_links (state, proposed_at);

-- The confirmed ones in both directions, as every query looks them up.
CREATE TABLE linked_patients (
  patient_ref TEXT NOT NULL REFERENCES patients (id),
  other_ref   TEXT NOT NULL REFERENCES patients (id),
  link_id     TEXT NOT NULL REFERENCES patient_links (id),
  PRIMARY KEY (patient_ref, other_ref)
);

CREATE INDEX patients_birth ON patients (birth_date);

-- What was agreed with a hospital, where a query must know it: a copy out of its
-- profile.
ALTER TABLE facilities ADD COLUMN sees_others INTEGER NOT NULL DEFAULT 1;
ALTER TABLE facilities ADD COLUMN pseudonymous INTEGER NOT NULL DEFAULT 0;
ALTER TABLE facilities ADD COLUMN pseudonym_key TEXT NOT NULL DEFAULT ''; -- base64; made when it is first wanted, never changed
UPDATE facilities SET sees_others = 0 WHERE profile LIKE '%"mode":"publish"%';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
