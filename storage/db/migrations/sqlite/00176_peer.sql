-- +goose Up
-- Which signed reports another reader looks at again: so many of a hundred of what
-- fits; several rules add nothing, the highest counts.
CREATE TABLE peer_rules (
  id        TEXT PRIMARY KEY,
  panel_id  TEXT NOT NULL DEFAULT '', -- '': every panel
  modality  TEXT NOT NULL DEFAULT '',
  words     TEXT NOT NULL DEFAULT '', -- in the impression, parted by blanks: one of them
  percent   INTEGER NOT NULL CHECK (percent BETWEEN 1 AND 100)
);

-- Second looks at signed reports, and what came of them.
CREATE TABLE peer_reviews (
  id           TEXT PRIMARY KEY,
  report_id    TEXT NOT NULL UNIQUE REFERENCES reports (id),
  study_id     TEXT NOT NULL REFERENCES studies (id),
  panel_id     TEXT NOT NULL,
  reader_id    TEXT NOT NULL,            -- whose report it is
  why          TEXT NOT NULL CHECK (why IN ('random', 'rule')),
  created_at   INTEGER NOT NULL,
  reviewer_id  TEXT NOT NULL DEFAULT '',
  score        TEXT NOT NULL DEFAULT '' CHECK (score IN ('', '1', '2a', '2b', '3a', '3b')),
  note         TEXT NOT NULL DEFAULT '',
  done_at      INTEGER,
  seen_at      INTEGER,                  -- by the reader
  reply        TEXT NOT NULL DEFAULT ''
);
CREATE INDEX peer_reviews_open ON peer_reviews (panel_id, created_at) WHERE done_at IS NULL;
CREATE INDEX peer_reviews_reader ON peer_reviews (reader_id, done_at);

-- What became of the patient, as the hospital tells the reader.
CREATE TABLE outcomes (
  id        TEXT PRIMARY KEY,
  report_id TEXT NOT NULL REFERENCES reports (id),
  author_id TEXT NOT NULL,
  agrees    TEXT NOT NULL CHECK (agrees IN ('confirmed', 'differs', 'unclear')),
  text      TEXT NOT NULL,
  by_user   TEXT NOT NULL,
  at        INTEGER NOT NULL
);
CREATE INDEX outcomes_author ON outcomes (author_id, at);
CREATE INDEX outcomes_report ON outcomes (report_id, at);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
