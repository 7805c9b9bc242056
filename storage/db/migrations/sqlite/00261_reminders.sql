-- +goose Up
-- Who at a hospital is reminded of what nobody has acknowledged. A hospital without a
-- row has the defaults of reports/loop.
CREATE TABLE loop_reminding (
  facility_id  TEXT PRIMARY KEY REFERENCES facilities (id),
  doctor       INTEGER NOT NULL,      -- 1: the ordering doctor, by their own e-mail
  silent       TEXT NOT NULL,         -- destination IDs that are not to be told, with commas
  quiet_from   INTEGER NOT NULL,      -- minutes of the day in Japan; from = to: never quiet
  quiet_to     INTEGER NOT NULL,
  changed_by   TEXT NOT NULL,
  changed_at   INTEGER NOT NULL
);

-- One row for each person or system that one step is told to.
CREATE TABLE loop_notices (
  id             TEXT PRIMARY KEY,
  report_id      TEXT NOT NULL REFERENCES reports (id),
  facility_id    TEXT NOT NULL,
  kind           TEXT NOT NULL CHECK (kind IN ('reminder', 'escalation')),
  step           INTEGER NOT NULL,
  user_id        TEXT NOT NULL DEFAULT '', -- by their e-mail, or
  destination_id TEXT NOT NULL DEFAULT '', -- by a route of the hospital
  created_at     INTEGER NOT NULL,
  next_at        INTEGER NOT NULL,
  lease_until    INTEGER NOT NULL DEFAULT 0,
  attempts       INTEGER NOT NULL DEFAULT 0,
  sent_at        INTEGER NOT NULL DEFAULT 0,
  stopped_at     INTEGER NOT NULL DEFAULT 0, -- acknowledged, or taken over by a later version, before it was sent
  reason         TEXT NOT NULL DEFAULT '',
  UNIQUE (report_id, kind, step, user_id, destination_id)
);
CREATE INDEX loop_notices_next ON loop_notices (next_at) WHERE sent_at = 0 AND stopped_at = 0;

-- +goose Down
-- The schema only goes forward.
SELECT 1;
