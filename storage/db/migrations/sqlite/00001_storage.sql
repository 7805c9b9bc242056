-- +goose Up

-- Identity of a patient: facility, Patient ID, Issuer of Patient ID (PS3.3 C.7.1.1).
-- A data set without a Patient ID gets a patient of its own study (study_key), so
-- that strangers never merge.
CREATE TABLE patients (
  id          TEXT PRIMARY KEY,
  facility_id TEXT NOT NULL,
  patient_id  TEXT NOT NULL,
  issuer      TEXT NOT NULL,
  study_key   TEXT NOT NULL,
  name        TEXT NOT NULL,
  birth_date  TEXT NOT NULL,
  sex         TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  updated_at  INTEGER NOT NULL,
  UNIQUE (facility_id, patient_id, issuer, study_key)
);

-- Patient columns are the study's own copy: what its images say.
CREATE TABLE studies (
  id                  TEXT PRIMARY KEY,
  facility_id         TEXT NOT NULL,
  patient_ref         TEXT NOT NULL REFERENCES patients (id),
  study_instance_uid  TEXT NOT NULL,
  patient_id          TEXT NOT NULL,
  patient_name        TEXT NOT NULL,
  patient_birth_date  TEXT NOT NULL,
  patient_sex         TEXT NOT NULL,
  patient_age         TEXT NOT NULL,
  accession_number    TEXT NOT NULL,
  study_id            TEXT NOT NULL,
  description         TEXT NOT NULL,
  study_date          TEXT NOT NULL,
  study_time          TEXT NOT NULL,
  modalities          TEXT NOT NULL,
  body_part           TEXT NOT NULL,
  referring_physician TEXT NOT NULL,
  institution         TEXT NOT NULL,
  request_text        TEXT NOT NULL,
  search              TEXT NOT NULL,
  state               TEXT NOT NULL,
  release_at          INTEGER NOT NULL,
  first_arrival       INTEGER NOT NULL,
  last_arrival        INTEGER NOT NULL,
  completed_at        INTEGER NOT NULL,
  declared_instances  INTEGER NOT NULL,
  instance_count      INTEGER NOT NULL,
  series_count        INTEGER NOT NULL,
  own_count           INTEGER NOT NULL,
  reopened            INTEGER NOT NULL,
  conflicts           INTEGER NOT NULL,
  received_at         INTEGER NOT NULL,
  received_by         TEXT NOT NULL,
  UNIQUE (facility_id, study_instance_uid)
);
CREATE INDEX studies_due ON studies (release_at) WHERE state = 'receiving';
CREATE INDEX studies_recent ON studies (first_arrival, id);
CREATE INDEX studies_facility ON studies (facility_id, first_arrival, id);
CREATE INDEX studies_patient ON studies (patient_ref);
CREATE INDEX studies_uid ON studies (study_instance_uid);

CREATE TABLE series (
  id                  TEXT PRIMARY KEY,
  study_id            TEXT NOT NULL REFERENCES studies (id),
  series_instance_uid TEXT NOT NULL,
  number              INTEGER NOT NULL,
  modality            TEXT NOT NULL,
  description         TEXT NOT NULL,
  body_part           TEXT NOT NULL,
  laterality          TEXT NOT NULL,
  protocol            TEXT NOT NULL,
  station             TEXT NOT NULL,
  origin              TEXT NOT NULL,
  instance_count      INTEGER NOT NULL,
  UNIQUE (study_id, series_instance_uid)
);

CREATE TABLE instances (
  id                  TEXT PRIMARY KEY,
  facility_id         TEXT NOT NULL,
  study_id            TEXT NOT NULL REFERENCES studies (id),
  series_id           TEXT NOT NULL REFERENCES series (id),
  sop_class_uid       TEXT NOT NULL,
  sop_instance_uid    TEXT NOT NULL,
  transfer_syntax_uid TEXT NOT NULL,
  instance_number     INTEGER NOT NULL,
  pixel_rows          INTEGER NOT NULL,
  pixel_columns       INTEGER NOT NULL,
  frames              INTEGER NOT NULL,
  object_key          TEXT NOT NULL,
  sha256              TEXT NOT NULL,
  size                INTEGER NOT NULL,
  origin              TEXT NOT NULL,
  header              TEXT NOT NULL,
  conflicts           INTEGER NOT NULL,
  received_at         INTEGER NOT NULL,
  source_ae           TEXT NOT NULL,
  UNIQUE (facility_id, sop_instance_uid)
);
CREATE INDEX instances_series ON instances (series_id, instance_number, id);
CREATE INDEX instances_study ON instances (study_id, id);
CREATE INDEX instances_object ON instances (object_key);

-- Other content under a SOP Instance UID that was already taken, kept beside.
CREATE TABLE instance_versions (
  id                  TEXT PRIMARY KEY,
  instance_id         TEXT NOT NULL REFERENCES instances (id),
  sop_class_uid       TEXT NOT NULL,
  transfer_syntax_uid TEXT NOT NULL,
  study_instance_uid  TEXT NOT NULL,
  series_instance_uid TEXT NOT NULL,
  object_key          TEXT NOT NULL,
  sha256              TEXT NOT NULL,
  size                INTEGER NOT NULL,
  received_at         INTEGER NOT NULL,
  source_ae           TEXT NOT NULL,
  UNIQUE (instance_id, sha256)
);
CREATE INDEX instance_versions_object ON instance_versions (object_key);

-- Who beside the study's facility may see it; written by the router.
CREATE TABLE study_grants (
  study_id     TEXT NOT NULL REFERENCES studies (id),
  grantee_kind TEXT NOT NULL,
  grantee      TEXT NOT NULL,
  granted_at   INTEGER NOT NULL,
  PRIMARY KEY (study_id, grantee_kind, grantee)
);
CREATE INDEX study_grants_grantee ON study_grants (grantee_kind, grantee, study_id);

-- The outbox: what happened, in order of commit.
CREATE TABLE events (
  seq         INTEGER PRIMARY KEY AUTOINCREMENT,
  at          INTEGER NOT NULL,
  kind        TEXT NOT NULL,
  facility_id TEXT NOT NULL,
  study_id    TEXT NOT NULL,
  ref         TEXT NOT NULL,
  panel       TEXT NOT NULL
);

CREATE TABLE users (
  id            TEXT PRIMARY KEY,
  login         TEXT NOT NULL UNIQUE,
  name          TEXT NOT NULL,
  name_en       TEXT NOT NULL,
  role          TEXT NOT NULL,
  facility_id   TEXT NOT NULL,
  license       TEXT NOT NULL,
  email         TEXT NOT NULL,
  password_hash TEXT NOT NULL,
  disabled      INTEGER NOT NULL,
  created_at    INTEGER NOT NULL,
  updated_at    INTEGER NOT NULL
);

CREATE TABLE panel_members (
  panel_id TEXT NOT NULL,
  user_id  TEXT NOT NULL REFERENCES users (id),
  PRIMARY KEY (panel_id, user_id)
);
CREATE INDEX panel_members_user ON panel_members (user_id);

-- Only the SHA-256 of a session's or token's secret is kept.
CREATE TABLE sessions (
  token_hash TEXT PRIMARY KEY,
  user_id    TEXT NOT NULL REFERENCES users (id),
  created_at INTEGER NOT NULL,
  seen_at    INTEGER NOT NULL,
  expires_at INTEGER NOT NULL,
  address    TEXT NOT NULL
);
CREATE INDEX sessions_user ON sessions (user_id);
CREATE INDEX sessions_expiry ON sessions (expires_at);

CREATE TABLE tokens (
  id          TEXT PRIMARY KEY,
  token_hash  TEXT NOT NULL UNIQUE,
  name        TEXT NOT NULL,
  role        TEXT NOT NULL,
  facility_id TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  expires_at  INTEGER NOT NULL,
  revoked_at  INTEGER NOT NULL
);

-- Back-off after failed sign-ins, one row per account and per address.
CREATE TABLE sign_in_failures (
  subject     TEXT PRIMARY KEY,
  failures    INTEGER NOT NULL,
  last_at     INTEGER NOT NULL,
  not_before  INTEGER NOT NULL
);

-- hash = SHA-256 over the previous row's hash and this row's fields.
CREATE TABLE audit (
  seq         INTEGER PRIMARY KEY,
  at          INTEGER NOT NULL,
  actor       TEXT NOT NULL,
  action      TEXT NOT NULL,
  object      TEXT NOT NULL,
  facility_id TEXT NOT NULL,
  outcome     TEXT NOT NULL,
  detail      TEXT NOT NULL,
  hash        TEXT NOT NULL
);
CREATE INDEX audit_object ON audit (object);
CREATE INDEX audit_actor ON audit (actor, seq);

-- +goose StatementBegin
CREATE TRIGGER audit_no_update BEFORE UPDATE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER audit_no_delete BEFORE DELETE ON audit
BEGIN SELECT RAISE(ABORT, 'the audit trail is append-only'); END;
-- +goose StatementEnd

-- +goose Down
-- The schema only goes forward.
SELECT 1;
