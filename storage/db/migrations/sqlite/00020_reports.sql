-- +goose Up
-- The text a reader is writing for a workitem they hold. revision is compared
-- and raised by every save, so that no save overwrites another unseen.
CREATE TABLE drafts (
  workitem_id TEXT PRIMARY KEY REFERENCES workitems (id),
  reader_id   TEXT NOT NULL,
  revision    INTEGER NOT NULL CHECK (revision > 0),
  language    TEXT NOT NULL,
  template    TEXT NOT NULL,
  sections    TEXT NOT NULL,              -- JSON, reports.Sections
  saved_at    INTEGER NOT NULL
);

-- Signed versions. body is the canonical form whose SHA-256 is content_hash.
CREATE TABLE reports (
  id             TEXT PRIMARY KEY,
  study_id       TEXT NOT NULL REFERENCES studies (id),
  facility_id    TEXT NOT NULL,
  workitem_id    TEXT NOT NULL UNIQUE REFERENCES workitems (id),
  version        INTEGER NOT NULL CHECK (version > 0),
  kind           TEXT NOT NULL CHECK (kind IN ('final', 'addendum')),
  predecessor_id TEXT NOT NULL,
  author_id      TEXT NOT NULL,
  signed_at      INTEGER NOT NULL,
  content_hash   TEXT NOT NULL,
  body           TEXT NOT NULL,
  UNIQUE (study_id, version)
);
CREATE INDEX reports_facility ON reports (facility_id, signed_at);
CREATE INDEX reports_author ON reports (author_id, signed_at);

-- The objects a version was written as.
CREATE TABLE report_documents (
  report_id           TEXT NOT NULL REFERENCES reports (id),
  object              TEXT NOT NULL,
  instance_id         TEXT NOT NULL REFERENCES instances (id),
  sop_class_uid       TEXT NOT NULL,
  sop_instance_uid    TEXT NOT NULL,
  series_instance_uid TEXT NOT NULL,
  PRIMARY KEY (report_id, object)
);

-- +goose StatementBegin
CREATE TRIGGER reports_no_update BEFORE UPDATE ON reports
BEGIN SELECT RAISE(ABORT, 'a signed report is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER reports_no_delete BEFORE DELETE ON reports
BEGIN SELECT RAISE(ABORT, 'a signed report is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER report_documents_no_update BEFORE UPDATE ON report_documents
BEGIN SELECT RAISE(ABORT, 'a signed report is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER report_documents_no_delete BEFORE DELETE ON report_documents
BEGIN SELECT RAISE(ABORT, 'a signed report is immutable'); END;
-- +goose StatementEnd

-- +goose Down
-- The schema only goes forward.
SELECT 1;
