-- +goose Up
-- Each signed version until the ordering doctor has acknowledged it.
CREATE TABLE loop_versions (
  report_id       TEXT PRIMARY KEY REFERENCES reports (id),
  study_id        TEXT NOT NULL REFERENCES studies (id),
  facility_id     TEXT NOT NULL,
  version         INTEGER NOT NULL,
  kind            TEXT NOT NULL,
  importance      INTEGER NOT NULL,       -- 0 critical, 1 STAT or a change, 2 URGENT, 3 ROUTINE
  signed_at       INTEGER NOT NULL,
  opened_at       INTEGER,                -- by the ordering doctor; as the next two
  acknowledged_at INTEGER,
  acted_at        INTEGER,
  remind_at       INTEGER NOT NULL,
  reminders       INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX loop_open ON loop_versions (importance, signed_at, report_id) WHERE acknowledged_at IS NULL;
CREATE INDEX loop_remind ON loop_versions (remind_at) WHERE acknowledged_at IS NULL;
CREATE INDEX loop_study ON loop_versions (study_id, version);

-- Who has done what with a version: only ever added to. orderer is 1 when it was
-- the ordering doctor; what others did is kept and does not count.
CREATE TABLE loop_receipts (
  id         TEXT PRIMARY KEY,
  report_id  TEXT NOT NULL REFERENCES reports (id),
  user_id    TEXT NOT NULL,
  step       TEXT NOT NULL CHECK (step IN ('opened', 'acknowledged', 'acted')),
  orderer    INTEGER NOT NULL,
  note       TEXT NOT NULL DEFAULT '',
  at         INTEGER NOT NULL,
  UNIQUE (report_id, user_id, step)
);

-- The account of the doctor who ordered, where the hospital has named it.
CREATE TABLE loop_orderers (
  study_id TEXT PRIMARY KEY REFERENCES studies (id),
  user_id  TEXT NOT NULL,
  named_by TEXT NOT NULL,
  at       INTEGER NOT NULL
);

-- Critical findings, from the signature to the read-back.
CREATE TABLE criticals (
  id           TEXT PRIMARY KEY,
  report_id    TEXT NOT NULL UNIQUE REFERENCES reports (id),
  study_id     TEXT NOT NULL REFERENCES studies (id),
  facility_id  TEXT NOT NULL,
  level        TEXT NOT NULL CHECK (level IN ('red', 'orange', 'yellow')),
  finding      TEXT NOT NULL,
  flagged_by   TEXT NOT NULL,
  flagged_at   INTEGER NOT NULL,
  deadline     INTEGER NOT NULL,
  closed_at    INTEGER,
  closed_by    TEXT NOT NULL DEFAULT '',
  escalated_at INTEGER
);
CREATE INDEX criticals_open ON criticals (deadline, id) WHERE closed_at IS NULL;
CREATE INDEX criticals_study ON criticals (study_id);

-- Each time somebody was told, or was tried to be.
CREATE TABLE critical_contacts (
  id          TEXT PRIMARY KEY,
  critical_id TEXT NOT NULL REFERENCES criticals (id),
  told        TEXT NOT NULL,             -- who
  how         TEXT NOT NULL CHECK (how IN ('phone', 'in person', 'message', 'portal')),
  reached     INTEGER NOT NULL,
  read_back   INTEGER NOT NULL,          -- they repeated it
  note        TEXT NOT NULL DEFAULT '',
  by_user     TEXT NOT NULL,
  at          INTEGER NOT NULL
);
CREATE INDEX critical_contacts_critical ON critical_contacts (critical_id, at);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
