-- +goose Up
-- Versions of five kinds. The table of the signed versions is made anew with a
-- wider CHECK; its rows go over as they are.
CREATE TABLE report_documents_before AS SELECT * FROM report_documents;
CREATE TABLE reports_before AS SELECT * FROM reports;
DROP TABLE report_documents;
DROP TABLE reports;

-- Signed versions. body is the canonical form whose SHA-256 is content_hash.
CREATE TABLE reports (
  id             TEXT PRIMARY KEY,
  study_id       TEXT NOT NULL REFERENCES studies (id),
  facility_id    TEXT NOT NULL,
  workitem_id    TEXT NOT NULL UNIQUE REFERENCES workitems (id),
  version        INTEGER NOT NULL CHECK (version > 0),
  kind           TEXT NOT NULL CHECK (kind IN ('preliminary', 'final', 'addendum', 'correction', 'retraction')),
  predecessor_id TEXT NOT NULL,
  author_id      TEXT NOT NULL,
  signed_at      INTEGER NOT NULL,
  content_hash   TEXT NOT NULL,
  body           TEXT NOT NULL,
  UNIQUE (study_id, version)
);
CREATE INDEX reports_facility ON reports (facility_id, signed_at);
CREATE INDEX reports_author ON reports (author_id, signed_at);
INSERT INTO reports (id, study_id, facility_id, workitem_id, version, kind, predecessor_id, author_id, signed_at, content_hash, body)
SELECT id, study_id, facility_id, workitem_id, version, kind, predecessor_id, author_id, signed_at, content_hash, body FROM reports_before;

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
INSERT INTO report_documents (report_id, object, instance_id, sop_class_uid, sop_instance_uid, series_instance_uid)
SELECT report_id, object, instance_id, sop_class_uid, sop_instance_uid, series_instance_uid FROM report_documents_before;
DROP TABLE report_documents_before;
DROP TABLE reports_before;

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

-- What stands beside the text of a draft: figures, measurements, overridden
-- rules of the linter, a critical finding. JSON, reports.Marks.
ALTER TABLE drafts ADD COLUMN marks TEXT NOT NULL DEFAULT '{}';

-- What an item asks for beyond its kind, and the reader it is not for: who read
-- first neither verifies their own reading nor reads it a second time.
ALTER TABLE workitems ADD COLUMN purpose TEXT NOT NULL DEFAULT '' CHECK (purpose IN ('', 'verification', 'second', 'consensus', 'correction', 'retraction'));
ALTER TABLE workitems ADD COLUMN not_for TEXT NOT NULL DEFAULT '';
-- Readings of a trainee are preliminary until another reader of the panel verifies them.
ALTER TABLE panel_members ADD COLUMN trainee INTEGER NOT NULL DEFAULT 0;
-- How many readers read each study of a panel.
ALTER TABLE panels ADD COLUMN readings INTEGER NOT NULL DEFAULT 1 CHECK (readings BETWEEN 1 AND 2);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
