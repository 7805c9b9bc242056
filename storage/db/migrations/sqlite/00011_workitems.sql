-- +goose Up
-- Workitem: one reading task, in the states of the Unified Procedure Step
-- (PS3.4 Table CC.1.1-1).
CREATE TABLE workitems (
  id               TEXT PRIMARY KEY,
  study_id         TEXT NOT NULL REFERENCES studies (id),
  facility_id      TEXT NOT NULL,
  sop_instance_uid TEXT NOT NULL UNIQUE,
  state            TEXT NOT NULL CHECK (state IN ('SCHEDULED', 'IN PROGRESS', 'COMPLETED', 'CANCELED')),
  kind             TEXT NOT NULL CHECK (kind IN ('interpretation', 'addendum')),
  panel_id         TEXT NOT NULL,
  priority         TEXT NOT NULL CHECK (priority IN ('STAT', 'URGENT', 'ROUTINE')),
  priority_rank    INTEGER NOT NULL,      -- 0 STAT, 1 URGENT, 2 ROUTINE: the order of the list
  deadline         INTEGER NOT NULL,
  readiness        TEXT NOT NULL CHECK (readiness IN ('READY', 'INCOMPLETE')),
  claimed_by       TEXT,
  claimed_at       INTEGER,
  transaction_uid  TEXT,
  replaces         TEXT,
  replaced_by      TEXT,
  reasons          TEXT NOT NULL DEFAULT '[]',
  rule_id          TEXT NOT NULL DEFAULT '',
  cancel_reason    TEXT NOT NULL DEFAULT '',
  created_at       INTEGER NOT NULL,
  completed_at     INTEGER,
  canceled_at      INTEGER,
  version          INTEGER NOT NULL DEFAULT 1,
  -- PS3.4 CC.2.1: a step in progress has one performer and one Transaction UID.
  CHECK (state <> 'IN PROGRESS' OR (claimed_by IS NOT NULL AND transaction_uid IS NOT NULL)),
  CHECK (state <> 'SCHEDULED' OR claimed_by IS NULL)
);
-- Never two open readings of one study, whatever the code above does.
CREATE UNIQUE INDEX workitems_one_open ON workitems(study_id) WHERE state IN ('SCHEDULED', 'IN PROGRESS');
CREATE INDEX workitems_study ON workitems(study_id);
CREATE INDEX workitems_open ON workitems(priority_rank, deadline, id) WHERE state IN ('SCHEDULED', 'IN PROGRESS');
CREATE INDEX workitems_open_panel ON workitems(panel_id, priority_rank, deadline, id) WHERE state IN ('SCHEDULED', 'IN PROGRESS');
CREATE INDEX workitems_claimed ON workitems(claimed_by, state, completed_at) WHERE claimed_by IS NOT NULL;
CREATE INDEX workitems_done ON workitems(completed_at, id) WHERE state = 'COMPLETED';
CREATE INDEX workitems_done_panel ON workitems(panel_id, completed_at, id) WHERE state = 'COMPLETED';
CREATE INDEX workitems_created ON workitems(created_at, id);

-- What the rules said, each time they were asked.
CREATE TABLE rule_decisions (
  id          TEXT PRIMARY KEY,
  study_id    TEXT NOT NULL REFERENCES studies (id),
  workitem_id TEXT NOT NULL REFERENCES workitems (id),
  at          INTEGER NOT NULL,
  outcome     TEXT NOT NULL,              -- created, addendum, kept
  rule_id     TEXT NOT NULL,
  rule_name   TEXT NOT NULL,
  panel_id    TEXT NOT NULL,
  priority    TEXT NOT NULL,
  within_ms   INTEGER NOT NULL,
  reasons     TEXT NOT NULL               -- JSON, every rule with its answer in words
);
CREATE INDEX rule_decisions_study ON rule_decisions(study_id, at);
CREATE INDEX rule_decisions_rule ON rule_decisions(rule_id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
