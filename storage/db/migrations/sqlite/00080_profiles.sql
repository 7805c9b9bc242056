-- +goose Up
-- What the directory says of hospitals and readers beyond who they are, and when
-- readers work. The documents are those of worklist.FacilityProfile and
-- worklist.ReaderProfile; they are read whole and never searched.
ALTER TABLE facilities ADD COLUMN profile TEXT NOT NULL DEFAULT '{}';
CREATE TABLE reader_profiles (
  user_id TEXT PRIMARY KEY REFERENCES users (id),
  profile TEXT NOT NULL
);

-- Exceptions to a reader's week: extra shifts and absences.
CREATE TABLE shifts (
  id        TEXT PRIMARY KEY,
  user_id   TEXT NOT NULL REFERENCES users (id),
  kind      TEXT NOT NULL CHECK (kind IN ('reading', 'on-call', 'absent')),
  starts_at INTEGER NOT NULL,
  ends_at   INTEGER NOT NULL,
  CHECK (ends_at > starts_at)
);
CREATE INDEX shifts_end ON shifts (ends_at);

-- What a reader has said of being there; it ends by itself.
CREATE TABLE presence (
  user_id TEXT PRIMARY KEY REFERENCES users (id),
  state   TEXT NOT NULL CHECK (state IN ('present', 'away')),
  since   INTEGER NOT NULL,
  until   INTEGER NOT NULL
);

-- Settings of the house, by name.
CREATE TABLE settings (
  name  TEXT PRIMARY KEY,
  value TEXT NOT NULL
);

-- Rules: expressions, dates of effect, and how the reader is chosen. Every set
-- of rules that was ever in force is kept.
ALTER TABLE rules ADD COLUMN expression TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN valid_from TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN valid_until TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN assign TEXT NOT NULL DEFAULT '';
ALTER TABLE rules ADD COLUMN hold INTEGER NOT NULL DEFAULT 0;
CREATE TABLE rule_sets (
  version INTEGER PRIMARY KEY,
  at      INTEGER NOT NULL,
  actor   TEXT NOT NULL,
  rules   TEXT NOT NULL               -- JSON, rule.Set
);
ALTER TABLE rule_decisions ADD COLUMN rule_set INTEGER NOT NULL DEFAULT 0;
CREATE INDEX rule_decisions_at ON rule_decisions (at);

-- Who an item is meant for, and until when it must be claimed.
ALTER TABLE workitems ADD COLUMN assign TEXT NOT NULL DEFAULT '';
ALTER TABLE workitems ADD COLUMN main_reader TEXT NOT NULL DEFAULT '';
ALTER TABLE workitems ADD COLUMN deputy TEXT NOT NULL DEFAULT '';
ALTER TABLE workitems ADD COLUMN offer_state TEXT NOT NULL DEFAULT '';
ALTER TABLE workitems ADD COLUMN claim_due INTEGER NOT NULL DEFAULT 0;
ALTER TABLE workitems ADD COLUMN escalated INTEGER NOT NULL DEFAULT 0;
CREATE INDEX workitems_main ON workitems (main_reader, created_at) WHERE main_reader <> '';
CREATE INDEX workitems_escalated ON workitems (escalated) WHERE escalated > 0 AND state IN ('SCHEDULED', 'IN PROGRESS');

-- Why somebody was chosen and everybody else was not.
CREATE TABLE assignments (
  id          TEXT PRIMARY KEY,
  workitem_id TEXT NOT NULL REFERENCES workitems (id),
  at          INTEGER NOT NULL,
  mode        TEXT NOT NULL,
  main_reader TEXT NOT NULL,
  deputy      TEXT NOT NULL,
  candidates  TEXT NOT NULL               -- JSON, assign.Candidate
);
CREATE INDEX assignments_workitem ON assignments (workitem_id, at);

-- Timers of open items. A row is fired once, by whichever process is first.
CREATE TABLE timers (
  workitem_id TEXT NOT NULL REFERENCES workitems (id),
  kind        TEXT NOT NULL,
  due_at      INTEGER NOT NULL,
  fired_at    INTEGER NOT NULL DEFAULT 0,
  PRIMARY KEY (workitem_id, kind)
);
CREATE INDEX timers_due ON timers (due_at) WHERE fired_at = 0;

-- Words to the outside about a timer: e-mail and webhook, tried until taken.
CREATE TABLE notices (
  id          TEXT PRIMARY KEY,
  workitem_id TEXT NOT NULL,
  facility_id TEXT NOT NULL,
  kind        TEXT NOT NULL,
  channel     TEXT NOT NULL CHECK (channel IN ('email', 'webhook')),
  recipient   TEXT NOT NULL,
  body        TEXT NOT NULL,
  created_at  INTEGER NOT NULL,
  next_at     INTEGER NOT NULL,
  lease_until INTEGER NOT NULL DEFAULT 0,
  attempts    INTEGER NOT NULL DEFAULT 0,
  sent_at     INTEGER NOT NULL DEFAULT 0,
  reason      TEXT NOT NULL DEFAULT ''
);
CREATE INDEX notices_next ON notices (next_at) WHERE sent_at = 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
