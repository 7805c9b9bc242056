-- +goose Up
-- Templates and short texts that readers have made. body is JSON: a
-- template.Template, or a text as a string.
CREATE TABLE texts (
  id         TEXT PRIMARY KEY,
  owner_id   TEXT NOT NULL,
  kind       TEXT NOT NULL CHECK (kind IN ('template', 'macro')),
  name       TEXT NOT NULL,
  language   TEXT NOT NULL,
  shared     INTEGER NOT NULL DEFAULT 0, -- every reader may use it
  body       TEXT NOT NULL,
  revision   INTEGER NOT NULL,
  saved_at   INTEGER NOT NULL
);
CREATE INDEX texts_owner ON texts (owner_id, kind, name);
CREATE INDEX texts_shared ON texts (kind, name) WHERE shared = 1;

-- What was chosen in the fields of the draft's template. It helps who goes on
-- writing and is not signed: the text is the report.
ALTER TABLE drafts ADD COLUMN answers TEXT NOT NULL DEFAULT '{}';

-- +goose Down
-- The schema only goes forward.
SELECT 1;
