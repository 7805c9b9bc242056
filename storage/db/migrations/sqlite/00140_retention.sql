-- +goose Up
-- How long the studies of a hospital are kept, and how long the trash is; a hospital
-- without a row has retention.Default. Periods as they are written: 5y, 90d.
CREATE TABLE retention_policies (
  facility_id TEXT PRIMARY KEY REFERENCES facilities (id) ON DELETE CASCADE,
  images      TEXT NOT NULL,
  reports     TEXT NOT NULL,
  trash       TEXT NOT NULL
);

-- When a study was put into the trash, out of everybody's sight; 0: it is not there.
ALTER TABLE studies ADD COLUMN trashed_at INTEGER NOT NULL DEFAULT 0;

-- Deletions of studies, which outlive them. Two people: who asked, who decided.
CREATE TABLE deletions (
  id                 TEXT PRIMARY KEY,
  study_id           TEXT NOT NULL,
  facility_id        TEXT NOT NULL,
  study_instance_uid TEXT NOT NULL,
  reason             TEXT NOT NULL,
  state              TEXT NOT NULL CHECK (state IN ('requested', 'refused', 'trashed', 'restored', 'sweeping', 'swept')),
  requested_by       TEXT NOT NULL,
  requested_at       INTEGER NOT NULL,
  decided_by         TEXT NOT NULL,
  decided_at         INTEGER NOT NULL,
  sweep_at           INTEGER NOT NULL,    -- end of the grace time
  ended_by           TEXT NOT NULL,       -- who took it out of the trash
  ended_at           INTEGER NOT NULL,    -- restored or swept
  objects            INTEGER NOT NULL,    -- that went with it
  bytes              INTEGER NOT NULL
);
CREATE UNIQUE INDEX deletions_open ON deletions (study_id) WHERE state IN ('requested', 'trashed', 'sweeping');
CREATE INDEX deletions_due ON deletions (sweep_at) WHERE state = 'trashed';
CREATE INDEX deletions_newest ON deletions (requested_at, id);

-- What is left of a study whose rows are gone: its objects, until they are gone too;
-- its series for as long as nodes may have pictures of them.
CREATE TABLE deletion_leftovers (
  deletion_id TEXT NOT NULL REFERENCES deletions (id),
  kind        TEXT NOT NULL CHECK (kind IN ('object', 'series')),
  name        TEXT NOT NULL,
  PRIMARY KEY (deletion_id, kind, name)
);

-- A study under legal hold is kept whatever its retention.
CREATE TABLE legal_holds (
  id          TEXT PRIMARY KEY,
  study_id    TEXT NOT NULL REFERENCES studies (id),
  reason      TEXT NOT NULL,
  placed_by   TEXT NOT NULL,
  placed_at   INTEGER NOT NULL,
  released_by TEXT NOT NULL,
  released_at INTEGER NOT NULL
);
CREATE UNIQUE INDEX legal_holds_open ON legal_holds (study_id) WHERE released_at = 0;
CREATE INDEX legal_holds_study ON legal_holds (study_id);

-- What refers to a row that may go is found by an index.
CREATE INDEX report_documents_instance ON report_documents (instance_id);
CREATE INDEX deliveries_instance ON deliveries (instance_id);
CREATE INDEX damages_instance ON damages (instance_id);
CREATE INDEX rule_decisions_workitem ON rule_decisions (workitem_id);
CREATE INDEX room_messages_study ON room_messages (study_id);
CREATE INDEX emergencies_patient ON emergencies (patient_ref);

-- What is immutable goes with its study, at the end of its retention and in no other
-- way.
DROP TRIGGER reports_no_delete /* ON reports */;
DROP TRIGGER report_documents_no_delete /* ON report_documents */;
DROP TRIGGER room_messages_no_delete /* ON room_messages */;
-- +goose StatementBegin
CREATE TRIGGER reports_no_delete BEFORE DELETE ON reports FOR EACH ROW
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE study_id = OLD.study_id AND state = 'sweeping')
BEGIN SELECT RAISE(ABORT, 'a signed report is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER report_documents_no_delete BEFORE DELETE ON report_documents FOR EACH ROW
WHEN NOT EXISTS (SELECT 1 FROM deletions JOIN reports ON reports.study_id = deletions.study_id WHERE reports.id = OLD.report_id AND deletions.state = 'sweeping')
BEGIN SELECT RAISE(ABORT, 'a signed report is immutable'); END;
-- +goose StatementEnd
-- +goose StatementBegin
CREATE TRIGGER room_messages_no_delete BEFORE DELETE ON room_messages FOR EACH ROW
WHEN NOT EXISTS (SELECT 1 FROM deletions WHERE study_id = OLD.study_id AND state = 'sweeping')
BEGIN SELECT RAISE(ABORT, 'a message is immutable'); END;
-- +goose StatementEnd

-- +goose Down
-- The schema only goes forward.
SELECT 1;
