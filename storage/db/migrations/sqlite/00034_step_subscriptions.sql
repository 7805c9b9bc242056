-- +goose Up
-- Who is told of changes of procedure steps (PS3.4 CC.2.3), and up to where.
CREATE TABLE step_watchers (
  facility_id  TEXT NOT NULL REFERENCES facilities(id) ON DELETE CASCADE,
  receiving_ae TEXT NOT NULL,
  called_ae    TEXT NOT NULL,             -- the title of ours it subscribed at
  after_seq    INTEGER NOT NULL,          -- of events
  attempts     INTEGER NOT NULL DEFAULT 0,
  next_at      INTEGER NOT NULL,
  last_error   TEXT NOT NULL DEFAULT '',
  PRIMARY KEY (facility_id, receiving_ae)
);
CREATE TABLE step_subscriptions (
  facility_id  TEXT NOT NULL,
  receiving_ae TEXT NOT NULL,
  step_uid     TEXT NOT NULL,             -- empty: every step of the hospital
  told         INTEGER NOT NULL,          -- 0: the state as it is now is still to be told
  PRIMARY KEY (facility_id, receiving_ae, step_uid),
  FOREIGN KEY (facility_id, receiving_ae) REFERENCES step_watchers(facility_id, receiving_ae) ON DELETE CASCADE
);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
