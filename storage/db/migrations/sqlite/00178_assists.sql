-- +goose Up
-- Text that an engine has given for an item: passages of it are signed only after
-- the reader has said that they have read them. It ends with the draft.
CREATE TABLE assists (
  id          TEXT PRIMARY KEY,
  workitem_id TEXT NOT NULL REFERENCES workitems (id),
  user_id     TEXT NOT NULL,
  kind        TEXT NOT NULL CHECK (kind IN ('dictation', 'draft')),
  source      TEXT NOT NULL,
  text        TEXT NOT NULL,
  at          INTEGER NOT NULL
);
CREATE INDEX assists_workitem ON assists (workitem_id);

-- +goose Down
-- The schema only goes forward.
SELECT 1;
